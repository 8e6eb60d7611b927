//! `piao proof inspect`: what stands in a proof or a statement. Verifies nothing, and says so.

use std::path::PathBuf;

use clap::Args;
use piao_chain::proof::{Proof, ProofError, RefusalProof, is_refusal, is_statement};
use piao_chain::time::BlockTime;
use serde::Serialize;

use super::proof_inspect_statement;
use super::refusal_inspect::RefusalInspection;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Line, Output, Tone};
use crate::verification::{proof_bytes, read_proof_file};

/// Arguments of `piao proof inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A proof file or a statement, binary or JSON
    file: PathBuf,
}

/// What stands in a proof, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Inspection {
    /// Always false: nothing of this is believed.
    verified: bool,
    bytes: usize,
    chain_id: String,
    txid: String,
    transaction_bytes: usize,
    account: u32,
    outcome_code: u16,
    number: Option<String>,
    counter: Option<u64>,
    fee_charged_fen: u32,
    height: u64,
    index: u32,
    path_length: usize,
    as_of_height: u64,
    as_of_time: String,
    history_path_length: Option<usize>,
    certificate_round: u32,
    certificate_signers: Vec<String>,
    validators: usize,
    key_id: String,
    public_key: String,
    status_leaf: bool,
    seller_card: bool,
    shown_fields: usize,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &InspectArgs) -> Result<Exit, CommandError> {
    let bytes = read_proof_file(&args.file)?;
    let bytes = proof_bytes(&bytes);
    let not_a_proof = |error: ProofError| CommandError::NotAProof {
        path: args.file.clone(),
        why: error.to_string(),
    };
    let output = &context.output;
    if is_refusal(&bytes) {
        let proof = RefusalProof::decode(&bytes).map_err(not_a_proof)?;
        show(output, &RefusalInspection::of(&proof, bytes.len()))?;
    } else if is_statement(&bytes) {
        let inspection = proof_inspect_statement::inspect(&bytes).map_err(not_a_proof)?;
        show(output, &inspection)?;
    } else {
        let proof = Proof::decode(&bytes).map_err(not_a_proof)?;
        show(output, &inspect(&proof, bytes.len()))?;
    }
    output.talk(&Line::new().add(
        Tone::Careful,
        output.pick(
            "nothing of this is verified; run `piao verify`",
            "以上内容未经验证，请运行 piao verify",
        ),
    ));
    Ok(Exit::Ok)
}

fn inspect(proof: &Proof, bytes: usize) -> Inspection {
    let (body, as_of) = (proof.transaction.body(), proof.as_of());
    let effect = proof.outcome.effects.first();
    let signers = proof.certificate.signatures.iter();
    Inspection {
        verified: false,
        bytes,
        chain_id: as_of.chain_id.to_string(),
        txid: proof.transaction.id().to_string(),
        transaction_bytes: proof.transaction.encode().len(),
        account: body.account,
        outcome_code: proof.outcome.code,
        number: effect.map(|effect| effect.number.to_string()),
        counter: effect.map(|effect| effect.counter),
        fee_charged_fen: proof.outcome.fee_charged_fen,
        height: proof.header.height,
        index: proof.index,
        path_length: proof.path.len(),
        as_of_height: as_of.height,
        as_of_time: BlockTime::from_ms(as_of.time_ms).to_string(),
        history_path_length: proof
            .latest
            .as_ref()
            .map(|latest| latest.history_path.len()),
        certificate_round: proof.certificate.round,
        certificate_signers: signers.map(|(id, _)| id.to_string()).collect(),
        validators: proof.validators.members().len(),
        key_id: proof.key.public_key.id().to_string(),
        public_key: hex::encode(proof.key.public_key.as_bytes()),
        status_leaf: proof.status.leaf.is_some(),
        seller_card: proof.card.is_some(),
        shown_fields: proof.disclosed.len(),
    }
}

/// One row for each member, named as in JSON: this is a view for those who debug.
fn show(output: &Output, inspection: &impl Serialize) -> Result<(), CommandError> {
    if output.json {
        output.json(inspection)?;
        return Ok(());
    }
    let value = serde_json::to_value(inspection)
        .map_err(|error| CommandError::System(error.to_string()))?;
    for (name, value) in value.as_object().into_iter().flatten() {
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => continue,
            other => other.to_string(),
        };
        output.data(
            &Line::new()
                .column(Tone::Faint, name, 21)
                .add(Tone::Plain, &text),
        )?;
    }
    Ok(())
}

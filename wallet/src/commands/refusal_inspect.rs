//! What `piao proof inspect` shows of a file that says that a request was refused.

use piao_chain::proof::RefusalProof;
use piao_chain::time::BlockTime;
use serde::Serialize;

/// What stands in it, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct RefusalInspection {
    /// Always false: nothing of this is believed.
    verified: bool,
    bytes: usize,
    statement: &'static str,
    chain_id: String,
    txid: String,
    transaction_bytes: usize,
    account: u32,
    asked: &'static str,
    outcome_code: u16,
    evidence: Vec<i64>,
    fee_charged_fen: u32,
    height: u64,
    time: String,
    index: u32,
    path_length: usize,
    as_of_height: u64,
    as_of_time: String,
    certificate_round: u32,
    certificate_signers: Vec<String>,
    validators: usize,
    key_id: String,
    public_key: String,
}

impl RefusalInspection {
    /// Looks into a file of so many bytes.
    pub(crate) fn of(proof: &RefusalProof, bytes: usize) -> Self {
        let (body, as_of) = (proof.transaction.body(), proof.as_of());
        let signers = proof.certificate.signatures.iter();
        Self {
            verified: false,
            bytes,
            statement: "refusal",
            chain_id: as_of.chain_id.to_string(),
            txid: proof.transaction.id().to_string(),
            transaction_bytes: proof.transaction.encode().len(),
            account: body.account,
            asked: body.payload.name(),
            outcome_code: proof.outcome.code,
            evidence: proof.outcome.evidence.clone(),
            fee_charged_fen: proof.outcome.fee_charged_fen,
            height: proof.header.height,
            time: BlockTime::from_ms(proof.header.time_ms).to_string(),
            index: proof.index,
            path_length: proof.path.len(),
            as_of_height: as_of.height,
            as_of_time: BlockTime::from_ms(as_of.time_ms).to_string(),
            certificate_round: proof.certificate.round,
            certificate_signers: signers.map(|(id, _)| id.to_string()).collect(),
            validators: proof.validators.members().len(),
            key_id: proof.key.public_key.id().to_string(),
            public_key: hex::encode(proof.key.public_key.as_bytes()),
        }
    }
}

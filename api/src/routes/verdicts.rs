//! Judging a file that somebody sends: the word of this node, for whoever has no verifier at hand.
//!
//! Guards: the file is judged and forgotten, never kept and never logged; a statement is named as one,
//! so that nobody takes `holds` for an invoice.

use axum::Json;
use axum::extract::State;
use piao_chain::failure::FailureCode;
use piao_chain::proof::file::MAGIC;
use piao_chain::proof::{is_refusal, is_statement, verify, verify_refusal, verify_statement};
use serde::Serialize;

use crate::backend::Refusal;
use crate::body::ProofBody;
use crate::own_trust_root::{options_of_today, own_trust_root};
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::proof_form::binary_form;
use crate::router::Node;
use crate::wire::{FileVerdict, Problem};

/// The version of a file that proves an invoice (SPEC 7.4).
const INVOICE_VERSION: u8 = 1;

/// The verdict on a proof, a statement or a refusal, by this node's own trust root and clock.
///
/// It is this node's word: to trust nobody, run `piao verify` or open `/verify`. `kind` says what the
/// file is; only `kind` `invoice` with `verdict` `in_force` is an invoice to pay. The file is not kept.
#[utoipa::path(post, path = "/v1/proofs/verify", tag = "invoices",
    operation_id = "verify_proof",
    request_body(content((Vec<u8> = "application/vnd.piao.proof"),
        (serde_json::Value = "application/vnd.piao.proof+json"))),
    responses((status = 200, body = FileVerdict, description = "Judged, whatever it came to."),
        (status = 413, body = Problem), (status = 415, body = Problem)))]
pub(crate) async fn judge(
    State(node): State<Node>,
    parameters: Parameters,
    body: ProofBody,
) -> ApiResult<Json<FileVerdict>> {
    parameters.finish()?;
    let root = own_trust_root(node.backend.as_ref()).await;
    let file = binary_form(&body.0);
    let options = options_of_today();
    let verdict = if is_refusal(&file) {
        let verdict = verify_refusal(&file, root.as_ref(), &options);
        shown(verdict.statement, &verdict)?
    } else if is_statement(&file) {
        let verdict = verify_statement(&file, root.as_ref(), &options);
        shown(verdict.statement, &verdict)?
    } else {
        let kind = file.strip_prefix(&MAGIC).and_then(<[u8]>::first) == Some(&INVOICE_VERSION);
        let verdict = verify(&file, root.as_ref(), &options);
        shown(kind.then_some("invoice"), &verdict)?
    };
    Ok(Json(verdict))
}

/// The verdict as it travels.
fn shown(kind: Option<&str>, verdict: &impl Serialize) -> Result<FileVerdict, Refusal> {
    let internal = |_source| Refusal::of(FailureCode::Internal);
    let mut json = serde_json::to_value(verdict).map_err(internal)?;
    if let Some(members) = json.as_object_mut() {
        members.insert("kind".to_owned(), kind.into());
    }
    serde_json::from_value(json).map_err(internal)
}

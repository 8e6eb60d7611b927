//! Raw signed transactions.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};

use super::detached::detached;
use super::path;
use crate::body::TransactionBody;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Batch, Outcome, OutcomeState, Problem};

/// Hands a signed transaction to the network.
///
/// 201 only when final; `code` says whether it was applied. 202 with state `unknown` at the end of
/// the wait: the node does not keep it for the caller. A batch (`u32` big-endian length before each
/// transaction, at most 256 of them) is answered with 200 and an outcome each, refusals included.
#[utoipa::path(post, path = "/v1/transactions", tag = "chain",
    operation_id = "submit_transaction",
    params(("wait" = Option<String>, Query, description = "`final` (default) or `accepted`"),
        ("timeout" = Option<u64>, Query, description = "Seconds, 1 to 30, default 5")),
    request_body(content((Vec<u8> = "application/vnd.piao.transaction"),
        (Vec<u8> = "application/vnd.piao.transactions"))),
    responses((status = 200, body = Batch), (status = 201, body = Outcome),
        (status = 202, body = Outcome),
        (status = "4XX", body = Problem)))]
pub(crate) async fn submit(
    State(node): State<Node>,
    mut parameters: Parameters,
    body: TransactionBody,
) -> ApiResult<Response> {
    let wait = parameters.wait();
    parameters.finish()?;
    let door = Arc::clone(&node.door);
    let bytes = match body {
        TransactionBody::One(bytes) => bytes,
        TransactionBody::Batch(all) => {
            let backend = node.backend;
            let submitted = async move { backend.submit_all(all, wait).await };
            let outcomes = detached(&door, submitted).await?;
            return Ok(Json(Batch { outcomes }).into_response());
        }
    };
    let outcome = detached(&door, async move { node.backend.submit(bytes, wait).await }).await?;
    let status = match outcome.state {
        OutcomeState::Final => StatusCode::CREATED,
        OutcomeState::Unknown | OutcomeState::Refused => StatusCode::ACCEPTED,
    };
    let location = format!("/v1/transactions/{}", outcome.txid);
    Ok((status, [(LOCATION, location)], Json(outcome)).into_response())
}

/// The outcome of a transaction.
#[utoipa::path(get, path = "/v1/transactions/{txid}", tag = "chain",
    operation_id = "show_transaction",
    params(("txid" = String, Path, description = "64 hex digits")),
    responses((status = 200, body = Outcome), (status = 404, body = Problem)))]
pub(crate) async fn show(
    State(node): State<Node>,
    Path(txid): Path<String>,
    parameters: Parameters,
) -> ApiResult<Json<Outcome>> {
    parameters.finish()?;
    Ok(Json(node.backend.transaction(path::txid(&txid)?).await?))
}

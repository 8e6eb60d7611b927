//! What shows a request to be refused, as a file that anyone can check.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::stored::CACHE_NEVER;
use super::{path, stored};
use crate::access::Desk;
use crate::media_type;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::Problem;

/// That a request sent with `anchor_failure` was refused: transaction, code and block.
#[utoipa::path(get, path = "/v1/requests/{id}/proof", tag = "requests",
    operation_id = "download_request_proof",
    params(("id" = String, Path, description = "Id of the request"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    responses((status = 200, content((Vec<u8> = "application/vnd.piao.proof"))),
        (status = 404, body = Problem, description = "No block holds a refusal of it")),
    security(("api_key" = [])))]
pub(crate) async fn show(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(id): Path<String>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let caller = caller.narrowed(parameters.account())?;
    parameters.finish()?;
    let id = path::request_id(&id)?;
    let file = node.backend.request_proof(&caller, id).await?;
    Ok(stored::reply(
        file,
        media_type::PROOF,
        CACHE_NEVER,
        &headers,
    ))
}

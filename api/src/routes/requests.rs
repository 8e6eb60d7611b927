//! What became of a request, by its id or by the caller's own key.

use axum::Json;
use axum::extract::{Path, State};

use super::path;
use crate::access::Desk;
use crate::idempotency::IdempotencyKey;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Problem, RequestView};

/// A request, from acceptance to its end.
#[utoipa::path(get, path = "/v1/requests/{id}", tag = "requests",
    operation_id = "show_request",
    params(("id" = String, Path, description = "Id of the request"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    responses((status = 200, body = RequestView), (status = 404, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn show(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(id): Path<String>,
    mut parameters: Parameters,
) -> ApiResult<Json<RequestView>> {
    let caller = caller.narrowed(parameters.account())?;
    parameters.finish()?;
    let id = path::request_id(&id)?;
    Ok(Json(node.backend.request(&caller, id).await?))
}

/// The request an idempotency key is bound to: issued, not issued, or still possible.
#[utoipa::path(get, path = "/v1/outcomes/{key}", tag = "requests",
    operation_id = "show_outcome_of_key",
    params(("key" = String, Path, description = "The `Idempotency-Key` that was sent"),
        ("account" = Option<u32>, Query, description = "Account the key was used for")),
    responses((status = 200, body = RequestView), (status = 404, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn outcome(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(key): Path<String>,
    mut parameters: Parameters,
) -> ApiResult<Json<RequestView>> {
    let account = caller.account(parameters.account())?;
    parameters.finish()?;
    let key = IdempotencyKey::parse(&key)?;
    Ok(Json(node.backend.outcome(account, &key).await?))
}

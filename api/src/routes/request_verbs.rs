//! Lists of requests, and what a merchant does with one: try again, correct, give up.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;

use super::detached::detached;
use super::draft_body::DraftBody;
use super::path;
use crate::access::Desk;
use crate::backend::RequestAct;
use crate::body::refuse_unless_json;
use crate::caller::Caller;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::draft::InvoiceDraft;
use crate::wire::{Page, Problem, RequestState, RequestView};

/// Requests of an account, the last one touched first.
#[utoipa::path(get, path = "/v1/requests", tag = "requests",
    operation_id = "list_requests",
    params(("state" = Option<RequestState>, Query, description = "Only this state"),
        ("account" = Option<u32>, Query, description = "Account; default the key's first"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = Page<RequestView>), (status = 400, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn list(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
) -> ApiResult<Json<Page<RequestView>>> {
    let account = caller.account(parameters.account())?;
    let words = "accepted, submitted, final, failed, unknown, waiting or cancelled";
    let state = parameters.read("state", words, RequestState::from_word);
    let cut = parameters.cut();
    parameters.finish()?;
    Ok(Json(node.backend.requests(account, state, cut).await?))
}

/// Tries a request now; one that failed or was given up is taken up again.
#[utoipa::path(post, path = "/v1/requests/{id}/retry", tag = "requests",
    operation_id = "retry_request",
    params(("id" = String, Path, description = "Id of the request"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    responses((status = 200, body = RequestView), (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn retry(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(id): Path<String>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Json<RequestView>> {
    refuse_unless_json(&headers)?;
    let caller = caller.narrowed(parameters.account())?;
    parameters.finish()?;
    act(node, caller, &id, RequestAct::Retry).await
}

/// Gives a request up, while nothing that was signed for it is or may become final.
#[utoipa::path(post, path = "/v1/requests/{id}/cancel", tag = "requests",
    operation_id = "cancel_request",
    params(("id" = String, Path, description = "Id of the request"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    responses((status = 200, body = RequestView), (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn cancel(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(id): Path<String>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Json<RequestView>> {
    refuse_unless_json(&headers)?;
    let caller = caller.narrowed(parameters.account())?;
    parameters.finish()?;
    act(node, caller, &id, RequestAct::Cancel).await
}

/// Goes on with a corrected draft of the same order. Its key is bound to that draft from then on.
#[utoipa::path(post, path = "/v1/requests/{id}/reissue", tag = "requests",
    operation_id = "reissue_request",
    params(("id" = String, Path, description = "Id of the request"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    request_body(content = InvoiceDraft),
    responses((status = 200, body = RequestView), (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn reissue(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(id): Path<String>,
    mut parameters: Parameters,
    body: DraftBody,
) -> ApiResult<Json<RequestView>> {
    let caller = caller.narrowed(parameters.account())?;
    parameters.finish()?;
    let request = node
        .backend
        .request(&caller, path::request_id(&id)?)
        .await?;
    let draft = body.sound(&node, request.account).await?;
    act(node, caller, &id, RequestAct::Reissue(Box::new(draft))).await
}

async fn act(
    node: Node,
    caller: Caller,
    id: &str,
    act: RequestAct,
) -> ApiResult<Json<RequestView>> {
    let id = path::request_id(id)?.to_owned();
    let door = Arc::clone(&node.door);
    let work = async move { node.backend.act(&caller, &id, act).await };
    Ok(Json(detached(&door, work).await?))
}

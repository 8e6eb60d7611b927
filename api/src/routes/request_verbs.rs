//! Lists of requests, and what a merchant does with one: try again, correct, give up.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use piao_chain::failure::FailureCode;

use super::detached::detached;
use super::draft_body::DraftBody;
use super::path;
use crate::access::Desk;
use crate::backend::RequestAct;
use crate::body::refuse_unless_json;
use crate::caller::Caller;
use crate::parameters::Parameters;
use crate::problem::{ApiError, ApiResult};
use crate::router::Node;
use crate::wire::draft::InvoiceDraft;
use crate::wire::{Page, Problem, RequestState, RequestView};

/// Who does something to which request.
pub(crate) struct Verb {
    node: Node,
    caller: Caller,
    id: String,
}

/// From a call that says it all in its path. It must call itself JSON all the same: a page elsewhere
/// can send anything else without being asked.
impl FromRequestParts<Node> for Verb {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> ApiResult<Self> {
        let Desk(caller) = Desk::from_request_parts(parts, node).await?;
        let found = Path::<String>::from_request_parts(parts, node).await;
        let Path(id) = found.map_err(|_unreadable| FailureCode::ResourceNotFound)?;
        let mut parameters = Parameters::from_request_parts(parts, node).await?;
        refuse_unless_json(&parts.headers)?;
        let caller = caller.narrowed(parameters.account())?;
        parameters.finish()?;
        let node = node.clone();
        Ok(Self { node, caller, id })
    }
}

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
pub(crate) async fn retry(verb: Verb) -> ApiResult<Json<RequestView>> {
    act(verb, RequestAct::Retry).await
}

/// Gives a request up, while nothing that was signed for it is or may become final.
#[utoipa::path(post, path = "/v1/requests/{id}/cancel", tag = "requests",
    operation_id = "cancel_request",
    params(("id" = String, Path, description = "Id of the request"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    responses((status = 200, body = RequestView), (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn cancel(verb: Verb) -> ApiResult<Json<RequestView>> {
    act(verb, RequestAct::Cancel).await
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
    let act_on = Verb { node, caller, id };
    act(act_on, RequestAct::Reissue(Box::new(draft))).await
}

async fn act(verb: Verb, act: RequestAct) -> ApiResult<Json<RequestView>> {
    let Verb { node, caller, id } = verb;
    let id = path::request_id(&id)?.to_owned();
    let door = Arc::clone(&node.door);
    let work = async move { node.backend.act(&caller, &id, act).await };
    Ok(Json(detached(&door, work).await?))
}

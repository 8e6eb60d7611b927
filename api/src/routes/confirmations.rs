//! Proposed red letters: those an account is to answer, and its answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use super::detached::detached;
use super::path;
use crate::access::Desk;
use crate::backend::{AnswerOrder, Refusal};
use crate::body::JsonBody;
use crate::members::Members;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Confirmation, Page, Problem};

/// What `POST /v1/invoices/{number}/red-letters/{id}/answer` takes.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
pub(crate) struct AnswerDraft {
    /// Whether the red letter may be issued.
    accept: bool,
}

/// Proposed red letters that wait for an account's answer, those of the latest invoices first.
#[utoipa::path(get, path = "/v1/red-letters", tag = "invoices",
    operation_id = "list_proposed_red_letters",
    params(("account" = Option<u32>, Query, description = "Account; default the key's first"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = Page<Confirmation>), (status = 400, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn list(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
) -> ApiResult<Json<Page<Confirmation>>> {
    let account = caller.account(parameters.account())?;
    let cut = parameters.cut();
    parameters.finish()?;
    Ok(Json(node.backend.red_letters(account, cut).await?))
}

/// Answers a proposed red letter with the account's admin key. The same answer again is no other.
///
/// Once it is accepted, the request of whoever proposed it goes on by itself.
#[utoipa::path(post, path = "/v1/invoices/{number}/red-letters/{id}/answer", tag = "invoices",
    operation_id = "answer_red_letter",
    params(("number" = String, Path, description = "20 digits"),
        ("id" = String, Path, description = "`id` of the proposal, or `open` for the one there is"),
        ("timeout" = Option<u64>, Query, description = "Seconds, 1 to 30, default 5"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    request_body(content = AnswerDraft),
    responses((status = 201, body = Confirmation), (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn answer(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path((number, id)): Path<(String, String)>,
    mut parameters: Parameters,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<Confirmation>)> {
    let caller = caller.narrowed(parameters.account())?;
    let wait = parameters.wait();
    parameters.finish()?;
    let mut faults = Vec::new();
    let mut members = Members::open(body, &mut faults)?;
    let accept = members.flag("accept");
    members.finish();
    let Some(accept) = accept.filter(|_flag| faults.is_empty()) else {
        if faults.is_empty() {
            let fault = Fault::at(FailureCode::FieldRequired, "/accept");
            faults.push(fault.expected("true or false"));
        }
        let refusal = Refusal::sorted(faults);
        return Err(refusal
            .unwrap_or_else(|| Refusal::of(FailureCode::Internal))
            .into());
    };
    let order = AnswerOrder {
        caller,
        number: path::number(&number)?.to_owned(),
        id: path::request_id(&id)?.to_owned(),
        accept,
        wait,
    };
    let door = Arc::clone(&node.door);
    let reply = detached(
        &door,
        async move { node.backend.answer_red_letter(order).await },
    );
    Ok((StatusCode::CREATED, Json(reply.await?)))
}

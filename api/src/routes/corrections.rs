//! Putting an issued invoice right: red letter, reissue; booking a received one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use piao_chain::failure::FailureCode;

use super::correction_body::{self, BookingDraft, RedLetterDraft};
use super::detached::detached;
use super::draft_body::DraftBody;
use super::invoices::{compare, issued};
use super::path;
use crate::access::Desk;
use crate::backend::{BookingOrder, IssueReply, RedLetterOrder, ReissueOrder};
use crate::body::JsonBody;
use crate::idempotency::{IDEMPOTENCY_KEY_HEADER, IdempotencyKey};
use crate::parameters::Parameters;
use crate::problem::{ApiError, ApiResult};
use crate::router::Node;
use crate::wire::draft::InvoiceDraft;
use crate::wire::{Booking, Invoice, Problem, RequestView};

/// The caller's key; a fresh one where there is none, so that the call is one of its own.
fn key_of(headers: &HeaderMap) -> ApiResult<IdempotencyKey> {
    if headers.contains_key(IDEMPOTENCY_KEY_HEADER) {
        return Ok(IdempotencyKey::from_headers(headers)?);
    }
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_source| ApiError::from(FailureCode::Internal))?;
    Ok(IdempotencyKey::parse(&hex::encode(bytes))?)
}

/// Takes back parts of an invoice, or all that is left of it.
///
/// 201 with the red letter when final; 202 at the end of the wait. The tax of a part follows from
/// its amount: parts add up to the line exactly.
#[utoipa::path(post, path = "/v1/invoices/{number}/red-letters", tag = "invoices",
    operation_id = "issue_red_letter",
    params(("number" = String, Path, description = "20 digits"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–128 visible ASCII characters"),
        ("wait" = Option<String>, Query, description = "`final` (default) or `accepted`"),
        ("timeout" = Option<u64>, Query, description = "Seconds, 1 to 30, default 5"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    request_body(content = RedLetterDraft),
    responses((status = 201, body = Invoice), (status = 202, body = RequestView),
        (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn red_letter(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(number): Path<String>,
    mut parameters: Parameters,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> ApiResult<Response> {
    let caller = caller.narrowed(parameters.account())?;
    let wait = parameters.wait();
    parameters.finish()?;
    let request = correction_body::read_red_letter(body)?;
    let order = RedLetterOrder {
        caller,
        number: path::number(&number)?.to_owned(),
        reason: request.reason,
        lines: request.lines,
        key: key_of(&headers)?,
        wait,
    };
    let door = Arc::clone(&node.door);
    let reply = detached(
        &door,
        async move { node.backend.issue_red_letter(order).await },
    );
    Ok(issued(reply.await?))
}

/// Replaces an invoice: its red letter and the new one in one transaction.
///
/// 201 with the new invoice, whose `reissue_of` is the old one's number; the red letter is the last
/// of the old one's `reversed_by`.
#[utoipa::path(post, path = "/v1/invoices/{number}/reissue", tag = "invoices",
    operation_id = "reissue_invoice",
    params(("number" = String, Path, description = "20 digits"),
        ("Idempotency-Key" = Option<String>, Header, description = "1–128 visible ASCII characters"),
        ("wait" = Option<String>, Query, description = "`final` (default) or `accepted`"),
        ("timeout" = Option<u64>, Query, description = "Seconds, 1 to 30, default 5"),
        ("account" = Option<u32>, Query, description = "Account; default the key's first")),
    request_body(content = InvoiceDraft),
    responses((status = 201, body = Invoice), (status = 202, body = RequestView),
        (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn reissue(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(number): Path<String>,
    mut parameters: Parameters,
    headers: HeaderMap,
    body: DraftBody,
) -> ApiResult<Response> {
    let asked = parameters.account();
    let account = caller.account(asked)?;
    let caller = caller.narrowed(asked)?;
    let wait = parameters.wait();
    parameters.finish()?;
    let number = path::number(&number)?.to_owned();
    let key = key_of(&headers)?;
    let (draft, key) = body.demand(&node, account, Ok(key)).await?;
    let order = ReissueOrder {
        caller: caller.clone(),
        number,
        draft,
        key,
        wait,
    };
    let door = Arc::clone(&node.door);
    let asked = Arc::clone(&node.backend);
    let reply = detached(&door, async move { asked.reissue(order).await });
    let mut reply = reply.await?;
    if let IssueReply::Final { invoice, .. } = &mut reply {
        compare(&node, &caller, invoice).await;
    }
    Ok(issued(reply))
}

/// Books a received invoice; from then on its seller takes it back with the buyer's consent only.
#[utoipa::path(post, path = "/v1/invoices/{number}/booking", tag = "invoices",
    operation_id = "book_invoice",
    params(("number" = String, Path, description = "20 digits"),
        ("timeout" = Option<u64>, Query, description = "Seconds, 1 to 30, default 5"),
        ("account" = Option<u32>, Query, description = "The buyer's; default the key's first")),
    request_body(content = BookingDraft),
    responses((status = 201, body = Booking), (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn book(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(number): Path<String>,
    mut parameters: Parameters,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<Booking>)> {
    let account = caller.account(parameters.account())?;
    let wait = parameters.wait();
    parameters.finish()?;
    let number = path::number(&number)?.to_owned();
    let (booked_use, period) = correction_body::read_booking(body)?;
    let order = BookingOrder {
        account,
        booked_use,
        period,
        wait,
    };
    let door = Arc::clone(&node.door);
    let reply = detached(
        &door,
        async move { node.backend.book(&number, order).await },
    );
    Ok((StatusCode::CREATED, Json(reply.await?)))
}

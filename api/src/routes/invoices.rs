//! Checking, issuing, showing and listing invoices.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::time::IssueDate;

use super::detached::detached;
use super::draft_body::DraftBody;
use super::stored::CACHE_NEVER;
use super::{path, stored};
use crate::access::Desk;
use crate::backend::{InvoiceFilter, IssueOrder, IssueReply};
use crate::caller::Caller;
use crate::idempotency::IdempotencyKey;
use crate::limits::SEARCH_CHARS_MAX;
use crate::media_type;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::strict_json::shortened;
use crate::wire::draft::InvoiceDraft;
use crate::wire::{
    CheckReport, DocumentState, Invoice, InvoiceStatus, Page, Problem, RequestView, changes,
};

/// Says whether an earlier call with the same key issued the invoice of this reply.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Judges a draft. Nothing is charged or kept.
#[utoipa::path(post, path = "/v1/invoices/check", tag = "invoices",
    operation_id = "check_invoice",
    params(("account" = Option<u32>, Query, description = "Account; default the key's first")),
    request_body(content = InvoiceDraft),
    responses((status = 200, body = CheckReport), (status = 400, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn check(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
    body: DraftBody,
) -> ApiResult<Json<CheckReport>> {
    let account = caller.account(parameters.account())?;
    parameters.finish()?;
    Ok(Json(body.report(&node, account).await?))
}

/// Issues a draft, once per key for ever.
///
/// 201 when final (a replay is 201 again, with `Idempotent-Replayed: true`); 202 at the end of the
/// wait or with `wait=accepted`. A refusal lists every failure and keeps nothing; with
/// `anchor_failure` what only the state of the chain refuses is kept in a block, and the request's
/// proof shows it.
#[utoipa::path(post, path = "/v1/invoices", tag = "invoices",
    operation_id = "issue_invoice",
    params(("Idempotency-Key" = String, Header, description = "1–128 visible ASCII characters"),
        ("wait" = Option<String>, Query, description = "`final` (default) or `accepted`"),
        ("timeout" = Option<u64>, Query, description = "Seconds, 1 to 30, default 5"),
        ("anchor_failure" = Option<bool>, Query,
            description = "Have a refusal by the chain's state kept in a block; default false"),
        ("account" = Option<u32>, Query, description = "Account; default the key's first")),
    request_body(content = InvoiceDraft),
    responses((status = 201, body = Invoice), (status = 202, body = RequestView),
        (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn issue(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
    headers: HeaderMap,
    body: DraftBody,
) -> ApiResult<Response> {
    let account = caller.account(parameters.account())?;
    let wait = parameters.wait();
    let anchored = parameters.read("anchor_failure", "true or false", |text| text.parse().ok());
    parameters.finish()?;
    let key = IdempotencyKey::from_headers(&headers);
    let (draft, key) = body.demand(&node, account, key).await?;
    let order = IssueOrder {
        account,
        draft,
        key,
        wait,
        anchor_failure: anchored.unwrap_or(false),
    };
    let door = Arc::clone(&node.door);
    let reply = detached(&door, async move { node.backend.issue(order).await }).await?;
    Ok(issued(reply))
}

pub(super) fn issued(reply: IssueReply) -> Response {
    match reply {
        IssueReply::Final { invoice, replayed } => {
            let location = invoice.links.this.clone();
            let word = if replayed { "true" } else { "false" };
            let headers = [(LOCATION, location), (REPLAYED, word.to_owned())];
            (StatusCode::CREATED, headers, Json(invoice)).into_response()
        }
        IssueReply::Pending(request) => {
            let location = [(LOCATION, request.links.this.clone())];
            (StatusCode::ACCEPTED, location, Json(request)).into_response()
        }
    }
}

/// An invoice.
#[utoipa::path(get, path = "/v1/invoices/{number}", tag = "invoices",
    operation_id = "show_invoice",
    params(("number" = String, Path, description = "20 digits"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    responses((status = 200, body = Invoice), (status = 404, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn show(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(number): Path<String>,
    mut parameters: Parameters,
) -> ApiResult<Json<Invoice>> {
    let caller = caller.narrowed(parameters.account())?;
    parameters.finish()?;
    let number = path::number(&number)?;
    let mut invoice = node.backend.invoice(&caller, number).await?;
    compare(&node, &caller, &mut invoice).await;
    Ok(Json(invoice))
}

/// Says of a replacement what was changed, where both documents lie here. An invoice that was issued
/// is shown whether or not the one before it can be read.
pub(crate) async fn compare(node: &Node, caller: &Caller, invoice: &mut Invoice) {
    let Some(replaced) = invoice.reissue_of.as_ref() else {
        return;
    };
    let Ok(before) = node.backend.invoice(caller, replaced).await else {
        return;
    };
    let is_held = |one: &Invoice| one.document_state == DocumentState::Held;
    if is_held(&before) && is_held(invoice) {
        invoice.changes = Some(changes(&before.document, &invoice.document));
    }
}

/// Invoices of an account, newest first.
#[utoipa::path(get, path = "/v1/invoices", tag = "invoices",
    operation_id = "list_invoices",
    params(("status" = Option<InvoiceStatus>, Query, description = "Only this status"),
        ("from" = Option<String>, Query, description = "Issued on this day or later, UTC+8"),
        ("to" = Option<String>, Query, description = "Issued on this day or earlier, UTC+8"),
        ("q" = Option<String>, Query, description = "Text in number, buyer or order reference"),
        ("order_ref" = Option<String>, Query, description = "Exactly this order reference"),
        ("account" = Option<u32>, Query, description = "Account; default the key's first"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = Page<Invoice>), (status = 400, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn list(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
) -> ApiResult<Json<Page<Invoice>>> {
    let account = caller.account(parameters.account())?;
    let filter = filter(&mut parameters);
    let cut = parameters.cut();
    parameters.finish()?;
    Ok(Json(node.backend.invoices(account, filter, cut).await?))
}

fn filter(parameters: &mut Parameters) -> InvoiceFilter {
    let status = "issued, partly_reversed, reversed or reissued";
    let date = "a date, yyyy-mm-dd";
    let text = |text: &str| {
        let short = text.chars().count() <= SEARCH_CHARS_MAX;
        short.then(|| text.to_owned())
    };
    InvoiceFilter {
        status: parameters.read("status", status, InvoiceStatus::from_word),
        from: parameters.read("from", date, |text| IssueDate::parse(text).ok()),
        to: parameters.read("to", date, |text| IssueDate::parse(text).ok()),
        text: parameters.read("q", "at most 64 characters", text),
        order_ref: parameters.read("order_ref", "at most 64 characters", text),
    }
}

/// A deliverable of an invoice: `json`, the document as a file, the same bytes for ever.
#[utoipa::path(get, path = "/v1/invoices/{number}/json", tag = "invoices",
    operation_id = "download_invoice_json",
    params(("number" = String, Path, description = "20 digits"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    responses((status = 200, body = crate::wire::InvoiceDocument), (status = 404, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn deliverable(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path((number, format)): Path<(String, String)>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let caller = caller.narrowed(parameters.account())?;
    parameters.finish()?;
    let number = path::number(&number)?;
    check_format(&format)?;
    let file = node.backend.invoice_json(&caller, number).await?;
    let mut response = stored::reply(file, media_type::JSON, CACHE_NEVER, &headers);
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{number}.json\""));
    if let Ok(name) = name {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Refuses the forms this node does not make, and what is no form at all.
fn check_format(format: &str) -> Result<(), Box<Fault>> {
    match format {
        "json" => Ok(()),
        "pdf" | "ofd" | "xml" | "ubl" | "slip" => {
            Err(Fault::at(FailureCode::FormatUnavailable, "/format")
                .got(format)
                .expected("json")
                .into())
        }
        other => Err(Fault::new(FailureCode::RouteNotFound)
            .got(shortened(other))
            .into()),
    }
}

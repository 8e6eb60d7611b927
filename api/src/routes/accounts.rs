//! A merchant's fee balance and limits.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use super::detached::detached;
use super::top_up_body;
use crate::access::Desk;
use crate::body::JsonBody;
use crate::idempotency::IdempotencyKey;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Account, LedgerEntry, Limits, Page, Problem, TopUp};

/// Balance, fee and how many invoices it pays for.
#[utoipa::path(get, path = "/v1/account", tag = "account",
    operation_id = "show_account",
    params(("account" = Option<u32>, Query, description = "Account; default the key's first")),
    responses((status = 200, body = Account), (status = 404, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn show(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
) -> ApiResult<Json<Account>> {
    let account = caller.account(parameters.account())?;
    parameters.finish()?;
    Ok(Json(node.backend.account(account).await?))
}

/// What may be issued at once, in a day and in a month, and what is used of it.
#[utoipa::path(get, path = "/v1/limits", tag = "account",
    operation_id = "show_limits",
    params(("account" = Option<u32>, Query, description = "Account; default the key's first")),
    responses((status = 200, body = Limits), (status = 404, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn limits(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
) -> ApiResult<Json<Limits>> {
    let account = caller.account(parameters.account())?;
    parameters.finish()?;
    Ok(Json(node.backend.limits(account).await?))
}

/// Every movement of the fee balance, newest first.
#[utoipa::path(get, path = "/v1/account/ledger", tag = "account",
    operation_id = "list_ledger",
    params(("account" = Option<u32>, Query, description = "Account; default the key's first"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = Page<LedgerEntry>), (status = 404, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn ledger(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
) -> ApiResult<Json<Page<LedgerEntry>>> {
    let account = caller.account(parameters.account())?;
    let cut = parameters.cut();
    parameters.finish()?;
    Ok(Json(node.backend.ledger(account, cut).await?))
}

/// Credits a top-up once per reference, for ever.
#[utoipa::path(post, path = "/v1/top-ups", tag = "account",
    operation_id = "top_up",
    params(("account" = Option<u32>, Query, description = "Account, unless the body names it"),
        ("Idempotency-Key" = String, Header, description = "1–128 visible ASCII characters")),
    request_body(content = top_up_body::TopUpDraft),
    responses((status = 201, body = TopUp), (status = "4XX", body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn top_up(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> ApiResult<(StatusCode, Json<TopUp>)> {
    let in_query = parameters.account();
    parameters.finish()?;
    let key = IdempotencyKey::from_headers(&headers);
    let order = top_up_body::read(body, key, |in_body| caller.account(in_body.or(in_query)))?;
    let door = Arc::clone(&node.door);
    let reply = detached(&door, async move { node.backend.top_up(order).await }).await?;
    Ok((StatusCode::CREATED, Json(reply)))
}

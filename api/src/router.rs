//! The list of routes and the layers around them.
//!
//! From the outside in: request id, security headers, large replies, error rendering, time limit,
//! shape of the head; then the caller's rate and a place among the calls being served.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use piao_chain::failure::FailureCode;

use crate::backend::Backend;
use crate::bounds::Bounds;
use crate::door::{self, Door};
use crate::problem::ApiError;
use crate::routes::{
    accounts, announcements, blocks, confirmations, corrections, events, failures, health,
    invoices, keys, proofs, request_proof, request_verbs, requests, rules, statements,
    transactions, transparency, verdicts, views,
};
use crate::{openapi, problem, request_id, security, web};

/// What handlers work with.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) door: Arc<Door>,
}

/// Builds the whole service over a backend, within bounds.
///
/// Connections must carry their [`crate::server::Peer`]; without it nobody counts as local.
pub fn router(backend: Arc<dyn Backend>, bounds: Bounds) -> Router {
    let node = Node {
        backend,
        door: Arc::new(Door::new(bounds)),
    };
    let served = desk_routes()
        .merge(public_routes())
        .merge(web::routes())
        .layer(from_fn_with_state(node.clone(), door::take_place));
    let counted = served
        .merge(costly_operation_routes())
        .layer(from_fn_with_state(node.clone(), door::limit_rate));
    Router::new()
        .merge(counted)
        .merge(health_routes())
        .fallback(async || ApiError::from(FailureCode::RouteNotFound))
        .method_not_allowed_fallback(async || ApiError::from(FailureCode::MethodNotAllowed))
        .layer(from_fn(door::check_head))
        .layer(from_fn_with_state(node.clone(), limit_time))
        .layer(from_fn(problem::render))
        .layer(from_fn_with_state(node.clone(), door::limit_replies))
        .layer(from_fn(security::add_headers))
        .layer(from_fn(request_id::assign))
        .with_state(node)
}

/// Calls that need a key.
fn desk_routes() -> Router<Node> {
    Router::new()
        .route("/v1/invoices/check", post(invoices::check))
        .route("/v1/invoices", post(invoices::issue).get(invoices::list))
        .route("/v1/invoices/{number}", get(invoices::show))
        .route("/v1/invoices/{number}/link", get(views::link))
        .route("/v1/invoices/{number}/{format}", get(invoices::deliverable))
        .route(
            "/v1/invoices/{number}/red-letters",
            post(corrections::red_letter),
        )
        .route(
            "/v1/invoices/{number}/red-letters/{id}/answer",
            post(confirmations::answer),
        )
        .route("/v1/red-letters", get(confirmations::list))
        .route("/v1/invoices/{number}/reissue", post(corrections::reissue))
        .route("/v1/invoices/{number}/booking", post(corrections::book))
        .route("/v1/requests", get(request_verbs::list))
        .route("/v1/requests/{id}", get(requests::show))
        .route("/v1/requests/{id}/proof", get(request_proof::show))
        .route("/v1/requests/{id}/retry", post(request_verbs::retry))
        .route("/v1/requests/{id}/cancel", post(request_verbs::cancel))
        .route("/v1/requests/{id}/reissue", post(request_verbs::reissue))
        .route("/v1/outcomes/{key}", get(requests::outcome))
        .route("/v1/account", get(accounts::show))
        .route("/v1/account/ledger", get(accounts::ledger))
        .route("/v1/limits", get(accounts::limits))
        .route("/v1/top-ups", post(accounts::top_up))
        .route("/v1/events", get(events::list))
        .route("/v1/events/stream", get(events::stream))
}

/// Calls that need none.
fn public_routes() -> Router<Node> {
    Router::new()
        .route("/v1/invoices/{number}/proof", get(proofs::show))
        .route("/v1/invoices/{number}/view", get(views::view))
        .route("/v1/invoices/{number}/absence", get(statements::absence))
        .route(
            "/v1/accounts/{account}/completeness",
            get(statements::completeness),
        )
        .route("/v1/keys/{id}", get(keys::show))
        .route("/v1/proofs/verify", post(verdicts::judge))
        .route("/v1/transactions", post(transactions::submit))
        .route("/v1/transactions/{txid}", get(transactions::show))
        .route("/v1/chain", get(blocks::chain))
        .route("/v1/blocks", get(blocks::list))
        .route("/v1/blocks/{height}", get(blocks::show))
        .route("/v1/validators", get(blocks::validators))
        .route("/v1/trust-root", get(blocks::trust_root))
        .route("/v1/checkpoint", get(transparency::checkpoint))
        .route("/v1/checkpoint/consistency", get(transparency::consistency))
        .route(
            "/v1/blocks/{height}/tlog-proof",
            get(transparency::tlog_proof),
        )
        .route("/v1/failures", get(failures::list))
        .route("/v1/failures/{code}", get(failures::show))
        .route("/v1/rules", get(rules::show))
        .route("/v1/announcements", get(announcements::list))
}

/// Calls that must answer whatever is going on.
fn health_routes() -> Router<Node> {
    Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
}

/// Calls that must answer even when all places are taken, but not to everybody at any rate.
fn costly_operation_routes() -> Router<Node> {
    Router::new()
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(openapi::show))
}

/// Ends a request that takes too long, its body included.
async fn limit_time(State(node): State<Node>, request: Request, next: Next) -> Response {
    tokio::time::timeout(node.door.bounds.request_timeout, next.run(request))
        .await
        .unwrap_or_else(|_elapsed| ApiError::from(FailureCode::RequestTimeout).into_response())
}

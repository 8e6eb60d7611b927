//! Whether the process lives, whether the node is ready, and its counters.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::problem::Complete;
use crate::router::Node;
use crate::wire::Readiness;

/// Media type of the Prometheus text format.
const METRICS_MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether the process answers.
#[utoipa::path(get, path = "/livez", tag = "operations",
    operation_id = "live", responses((status = 200, body = String)))]
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// Whether the node can issue now; with `?verbose` what that rests on.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    operation_id = "ready",
    params(("verbose" = Option<String>, Query, description = "List the checks as JSON")),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub(crate) async fn ready(
    State(node): State<Node>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let readiness = node.backend.readiness().await;
    let status = match readiness.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = if query.iter().any(|(name, _)| name == "verbose") {
        (status, Json(readiness)).into_response()
    } else {
        let word = if readiness.ready {
            "ready\n"
        } else {
            "not ready\n"
        };
        (status, word).into_response()
    };
    if !status.is_success() {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.extensions_mut().insert(Complete);
    response
}

/// Counters in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    operation_id = "metrics",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(node): State<Node>) -> Response {
    let body = node.backend.metrics().await;
    ([(CONTENT_TYPE, METRICS_MEDIA_TYPE)], body).into_response()
}

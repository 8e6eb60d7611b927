//! Headers that keep a page from being framed, sniffed or made to run foreign code, and that keep
//! private replies out of caches.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Everything comes from this node; no inline script or style, no frame, no plug-in.
pub const CONTENT_POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; \
                                  frame-ancestors 'none'; object-src 'none'";

/// Set on every reply.
const ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Adds those that every reply has.
pub(crate) fn add_always(headers: &mut HeaderMap) {
    headers.extend(ALWAYS);
    // The page that checks proofs has a stricter policy of its own.
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_POLICY));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// Middleware that adds them. A reply that says nothing about caches must not be kept.
pub(crate) async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    add_always(response.headers_mut());
    response
}

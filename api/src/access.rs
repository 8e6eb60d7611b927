//! Who may use the desk: the extractor in front of every private call.
//!
//! Guards: without a valid key nobody reaches a desk, except that a development node serves its own
//! machine. There a web page elsewhere must not get through: neither by name (the `Host` must be
//! the node's own, against rebinding) nor by form or script (`Origin`, `Sec-Fetch-Site`); bodies
//! must be JSON besides.

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::backend::{NodeFacts, Refusal};
use crate::caller::Caller;
use crate::limits::API_KEY_BYTES_MAX;
use crate::problem::{ApiError, ApiResult};
use crate::router::Node;
use crate::server::Peer;

/// A caller who was let in.
#[derive(Clone, Debug)]
pub(crate) struct Desk(pub(crate) Caller);

impl FromRequestParts<Node> for Desk {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> ApiResult<Self> {
        admit(parts, node).await.map(Self)
    }
}

/// A caller of a public call: somebody known if a key was sent, else nobody.
#[derive(Clone, Debug)]
pub(crate) struct Anyone(pub(crate) Option<Caller>);

impl FromRequestParts<Node> for Anyone {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> ApiResult<Self> {
        if parts.headers.contains_key(AUTHORIZATION) {
            return admit(parts, node).await.map(|caller| Self(Some(caller)));
        }
        Ok(Self(local_caller(parts, node.backend.facts()).ok()))
    }
}

async fn admit(parts: &Parts, node: &Node) -> ApiResult<Caller> {
    if !parts.headers.contains_key(AUTHORIZATION) {
        return local_caller(parts, node.backend.facts());
    }
    match api_key(&parts.headers) {
        None => Err(not_logged_in("Authorization: Bearer <API key>")),
        Some(key) => node
            .backend
            .authenticate(key)
            .await
            .ok_or_else(|| not_logged_in("a valid API key")),
    }
}

/// The API key a call brings, if it brings one in the right form.
pub(crate) fn api_key(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = text.split_once(' ')?;
    let fits = scheme.eq_ignore_ascii_case("bearer") && key.len() <= API_KEY_BYTES_MAX;
    fits.then(|| key.trim())
}

/// Lets a call without a key in on a development node, if it comes from its own machine and page.
fn local_caller(parts: &Parts, facts: &NodeFacts) -> ApiResult<Caller> {
    let peer = parts.extensions.get::<Peer>();
    let from_here = peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    let Some(caller) = facts.dev_caller.as_ref().filter(|_| from_here) else {
        return Err(not_logged_in("Authorization: Bearer <API key>"));
    };
    check_own(&parts.headers, &parts.uri, &facts.own_hosts)?;
    Ok(caller.clone())
}

/// Refuses a `Host` or an `Origin` that is not this node's own.
fn check_own(headers: &HeaderMap, uri: &Uri, own_hosts: &[String]) -> ApiResult<()> {
    let is_own = |host: &str| own_hosts.iter().any(|own| own.eq_ignore_ascii_case(host));
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let target = uri.authority().map(axum::http::uri::Authority::as_str);
    if target.is_some_and(|target| !is_own(target)) {
        return Err(foreign("target"));
    }
    let host = text(HOST).or(target);
    if !host.is_some_and(is_own) || headers.get_all(HOST).iter().count() > 1 {
        return Err(foreign("Host"));
    }
    let foreign_origin = |origin: &str| !origin.strip_prefix("http://").is_some_and(is_own);
    if text(ORIGIN).is_some_and(foreign_origin) {
        return Err(foreign("Origin"));
    }
    let site = headers
        .get("sec-fetch-site")
        .map(|value| value.to_str().unwrap_or_default());
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(foreign("Sec-Fetch-Site"));
    }
    Ok(())
}

fn foreign(header: &str) -> ApiError {
    Fault::new(FailureCode::PermissionDenied)
        .got(header)
        .expected("a value of this node's own, or an API key")
        .into()
}

fn not_logged_in(expected: &str) -> ApiError {
    Refusal::new(Fault::new(FailureCode::OperatorNotLoggedIn).expected(expected)).into()
}

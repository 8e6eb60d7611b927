//! Sending, within bounds, and sorting replies from refusals.

use std::net::IpAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

use super::ClientError;
use crate::limits::WAIT_SECONDS_MAX;
use crate::wire::Problem;

/// To open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For a whole call, the longest wait at the node included.
const CALL_TIMEOUT: Duration = Duration::from_secs(WAIT_SECONDS_MAX + 20);
/// An idle connection is given up before the node does it (30 s), so that no call is written into
/// one being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of a reply, at most: 200 invoices of 200 lines fit.
const REPLY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A client of one node.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    /// A client of the node at `base_url` (`http://127.0.0.1:8080`), with an API key if it needs
    /// one. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::Unusable`] if the address is no `http` or `https` one, or the key cannot
    /// stand in a header.
    pub fn new(base_url: &str, api_key: Option<String>) -> Result<Self, ClientError> {
        Self::in_language(base_url, api_key, None)
    }

    /// [`Self::new`], asking for texts in a language: `zh` or `en`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn in_language(
        base_url: &str,
        api_key: Option<String>,
        language: Option<&'static str>,
    ) -> Result<Self, ClientError> {
        let unusable = |what: &str| ClientError::Unusable(what.to_owned());
        let base = Url::parse(base_url).map_err(|_error| unusable("not an address of a node"))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(unusable(
                "the address of a node begins with http:// or https://",
            ));
        }
        let mut headers = HeaderMap::new();
        let agent = HeaderValue::from_static(concat!("piao/", env!("CARGO_PKG_VERSION")));
        headers.insert(USER_AGENT, agent);
        if let Some(key) = api_key {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
                .map_err(|_error| unusable("the API key holds characters no header can hold"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        if let Some(language) = language {
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(language));
        }
        let mut builder = reqwest::Client::builder();
        if is_loopback(&base) {
            // A proxy of the environment can't reach this machine's own node.
            builder = builder.no_proxy();
        }
        let http = builder
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .redirect(Policy::none())
            .build()
            .map_err(|error| ClientError::Unusable(reason(&error)))?;
        Ok(Self { http, base })
    }

    /// The address this client speaks to.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base.as_str()
    }

    /// Starts a call to `/v1/…`, given as segments, each of which may hold anything.
    pub(super) fn call(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        // An http address can always be a base, so there is a path to extend.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        self.http.request(method, url)
    }

    /// Sends a call and reads its reply as a wire type.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        call: RequestBuilder,
    ) -> Result<T, ClientError> {
        let reply = send(call).await?;
        decode(&read(reply).await?)
    }
}

/// Sends a call; a reply of status 400 or more becomes an error.
pub(super) async fn send(call: RequestBuilder) -> Result<Response, ClientError> {
    let reply = send_any(call).await?;
    let status = reply.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(reply);
    }
    let retry_after = reply.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
    let body = read(reply).await?;
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => Err(ClientError::Refused {
            problem: Box::new(problem),
            status: status.as_u16(),
            retry_after,
        }),
        Err(_no_problem) => Err(ClientError::BadReply(format!(
            "status {status} without a problem"
        ))),
    }
}

/// Sends a call; any reply is a reply.
pub(super) async fn send_any(call: RequestBuilder) -> Result<Response, ClientError> {
    call.send().await.map_err(unreachable_node)
}

/// Reads a whole body, within its bound.
pub(super) async fn read(mut reply: Response) -> Result<Bytes, ClientError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = reply.chunk().await.map_err(unreachable_node)? {
        if body.len().saturating_add(chunk.len()) > REPLY_BYTES_MAX {
            return Err(ClientError::BadReply("the reply is too large".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A body as text.
pub(super) fn text(body: &[u8]) -> Result<String, ClientError> {
    let text = core::str::from_utf8(body);
    let text = text.map_err(|error| ClientError::BadReply(error.to_string()))?;
    Ok(text.to_owned())
}

/// Reads a body as a wire type.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, ClientError> {
    serde_json::from_slice(body).map_err(|error| ClientError::BadReply(error.to_string()))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as the argument of map_err"
)]
pub(super) fn unreachable_node(error: reqwest::Error) -> ClientError {
    ClientError::Unreachable(reason(&error))
}

/// The innermost cause, which says most (`connection refused`).
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let mut cause: &dyn core::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Whether an address names this machine itself.
fn is_loopback(base: &Url) -> bool {
    let host = base.host_str().unwrap_or_default();
    // An IPv6 address stands in brackets.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

//! From a refusal to the one error body this node has.
//!
//! Guards: every reply of status 400 or more, whoever made it (handler, extractor, router,
//! time-out), is `application/problem+json` with a code of the catalogue; pages get the same as
//! HTML. Source: RFC 9457.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, ALLOW, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY,
    WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::backend::Refusal;
use crate::door::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::language::Language;
use crate::media_type;
use crate::request_id::RequestId;
use crate::web;
use crate::wire::{Failure, Problem};

/// What a handler or extractor returns instead of a reply.
#[derive(Clone, Debug)]
pub(crate) struct ApiError(Box<Refusal>);

/// Result of a handler.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// Its code.
    pub(crate) fn code(&self) -> FailureCode {
        self.0.code()
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self(Box::new(refusal))
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Refusal::new(fault).into()
    }
}

impl From<Box<Fault>> for ApiError {
    fn from(fault: Box<Fault>) -> Self {
        Refusal::new(*fault).into()
    }
}

impl From<FailureCode> for ApiError {
    fn from(code: FailureCode) -> Self {
        Refusal::of(code).into()
    }
}

impl IntoResponse for ApiError {
    /// An empty reply that [`render`] fills: only there are language and request id known.
    fn into_response(self) -> Response {
        let mut response = status_of(self.0.code()).into_response();
        response.extensions_mut().insert(Arc::new(*self.0));
        response
    }
}

/// The HTTP status of a code.
pub(crate) fn status_of(code: FailureCode) -> StatusCode {
    StatusCode::from_u16(code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The language a request asks for: `lang=` first, then `Accept-Language`.
pub(crate) fn language_of(uri: &Uri, headers: &HeaderMap) -> Language {
    let asked = uri.query().unwrap_or_default().split('&');
    asked
        .filter_map(|pair| pair.strip_prefix("lang="))
        .find_map(Language::from_tag)
        .or_else(|| {
            let value = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            Some(Language::from_accept_language(value))
        })
        .unwrap_or_default()
}

/// Middleware that turns every refusal into its body.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let language = language_of(request.uri(), request.headers());
    let instance = request.uri().path().to_owned();
    let request_id = request.extensions().get::<RequestId>().cloned();
    let wants_page = !instance.starts_with("/v1/") && accepts_html(request.headers());
    let mut response = next.run(request).await;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    if has_problem_body(&response) {
        return response;
    }
    let refusal = response
        .extensions_mut()
        .remove::<Arc<Refusal>>()
        .unwrap_or_else(|| Arc::new(Refusal::of(code_for(response.status()))));
    if status_of(refusal.code()).is_server_error() {
        tracing::warn!(code = refusal.code().code(), path = %instance, "refused by this node");
    }
    let request_id = request_id.map_or_else(String::new, |id| id.as_str().to_owned());
    let problem = problem_of(&refusal, language, instance, request_id);
    let kept = [ALLOW, RATE_LIMIT, RATE_LIMIT_POLICY]
        .map(|name| (response.headers_mut().remove(&name), name));
    let mut reply = if wants_page {
        web::refusal_page(&problem, language).into_response()
    } else {
        json_reply(&problem)
    };
    *reply.status_mut() = status_of(refusal.code());
    add_headers(reply.headers_mut(), &refusal, language);
    for (value, name) in kept {
        if let Some(value) = value {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}

/// A whole reply for a call of which nothing is known but perhaps its id.
pub(crate) fn plain(code: FailureCode, id: Option<&RequestId>) -> Response {
    let refusal = Refusal::of(code);
    let language = Language::default();
    let id = id.map_or_else(String::new, |id| id.as_str().to_owned());
    let mut reply = json_reply(&problem_of(&refusal, language, String::new(), id));
    *reply.status_mut() = status_of(code);
    add_headers(reply.headers_mut(), &refusal, language);
    reply
}

/// Whether a reply is a problem already (the readiness report is not, and passes too).
fn has_problem_body(response: &Response) -> bool {
    response.extensions().get::<Complete>().is_some()
}

/// Marks a reply of status 400 or more that has its body already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Complete;

/// Whether the caller is a browser that wants a page.
fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"))
}

/// The code for a reply that some layer made without one.
pub(crate) fn code_for(status: StatusCode) -> FailureCode {
    match status {
        StatusCode::NOT_FOUND => FailureCode::RouteNotFound,
        StatusCode::METHOD_NOT_ALLOWED => FailureCode::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => FailureCode::RequestTimeout,
        StatusCode::URI_TOO_LONG => FailureCode::TargetTooLong,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => FailureCode::HeadTooLarge,
        StatusCode::PAYLOAD_TOO_LARGE => FailureCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => FailureCode::MediaTypeUnsupported,
        StatusCode::SERVICE_UNAVAILABLE => FailureCode::ServerBusy,
        status if status.is_client_error() => FailureCode::ParameterInvalid,
        _ => FailureCode::Internal,
    }
}

/// Builds the body.
fn problem_of(
    refusal: &Refusal,
    language: Language,
    instance: String,
    request_id: String,
) -> Problem {
    let code = refusal.code();
    let not_before = refusal
        .not_before
        .and_then(piao_chain::time::BlockTime::to_rfc3339);
    let failures = refusal
        .faults
        .iter()
        .map(|fault| Failure::from_fault(fault, not_before.as_deref()))
        .collect();
    Problem {
        kind: format!("/errors/{}", code.code()),
        title: language.pick(code.zh(), code.en()).to_owned(),
        status: code.http_status(),
        detail: refusal
            .detail
            .clone()
            .or_else(|| evidence(refusal, language)),
        instance,
        code: code.code().to_owned(),
        request_id,
        failures,
    }
}

/// What the first fault found, in one line, for a refusal that says nothing more itself.
fn evidence(refusal: &Refusal, language: Language) -> Option<String> {
    let first = refusal.faults.first()?;
    let say = |zh: &str, en: &str, value: &Option<String>| {
        let word = language.pick(zh, en).to_owned();
        value.as_ref().map(|value| format!("{word} {value}"))
    };
    let more = refusal.faults.len().saturating_sub(1);
    let more = (more > 0).then(|| more.to_string());
    let parts = [
        say("位置", "at", &first.pointer),
        say("收到", "got", &first.got),
        say("应为", "expected", &first.expected),
        say("其余失败项", "further failures:", &more),
    ];
    let said: Vec<_> = parts.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(language.pick("；", "; ")))
}

/// Renders the body.
fn json_reply(problem: &Problem) -> Response {
    let body = serde_json::to_vec(problem).expect("a problem holds nothing JSON cannot");
    ([(CONTENT_TYPE, media_type::PROBLEM)], body).into_response()
}

/// Headers that go with a refusal.
fn add_headers(headers: &mut HeaderMap, refusal: &Refusal, language: Language) {
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.append(VARY, HeaderValue::from_static("accept, accept-language"));
    if let Some(wait) = retry_after(refusal) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds_up(wait)));
    }
    if status_of(refusal.code()) == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"piao\"");
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
}

/// What `Retry-After` says; 429, 503 and 507 always say something.
fn retry_after(refusal: &Refusal) -> Option<Duration> {
    let must_say = matches!(
        status_of(refusal.code()),
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::INSUFFICIENT_STORAGE
    );
    refusal
        .retry_after
        .or_else(|| must_say.then_some(crate::limits::BUSY_RETRY_AFTER))
}

/// Whole seconds, rounded up.
fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

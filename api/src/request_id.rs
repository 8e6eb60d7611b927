//! The id that names a call in the reply, in the problem body and in the logs.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Name of the header, in both directions.
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Length of an id, in characters.
const LEN_MIN: usize = 8;
const LEN_MAX: usize = 64;

/// Id of a call: `[A-Za-z0-9-]{8,64}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id as the value of its header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// Takes over the caller's id if it is a sane one.
    fn accept(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        let sane = (LEN_MIN..=LEN_MAX).contains(&bytes.len())
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        sane.then(|| Self(value.clone()))
    }

    /// Makes a random id of 32 hex digits.
    pub(crate) fn random() -> Self {
        let mut bytes = [0_u8; 16];
        // Without randomness an id is useless but the call is not: zeros then.
        if getrandom::fill(&mut bytes).is_err() {
            tracing::warn!("no randomness for request ids");
        }
        let value = HeaderValue::from_str(&hex::encode(bytes));
        Self(value.unwrap_or(HeaderValue::from_static("00000000")))
    }
}

/// Middleware that gives every call an id and every reply its header.
pub(crate) async fn assign(mut request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(REQUEST_ID_HEADER)
        .and_then(RequestId::accept)
        .unwrap_or_else(RequestId::random);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(REQUEST_ID_HEADER, id.0);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sane_ids_are_taken_over() {
        let taken = |text: &'static str| RequestId::accept(&HeaderValue::from_static(text));
        assert!(taken("till-7-000123").is_some());
        assert!(taken("short").is_none());
        assert!(taken("has blank in it").is_none());
        assert!(taken("has;separator").is_none());
        let long = HeaderValue::from_str(&"a".repeat(65)).unwrap();
        assert!(RequestId::accept(&long).is_none());
        let made = RequestId::random();
        assert_eq!(RequestId::accept(&made.0), Some(made));
    }
}

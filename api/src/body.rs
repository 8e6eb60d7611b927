//! Request bodies: media type, encoding and size are judged before a byte is understood.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::limits::TX_BYTES_MAX;

use crate::limits::{DISCARD_BYTES_MAX, DISCARD_TIMEOUT, HTTP_BODY_BYTES_MAX};
use crate::media_type;
use crate::problem::{ApiError, ApiResult};
use crate::strict_json::{self, Json};

/// A JSON body, read strictly.
#[derive(Debug)]
pub(crate) struct JsonBody(pub(crate) Json);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> ApiResult<Self> {
        let bytes = collect(request, media_type::JSON, HTTP_BODY_BYTES_MAX).await?;
        Ok(Self(strict_json::read(&bytes)?))
    }
}

/// A raw signed transaction.
#[derive(Debug)]
pub(crate) struct TransactionBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for TransactionBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> ApiResult<Self> {
        collect(request, media_type::TRANSACTION, TX_BYTES_MAX)
            .await
            .map(Self)
    }
}

/// Reads a body of the wanted media type, at most `bytes_max` bytes.
async fn collect(request: Request, wanted: &str, bytes_max: usize) -> ApiResult<Bytes> {
    let (head, mut body) = request.into_parts();
    let read = match check_head(&head.headers, wanted, bytes_max) {
        Ok(()) => read(&mut body, bytes_max).await,
        Err(refused) => Err(refused),
    };
    if read.is_err() {
        // Running out of time here only means that the sender may miss the refusal.
        drop(tokio::time::timeout(DISCARD_TIMEOUT, discard(&mut body)).await);
    }
    read
}

async fn read(body: &mut Body, bytes_max: usize) -> ApiResult<Bytes> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let cut_off = |_error| ApiError::from(FailureCode::BodyMalformed);
        let Ok(data) = frame.map_err(cut_off)?.into_data() else {
            continue;
        };
        if bytes.len().saturating_add(data.len()) > bytes_max {
            return Err(too_large(bytes_max));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// Throws away what is left of a refused body, within bounds.
async fn discard(body: &mut Body) {
    let mut left = DISCARD_BYTES_MAX;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(less) => left = less,
            None => return,
        }
    }
}

fn check_head(headers: &HeaderMap, wanted: &str, bytes_max: usize) -> ApiResult<()> {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let given = text(CONTENT_TYPE).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(wanted) {
        return Err(unsupported(wanted));
    }
    if text(CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(unsupported("no Content-Encoding"));
    }
    let announced = text(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    let bytes_max_wide = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    if announced.is_some_and(|length| length > bytes_max_wide) {
        return Err(too_large(bytes_max));
    }
    Ok(())
}

fn unsupported(expected: &str) -> ApiError {
    Fault::new(FailureCode::MediaTypeUnsupported)
        .expected(expected)
        .into()
}

fn too_large(bytes_max: usize) -> ApiError {
    Fault::new(FailureCode::BodyTooLarge)
        .expected(format!("at most {bytes_max} bytes"))
        .into()
}

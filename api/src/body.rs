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

use crate::limits::{
    DISCARD_BYTES_MAX, DISCARD_TIMEOUT, HTTP_BODY_BYTES_MAX, TRANSACTIONS_PER_BATCH_MAX,
};
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

/// What is handed to the network: the media type tells one transaction from a batch.
#[derive(Debug)]
pub(crate) enum TransactionBody {
    /// A raw signed transaction.
    One(Bytes),
    /// Several, in order; at least one.
    Batch(Vec<Bytes>),
}

impl<S: Send + Sync> FromRequest<S> for TransactionBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> ApiResult<Self> {
        let given = request.headers().get(CONTENT_TYPE);
        let given = given.and_then(|value| value.to_str().ok());
        if given.is_some_and(|given| is_media_type(given, media_type::TRANSACTIONS)) {
            let bytes = collect(request, media_type::TRANSACTIONS, HTTP_BODY_BYTES_MAX).await?;
            return split(bytes).map(Self::Batch);
        }
        collect(request, media_type::TRANSACTION, TX_BYTES_MAX)
            .await
            .map(Self::One)
    }
}

/// Cuts a batch into its transactions, without copying them.
fn split(mut bytes: Bytes) -> ApiResult<Vec<Bytes>> {
    let malformed = || {
        let expected = "each transaction behind its length, four bytes, big-endian";
        ApiError::from(Fault::new(FailureCode::BodyMalformed).expected(expected))
    };
    let mut all = Vec::new();
    while let Some((length, _rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let end = LENGTH_BYTES.saturating_add(length);
        if length > TX_BYTES_MAX {
            return Err(too_large(TX_BYTES_MAX));
        }
        if end > bytes.len() {
            return Err(malformed());
        }
        if all.len() >= TRANSACTIONS_PER_BATCH_MAX {
            let expected = format!("at most {TRANSACTIONS_PER_BATCH_MAX} transactions");
            return Err(Fault::new(FailureCode::BodyTooLarge)
                .expected(expected)
                .into());
        }
        all.push(bytes.split_to(end).slice(LENGTH_BYTES..));
    }
    if all.is_empty() || !bytes.is_empty() {
        return Err(malformed());
    }
    Ok(all)
}

/// Bytes of the length before each transaction of a batch.
const LENGTH_BYTES: usize = 4;

/// Whether a `Content-Type` names a media type, whatever its parameters.
fn is_media_type(given: &str, wanted: &str) -> bool {
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(wanted)
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
    if !is_media_type(given, wanted) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(parts: &[&[u8]]) -> Bytes {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Bytes::from(bytes)
    }

    #[test]
    fn a_batch_is_cut_at_its_lengths() {
        let all = split(batch(&[b"one", b"", b"three"])).unwrap();
        assert_eq!(all, [&b"one"[..], b"", b"three"]);
    }

    #[test]
    fn a_batch_that_does_not_add_up_is_refused_whole() {
        let good = batch(&[b"one", b"two"]);
        for end in 0..good.len() {
            let refused = split(good.slice(..end));
            assert_eq!(refused.is_err(), end != 7, "cut after {end} bytes");
        }
        let endless = Bytes::from_static(&[0xff; 8]);
        assert!(split(endless).is_err());
    }

    #[test]
    fn a_batch_has_a_bounded_number_of_transactions() {
        let full = vec![&b"x"[..]; TRANSACTIONS_PER_BATCH_MAX];
        assert!(split(batch(&full)).is_ok());
        let over = vec![&b"x"[..]; TRANSACTIONS_PER_BATCH_MAX + 1];
        assert!(split(batch(&over)).is_err());
    }
}

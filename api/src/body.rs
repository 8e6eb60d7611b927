//! Request bodies: media type, encoding and size are judged before a byte is understood. Nothing is
//! ever decompressed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, TRANSFER_ENCODING,
};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::limits::{PROOF_BYTES_MAX, TX_BYTES_MAX};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::batch;
use crate::door::{Door, Place};
use crate::limits::{BODY_PIECES_MAX, DISCARD_BYTES_MAX, DISCARD_TIMEOUT, HTTP_BODY_BYTES_MAX};
use crate::media_type;
use crate::problem::{ApiError, ApiResult};
use crate::proof_form::FORM_BYTES_MAX;
use crate::rate_limit::CallerId;
use crate::router::Node;
use crate::server::Seat;
use crate::strict_json::{self, Json};

/// Room for a body is taken in steps of so many bytes, as the bytes come.
const ROOM_STEP_BYTES: usize = 4096;

/// Bytes allocated on the word of a head, at most.
const ANNOUNCED_BYTES_MAX: usize = 32 * 1024;

/// A JSON body, read strictly.
#[derive(Debug)]
pub(crate) struct JsonBody(pub(crate) Json);

impl FromRequest<Node> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, node: &Node) -> ApiResult<Self> {
        let read = collect(request, &node.door, media_type::JSON, HTTP_BODY_BYTES_MAX).await?;
        Ok(Self(strict_json::read(&read.bytes)?))
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

impl FromRequest<Node> for TransactionBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, node: &Node) -> ApiResult<Self> {
        let given = request.headers().get(CONTENT_TYPE);
        let given = given.and_then(|value| value.to_str().ok());
        if !given.is_some_and(|given| is_media_type(given, media_type::TRANSACTIONS)) {
            let read = collect(request, &node.door, media_type::TRANSACTION, TX_BYTES_MAX).await?;
            return Ok(Self::One(read.bytes.freeze()));
        }
        let caller = request.extensions().get::<CallerId>().cloned();
        let wanted = media_type::TRANSACTIONS;
        let read = collect(request, &node.door, wanted, HTTP_BODY_BYTES_MAX).await?;
        let all = batch::split(read.bytes.freeze())?;
        // The first was charged before the body was read.
        if let Some(caller) = caller {
            node.door
                .charge_more(&caller, all.len().saturating_sub(1))?;
        }
        Ok(Self::Batch(all))
    }
}

/// A proof or a statement in either form.
#[derive(Debug)]
pub(crate) struct ProofBody(pub(crate) Bytes);

impl FromRequest<Node> for ProofBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, node: &Node) -> ApiResult<Self> {
        let given = request.headers().get(CONTENT_TYPE);
        let given = given.and_then(|value| value.to_str().ok());
        let is_json = given.is_some_and(|given| is_media_type(given, media_type::PROOF_JSON));
        let (wanted, bytes_max) = if is_json {
            (media_type::PROOF_JSON, FORM_BYTES_MAX)
        } else {
            (media_type::PROOF, PROOF_BYTES_MAX)
        };
        let read = collect(request, &node.door, wanted, bytes_max).await?;
        Ok(Self(read.bytes.freeze()))
    }
}

/// Whether a `Content-Type` names a media type, whatever its parameters.
fn is_media_type(given: &str, wanted: &str) -> bool {
    let essence = given.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(wanted)
}

/// Refuses a call without a body that a page elsewhere could make: only a call that says JSON is
/// asked about by a browser before it is sent.
pub(crate) fn refuse_unless_json(headers: &HeaderMap) -> ApiResult<()> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if given.is_some_and(|given| is_media_type(given, media_type::JSON)) {
        return Ok(());
    }
    Err(unsupported(media_type::JSON))
}

/// A body and the room it takes among all bodies being read.
struct Read {
    bytes: BytesMut,
    _room: Option<OwnedSemaphorePermit>,
}

/// Reads a body of the wanted media type, at most `bytes_max` bytes. Meanwhile the call holds no
/// place: only its connection, which is closed when others need it.
async fn collect(request: Request, door: &Door, wanted: &str, bytes_max: usize) -> ApiResult<Read> {
    let (head, mut body) = request.into_parts();
    let place = head.extensions.get::<Arc<Place>>();
    let seat = head.extensions.get::<Arc<Seat>>();
    if let Err(refused) = check_head(&head.headers, wanted, bytes_max) {
        // Whoever asked first whether to send has sent nothing yet.
        if !head.headers.contains_key(EXPECT) {
            discard_within_time(&mut body).await;
        }
        return Err(refused);
    }
    if let Some(place) = place {
        place.leave();
    }
    if let Some(seat) = seat {
        seat.reads_body();
    }
    let announced = announced(&head.headers);
    let read = read(&mut body, door, bytes_max, announced);
    let read = timeout(door.bounds.body_timeout, read).await;
    if let Some(seat) = seat {
        seat.is_called();
    }
    let Ok(read) = read else {
        return Err(FailureCode::RequestTimeout.into());
    };
    if read.is_err() {
        discard_within_time(&mut body).await;
    }
    if let Some(place) = place {
        place.take()?;
    }
    read
}

/// Reads a body within its bounds. What its head announced is allocated once the first piece is
/// there: growing by doubling would hold twice the body, in each of a thousand connections.
async fn read(
    body: &mut Body,
    door: &Door,
    bytes_max: usize,
    announced: Option<usize>,
) -> ApiResult<Read> {
    let mut bytes = BytesMut::new();
    let mut room: Option<OwnedSemaphorePermit> = None;
    let mut bytes_counted = 0_usize;
    let mut pieces = 0_usize;
    while let Some(frame) = body.frame().await {
        let cut_off = |_error| ApiError::from(FailureCode::BodyMalformed);
        let Ok(data) = frame.map_err(cut_off)?.into_data() else {
            continue;
        };
        let length = bytes.len().saturating_add(data.len());
        pieces += 1;
        if length > bytes_max || pieces > BODY_PIECES_MAX {
            return Err(too_large(bytes_max));
        }
        if length > bytes_counted {
            let more = length.saturating_sub(bytes_counted).max(ROOM_STEP_BYTES);
            let permit = door.body_room(more)?;
            match &mut room {
                Some(room) => room.merge(permit),
                None => room = Some(permit),
            }
            bytes_counted = bytes_counted.saturating_add(more);
        }
        if pieces == 1
            && let Some(announced) = announced
        {
            bytes.reserve(announced.min(ANNOUNCED_BYTES_MAX));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Read { bytes, _room: room })
}

/// Throws away what is left of a refused body, so that its sender reads the refusal. Running out of
/// time here only means that the sender may miss it.
async fn discard_within_time(body: &mut Body) {
    drop(timeout(DISCARD_TIMEOUT, discard(body)).await);
}

/// The same within a bound of bytes.
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
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    if encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(unsupported("no Content-Encoding"));
    }
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        return Err(unsupported("Transfer-Encoding: chunked, or none"));
    }
    if announced(headers).is_some_and(|length| length > bytes_max) {
        return Err(too_large(bytes_max));
    }
    Ok(())
}

/// The length a head gives its body; what no machine could hold counts as the most it could.
fn announced(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    let length = length.parse::<u64>().ok()?;
    Some(usize::try_from(length).unwrap_or(usize::MAX))
}

fn unsupported(expected: &str) -> ApiError {
    Fault::new(FailureCode::MediaTypeUnsupported)
        .expected(expected)
        .into()
}

fn too_large(bytes_max: usize) -> ApiError {
    Fault::new(FailureCode::BodyTooLarge)
        .expected(format!(
            "at most {bytes_max} bytes in {BODY_PIECES_MAX} pieces"
        ))
        .into()
}

//! Large replies: counted while they are sent, and handed on piece by piece.
//!
//! Guards: peers that ask for much and take it slowly hold a bounded amount of memory together.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::{Buf, Bytes};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::REPLY_PIECE_BYTES;

/// Bytes that one permit of a budget stands for.
pub(crate) const PERMIT_BYTES: usize = 1024;

/// A budget of so many bytes.
pub(crate) fn budget(bytes: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new((bytes / PERMIT_BYTES).max(1)))
}

/// Permits for so many bytes.
pub(crate) fn permits(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(PERMIT_BYTES)).unwrap_or(u32::MAX)
}

/// Counts a reply against the budget if it is large; `None` when there is no room for it.
pub(crate) fn count(reply: Response, budget: &Arc<Semaphore>) -> Option<Response> {
    // A reply of unknown length is a stream of events, which has bounds of its own; every other
    // handler has its whole body.
    let bytes = reply.body().size_hint().exact().unwrap_or(0);
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    if bytes <= REPLY_PIECE_BYTES {
        return Some(reply);
    }
    let held = Arc::clone(budget)
        .try_acquire_many_owned(permits(bytes))
        .ok()?;
    Some(reply.map(|body| {
        Body::new(Pieces {
            body,
            rest: Bytes::new(),
            _held: held,
        })
    }))
}

/// A body in pieces that are copies: what was sent does not keep the whole in memory.
struct Pieces {
    body: Body,
    rest: Bytes,
    _held: OwnedSemaphorePermit,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => return other,
            }
        }
        let length = self.rest.len().min(REPLY_PIECE_BYTES);
        let piece = self.rest.get(..length).map(Bytes::copy_from_slice);
        self.rest.advance(length);
        let piece = piece.unwrap_or_default();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        let behind = self.body.size_hint().exact().unwrap_or(0);
        SizeHint::with_exact(rest.saturating_add(behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[tokio::test]
    async fn a_large_reply_arrives_whole_in_pieces_and_gives_its_room_back() {
        let budget = budget(200 * 1024);
        let text: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let reply = count(Response::new(Body::from(text.clone())), &budget).unwrap();
        assert_eq!(reply.body().size_hint().exact(), Some(100_000));
        assert!(budget.available_permits() < 110);
        let second = count(Response::new(Body::from(vec![0; 150_000])), &budget);
        assert!(second.is_none(), "there is no room for both");
        let mut body = reply.into_body();
        let mut came = Vec::new();
        while let Some(frame) = body.frame().await {
            let data = frame.unwrap().into_data().unwrap();
            assert!(data.len() <= REPLY_PIECE_BYTES);
            came.extend_from_slice(&data);
        }
        assert_eq!(came, text);
        drop(body);
        assert_eq!(budget.available_permits(), 200);
    }

    #[tokio::test]
    async fn a_small_reply_is_left_alone() {
        let budget = budget(1);
        let reply = count(Response::new(Body::from("small")), &budget).unwrap();
        assert_eq!(
            reply.into_body().collect().await.unwrap().to_bytes(),
            "small"
        );
    }
}

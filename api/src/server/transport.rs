//! A connection's bytes, watched: what comes and goes moves its seat, and a refusal that the HTTP
//! library makes by itself, without a body, goes out as a problem.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io::{self, IoSlice};
use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue};
use bytes::{Buf as _, Bytes, BytesMut};
use piao_chain::failure::FailureCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::seats::Seat;
use crate::limits::{DISCARD_BYTES_MAX, DISCARD_TIMEOUT};
use crate::problem;
use crate::request_id::{REQUEST_ID_HEADER, RequestId};
use crate::security;

/// A watched connection.
#[derive(Debug)]
pub(super) struct Transport {
    stream: TcpStream,
    seat: Arc<Seat>,
    /// What is left to send of the last reply, once it is one of ours.
    last: Option<Bytes>,
    /// How long, and how many bytes, a refused peer may still send.
    discard: Option<(Pin<Box<Sleep>>, usize)>,
}

impl Transport {
    pub(super) fn new(stream: TcpStream, seat: Arc<Seat>) -> Self {
        Self {
            stream,
            seat,
            last: None,
            discard: None,
        }
    }

    /// Sends what is left of the last reply.
    fn poll_last(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(last) = &mut self.last
            && !last.is_empty()
        {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(context, last))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            last.advance(sent);
        }
        Poll::Ready(Ok(()))
    }

    /// Notes how a write went.
    fn note(&self, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &sent {
            Poll::Pending => self.seat.is_stuck(),
            Poll::Ready(Ok(_)) => self.seat.moves(),
            Poll::Ready(Err(_)) => {}
        }
        sent
    }

    /// Takes over a reply without a body, if that is what is to be sent.
    fn takes_over(&mut self, bytes: &[u8]) -> bool {
        if self.last.is_some() {
            return true;
        }
        let Some(status) = status_of_bare(bytes) else {
            return false;
        };
        self.last = Some(reply(problem::code_for(status)));
        true
    }

    /// Throws away what a refused peer still sends, within bounds: closing before would take the
    /// reply away from it.
    fn poll_discard(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let (limit, left) = self.discard.get_or_insert_with(|| {
            (
                Box::pin(tokio::time::sleep(DISCARD_TIMEOUT)),
                DISCARD_BYTES_MAX,
            )
        });
        let mut space = [0; 4096];
        while *left > 0 && limit.as_mut().poll_is_pending(context) {
            let mut read = ReadBuf::new(&mut space);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut read)) {
                Ok(()) if !read.filled().is_empty() => {
                    *left = left.saturating_sub(read.filled().len());
                }
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(())
    }
}

/// Asking a timer without waiting for it.
trait PollIsPending {
    fn poll_is_pending(self, context: &mut Context<'_>) -> bool;
}

impl<F: Future<Output = ()>> PollIsPending for Pin<&mut F> {
    fn poll_is_pending(self, context: &mut Context<'_>) -> bool {
        self.poll(context).is_pending()
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.seat.is_late() {
            self.last
                .get_or_insert_with(|| reply(FailureCode::RequestTimeout));
            // Whether it arrives is the peer's matter.
            drop(ready!(self.poll_last(context)));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.seat.hears();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.takes_over(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.iter().find(|slice| !slice.is_empty());
        let length = slices.iter().map(|slice| slice.len()).sum();
        if first.is_some_and(|first| first.len() == length && self.takes_over(first)) {
            return Poll::Ready(Ok(length));
        }
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note(sent)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_last(context))?;
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.seat.is_through();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_last(context))?;
        ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        if self.last.is_some() {
            ready!(self.poll_discard(context));
        }
        Poll::Ready(Ok(()))
    }
}

/// The status of a reply that is exactly what the HTTP library sends when it can't understand a
/// head: no id, no body, and the end of the connection.
fn status_of_bare(bytes: &[u8]) -> Option<StatusCode> {
    let text = core::str::from_utf8(bytes).ok()?;
    let rest = text.strip_prefix("HTTP/1.")?;
    let code = rest.get(2..5)?;
    let status = StatusCode::from_bytes(code.as_bytes()).ok()?;
    let (head, body) = rest.split_once("\r\n\r\n")?;
    let refused = status.is_client_error() && body.is_empty();
    let ours = head.contains(REQUEST_ID_HEADER.as_str());
    (refused && !ours && head.contains("content-length: 0")).then_some(status)
}

/// A whole reply as bytes, after which the connection ends.
pub(super) fn reply(code: FailureCode) -> Bytes {
    // All that is known of a head that is no head.
    let code = match code {
        FailureCode::ParameterInvalid => FailureCode::RequestMalformed,
        other => other,
    };
    let id = RequestId::random();
    let mut reply = problem::plain(code, Some(&id));
    let length = reply.body().size_hint().exact().unwrap_or(0);
    let headers = reply.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(REQUEST_ID_HEADER, id.header());
    security::add_always(headers);
    let mut bytes = BytesMut::new();
    bytes.extend_from_slice(format!("HTTP/1.1 {}\r\n", reply.status()).as_bytes());
    for (name, value) in reply.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    // The body is one piece that is there already.
    let mut context = Context::from_waker(core::task::Waker::noop());
    if let Poll::Ready(Some(Ok(frame))) = Pin::new(reply.body_mut()).poll_frame(&mut context)
        && let Ok(data) = frame.into_data()
    {
        bytes.extend_from_slice(&data);
    }
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_librarys_own_refusal_is_taken_over() {
        let bare = "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\
                    content-length: 0\r\ndate: Sun, 22 Nov 2026 07:00:00 GMT\r\n\r\n";
        assert_eq!(
            status_of_bare(bare.as_bytes()),
            Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
        );
        let ours = bare.replace("date:", "x-request-id:");
        for other in [
            "HTTP/1.1 100 Continue\r\n\r\n",
            "{\"got\":\"HTTP/1.1 431\"}",
            "",
            "HTTP/1.",
            &ours,
            &format!("{bare}x"),
        ] {
            assert_eq!(status_of_bare(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_refusal_without_a_request_is_a_whole_problem() {
        let reply = reply(FailureCode::ParameterInvalid);
        let text = core::str::from_utf8(&reply).unwrap();
        assert!(text.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{text}");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())));
        assert!(head.contains("application/problem+json") && head.contains("x-request-id: "));
        assert!(body.contains("\"code\":\"E2608\""), "{body}");
    }
}

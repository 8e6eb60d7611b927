//! Events, a page at a time or as a stream.
//!
//! Guards: a caller sees its own accounts' events and those for everybody; a stream is one of a
//! bounded number, holds a bounded number of frames, and ends by itself after a while, so that its
//! place comes free; whoever comes again with the last id misses nothing.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::Frame;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::access::Desk;
use crate::backend::Backend;
use crate::caller::Caller;
use crate::limits::{STREAM_LIFETIME, STREAM_QUIET_MAX};
use crate::parameters::Parameters;
use crate::problem::{ApiError, ApiResult};
use crate::router::Node;
use crate::wire::{Event, EventPage, Problem};

/// Where a broken stream goes on, as browsers say it.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Events read at once for a stream.
const EVENTS_PER_READ: u32 = 100;

/// Frames that wait for a slow listener; then nothing more is read for it.
const FRAMES_MAX: usize = 8;

/// What happened to the caller's requests, invoices and balances, oldest first.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    operation_id = "list_events",
    params(("after" = Option<u64>, Query, description = "Only with higher numbers; default all"),
        ("account" = Option<u32>, Query, description = "Only of this account, and for everybody"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50")),
    responses((status = 200, body = EventPage), (status = 403, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn list(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
) -> ApiResult<Json<EventPage>> {
    let caller = caller.narrowed(parameters.account())?;
    let after = after(&mut parameters);
    let limit = parameters.limit();
    parameters.finish()?;
    let page = node.backend.events(&caller, after.unwrap_or(0), limit);
    Ok(Json(page.await?))
}

/// The same as server-sent events, as they happen. Ends after a few minutes; come again with
/// `Last-Event-ID`.
#[utoipa::path(get, path = "/v1/events/stream", tag = "events",
    operation_id = "stream_events",
    params(("after" = Option<u64>, Query, description = "Only with higher numbers; default all"),
        ("account" = Option<u32>, Query, description = "Only of this account, and for everybody"),
        ("Last-Event-ID" = Option<u64>, Header, description = "As `after`, and before it")),
    responses((status = 200, description = "Events, one each: `id` is `seq`, `event` the type, \
        `data` the event as JSON", content_type = "text/event-stream", body = String),
        (status = 403, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn stream(
    State(node): State<Node>,
    Desk(caller): Desk,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let caller = caller.narrowed(parameters.account())?;
    let after = after(&mut parameters);
    parameters.finish()?;
    let after = last_id(&headers)?.or(after).unwrap_or(0);
    // The first page before the reply, so that a refusal is one.
    let first = node.backend.events(&caller, after, EVENTS_PER_READ).await?;
    let place = node.door.stream_place()?;
    let (frames, receiver) = mpsc::channel(FRAMES_MAX);
    let backend = Arc::clone(&node.backend);
    let telling = Telling {
        backend,
        caller,
        frames,
    };
    tokio::spawn(telling.run(first));
    let body = Body::new(Frames {
        receiver,
        _place: place,
    });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, body).into_response())
}

fn after(parameters: &mut Parameters) -> Option<u64> {
    parameters.read("after", "the number of an event", |text| text.parse().ok())
}

fn last_id(headers: &HeaderMap) -> ApiResult<Option<u64>> {
    let Some(value) = headers.get(LAST_EVENT_ID) else {
        return Ok(None);
    };
    let number = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(ApiError::from(
            Fault::new(FailureCode::ParameterInvalid)
                .got("Last-Event-ID")
                .expected("the number of an event"),
        )),
    }
}

/// What reads for one listener.
struct Telling {
    backend: Arc<dyn Backend>,
    caller: Caller,
    frames: mpsc::Sender<Bytes>,
}

impl Telling {
    /// Tells page after page until the listener goes, the node ends or time is up.
    async fn run(self, first: EventPage) {
        let began = Instant::now();
        let mut page = first;
        let mut told = Instant::now();
        let mut text = "retry: 1000\n\n".to_owned();
        loop {
            for event in &page.data {
                text.push_str(&frame(event));
            }
            if page.data.is_empty() && told.elapsed() >= STREAM_QUIET_MAX {
                // No event, but it moves the listener's place on and shows that he is heard.
                text.push_str(&format!("id: {}\n\n", page.next_after));
            }
            if !text.is_empty() {
                let bytes = Bytes::from(core::mem::take(&mut text));
                if self.frames.send(bytes).await.is_err() {
                    return;
                }
                told = Instant::now();
            }
            if began.elapsed() >= STREAM_LIFETIME {
                return;
            }
            if !page.has_more {
                tokio::select! {
                    goes_on = self.backend.wait_for_events(page.next_after) => {
                        if !goes_on {
                            return;
                        }
                    }
                    () = self.frames.closed() => return,
                }
            }
            let after = page.next_after;
            let next = self.backend.events(&self.caller, after, EVENTS_PER_READ);
            let Ok(next) = next.await else {
                return;
            };
            page = next;
        }
    }
}

/// An event as it goes over the line. JSON has no line breaks.
fn frame(event: &Event) -> String {
    let data = serde_json::to_string(event).expect("an event holds nothing JSON cannot");
    format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.kind)
}

/// A body made of frames as they come.
struct Frames {
    receiver: mpsc::Receiver<Bytes>,
    _place: OwnedSemaphorePermit,
}

impl HttpBody for Frames {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let next = ready!(self.receiver.poll_recv(context));
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }
}

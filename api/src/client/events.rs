//! Events: a page, or a stream of them.

use std::time::Duration;

use bytes::BytesMut;
use reqwest::{Method, Response};

use super::transport::{decode, send, unreachable_node};
use super::{Client, ClientError};
use crate::limits::STREAM_LIFETIME;
use crate::wire::{Event, EventPage};

/// A stream that has not ended so long after the node ends it is broken.
const LATE_MAX: Duration = Duration::from_secs(30);

/// Bytes that are held of a stream, at most: many times what the node sends at once.
const REST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Events as they happen.
#[derive(Debug)]
pub struct EventStream {
    reply: Response,
    rest: BytesMut,
    after: u64,
}

impl Client {
    /// Events with higher numbers than `after`, oldest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn events(
        &self,
        account: Option<u32>,
        after: u64,
        limit: u32,
    ) -> Result<EventPage, ClientError> {
        let call = self.call(Method::GET, &["v1", "events"]);
        let call = call.query(&[("after", after), ("limit", limit.into())]);
        let account = account.map(|account| ("account", account));
        self.json(call.query(&account.as_slice())).await
    }

    /// The same as a stream.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn event_stream(
        &self,
        account: Option<u32>,
        after: u64,
    ) -> Result<EventStream, ClientError> {
        let call = self.call(Method::GET, &["v1", "events", "stream"]);
        let account = account.map(|account| ("account", account));
        let call = call
            .query(&account.as_slice())
            .timeout(STREAM_LIFETIME.saturating_add(LATE_MAX));
        let reply = send(call.header("last-event-id", after.to_string())).await?;
        Ok(EventStream {
            reply,
            rest: BytesMut::new(),
            after,
        })
    }
}

impl EventStream {
    /// What to give as `after` to go on where this stream is.
    #[must_use]
    pub const fn after(&self) -> u64 {
        self.after
    }

    /// The next event; `None` when the stream has ended, to be opened anew.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn next(&mut self) -> Result<Option<Event>, ClientError> {
        loop {
            while let Some(frame) = self.frame() {
                if let Some(event) = self.understand(&frame)? {
                    return Ok(Some(event));
                }
            }
            let chunk = self.reply.chunk().await.map_err(unreachable_node)?;
            let Some(chunk) = chunk else {
                return Ok(None);
            };
            self.rest.extend_from_slice(&chunk);
            if self.rest.len() > REST_BYTES_MAX {
                return Err(ClientError::BadReply("an event is too large".to_owned()));
            }
        }
    }

    /// The next whole frame.
    fn frame(&mut self) -> Option<BytesMut> {
        let end = self.rest.windows(2).position(|two| two == b"\n\n")?;
        Some(self.rest.split_to(end.saturating_add(2)))
    }

    fn understand(&mut self, frame: &[u8]) -> Result<Option<Event>, ClientError> {
        let text = String::from_utf8_lossy(frame);
        let field = |name: &str| {
            let mut lines = text.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        if let Some(id) = field("id").and_then(|id| id.parse().ok()) {
            self.after = id;
        }
        field("data")
            .map(|data| decode(data.as_bytes()))
            .transpose()
    }
}

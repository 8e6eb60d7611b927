//! Recognises the one engine log line that means nothing on a network of one.
//!
//! The engine publishes every message, and reports an error when nobody is subscribed. With one
//! validator, or before the first peer connects, that is each message. The line shares target and
//! level with real errors, so it is told apart by its text, not switched off by its target.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// What a log filter must begin with so that the engine and what it is made of only speak when
/// something is wrong: at `info` they tell of every height, and the actor tree warns of each
/// orderly stop. Why it ended is told by `Engine::closed`.
pub const LOG_FILTER_QUIET: &str = "informalsystems_malachitebft=warn,arc_malachitebft=warn,\
     arc_malachitebft_engine::node=error,libp2p=warn,ractor=warn";

/// The crate that logs it.
const TARGET: &str = "arc_malachitebft_network";

/// What gossip says when no peer is subscribed to a topic.
const NO_PEERS: &str = "NoPeersSubscribedToTopic";

/// Whether this log event only says that nobody listens to what the engine publishes.
///
/// For the `event_enabled` of a subscriber layer: drop the event when the network has one
/// validator, or log it at a lower level.
#[must_use]
pub fn is_no_peers_event(event: &Event<'_>) -> bool {
    let metadata = event.metadata();
    if *metadata.level() != Level::ERROR || metadata.target() != TARGET {
        return false;
    }
    let mut search = Search { found: false };
    event.record(&mut search);
    search.found
}

struct Search {
    found: bool,
}

impl Visit for Search {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.found = format!("{value:?}").contains(NO_PEERS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Metadata, Subscriber, error, warn};

    /// Counts the events that the filter names.
    struct Counter(&'static AtomicUsize);

    impl Subscriber for Counter {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &Event<'_>) {
            if is_no_peers_event(event) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn names_the_line_about_missing_peers_and_no_other() {
        static SEEN: AtomicUsize = AtomicUsize::new(0);
        tracing::subscriber::with_default(Counter(&SEEN), || {
            error!(target: TARGET, "Error publishing message: {NO_PEERS}");
            error!(target: TARGET, "Error publishing message: MessageTooLarge");
            warn!(target: TARGET, "Error publishing message: {NO_PEERS}");
            error!("Error publishing message: {NO_PEERS}");
        });
        assert_eq!(SEEN.load(Ordering::Relaxed), 1);
    }
}

//! Blocks on demand: the answer to "which height is next?" is kept back until there is work.
//!
//! Never a delayed proposal: that would let the round time out. Unparked by a transaction, by a
//! peer that works on a higher height, or when a heartbeat is due, so that status proofs have an
//! age.

use std::time::Duration;

use piao_engine::{Answer, HeightStart};
use tokio::time::Instant;

/// A height that waits for something to decide.
#[derive(Debug)]
pub(super) struct Parked {
    start: HeightStart,
    reply: Answer<HeightStart>,
    deadline: Instant,
}

impl Parked {
    pub(super) fn new(start: HeightStart, reply: Answer<HeightStart>, heartbeat: Duration) -> Self {
        Self {
            start,
            reply,
            deadline: Instant::now() + heartbeat,
        }
    }

    /// When the heartbeat is due.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Lets the height start.
    pub(super) fn start(self) {
        // The engine hung up: it is stopping.
        drop(self.reply.send(self.start));
    }
}

//! Blocks on demand: the answer to "which height is next?" is kept back until there is work.
//!
//! Never a delayed proposal: that would let the round time out. Unparked by a transaction, by a
//! peer that works on a higher height, or when a heartbeat is due, so that status proofs have an
//! age.
//!
//! A block costs some milliseconds of processor time whatever it holds. So behind a large block the
//! next one waits a moment until as many transactions are there again; on a chain that is not busy
//! nobody waits (`node/decisions/0006-speed.md`).

use std::time::Duration;

use piao_engine::{Answer, HeightStart};
use tokio::time::Instant;

/// Transactions of the last block from which on the chain counts as busy.
const BUSY_TRANSACTIONS: usize = 64;

/// How long a busy chain waits at most for a block to fill.
const FILL_WITHIN: Duration = Duration::from_millis(20);

/// A height that waits for something to decide.
#[derive(Debug)]
pub(super) struct Parked {
    start: HeightStart,
    reply: Answer<HeightStart>,
    /// How many transactions start it.
    wanted: usize,
    deadline: Instant,
    heartbeat: Duration,
}

impl Parked {
    /// `last` is how many transactions the last block held.
    pub(super) fn new(
        start: HeightStart,
        reply: Answer<HeightStart>,
        last: usize,
        heartbeat: Duration,
    ) -> Self {
        let is_busy = last >= BUSY_TRANSACTIONS;
        let (wanted, within) = if is_busy {
            (last, FILL_WITHIN)
        } else {
            (1, heartbeat)
        };
        Self {
            start,
            reply,
            wanted,
            deadline: Instant::now() + within,
            heartbeat,
        }
    }

    /// When it starts with less, or the heartbeat is due.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How many transactions start it at once.
    pub(super) fn wanted(&self) -> usize {
        self.wanted
    }

    /// Whether a block was to fill; once its time is over without a transaction the chain is idle.
    pub(super) fn is_filling(&self) -> bool {
        self.wanted > 1
    }

    /// From now on the first transaction starts the height.
    pub(super) fn rest(&mut self) {
        self.wanted = 1;
        self.deadline = Instant::now() + self.heartbeat;
    }

    /// Lets the height start.
    pub(super) fn start(self) {
        // The engine hung up: it is stopping.
        drop(self.reply.send(self.start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::TestNet;
    use tokio::sync::oneshot;

    const HEARTBEAT: Duration = Duration::from_secs(60);

    fn parked(last: usize) -> Parked {
        let start = HeightStart {
            height: 5,
            validators: TestNet::new(1).genesis.validators,
            target_time: None,
        };
        let (reply, _answer) = oneshot::channel();
        Parked::new(start, reply, last, HEARTBEAT)
    }

    /// Whether a deadline was set this far from some time since `before`.
    fn is_in(deadline: Instant, before: Instant, within: Duration) -> bool {
        (before + within..=Instant::now() + within).contains(&deadline)
    }

    #[test]
    fn behind_a_small_block_the_first_transaction_starts_the_next() {
        let before = Instant::now();
        let parked = parked(BUSY_TRANSACTIONS - 1);
        assert_eq!(parked.wanted(), 1);
        assert!(is_in(parked.deadline(), before, HEARTBEAT));
        assert!(!parked.is_filling());
    }

    #[test]
    fn behind_a_large_block_the_next_waits_a_moment_to_become_as_large() {
        let before = Instant::now();
        let mut parked = parked(300);
        assert_eq!(parked.wanted(), 300);
        assert!(is_in(parked.deadline(), before, FILL_WITHIN));
        assert!(parked.is_filling());
        parked.rest();
        assert_eq!(parked.wanted(), 1);
        assert!(is_in(parked.deadline(), before, HEARTBEAT));
    }
}

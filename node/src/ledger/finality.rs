//! Telling whoever waits that a transaction is final, or has left the pool.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use piao_chain::digest::{BlockId, TransactionId};
use piao_chain::fault::Fault;
use piao_chain::outcome::Outcome;
use tokio::sync::oneshot;

use super::recent::Place;

/// Waiters on one transaction at most; more are told to ask again.
const WAITERS_PER_TRANSACTION_MAX: usize = 64;

/// A transaction in a synced block: enough to answer for it without reading the block again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalOutcome {
    /// Where it stands.
    pub place: Place,
    /// The block's id.
    pub block_id: BlockId,
    /// The block's time, ms since 1970.
    pub time_ms: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It stands in a synced block.
    Final(Box<FinalOutcome>),
    /// It left the pool of this node without being included.
    Dropped(Fault),
}

/// A promise to be told.
pub type FinalityWatch = oneshot::Receiver<Settled>;

/// Who waits for what.
#[derive(Debug, Default)]
pub struct Finality {
    waiting: Mutex<HashMap<TransactionId, Vec<oneshot::Sender<Settled>>>>,
}

impl Finality {
    /// Asks to be told. Ask before handing the transaction in. `None` when too many wait already.
    #[must_use]
    pub fn watch(&self, id: TransactionId) -> Option<FinalityWatch> {
        let mut waiting = self.lock();
        let waiters = waiting.entry(id).or_default();
        // Whoever hung up makes room.
        waiters.retain(|waiter| !waiter.is_closed());
        if waiters.len() >= WAITERS_PER_TRANSACTION_MAX {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        waiters.push(sender);
        Some(receiver)
    }

    /// Tells everybody who waits for this transaction.
    pub fn settle(&self, id: &TransactionId, settled: &Settled) {
        let Some(waiters) = self.lock().remove(id) else {
            return;
        };
        for waiter in waiters {
            // Whoever hung up does not want to know any more.
            drop(waiter.send(settled.clone()));
        }
    }

    /// Whether nobody waits: then a block's transactions need not be looked up.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.lock().is_empty()
    }

    /// Forgets waiters who hung up.
    pub fn tidy(&self) {
        self.lock().retain(|_id, waiters| {
            waiters.retain(|waiter| !waiter.is_closed());
            !waiters.is_empty()
        });
    }

    fn lock(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<TransactionId, Vec<oneshot::Sender<Settled>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

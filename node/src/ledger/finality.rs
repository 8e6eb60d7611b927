//! Telling whoever waits that a transaction is final, or has left the pool.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use piao_chain::digest::{BlockId, TransactionId};
use piao_chain::fault::Fault;
use piao_chain::outcome::Outcome;
use tokio::sync::oneshot;

use super::recent::Place;

/// Waiters on one transaction at most; more are told to ask again.
const WAITERS_PER_TRANSACTION_MAX: usize = 64;

/// Transactions remembered as dropped: as many as wait in a full pool of many small ones.
const DROPPED_MAX: usize = 4_096;

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
    dropped: Mutex<Dropped>,
}

/// What left the pool lately, oldest first.
#[derive(Debug, Default)]
struct Dropped {
    faults: HashMap<TransactionId, Fault>,
    order: VecDeque<TransactionId>,
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
        // Remembered first: whoever asks to be told from now on finds it by asking again.
        if let Settled::Dropped(fault) = settled {
            self.remember_dropped(id, fault);
        }
        let Some(waiters) = self.lock().remove(id) else {
            return;
        };
        for waiter in waiters {
            // Whoever hung up does not want to know any more.
            drop(waiter.send(settled.clone()));
        }
    }

    /// Why a transaction left the pool, if it did so lately. A block may be built between handing
    /// one in and asking to be told; ask this after [`Self::watch`].
    #[must_use]
    pub fn dropped(&self, id: &TransactionId) -> Option<Fault> {
        self.lock_dropped().faults.get(id).cloned()
    }

    fn remember_dropped(&self, id: &TransactionId, fault: &Fault) {
        let mut dropped = self.lock_dropped();
        if dropped.faults.insert(*id, fault.clone()).is_some() {
            return;
        }
        dropped.order.push_back(*id);
        while dropped.order.len() > DROPPED_MAX {
            if let Some(oldest) = dropped.order.pop_front() {
                dropped.faults.remove(&oldest);
            }
        }
    }

    fn lock_dropped(&self) -> std::sync::MutexGuard<'_, Dropped> {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::failure::FailureCode;

    fn id(number: usize) -> TransactionId {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        TransactionId(bytes)
    }

    #[test]
    fn what_was_dropped_before_anybody_asked_is_remembered_within_a_bound() {
        let finality = Finality::default();
        let fault = Fault::new(FailureCode::RulesetUnknown);
        for number in 0..=DROPPED_MAX {
            let settled = Settled::Dropped(fault.clone());
            finality.settle(&id(number), &settled);
            finality.settle(&id(number), &settled);
        }
        assert_eq!(finality.dropped(&id(0)), None, "the oldest made room");
        assert_eq!(finality.dropped(&id(1)), Some(fault.clone()));
        assert_eq!(finality.dropped(&id(DROPPED_MAX)), Some(fault));
    }
}

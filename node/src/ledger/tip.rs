//! The last committed block, under a lock.
//!
//! Guards: nobody waits for himself. Who asks for the tip while he holds it waits for a writer that
//! waits for him, so height and validators are had beside the lock, and asking twice is a mistake
//! that builds with checks refuse, whether a writer came in between or not.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use piao_chain::block::Header;
use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::BlockId;
use piao_chain::genesis::Genesis;
use piao_chain::proof::history::History;
use piao_chain::state::{SlotTree, StateUnavailable, validators_at};
use piao_chain::validator::ValidatorSet;

use crate::storage::StateCache;

/// The last committed block and everything proofs are made from.
#[derive(Debug)]
pub struct Tip {
    /// Its header.
    pub header: Header,
    /// Its id.
    pub id: BlockId,
    /// Its certificate; `None` at genesis.
    pub certificate: Option<CommitCertificate>,
    /// The slot tree after it.
    pub tree: SlotTree,
    /// Ids of all blocks up to it.
    pub history: History,
    /// The set that decided it.
    pub decided_by: Arc<ValidatorSet>,
    /// The set that decides the next.
    pub validators: Arc<ValidatorSet>,
}

impl Tip {
    /// The tip after a header, whose state a view is of.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn of(
        (header, id): (Header, BlockId),
        certificate: Option<CommitCertificate>,
        (tree, history): (SlotTree, History),
        state: &StateCache,
        genesis: &Genesis,
    ) -> Result<Self, StateUnavailable> {
        let set = |height| validators_at(state, &genesis.validators, height);
        Ok(Self {
            decided_by: Arc::new(set(header.height)?),
            validators: Arc::new(set(header.height.saturating_add(1))?),
            header,
            id,
            certificate,
            tree,
            history,
        })
    }
}

/// The tip of a chain for many readers and one writer.
#[derive(Debug)]
pub(super) struct TipLock {
    tip: RwLock<Tip>,
    height: AtomicU64,
    validators: Mutex<Arc<ValidatorSet>>,
}

/// The tip, held still.
#[derive(Debug)]
pub struct TipGuard<'a> {
    tip: RwLockReadGuard<'a, Tip>,
    #[cfg(debug_assertions)]
    _once: once::Once,
}

impl TipLock {
    pub(super) fn new(tip: Tip) -> Self {
        Self {
            height: AtomicU64::new(tip.header.height),
            validators: Mutex::new(Arc::clone(&tip.validators)),
            tip: RwLock::new(tip),
        }
    }

    pub(super) fn read(&self) -> TipGuard<'_> {
        TipGuard {
            #[cfg(debug_assertions)]
            _once: once::Once::of(self),
            tip: self.tip.read().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Height of the tip.
    pub(super) fn height(&self) -> u64 {
        self.height.load(Ordering::Acquire)
    }

    /// The set that decides the next block.
    pub(super) fn validators(&self) -> Arc<ValidatorSet> {
        let validators = self.validators.lock();
        Arc::clone(&validators.unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the tip; readers see all of it or nothing.
    pub(super) fn change(&self, change: impl FnOnce(&mut Tip)) {
        let mut tip = self.tip.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut tip);
        let mut validators = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&validators, &tip.validators) {
            *validators = Arc::clone(&tip.validators);
        }
        self.height.store(tip.header.height, Ordering::Release);
    }
}

impl Deref for TipGuard<'_> {
    type Target = Tip;

    fn deref(&self) -> &Tip {
        &self.tip
    }
}

/// Refuses to take a lock that this thread holds.
#[cfg(debug_assertions)]
mod once {
    use std::cell::RefCell;

    use super::TipLock;

    thread_local! {
        static HELD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }

    #[derive(Debug)]
    pub(super) struct Once(usize);

    impl Once {
        pub(super) fn of(lock: &TipLock) -> Self {
            let address = std::ptr::from_ref(lock).addr();
            HELD.with_borrow_mut(|held| {
                assert!(
                    !held.contains(&address),
                    "the tip is asked for while it is held"
                );
                held.push(address);
            });
            Self(address)
        }
    }

    impl Drop for Once {
        fn drop(&mut self) {
            HELD.with_borrow_mut(|held| held.retain(|address| *address != self.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::TestNet;

    fn tip() -> TipLock {
        let genesis = TestNet::new(1).genesis;
        let header = genesis.header();
        let validators = Arc::new(genesis.validators.clone());
        TipLock::new(Tip {
            id: header.id(),
            header,
            certificate: None,
            tree: SlotTree::default(),
            history: History::default(),
            decided_by: Arc::clone(&validators),
            validators,
        })
    }

    #[test]
    fn height_and_validators_are_had_while_the_tip_is_held_and_a_writer_waits() {
        let lock = tip();
        let held = lock.read();
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| lock.change(|tip| tip.header.height = 1));
            // Whether the writer waits by now or not: neither asks for the lock.
            assert_eq!(lock.height(), 0);
            assert_eq!(lock.validators().members().len(), 1);
            drop(held);
            writer.join().unwrap();
        });
        assert_eq!((lock.height(), lock.read().header.height), (1, 1));
    }

    #[test]
    #[should_panic(expected = "the tip is asked for while it is held")]
    fn the_tip_is_not_asked_for_twice() {
        let lock = tip();
        let _held = lock.read();
        let _again = lock.read();
    }
}

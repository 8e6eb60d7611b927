//! Following the journal: decided blocks are seen at once and written to the store behind.
//!
//! One thread writes. It is never on the way to final: a block is committed here after the
//! journal's sync, and only when the store is [`BLOCKS_BEHIND_MAX`] blocks behind does the
//! committer wait for it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;

use piao_chain::state::StateDelta;

use super::error::StoreError;
use super::issued::IssuedInvoices;
use super::keys::RecentKeys;
use super::layers::{Generation, Layers};
use super::store::{Store, Tip};
use crate::journal::JournalReader;

/// Decided blocks that may wait in memory for the store. Bounds memory, and what a restart replays.
pub const BLOCKS_BEHIND_MAX: u64 = 64;

/// Records of one transaction, unless a single block has more. Reads of sled wait while a
/// transaction commits, about 20–40 µs a record.
pub const RECORDS_PER_TRANSACTION_MAX: usize = 2048;

/// Called once, from the writing thread, when the store can't be written any more.
type OnFailure = Box<dyn FnOnce(&str) + Send>;

/// The state after the last committed block: memory first, then the store. Cheap to clone; the
/// last clone to go stops the writing thread.
#[derive(Clone, Debug)]
pub struct StateCache {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

pub(super) struct Shared {
    pub(super) store: Store,
    layers: RwLock<Layers>,
    pub(super) keys: RecentKeys,
    pub(super) issued: IssuedInvoices,
    progress: Mutex<Progress>,
    /// Something is to be written, or it is time to stop.
    work: Condvar,
    /// Something was written, or nothing will be any more.
    done: Condvar,
}

#[derive(Default)]
struct Progress {
    /// Blocks not yet in the store.
    behind: u64,
    is_stopping: bool,
    failure: Option<String>,
    on_failure: Option<OnFailure>,
}

impl StateCache {
    /// Starts following on a store that holds at least genesis.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the system gives no thread.
    pub fn start(store: Store) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared {
            store,
            layers: RwLock::default(),
            keys: RecentKeys::default(),
            issued: IssuedInvoices::default(),
            progress: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store-follower".into())
            .spawn(move || of_thread.follow())
            .map_err(StoreError::io("start its thread", "".as_ref()))?;
        Ok(Self {
            handle: Arc::new(Handle {
                shared,
                thread: Mutex::new(Some(thread)),
            }),
        })
    }

    /// Reads issued invoices from this journal, which must hold every block that is committed here.
    pub fn read_issued_from(&self, journal: JournalReader) {
        self.handle.shared.issued.read_from(journal);
    }

    /// Makes the changes of a decided, journalled block visible; the store follows. Waits while
    /// the store is [`BLOCKS_BEHIND_MAX`] blocks behind.
    ///
    /// # Errors
    /// [`StoreError::NotNext`], [`StoreError::Stopped`] when the store can't be written any more:
    /// the node must stop.
    pub fn commit(&self, next: Tip, mut delta: StateDelta) -> Result<(), StoreError> {
        // The journal holds them.
        delta.issued.clear();
        let shared = &self.handle.shared;
        let mut progress = shared.progress();
        while progress.behind >= BLOCKS_BEHIND_MAX && progress.failure.is_none() {
            progress = wait(&shared.done, progress);
        }
        progress.check()?;
        let tip = self.tip().map_or(0, |tip| tip.height);
        if next.height <= tip {
            let height = next.height;
            return Err(StoreError::NotNext { height, tip });
        }
        let keys = RecentKeys::changed_by(&delta);
        shared
            .layers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(next, delta, RECORDS_PER_TRANSACTION_MAX);
        // After the layers show the change, and before they can drop it: writing starts only when
        // `progress` is free.
        shared.keys.forget(&keys);
        progress.behind = progress.behind.saturating_add(1);
        shared.work.notify_one();
        Ok(())
    }

    /// The last committed block.
    #[must_use]
    pub fn tip(&self) -> Option<Tip> {
        let layers = self.handle.shared.layers.read();
        let layers = layers.unwrap_or_else(PoisonError::into_inner);
        layers.tip().or_else(|| self.handle.shared.store.tip())
    }

    /// The last block that is in the store.
    #[must_use]
    pub fn stored_tip(&self) -> Option<Tip> {
        self.handle.shared.store.tip()
    }

    /// Committed blocks that are not in the store yet.
    #[must_use]
    pub fn blocks_behind(&self) -> u64 {
        self.handle.shared.progress().behind
    }

    /// Bytes of the store on disk.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub fn disk_bytes(&self) -> Result<u64, StoreError> {
        self.handle.shared.store.disk_bytes()
    }

    /// Has `callback` called with one line, once, when the store can't be written any more; at
    /// once when that has happened already.
    pub fn on_failure(&self, callback: impl FnOnce(&str) + Send + 'static) {
        let mut progress = self.handle.shared.progress();
        match progress.failure.clone() {
            None => progress.on_failure = Some(Box::new(callback)),
            Some(reason) => {
                drop(progress);
                callback(&reason);
            }
        }
    }

    /// Waits until every committed block is in the store.
    ///
    /// # Errors
    /// [`StoreError::Stopped`].
    pub fn wait_until_stored(&self) -> Result<(), StoreError> {
        let shared = &self.handle.shared;
        let mut progress = shared.progress();
        while progress.behind > 0 && progress.failure.is_none() {
            progress = wait(&shared.done, progress);
        }
        progress.check()
    }

    /// Writes what is waiting, stops following and closes the store in order, so that the next
    /// start may trust it after a power cut too. Reads go on; commits are refused.
    ///
    /// # Errors
    /// [`StoreError::Stopped`], [`StoreError::Engine`], [`StoreError::Io`].
    pub fn close(&self) -> Result<(), StoreError> {
        self.handle.stop();
        let shared = &self.handle.shared;
        let failure = shared.progress().failure.clone();
        match failure {
            Some(reason) if reason != CLOSED => Err(StoreError::Stopped { reason }),
            _ => shared.store.close(),
        }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.handle.shared
    }

    /// Stops following and gives the store back; `None` while there are other clones.
    pub(super) fn into_store(self) -> Option<Store> {
        let handle = Arc::try_unwrap(self.handle).ok()?;
        handle.stop();
        let shared = Arc::clone(&handle.shared);
        drop(handle);
        Arc::try_unwrap(shared).ok().map(|shared| shared.store)
    }
}

/// Why commits are refused after an orderly close.
const CLOSED: &str = "it was closed";

impl Progress {
    fn check(&self) -> Result<(), StoreError> {
        match &self.failure {
            None => Ok(()),
            Some(reason) => Err(StoreError::Stopped {
                reason: reason.clone(),
            }),
        }
    }
}

impl Handle {
    /// Lets the thread write what is waiting and end.
    fn stop(&self) {
        self.shared.progress().is_stopping = true;
        self.shared.work.notify_one();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the store panicked");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writing thread.
    fn follow(&self) {
        while let Some(generation) = self.next() {
            crash_point!("state.before-transaction");
            let applied = self.store.apply(generation.tip, &generation.delta);
            crash_point!("state.after-transaction");
            // As many guards go as came, so that pruning keeps up with any load.
            if let Err(error) = applied.and_then(|()| self.store.prune()) {
                self.fail(&error.to_string());
                return;
            }
            self.layers
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .finish();
            let mut progress = self.progress();
            progress.behind = progress.behind.saturating_sub(generation.blocks);
            self.done.notify_all();
        }
        self.fail(CLOSED);
    }

    /// What to write next, `None` when it is time to stop and everything is written.
    fn next(&self) -> Option<Arc<Generation>> {
        let mut progress = self.progress();
        while progress.behind == 0 {
            if progress.is_stopping {
                return None;
            }
            progress = wait(&self.work, progress);
        }
        // Taken while `progress` is held: a committer adds to a generation that still waits.
        self.layers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .start()
    }

    /// Nothing is written any more. What waits stays visible to readers.
    fn fail(&self, reason: &str) {
        let mut progress = self.progress();
        let callback = progress.on_failure.take();
        progress.failure = Some(reason.to_owned());
        self.done.notify_all();
        drop(progress);
        if reason != CLOSED
            && let Some(callback) = callback
        {
            callback(reason);
        }
    }

    /// The newest answer that `find` gives for a block not yet in the store.
    pub(super) fn layered<T>(&self, find: impl Fn(&StateDelta) -> Option<T>) -> Option<T> {
        // The lock is released before sled is read: what was written meanwhile is found there.
        self.layers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .find(find)
    }
}

impl core::fmt::Debug for Shared {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Shared")
            .field("store", &self.store)
            .field("behind", &self.progress().behind)
            .finish_non_exhaustive()
    }
}

fn wait<'a>(condvar: &Condvar, guard: MutexGuard<'a, Progress>) -> MutexGuard<'a, Progress> {
    condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::storage::{StoreOptions, Table};
    use piao_chain::digest::{BlockId, ChainId};
    use piao_chain::state::{Leaf, Slot, StateView as _, Totals};

    /// Longer than any machine takes to write one small transaction.
    const DEADLINE: Duration = Duration::from_secs(60);

    fn totals(issued_count: u64) -> StateDelta {
        let mut delta = StateDelta::default();
        let leaf = Leaf::Totals(Totals {
            issued_count,
            ..Totals::default()
        });
        delta.leaves.insert(Slot::TOTALS, leaf);
        delta
    }

    fn store(dir: &std::path::Path) -> Store {
        let store = Store::open(&StoreOptions::new(dir, &ChainId([3; 32]))).unwrap();
        let tip = Tip {
            height: 0,
            block_id: BlockId([0; 32]),
            time_ms: 0,
        };
        store.apply(tip, &totals(0)).unwrap();
        store
    }

    fn tip(height: u64) -> Tip {
        Tip {
            height,
            block_id: BlockId([7; 32]),
            time_ms: height,
        }
    }

    #[test]
    fn a_store_that_is_damaged_under_way_stops_the_commits_and_says_so_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        store.damage_first(Table::Leaves);
        let cache = StateCache::start(store).unwrap();
        let (told, reasons) = mpsc::channel();
        cache.on_failure(move |reason| told.send(reason.to_owned()).unwrap());
        cache.commit(tip(1), totals(1)).unwrap();
        let reason = reasons.recv_timeout(DEADLINE).unwrap();
        assert!(
            reason.contains("leaves") && reason.contains("piaod reindex"),
            "{reason}"
        );
        let refused = cache.commit(tip(2), totals(2));
        assert!(matches!(refused, Err(StoreError::Stopped { .. })));
        assert!(cache.wait_until_stored().is_err() && cache.close().is_err());
        // What was decided is still what readers see.
        let seen = cache.leaf(Slot::TOTALS).unwrap();
        assert_eq!(seen, totals(1).leaves.remove(&Slot::TOTALS));
        let (told, late) = mpsc::channel();
        cache.on_failure(move |reason| told.send(reason.to_owned()).unwrap());
        assert_eq!(late.recv_timeout(DEADLINE).unwrap(), reason);
        assert!(reasons.recv_timeout(DEADLINE).is_err(), "told once");
    }

    #[test]
    fn a_damaged_value_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        store.damage_first(Table::Leaves);
        let cache = StateCache::start(store).unwrap();
        let refused = cache.leaf(Slot::TOTALS).unwrap_err();
        assert!(refused.0.contains("piaod reindex"), "{refused}");
    }

    #[test]
    fn a_committer_waits_while_the_store_is_far_behind_and_memory_stays_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let cache = StateCache::start(store(dir.path())).unwrap();
        let most = (1..=BLOCKS_BEHIND_MAX * 5)
            .map(|height| {
                cache.commit(tip(height), totals(height)).unwrap();
                cache.blocks_behind()
            })
            .max();
        assert!(most <= Some(BLOCKS_BEHIND_MAX));
        cache.wait_until_stored().unwrap();
        assert_eq!(cache.stored_tip(), cache.tip());
        assert_eq!(cache.blocks_behind(), 0);
    }

    #[test]
    fn the_last_clone_to_go_writes_what_is_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let cache = StateCache::start(store(dir.path())).unwrap();
        for height in 1..=20 {
            cache.commit(tip(height), totals(height)).unwrap();
        }
        let other = cache.clone();
        assert!(cache.into_store().is_none());
        let store = other.into_store().unwrap();
        assert_eq!(store.tip().map(|tip| tip.height), Some(20));
    }
}

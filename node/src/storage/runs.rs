//! Order keys and replay guards in the order they came: runs of keys, a filter for each.
//!
//! Such keys are random, and nearly every one a transaction brings is new. Kept in one tree they
//! would touch the whole of it: an insert anywhere, a walk down millions for "it is not there".
//! So a key lies behind the number of its run. Only the newest run is written, and small enough to
//! stay in the processor's caches; the filters say which older runs need to be asked, nearly always
//! none. A run of replay guards whose windows have all passed is dropped as a whole.
//!
//! Guards: a key that is in the store is never said to be absent. The other way round the store is
//! asked, so a wrong "perhaps" costs time only.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use fastbloom::BloomFilter;

/// Keys of one run: about 6 MB in the store and 160 kB of filter.
const RUN_KEYS: usize = 1 << 16;

/// How often a filter says "perhaps" of a key it does not hold. At this rate a key takes 19 bits.
const FALSE_PERHAPS: f64 = 1e-4;

/// Bytes of a run's number in front of a key.
const RUN_BYTES: usize = 4;

/// The runs of one table.
pub(super) struct Runs {
    /// Random, so that nobody can make keys that are taken for known ones.
    seed: u128,
    /// Oldest first, ascending by number.
    runs: RwLock<VecDeque<Run>>,
}

struct Run {
    number: u32,
    keys: BloomFilter,
    count: usize,
    /// When the last of its keys stops guarding, ms since 1970.
    until_ms: u64,
}

impl Runs {
    /// No runs; filters under a random seed.
    pub(super) fn new(seed: u128) -> Self {
        Self {
            seed,
            runs: RwLock::default(),
        }
    }

    /// Gives a key, about to be stored, its place in the newest run: the store's key for it, and
    /// whether something may lie there already. `until_ms` says until when it guards.
    pub(super) fn place(&self, key: &[u8], until_ms: u64) -> (Vec<u8>, bool) {
        let mut runs = self.write();
        let number = match runs.back() {
            Some(newest) if newest.count < RUN_KEYS => newest.number,
            Some(newest) => newest.number.saturating_add(1),
            None => 0,
        };
        let is_new = self.add(&mut runs, number, key, until_ms);
        (stored_key(number, key), !is_new)
    }

    /// Takes a key of the store into its run, at start; ascending by the store's keys. `false` for
    /// one that no run can have.
    pub(super) fn restore(&self, stored: &[u8], until_ms: u64) -> bool {
        let Some((number, key)) = stored.split_first_chunk::<RUN_BYTES>() else {
            return false;
        };
        let mut runs = self.write();
        let number = u32::from_be_bytes(*number);
        if runs.back().is_some_and(|newest| newest.number > number) {
            return false;
        }
        self.add(&mut runs, number, key, until_ms);
        true
    }

    /// The store's keys under which a key may be found, the newest first. None is certain.
    pub(super) fn find(&self, key: &[u8]) -> Vec<Vec<u8>> {
        let runs = self.read();
        let Some(newest) = runs.back() else {
            return Vec::new();
        };
        // All filters hash alike, so a key is hashed once.
        let hash = newest.keys.source_hash(key);
        runs.iter()
            .rev()
            .filter(|run| run.keys.contains_hash(hash))
            .map(|run| stored_key(run.number, key))
            .collect()
    }

    /// The oldest full run, when none of its keys guards at this time any more: what the store's
    /// keys of it begin with.
    pub(super) fn expired(&self, time_ms: u64) -> Option<[u8; RUN_BYTES]> {
        let runs = self.read();
        let oldest = runs.front()?;
        let is_full = runs.len() > 1;
        (is_full && oldest.until_ms < time_ms).then(|| oldest.number.to_be_bytes())
    }

    /// Forgets the oldest run: the store holds nothing of it any more.
    pub(super) fn forget_oldest(&self) {
        self.write().pop_front();
    }

    /// Adds a key to a run; whether the run surely did not hold it before.
    fn add(&self, runs: &mut VecDeque<Run>, number: u32, key: &[u8], until_ms: u64) -> bool {
        if runs.back().is_none_or(|newest| newest.number != number) {
            let keys = BloomFilter::with_false_pos(FALSE_PERHAPS).seed(&self.seed);
            runs.push_back(Run {
                number,
                keys: keys.expected_items(RUN_KEYS),
                count: 0,
                until_ms: 0,
            });
        }
        let Some(newest) = runs.back_mut() else {
            return false;
        };
        newest.count = newest.count.saturating_add(1);
        newest.until_ms = newest.until_ms.max(until_ms);
        !newest.keys.insert(key)
    }

    fn read(&self) -> RwLockReadGuard<'_, VecDeque<Run>> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, VecDeque<Run>> {
        self.runs.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stored_key(number: u32, key: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(RUN_BYTES.saturating_add(key.len()));
    stored.extend_from_slice(&number.to_be_bytes());
    stored.extend_from_slice(key);
    stored
}

impl core::fmt::Debug for Runs {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Runs")
            .field("runs", &self.read().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two runs and a half of keys, and as many that were never added.
    fn keys() -> (Vec<[u8; 8]>, Vec<[u8; 8]>) {
        let all: Vec<_> = (0..RUN_KEYS as u64 * 5).map(u64::to_be_bytes).collect();
        let (inside, outside) = all.split_at(all.len() / 2);
        (inside.to_vec(), outside.to_vec())
    }

    #[test]
    fn what_was_added_is_found_in_its_run_and_what_was_not_nearly_never() {
        let runs = Runs::new(7);
        let (inside, outside) = keys();
        assert!(runs.find(&inside[0]).is_empty());
        for key in &inside {
            let (stored, _may_replace) = runs.place(key, 0);
            assert!(runs.find(key).contains(&stored));
        }
        assert_eq!(runs.read().len(), 3);
        assert!(inside.iter().all(|key| !runs.find(key).is_empty()));
        let perhaps = outside.iter().filter(|key| !runs.find(&key[..]).is_empty());
        assert!(perhaps.count() < outside.len() / 500);
    }

    #[test]
    fn runs_made_again_from_the_stores_keys_go_on_where_they_were() {
        let (first, again) = (Runs::new(7), Runs::new(8));
        let (inside, _outside) = keys();
        for key in &inside {
            let (stored, _may_replace) = first.place(key, 0);
            assert!(again.restore(&stored, 0));
        }
        assert_eq!(again.place(b"next", 0), first.place(b"next", 0));
        assert!(inside.iter().all(|key| !again.find(key).is_empty()));
        assert!(!again.restore(&stored_key(1, b"older"), 0), "out of order");
        assert!(!again.restore(b"cut", 0));
    }

    #[test]
    fn a_key_stored_again_later_is_found_first_where_it_is_newest() {
        let runs = Runs::new(7);
        runs.place(b"key", 0);
        for number in 0..RUN_KEYS {
            runs.place(&number.to_be_bytes(), 0);
        }
        let (newest, may_replace) = runs.place(b"key", 0);
        assert!(!may_replace, "the older one lies in another run");
        assert_eq!(runs.place(b"key", 0), (newest.clone(), true));
        assert_eq!(runs.find(b"key"), [newest, stored_key(0, b"key")]);
    }

    #[test]
    fn a_run_expires_when_it_is_full_and_the_last_of_its_keys_has() {
        let runs = Runs::new(7);
        for number in 0..RUN_KEYS as u64 {
            runs.place(&number.to_be_bytes(), number);
        }
        assert_eq!(runs.expired(u64::MAX), None, "it still takes keys");
        runs.place(b"next", u64::MAX);
        let last = RUN_KEYS as u64 - 1;
        assert_eq!(runs.expired(last), None);
        assert_eq!(runs.expired(last + 1), Some([0; 4]));
        runs.forget_oldest();
        assert_eq!(runs.expired(last + 1), None);
    }
}

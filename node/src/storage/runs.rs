//! Order keys and replay guards in the order they came: runs of keys, a filter for each.
//!
//! Such keys are random, and nearly every one a transaction brings is new. Kept in one tree they
//! would touch the whole of it: an insert anywhere, a walk down millions for "it is not there".
//! So a key lies behind the number of its run. Only the newest run is written, and small enough to
//! stay in the processor's caches; the filters say which older runs need to be asked, nearly always
//! none. A run of replay guards whose windows have all passed is dropped as a whole.
//!
//! Guards: a key that is in the store is never said to be absent. The other way round the store is
//! asked, so a wrong "perhaps" costs time only. Of a run that a start did not read but believed by
//! its summary, "perhaps" and nothing there is no answer until all of the run has been read.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use fastbloom::BloomFilter;

use super::summary::Summary;
use super::value::Sum;

/// Keys of one run: about 6 MB in the store and 160 kB of filter.
pub(super) const RUN_KEYS: usize = 1 << 16;

/// How often a filter says "perhaps" of a key it does not hold. At this rate a key takes 19 bits.
const FALSE_PERHAPS: f64 = 1e-4;

/// Bytes of a run's number in front of a key.
const RUN_BYTES: usize = 4;

/// The runs of one table.
pub(super) struct Runs {
    /// Of every filter: random, and of this store alone.
    seed: u128,
    /// Keys of a full run.
    run_keys: usize,
    /// Oldest first, ascending by number.
    runs: RwLock<VecDeque<Run>>,
}

struct Run {
    number: u32,
    keys: BloomFilter,
    count: usize,
    /// Of the checksums of its values.
    sum: Sum,
    /// When the last of its keys stops guarding, ms since 1970.
    until_ms: u64,
    standing: Standing,
    /// Whether its summary is on disk.
    is_kept: bool,
}

/// What is known of the values of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// All were read since the store was opened, or written since.
    Read,
    /// Its summary says what they are.
    Believed,
    /// They are not what its summary says.
    Damaged,
    /// They are being removed: none guards any more.
    Dropped,
}

/// A place where a key may lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Number of the run.
    pub(super) run: u32,
    /// The store's key.
    pub(super) key: Vec<u8>,
}

impl Runs {
    /// No runs, of so many keys each; filters under a seed.
    pub(super) fn new(seed: u128, run_keys: usize) -> Self {
        Self {
            seed,
            run_keys: run_keys.max(1),
            runs: RwLock::default(),
        }
    }

    /// Gives a key, about to be stored, its place in the newest run: the store's key for it, and
    /// whether something may lie there already. `until_ms` says until when it guards.
    pub(super) fn place(&self, key: &[u8], until_ms: u64) -> (Vec<u8>, bool) {
        let mut runs = self.write();
        let number = match runs.back() {
            Some(newest) if newest.count < self.run_keys => newest.number,
            Some(newest) => newest.number.saturating_add(1),
            None => 0,
        };
        let is_new = self.add(&mut runs, number, key, until_ms);
        (stored_key(number, key), !is_new)
    }

    /// Counts the value of the key placed last into its run, and the one it replaces out of it.
    pub(super) fn count(&self, replaced: Option<u128>, checksum: u128) {
        let mut runs = self.write();
        let Some(newest) = runs.back_mut() else {
            return;
        };
        if let Some(replaced) = replaced {
            newest.sum.remove(replaced);
        }
        newest.sum.add(checksum);
    }

    /// Takes a key of the store, and the checksum of its value, into its run, at start; ascending
    /// by the store's keys. `false` for one that no run can have.
    pub(super) fn restore(&self, stored: &[u8], until_ms: u64, checksum: u128) -> bool {
        let Some((number, key)) = split(stored) else {
            return false;
        };
        let mut runs = self.write();
        let is_behind = |newest: &Run| {
            newest.number > number || (newest.number == number && newest.standing != Standing::Read)
        };
        if runs.back().is_some_and(is_behind) {
            return false;
        }
        self.add(&mut runs, number, key, until_ms);
        if let Some(newest) = runs.back_mut() {
            newest.sum.add(checksum);
        }
        true
    }

    /// Takes a whole run by its summary, at start; ascending by number.
    pub(super) fn believe(&self, summary: Summary) {
        self.write().push_back(Run {
            number: summary.number,
            keys: summary.keys,
            count: self.run_keys,
            sum: summary.sum,
            until_ms: summary.until_ms,
            standing: Standing::Believed,
            is_kept: true,
        });
    }

    /// Forgets everything that was restored or believed.
    pub(super) fn clear(&self) {
        self.write().clear();
    }

    /// The store's keys under which a key may be found, the newest first. None is certain.
    pub(super) fn find(&self, key: &[u8]) -> Vec<Candidate> {
        let runs = self.read();
        let Some(newest) = runs.back() else {
            return Vec::new();
        };
        // All filters hash alike, so a key is hashed once.
        let hash = newest.keys.source_hash(key);
        runs.iter()
            .rev()
            .filter(|run| run.keys.contains_hash(hash))
            .map(|run| Candidate {
                run: run.number,
                key: stored_key(run.number, key),
            })
            .collect()
    }

    /// Number of the newest run.
    pub(super) fn newest(&self) -> Option<u32> {
        self.read().back().map(|newest| newest.number)
    }

    /// What is known of a run; `None` when there is no such run any more.
    pub(super) fn standing(&self, number: u32) -> Option<Standing> {
        self.with(number, |run| run.standing)
    }

    /// Numbers of the runs that are believed and were not read.
    pub(super) fn believed(&self) -> Vec<u32> {
        self.numbers(|run| run.standing == Standing::Believed)
    }

    /// Numbers of the full runs that are as they were read and have no summary.
    pub(super) fn unkept(&self) -> Vec<u32> {
        let newest = self.newest();
        self.numbers(|run| {
            !run.is_kept && run.standing == Standing::Read && Some(run.number) != newest
        })
    }

    /// What is to be kept of a run.
    pub(super) fn summary(&self, number: u32) -> Option<Summary> {
        self.with(number, |run| Summary {
            number,
            sum: run.sum,
            until_ms: run.until_ms,
            keys: run.keys.clone(),
        })
    }

    /// The summary of a run is on disk.
    pub(super) fn set_kept(&self, number: u32) {
        self.change(number, |run| run.is_kept = true);
    }

    /// Whether the key of a value that was read, and the time until which it guards, can be of this
    /// run.
    pub(super) fn has(&self, stored: &[u8], until_ms: u64) -> bool {
        let Some((number, key)) = split(stored) else {
            return false;
        };
        let has = |run: &Run| run.until_ms >= until_ms && run.keys.contains(key);
        self.with(number, has) == Some(true)
    }

    /// All values of a believed run were read, and this is what they add up to. Whether the run
    /// stands by it; one that is being dropped stands by anything.
    pub(super) fn settle(&self, number: u32, read: Sum) -> bool {
        let settled = self.change(number, |run| {
            if run.standing == Standing::Believed {
                run.standing = if run.sum == read {
                    Standing::Read
                } else {
                    Standing::Damaged
                };
            }
            run.standing != Standing::Damaged
        });
        settled.unwrap_or(true)
    }

    /// A value of a believed run does not hold.
    pub(super) fn set_damaged(&self, number: u32) {
        self.change(number, |run| {
            if run.standing == Standing::Believed {
                run.standing = Standing::Damaged;
            }
        });
    }

    /// The oldest full run, when none of its keys guards at this time any more.
    pub(super) fn expired(&self, time_ms: u64) -> Option<u32> {
        let runs = self.read();
        let oldest = runs.front()?;
        let is_full = runs.len() > 1;
        (is_full && oldest.until_ms < time_ms).then_some(oldest.number)
    }

    /// From now on values of a run are removed; `true` the first time.
    pub(super) fn drop_run(&self, number: u32) -> bool {
        let before = self.change(number, |run| {
            std::mem::replace(&mut run.standing, Standing::Dropped)
        });
        before.is_some_and(|before| before != Standing::Dropped)
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
                keys: keys.expected_items(self.run_keys),
                count: 0,
                sum: Sum::default(),
                until_ms: 0,
                standing: Standing::Read,
                is_kept: false,
            });
        }
        let Some(newest) = runs.back_mut() else {
            return false;
        };
        newest.count = newest.count.saturating_add(1);
        newest.until_ms = newest.until_ms.max(until_ms);
        !newest.keys.insert(key)
    }

    fn numbers(&self, wanted: impl Fn(&Run) -> bool) -> Vec<u32> {
        let runs = self.read();
        let wanted = runs.iter().filter(|run| wanted(run));
        wanted.map(|run| run.number).collect()
    }

    fn with<T>(&self, number: u32, look: impl FnOnce(&Run) -> T) -> Option<T> {
        let runs = self.read();
        let at = runs.binary_search_by_key(&number, |run| run.number).ok()?;
        runs.get(at).map(look)
    }

    fn change<T>(&self, number: u32, change: impl FnOnce(&mut Run) -> T) -> Option<T> {
        let mut runs = self.write();
        let at = runs.binary_search_by_key(&number, |run| run.number).ok()?;
        runs.get_mut(at).map(change)
    }

    fn read(&self) -> RwLockReadGuard<'_, VecDeque<Run>> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, VecDeque<Run>> {
        self.runs.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the store's keys of a run begin with.
pub(super) fn prefix(number: u32) -> [u8; RUN_BYTES] {
    number.to_be_bytes()
}

/// The run of a key of the store; `None` for one that no run can have.
pub(super) fn run_of(stored: &[u8]) -> Option<u32> {
    split(stored).map(|(number, _key)| number)
}

fn split(stored: &[u8]) -> Option<(u32, &[u8])> {
    let (number, key) = stored.split_first_chunk::<RUN_BYTES>()?;
    Some((u32::from_be_bytes(*number), key))
}

fn stored_key(number: u32, key: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(RUN_BYTES.saturating_add(key.len()));
    stored.extend_from_slice(&prefix(number));
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

    fn lies_at(runs: &Runs, key: &[u8]) -> Vec<Vec<u8>> {
        let found = runs.find(key).into_iter();
        found.map(|candidate| candidate.key).collect()
    }

    #[test]
    fn what_was_added_is_found_in_its_run_and_what_was_not_nearly_never() {
        let runs = Runs::new(7, RUN_KEYS);
        let (inside, outside) = keys();
        assert!(runs.find(&inside[0]).is_empty());
        for key in &inside {
            let (stored, _may_replace) = runs.place(key, 0);
            assert!(lies_at(&runs, key).contains(&stored));
        }
        assert_eq!(runs.read().len(), 3);
        assert!(inside.iter().all(|key| !runs.find(key).is_empty()));
        let perhaps = outside.iter().filter(|key| !runs.find(&key[..]).is_empty());
        assert!(perhaps.count() < outside.len() / 500);
    }

    #[test]
    fn runs_made_again_from_the_stores_keys_go_on_where_they_were() {
        let (first, again) = (Runs::new(7, RUN_KEYS), Runs::new(7, RUN_KEYS));
        let (inside, _outside) = keys();
        for key in &inside {
            let (stored, _may_replace) = first.place(key, 0);
            assert!(again.restore(&stored, 0, 1));
        }
        assert_eq!(again.place(b"next", 0), first.place(b"next", 0));
        assert!(inside.iter().all(|key| !again.find(key).is_empty()));
        assert!(
            !again.restore(&stored_key(1, b"older"), 0, 1),
            "out of order"
        );
        assert!(!again.restore(b"cut", 0, 1));
    }

    #[test]
    fn a_key_stored_again_later_is_found_first_where_it_is_newest() {
        let runs = Runs::new(7, RUN_KEYS);
        runs.place(b"key", 0);
        for number in 0..RUN_KEYS {
            runs.place(&number.to_be_bytes(), 0);
        }
        let (newest, may_replace) = runs.place(b"key", 0);
        assert!(!may_replace, "the older one lies in another run");
        assert_eq!(runs.place(b"key", 0), (newest.clone(), true));
        assert_eq!(lies_at(&runs, b"key"), [newest, stored_key(0, b"key")]);
    }

    #[test]
    fn a_run_expires_when_it_is_full_and_the_last_of_its_keys_has() {
        let runs = Runs::new(7, RUN_KEYS);
        for number in 0..RUN_KEYS as u64 {
            runs.place(&number.to_be_bytes(), number);
        }
        assert_eq!(runs.expired(u64::MAX), None, "it still takes keys");
        runs.place(b"next", u64::MAX);
        let last = RUN_KEYS as u64 - 1;
        assert_eq!(runs.expired(last), None);
        assert_eq!(runs.expired(last + 1), Some(0));
        runs.forget_oldest();
        assert_eq!(runs.expired(last + 1), None);
    }

    /// Runs of two keys, of which the first two are full.
    fn five() -> Runs {
        let runs = Runs::new(7, 2);
        for (nth, key) in (1u128..).zip([b"a", b"b", b"c", b"d", b"e"]) {
            runs.place(key, 10);
            runs.count(None, nth);
        }
        runs
    }

    fn sum(checksums: &[u128]) -> Sum {
        let mut sum = Sum::default();
        for checksum in checksums {
            sum.add(*checksum);
        }
        sum
    }

    #[test]
    fn a_run_adds_up_its_own_values_and_forgets_replaced_ones() {
        let runs = five();
        runs.count(Some(5), 6);
        let sums = [0, 1, 2].map(|number| runs.summary(number).unwrap().sum);
        assert_eq!(sums, [sum(&[1, 2]), sum(&[3, 4]), sum(&[6])]);
    }

    #[test]
    fn a_full_run_wants_a_summary_until_it_has_one_and_the_newest_never() {
        let runs = five();
        assert_eq!(runs.unkept(), [0, 1]);
        runs.set_kept(0);
        assert_eq!(runs.unkept(), [1]);
        assert!(runs.drop_run(1) && !runs.drop_run(1));
        assert!(runs.unkept().is_empty(), "what goes is not kept");
    }

    #[test]
    fn a_believed_run_answers_as_the_one_it_was_and_takes_no_more_keys() {
        let (written, again) = (five(), Runs::new(7, 2));
        again.believe(written.summary(0).unwrap());
        again.believe(written.summary(1).unwrap());
        assert!(!again.restore(&stored_key(1, b"x"), 0, 9), "it is believed");
        assert!(again.restore(&stored_key(2, b"e"), 10, 5));
        for key in [b"a", b"c", b"e"] {
            assert_eq!(again.find(key), written.find(key));
        }
        assert_eq!(again.believed(), [0, 1]);
        assert!(again.unkept().is_empty());
        assert_eq!(again.place(b"f", 0), written.place(b"f", 0));
    }

    #[test]
    fn a_believed_run_is_settled_by_what_its_values_add_up_to() {
        let (written, again) = (five(), Runs::new(7, 2));
        for number in 0..2 {
            again.believe(written.summary(number).unwrap());
        }
        again.place(b"e", 10);
        assert!(again.has(&stored_key(0, b"a"), 10));
        assert!(!again.has(&stored_key(0, b"a"), 11), "it guards too long");
        assert!(!again.has(&stored_key(0, b"z"), 10) && !again.has(b"", 0));
        assert!(again.settle(0, sum(&[2, 1])));
        assert_eq!(again.standing(0), Some(Standing::Read));
        assert!(!again.settle(1, sum(&[3])));
        assert_eq!(again.standing(1), Some(Standing::Damaged));
        assert!(!again.settle(1, sum(&[3, 4])), "it stays damaged");
        again.drop_run(1);
        assert!(again.settle(1, sum(&[])), "what is dropped shrinks");
        assert!(again.settle(9, sum(&[])), "and then it is gone");
    }
}

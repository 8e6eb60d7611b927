//! Checking, while the node runs, the runs that a start believed by their summaries; and reading
//! from them before that is done.
//!
//! Guards: a value that is missing in such a run is never "not there". A filter that denies a key
//! is right, because the summary it comes from was checked. What it holds possible and the store
//! does not find may be a lost value, so all of the run is read before that is an answer. What does
//! not hold is told once, in one line, and is an error for whoever asks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use piao_chain::state::StateUnavailable;

use super::check::{IN_RUNS, Opening, guards_until};
use super::error::StoreError;
use super::follow::StateCache;
use super::runs::{Runs, Standing, prefix};
use super::store::{Store, corrupt, unavailable};
use super::tables::Table;
use super::value::Sum;

/// Values read between two questions whether to go on.
const VALUES_AT_ONCE: u64 = 1_024;

/// What a check of believed runs went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifiedRuns {
    /// Runs read to their end.
    pub runs: u32,
    /// Values that hold.
    pub values: u64,
}

/// Called once, with one line, when something in the store was found damaged.
type OnDamage = Box<dyn FnOnce(&str) + Send>;

/// What was found damaged, and who is to hear of it.
#[derive(Default)]
pub(super) struct Damage(Mutex<Told>);

#[derive(Default)]
struct Told {
    line: Option<String>,
    listener: Option<OnDamage>,
}

impl Damage {
    /// Tells the listener of the first damage.
    pub(super) fn tell(&self, error: &StoreError) {
        if !matches!(error, StoreError::Corrupt { .. }) {
            return;
        }
        let mut told = self.lock();
        if told.line.is_some() {
            return;
        }
        let line = error.to_string();
        told.line = Some(line.clone());
        let listener = told.listener.take();
        drop(told);
        if let Some(listener) = listener {
            listener(&line);
        }
    }

    /// Has a listener called; at once when something was found already.
    fn listen(&self, listener: OnDamage) {
        let mut told = self.lock();
        let line = told.line.clone();
        if let Some(line) = line {
            drop(told);
            listener(&line);
        } else {
            told.listener = Some(listener);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl core::fmt::Debug for Damage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Damage").field(&self.lock().line).finish()
    }
}

impl Store {
    /// Reads every value of the runs that were believed. `go_on` is asked now and then, and may
    /// rest; once it says no, the check ends without an error.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] at the first run that does not hold, [`StoreError::Engine`].
    pub fn verify(&self, go_on: &mut dyn FnMut() -> bool) -> Result<VerifiedRuns, StoreError> {
        let mut verified = VerifiedRuns::default();
        for (table, number) in self.to_verify() {
            let Some(runs) = self.runs(table) else {
                continue;
            };
            if runs.standing(number) != Some(Standing::Believed) {
                continue;
            }
            if !go_on() {
                break;
            }
            let Some(read) = self.verify_run(table, runs, number, go_on)? else {
                break;
            };
            verified.runs = verified.runs.saturating_add(1);
            verified.values = verified.values.saturating_add(read.count());
        }
        Ok(verified)
    }

    /// Has `listener` called with one line, once, when a value or a run is found damaged; at once
    /// when that has happened already.
    pub fn on_damage(&self, listener: impl FnOnce(&str) + Send + 'static) {
        self.damage.listen(Box::new(listener));
    }

    /// The runs that are believed: first those behind the one that an earlier process did not come
    /// back from, so that no damage keeps the others from being looked at.
    fn to_verify(&self) -> Vec<(Table, u32)> {
        let of = |table| self.runs(table).map(Runs::believed).unwrap_or_default();
        let all = IN_RUNS.map(|table| of(table).into_iter().map(move |run| (table, run)));
        let mut all: Vec<_> = all.into_iter().flatten().collect();
        let place = |(table, run): &(Table, u32)| (*table as u8, *run);
        let last = self.left_checking.iter().map(place).max();
        let first = last.map_or(0, |last| all.partition_point(|one| place(one) <= last));
        all.rotate_left(first);
        all
    }

    /// The newest value of a key that lies in runs.
    pub(super) fn read_run<T>(
        &self,
        table: Table,
        runs: &Runs,
        key: &[u8],
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, StateUnavailable> {
        for candidate in runs.find(key) {
            let found = self.read(table, &candidate.key, &decode)?;
            if found.is_some() {
                return Ok(found);
            }
            self.may_lack(table, runs, candidate.run)
                .map_err(|error| unavailable(&error))?;
        }
        Ok(None)
    }

    /// Whether it may be that a run has no value for a key that its filter does not deny.
    fn may_lack(&self, table: Table, runs: &Runs, number: u32) -> Result<(), StoreError> {
        if runs.standing(number) == Some(Standing::Believed) {
            // One reads the run for all who ask meanwhile.
            let _reading = self
                .verifying
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if runs.standing(number) == Some(Standing::Believed) {
                self.verify_run(table, runs, number, &mut || true)?;
            }
        }
        match runs.standing(number) {
            Some(Standing::Damaged) => Err(corrupt(table, "a run does not hold")),
            _ => Ok(()),
        }
    }

    /// Reads a believed run and settles it: what its values add up to, `None` when told to stop.
    fn verify_run(
        &self,
        table: Table,
        runs: &Runs,
        number: u32,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Sum>, StoreError> {
        self.summaries.say_checking(table, number, true);
        let read = catch_unwind(AssertUnwindSafe(|| self.add_up(table, runs, number, go_on)));
        self.summaries.say_checking(table, number, false);
        let panicked = |_panic| Err(corrupt(table, "sled could not read its files"));
        let settled = match read.unwrap_or_else(panicked) {
            Ok(Some(sum)) if !runs.settle(number, sum) => {
                Err(corrupt(table, "values are missing or too many"))
            }
            Err(error @ StoreError::Corrupt { .. }) => {
                runs.set_damaged(number);
                Err(error)
            }
            other => other,
        };
        settled.inspect_err(|error| self.damage.tell(error))
    }

    fn add_up(
        &self,
        table: Table,
        runs: &Runs,
        number: u32,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Sum>, StoreError> {
        let mut sum = Sum::default();
        for entry in self.entries(table, &prefix(number)) {
            let (key, sealed) = entry?;
            let (value, checksum) = self.open_value(table, &key, &sealed)?;
            let is_of_it = guards_until(table, value).is_some_and(|until| runs.has(&key, until));
            if !is_of_it && runs.standing(number) == Some(Standing::Believed) {
                return Err(corrupt(table, "a key does not hold"));
            }
            sum.add(checksum);
            if sum.count().is_multiple_of(VALUES_AT_ONCE) && !go_on() {
                return Ok(None);
            }
        }
        Ok(Some(sum))
    }
}

impl StateCache {
    /// As [`Store::verify`].
    ///
    /// # Errors
    /// As [`Store::verify`].
    pub fn verify(&self, go_on: &mut dyn FnMut() -> bool) -> Result<VerifiedRuns, StoreError> {
        self.shared().store.verify(go_on)
    }

    /// As [`Store::on_damage`].
    pub fn on_damage(&self, listener: impl FnOnce(&str) + Send + 'static) {
        self.shared().store.on_damage(listener);
    }

    /// As [`Store::opening`].
    #[must_use]
    pub fn opening(&self) -> Opening {
        self.shared().store.opening()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{StoreOptions, Tip};
    use piao_chain::digest::{BlockId, ChainId};
    use piao_chain::state::{StateDelta, StateView as _};

    /// Keys tried until a filter wrongly says "perhaps"; one in ten thousand does.
    const TRIES_MAX: u32 = 1_000_000;

    #[test]
    fn a_wrong_perhaps_of_a_believed_run_is_answered_after_the_run_was_read() {
        let dir = tempfile::tempdir().unwrap();
        let options = StoreOptions {
            run_keys: 64,
            ..StoreOptions::new(dir.path(), &ChainId([3; 32]))
        };
        let mut delta = StateDelta::default();
        for number in 0..200_u8 {
            delta.orders.insert([number; 32], 1);
        }
        let tip = Tip {
            height: 0,
            block_id: BlockId([0; 32]),
            time_ms: 0,
        };
        let store = Store::open(&options).unwrap();
        store.apply(tip, &delta).unwrap();
        store.close().unwrap();
        drop(store);
        let store = Store::open(&options).unwrap();
        let runs = store.runs(Table::Orders).unwrap();
        assert_eq!(runs.believed(), [0, 1, 2]);
        let key = |number: u32| *blake3::hash(&number.to_be_bytes()).as_bytes();
        let is_perhaps = |number: &u32| {
            let found = runs.find(&key(*number));
            found.iter().any(|candidate| candidate.run < 3)
        };
        let wrong = (0..TRIES_MAX).find(is_perhaps).unwrap();
        let asked = runs.find(&key(wrong));
        assert_eq!(store.order(&key(wrong)), Ok(None));
        for candidate in asked {
            assert_eq!(runs.standing(candidate.run), Some(Standing::Read));
        }
        assert!(runs.believed().len() < 3);
        assert_eq!(store.order(&[7; 32]), Ok(Some(1)));
    }
}

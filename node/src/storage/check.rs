//! Reading the store when it is opened: every value, but for full runs that have a summary.
//!
//! Guards: what was read and what is believed must add up to the sums beside the tip. When it does
//! not, nothing is believed: everything is read, and that decides.

use std::ops::Bound;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use piao_chain::codec;

use super::error::StoreError;
use super::runs::{prefix, run_of};
use super::store::{Store, corrupt};
use super::tables::{META_TIP, SUMMED, Table, TipRecord, decode_idem, stored_key};
use super::value::Sum;

/// Tables whose keys lie in runs.
pub(super) const IN_RUNS: [Table; 2] = [Table::Orders, Table::Idems];

/// What opening a store came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Values that were read and checked. Counts one twice that was read again because the
    /// summaries did not fit.
    pub values_read: u64,
    /// Values that are believed by the summaries of their runs, until they are verified.
    pub values_believed: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    read: AtomicU64,
    believed: AtomicU64,
}

impl Store {
    /// What was read and what was believed when the store was opened.
    #[must_use]
    pub fn opening(&self) -> Opening {
        Opening {
            values_read: self.counters.read.load(Ordering::Relaxed),
            values_believed: self.counters.believed.load(Ordering::Relaxed),
        }
    }

    /// Compares what the values add up to with what is written beside the tip.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let stored = self.tree.get(stored_key(Table::Meta, META_TIP));
        let stored = stored.map_err(StoreError::engine("read"))?;
        let tip: Option<TipRecord> = match stored {
            None => None,
            Some(sealed) => {
                let (value, _checksum) = self.open_value(Table::Meta, META_TIP, &sealed)?;
                let record = codec::decode(value).ok();
                Some(record.ok_or_else(|| corrupt(Table::Meta, "the tip does not hold"))?)
            }
        };
        let expected = tip.map_or([Sum::default(); SUMMED], |tip| tip.sums);
        // A table each for as many threads as there are tables; two of them are large.
        std::thread::scope(|scope| {
            let threads: Vec<_> = Table::ALL
                .into_iter()
                .zip(expected)
                .map(|(table, expected)| scope.spawn(move || self.check_table(table, expected)))
                .collect();
            threads.into_iter().try_for_each(|thread| {
                let panicked = |_panic| corrupt(Table::Meta, "sled could not read its files");
                thread.join().map_err(panicked)?
            })
        })?;
        *self.tip.write().unwrap_or_else(PoisonError::into_inner) = tip;
        Ok(())
    }

    fn check_table(&self, table: Table, expected: Sum) -> Result<(), StoreError> {
        let (mut sum, believed) = self.read_or_believe(table)?;
        if sum != expected && believed > 0 {
            tracing::warn!(%table, "summaries of the store's runs do not fit it; all is read");
            if let Some(runs) = self.runs(table) {
                runs.clear();
            }
            sum = self.read_values(table, 0, None)?;
        } else {
            self.counters
                .believed
                .fetch_add(believed, Ordering::Relaxed);
        }
        if sum != expected {
            return Err(corrupt(table, "values are missing or too many"));
        }
        Ok(())
    }

    /// What the values of a table add up to, and how many of them are believed.
    fn read_or_believe(&self, table: Table) -> Result<(Sum, u64), StoreError> {
        let Some(runs) = self.runs(table) else {
            return Ok((self.read_values(table, 0, None)?, 0));
        };
        let (oldest, newest) = self.runs_stored(table)?;
        let (mut sum, mut believed, mut from) = (Sum::default(), 0_u64, oldest);
        for number in self.summaries.tidy(table, oldest, newest) {
            if self.left_checking.contains(&(table, number)) {
                continue;
            }
            let Some(summary) = self.summaries.read(table, number) else {
                continue;
            };
            sum.add_all(self.read_values(table, from, Some(number))?);
            sum.add_all(summary.sum);
            believed = believed.saturating_add(summary.sum.count());
            runs.believe(summary);
            from = number.saturating_add(1);
        }
        sum.add_all(self.read_values(table, from, None)?);
        Ok((sum, believed))
    }

    /// Numbers of the oldest and the newest run that has values, zeros when there is none.
    fn runs_stored(&self, table: Table) -> Result<(u32, u32), StoreError> {
        let all = || self.tree.scan_prefix([table as u8]);
        let number = |entry: Option<sled::Result<(sled::IVec, sled::IVec)>>| {
            let entry = entry.transpose().map_err(StoreError::engine("read"))?;
            let key = entry.as_ref().and_then(|(key, _value)| key.get(1..));
            Ok::<_, StoreError>(key.and_then(run_of).unwrap_or(0))
        };
        let (oldest, newest) = (number(all().next())?, number(all().next_back())?);
        Ok((oldest, newest))
    }

    /// Reads the values of a table and restores its runs, from a run up to another or to the end.
    fn read_values(&self, table: Table, from: u32, to: Option<u32>) -> Result<Sum, StoreError> {
        let mut sum = Sum::default();
        let is_in_runs = self.runs(table).is_some();
        let start = if is_in_runs && from > 0 {
            stored_key(table, &prefix(from))
        } else {
            vec![table as u8]
        };
        let end = match to {
            Some(to) if to <= from => return Ok(sum),
            Some(to) => stored_key(table, &prefix(to)),
            None => vec![(table as u8).saturating_add(1)],
        };
        for entry in self
            .tree
            .range::<Vec<u8>, _>((Bound::Included(start), Bound::Excluded(end)))
        {
            let (stored, sealed) = entry.map_err(StoreError::engine("read"))?;
            let key = stored.get(1..).unwrap_or_default();
            sum.add(self.read_value(table, key, &sealed)?);
        }
        self.counters.read.fetch_add(sum.count(), Ordering::Relaxed);
        Ok(sum)
    }

    /// The checksum of a value, whose key is restored to its run where it lies in one.
    fn read_value(&self, table: Table, key: &[u8], sealed: &[u8]) -> Result<u128, StoreError> {
        let (value, checksum) = self.open_value(table, key, sealed)?;
        if let Some(runs) = self.runs(table) {
            let restored = guards_until(table, value)
                .is_some_and(|until_ms| runs.restore(key, until_ms, checksum));
            if !restored {
                return Err(corrupt(table, "a key does not hold"));
            }
        }
        Ok(checksum)
    }

    /// Keeps summaries of the full runs that have none yet.
    pub(super) fn keep_summaries(&self) {
        for table in IN_RUNS {
            let Some(runs) = self.runs(table) else {
                continue;
            };
            for number in runs.unkept() {
                let summary = runs.summary(number);
                if summary.is_some_and(|summary| self.summaries.keep(table, &summary)) {
                    runs.set_kept(number);
                }
            }
        }
    }
}

/// Until when a value of a table of runs guards, ms since 1970; `None` when it does not decode.
pub(super) fn guards_until(table: Table, value: &[u8]) -> Option<u64> {
    match table {
        Table::Idems => decode_idem(value).map(|used| used.valid_until_ms),
        _ => Some(u64::MAX),
    }
}

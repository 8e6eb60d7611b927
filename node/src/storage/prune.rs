//! Dropping replay guards that guard nothing any more.
//!
//! A guard counts until its window has passed (SPEC 5.1), so what is removed here could not have
//! changed any verdict: replicas prune when they like and still agree.

use std::sync::PoisonError;

use sled::Batch;

use super::error::StoreError;
use super::runs::prefix;
use super::store::Store;
use super::tables::{Table, stored_key};

/// Replay guards removed in one batch.
const PRUNED_AT_ONCE: usize = 1_024;

impl Store {
    /// Removes some replay guards whose windows have passed at the tip; how many.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn prune(&self) -> Result<usize, StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(before) = self.tip_record() else {
            return Ok(0);
        };
        let Some(run) = self.idems.expired(before.time_ms) else {
            return Ok(0);
        };
        if self.idems.drop_run(run) {
            self.summaries.remove(Table::Idems, run);
        }
        let prefix = prefix(run);
        let found = self.entries(Table::Idems, &prefix).take(PRUNED_AT_ONCE);
        let (mut batch, mut after, mut count) = (Batch::default(), before, 0);
        for entry in found {
            let (key, sealed) = entry?;
            let (_value, checksum) = self.open_value(Table::Idems, &key, &sealed)?;
            after.sums[Table::Idems as usize].remove(checksum);
            batch.remove(stored_key(Table::Idems, &key));
            count += 1;
        }
        if count == 0 {
            self.idems.forget_oldest();
            return Ok(0);
        }
        self.write(batch, after)?;
        Ok(count)
    }
}

//! Invoices as they were issued, read back from the journal for red letters.
//!
//! Guards: a red letter costs at most one read of one block, and those that many ask for at once
//! are read once. The journal holds every block before the state counts it, so nothing that the
//! state counts as issued is missing here.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use piao_chain::block::Block;
use piao_chain::state::{IssuedInvoice, StateUnavailable};

use crate::journal::JournalReader;

/// Invoices remembered: those that are being put right, at most a transaction each. All are
/// forgotten when there are more.
const ISSUED_MAX: usize = 512;

/// The journal as the place of issued invoices.
#[derive(Debug, Default)]
pub(super) struct IssuedInvoices {
    journal: OnceLock<JournalReader>,
    recent: Mutex<BTreeMap<u64, IssuedInvoice>>,
}

impl IssuedInvoices {
    /// Reads from this journal from now on; only the first one counts.
    pub(super) fn read_from(&self, journal: JournalReader) {
        let _first = self.journal.set(journal);
    }

    /// The invoice with an issuance index; `None` when the journal has none yet.
    pub(super) fn get(&self, index: u64) -> Result<Option<IssuedInvoice>, StateUnavailable> {
        let known = self.lock().get(&index).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let found = self.read(index)?;
        if let Some(issued) = &found {
            let mut recent = self.lock();
            if recent.len() >= ISSUED_MAX {
                recent.clear();
            }
            recent.insert(index, issued.clone());
        }
        Ok(found)
    }

    fn read(&self, index: u64) -> Result<Option<IssuedInvoice>, StateUnavailable> {
        let Some(journal) = self.journal.get() else {
            return Err(StateUnavailable("no journal to read invoices from".into()));
        };
        let Some(height) = journal.height_of_issuance(index) else {
            return Ok(None);
        };
        let unavailable = |why: String| StateUnavailable(format!("invoice {index}: {why}"));
        let stored = journal
            .block(height)
            .map_err(|error| unavailable(error.to_string()))?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        let block = Block::decode(&stored.body).map_err(|error| unavailable(error.to_string()))?;
        let time_ms = block.header.time_ms;
        let found =
            block
                .transactions
                .iter()
                .zip(&stored.outcomes)
                .find_map(|(transaction, outcome)| {
                    IssuedInvoice::find(transaction, outcome, time_ms, index)
                });
        Ok(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, IssuedInvoice>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

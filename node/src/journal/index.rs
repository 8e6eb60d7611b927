//! Where each decided block stands: 64 bytes a block in memory, made again at every start.

use piao_chain::digest::BlockId;
use piao_chain::outcome::Outcome;
use serde::{Deserialize, Serialize};

use super::record::Place;

/// One decided block.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct IndexEntry {
    /// Its name.
    pub(super) block_id: BlockId,
    /// Block time, ms since 1970.
    pub(super) time_ms: u64,
    /// Issuance index of its first invoice, or of the next one when it issued none.
    pub(super) first_issuance: u64,
    /// The record that holds its body.
    pub(super) body: Place,
    /// The record that decided it.
    pub(super) decided: Place,
}

const _: () = assert!(
    size_of::<IndexEntry>() <= 64,
    "20 M blocks must fit in memory"
);

/// All decided blocks, from height 1.
#[derive(Debug)]
pub(super) struct Index {
    entries: Vec<IndexEntry>,
    next_issuance: u64,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            // Issuance indexes start at 1.
            next_issuance: 1,
        }
    }
}

impl Index {
    /// Height of the last decided block, 0 for none.
    pub(super) fn tip(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The block of a height.
    pub(super) fn get(&self, height: u64) -> Option<&IndexEntry> {
        let place = usize::try_from(height.checked_sub(1)?).ok()?;
        self.entries.get(place)
    }

    /// Adds the block above the tip.
    pub(super) fn push(
        &mut self,
        block_id: BlockId,
        time_ms: u64,
        places: (Place, Place),
        outcomes: &[Outcome],
    ) {
        let (body, decided) = places;
        self.entries.push(IndexEntry {
            block_id,
            time_ms,
            first_issuance: self.next_issuance,
            body,
            decided,
        });
        let issued: usize = outcomes.iter().map(|outcome| outcome.effects.len()).sum();
        self.next_issuance = self.next_issuance.saturating_add(issued as u64);
    }

    /// Adds the blocks of a whole segment above the tip.
    pub(super) fn extend(&mut self, entries: &[IndexEntry], next_issuance: u64) {
        self.entries.extend_from_slice(entries);
        self.next_issuance = next_issuance;
    }

    /// The blocks above a height.
    pub(super) fn above(&self, height: u64) -> &[IndexEntry] {
        let from = usize::try_from(height).unwrap_or(usize::MAX);
        self.entries.get(from..).unwrap_or_default()
    }

    /// The height at which an invoice was issued.
    pub(super) fn height_of_issuance(&self, issuance: u64) -> Option<u64> {
        if issuance == 0 || issuance >= self.next_issuance {
            return None;
        }
        // Blocks without invoices share the first index of the block that issued next, which
        // stands last among its equals.
        let above = self
            .entries
            .partition_point(|entry| entry.first_issuance <= issuance);
        (above > 0).then_some(above as u64)
    }

    /// Issuance index of the next invoice.
    pub(super) fn next_issuance(&self) -> u64 {
        self.next_issuance
    }

    /// Ids of heights 1 to the tip.
    pub(super) fn ids(&self) -> Vec<BlockId> {
        self.entries.iter().map(|entry| entry.block_id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::digest::InvoiceId;
    use piao_chain::invoice::InvoiceNumber;
    use piao_chain::outcome::Effect;
    use piao_chain::time::IssueDate;

    fn issuing(count: usize) -> Vec<Outcome> {
        let effect = Effect {
            slot: 0,
            number: InvoiceNumber::new(IssueDate::from_days(20_000), 42, 7, 1).unwrap(),
            counter: 1,
            prev_invoice_id: InvoiceId::NONE,
        };
        let outcome = Outcome {
            code: 0,
            evidence: Vec::new(),
            effects: vec![effect],
            fee_charged_fen: 0,
        };
        vec![outcome; count]
    }

    #[test]
    fn finds_the_block_of_every_invoice_also_between_blocks_without_any() {
        let counts = [0, 0, 3, 0, 1, 0, 0, 2, 0];
        let mut index = Index::default();
        let place = Place {
            segment: 1,
            offset: 0,
        };
        let mut expected = Vec::new();
        for (height, count) in (1u64..).zip(counts) {
            index.push(BlockId([0; 32]), 0, (place, place), &issuing(count));
            expected.extend(std::iter::repeat_n(height, count));
        }
        for (issuance, height) in (1u64..).zip(expected) {
            assert_eq!(index.height_of_issuance(issuance), Some(height));
        }
        assert_eq!(index.height_of_issuance(0), None);
        assert_eq!(index.height_of_issuance(7), None);
        assert_eq!(index.next_issuance(), 7);
    }
}

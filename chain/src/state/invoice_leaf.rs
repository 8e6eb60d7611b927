//! What happened to an invoice after it was issued (SPEC 6.2, kind 3).
//!
//! Guards: how much of each line is reversed stands in the state, so that nothing is reversed
//! twice and whoever holds a proof sees it, with the last red letter's number and time.

use serde::{Deserialize, Serialize};

use crate::invoice::InvoiceNumber;
use crate::tax::TaxFacts;

/// `booked_use` of an invoice that is booked without a use of its tax.
pub const USE_NONE: u8 = 1;
/// `booked_use`: the tax was deducted.
pub const USE_DEDUCTED: u8 = 2;
/// `booked_use`: a refund of the tax was claimed.
pub const USE_REFUND_CLAIMED: u8 = 3;
/// `booked_use`: booked, and the tax can't be deducted.
pub const USE_NOT_DEDUCTIBLE: u8 = 4;

/// What happened to an invoice after it was issued. There is none before the first such event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLeaf {
    /// Reversed so far in fen, net of tax: for each line of the invoice, nothing on a discount,
    /// which counts with its line. Empty before the first red letter.
    pub reversed_fen: Vec<i64>,
    /// The slot of the invoice that replaced it.
    pub reissued_by: Option<u64>,
    /// How the buyer booked it: 0 not booked, else [`USE_NONE`] to [`USE_NOT_DEDUCTIBLE`].
    pub booked_use: u8,
    /// Claim state: 0 free, 1 locked, 2 closed.
    pub claim: u8,
    /// The month it was booked in, as yyyymm; 0 where it is not booked.
    pub booked_period: u32,
    /// The last red letter against it; of a red letter, the one before it against the same
    /// invoice.
    pub last_red: Option<RedMark>,
}

/// A red letter as the leaf of its original names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedMark {
    /// Its slot.
    pub slot: u64,
    /// Its number.
    pub number: InvoiceNumber,
    /// Time of its block, ms since 1970.
    pub time_ms: u64,
}

impl InvoiceLeaf {
    /// Reversed so far over all lines, in fen.
    #[must_use]
    pub fn reversed_total_fen(&self) -> i64 {
        let lines = self.reversed_fen.iter();
        lines.fold(0, |sum: i64, line| sum.saturating_add(*line))
    }

    /// Whether red letters took back all of an invoice with these facts.
    #[must_use]
    pub fn is_reversed(&self, facts: &TaxFacts) -> bool {
        let reversed = self.reversed_total_fen();
        reversed != 0 && reversed >= facts.totals.amount.fen()
    }

    /// Whether an invoice with these facts still stands: neither replaced nor wholly taken back.
    #[must_use]
    pub fn is_in_force(&self, facts: &TaxFacts) -> bool {
        self.reissued_by.is_none() && !self.is_reversed(facts)
    }

    /// Whether the buyer has booked it.
    #[must_use]
    pub fn is_booked(&self) -> bool {
        self.booked_use != 0
    }
}

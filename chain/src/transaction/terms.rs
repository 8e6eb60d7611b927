//! What is in force where an invoice is judged: the same at the desk, at the door and in a block.

use crate::state::IssueLimits;
use crate::time::{BlockTime, IssueDate};

/// What is in force where an invoice is judged.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The time of the block.
    pub now: BlockTime,
    /// Rule set in force.
    pub rule_set: u16,
    /// Fee for an issued invoice, in fen.
    pub fee_fen: u32,
    /// The fee the sender agreed to, in fen.
    pub fee_max_fen: u32,
    /// Limits of the account.
    pub limits: IssueLimits,
    /// Invoices that count against the daily limit, on the date of the block.
    pub issued_today: u32,
}

impl Terms {
    /// The day of the block, in UTC+8.
    #[must_use]
    pub fn today(&self) -> IssueDate {
        IssueDate::of(self.now)
    }
}

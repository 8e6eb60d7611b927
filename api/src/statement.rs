//! What a statement about an account is asked for.

/// Which invoices of an account to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListRange {
    /// By the seller's count.
    Counters {
        /// The first, from 1.
        from: u64,
        /// The last; `None` for the account's last one.
        to: Option<u64>,
    },
    /// By blocks: every invoice in these, and the ones around them that bound the range.
    Blocks {
        /// The first height.
        from: u64,
        /// The last height; `None` for the tip.
        to: Option<u64>,
    },
}

/// A list of all invoices of a range, to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompletenessOrder {
    /// The account.
    pub account: u32,
    /// Which of its invoices.
    pub range: ListRange,
}

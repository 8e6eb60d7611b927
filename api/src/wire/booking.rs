//! A received invoice that was booked.

use serde::{Deserialize, Serialize};

/// How a received invoice stands in the buyer's books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Booking {
    /// Number of the invoice, 20 digits.
    pub number: String,
    /// Account of the buyer.
    pub account: u32,
    /// `none`, `deducted`, `refund_claimed` or `not_deductible`.
    #[serde(rename = "use")]
    pub booked_use: String,
    /// Month, `2026-11`.
    pub period: String,
    /// Transaction that booked it, 64 hex digits.
    pub txid: String,
    /// Height of its block.
    pub height: u64,
}

/// The words for what becomes of the tax, by their number on chain from 1.
pub const USES: [&str; 4] = ["none", "deducted", "refund_claimed", "not_deductible"];

/// The number of a word, from 1.
#[must_use]
pub fn use_of_word(word: &str) -> Option<u8> {
    let at = USES.iter().position(|known| *known == word)?;
    u8::try_from(at).ok()?.checked_add(1)
}

/// The word of a number; empty for any other number.
#[must_use]
pub fn word_of_use(number: u8) -> &'static str {
    let at = usize::from(number).checked_sub(1);
    at.and_then(|at| USES.get(at)).copied().unwrap_or_default()
}

//! Drafts that can be told from each other by their amount.

use bytes::Bytes;

use crate::invoices::draft_of;

/// Accounts that issue, and the rate each uses: a general and a small-scale taxpayer.
pub(crate) const SELLERS: [u32; 2] = [1, 2];

/// Price without tax in whole yuan: what tells the drafts of one key apart.
pub(crate) type Price = u64;

/// Largest price; fen and tax stay far from any bound.
pub(crate) const PRICE_MAX: Price = 9_000;

fn rate_percent(account: u32) -> u64 {
    if account == 1 { 6 } else { 1 }
}

/// The draft of an order.
pub(crate) fn draft(account: u32, order_ref: &str, price: Price) -> Bytes {
    let rate = format!("0.0{}", rate_percent(account));
    draft_of(order_ref, &format!("{price}.00"), &rate)
}

/// What an invoice of that price comes to with tax, as it is printed.
pub(crate) fn gross(account: u32, price: Price) -> String {
    let fen = price.saturating_mul(100 + rate_percent(account));
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Fen of a printed amount; `None` when it is none.
pub(crate) fn fen(text: &str) -> Option<i64> {
    let (yuan, fen) = text.split_once('.')?;
    let (yuan, fen): (i64, i64) = (yuan.parse().ok()?, fen.parse().ok()?);
    yuan.checked_mul(100)?.checked_add(fen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_as_the_node_prints_them() {
        assert_eq!(gross(1, 100), "106.00");
        assert_eq!(gross(1, 7), "7.42");
        assert_eq!(gross(2, 7), "7.07");
        assert_eq!(fen("999.90"), Some(99_990));
        assert_eq!(fen("x"), None);
    }
}

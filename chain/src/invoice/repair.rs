//! The form of a text that was refused: width, blanks, case, grouping, scale.
//!
//! Guards: only the form changes. What a text says is kept, or nothing is suggested; the one thing
//! that is rounded is a figure with more decimals than it may have, half up as all figures are.
//! Runs only after a refusal.

use core::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

use super::bounds::DECIMAL_SCALE_MAX;
use super::decimal;
use crate::amount::Fen;
use crate::rate::RatePpm;
use crate::tax::RuleSet;

/// Longest text worth repairing, in bytes.
const REPAIR_BYTES_MAX: usize = 128;
/// Digits between two separators of thousands.
const GROUP_DIGITS: usize = 3;
/// What people write around an amount.
const CURRENCY_SIGNS: [char; 3] = ['¥', '￥', '元'];

/// The text in half width and lower case, without blanks; `None` if it is that already.
pub(super) fn word(text: &str) -> Option<String> {
    let plain = narrowed(text)?.to_ascii_lowercase();
    (plain != text).then_some(plain)
}

/// An amount with exactly two decimals: `1.5` is `1.50`, `￥1,000` is `1000.00`.
pub(super) fn money(text: &str) -> Option<String> {
    let rounded = number(text)?.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let scaled = rounded.checked_mul(Decimal::ONE_HUNDRED)?.trunc();
    let fen = i128::try_from(scaled).ok()?;
    let repaired = Fen::from_wide(fen)?.to_string();
    (repaired != text).then_some(repaired)
}

/// A quantity or unit price of at most 13 decimals.
pub(super) fn quantity(text: &str) -> Option<String> {
    let scale = u32::try_from(DECIMAL_SCALE_MAX).ok()?;
    let rounded =
        number(text)?.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    let repaired = rounded.normalize().to_string();
    decimal::parse(&repaired).map(|_read| repaired)
}

/// A rate as a fraction: `6%` and `6` are `0.06`, if the law has such a rate.
pub(super) fn rate(text: &str, rules: &RuleSet) -> Option<String> {
    let plain = narrowed(text)?;
    let (digits, percent) = match plain.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (plain.as_str(), false),
    };
    let figure = number(digits)?;
    let fraction = if percent || figure >= Decimal::ONE {
        figure.checked_div(Decimal::ONE_HUNDRED)?
    } else {
        figure
    };
    let read: RatePpm = fraction.normalize().to_string().parse().ok()?;
    let mut rows = rules.rates.iter();
    rows.any(|row| row.in_force && row.rate == read)
        .then(|| read.to_string())
}

/// The number a text stands for, however it is written.
fn number(text: &str) -> Option<Decimal> {
    let plain = narrowed(text)?;
    let plain = plain.trim_matches(CURRENCY_SIGNS);
    let plain = ungrouped(plain.strip_prefix('+').unwrap_or(plain))?;
    Decimal::from_str_exact(&plain)
        .or_else(|_plain| Decimal::from_str(&plain))
        .or_else(|_rounded| Decimal::from_scientific(&plain))
        .ok()
}

/// Takes out commas, if they stand before every third digit of the integer part.
fn ungrouped(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (integer, decimals) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = integer.split(',');
    let first = groups.next()?.trim_start_matches('-');
    let whole = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let starts = (1..=GROUP_DIGITS).contains(&first.len()) && whole(first);
    let grouped = groups.all(|group| group.len() == GROUP_DIGITS && whole(group));
    (starts && grouped && !decimals.contains(',')).then(|| text.replace(',', ""))
}

/// Full-width characters as ASCII, blanks dropped; `None` for texts too long to be worth it.
fn narrowed(text: &str) -> Option<String> {
    let short = text.len() <= REPAIR_BYTES_MAX;
    short.then(|| text.chars().filter_map(narrow).collect())
}

/// One character in half width; `None` for a blank.
fn narrow(character: char) -> Option<char> {
    match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character).saturating_sub(0xFEE0)),
        '\u{200B}' | '\u{FEFF}' => None,
        _ if character.is_whitespace() => None,
        _ => Some(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_keeps_its_value_and_gets_its_form() {
        let cases = [
            ("1.5", "1.50"),
            ("100", "100.00"),
            ("1,000", "1000.00"),
            ("-1,234,567.8", "-1234567.80"),
            (" ￥１００．００ ", "100.00"),
            ("+3.10", "3.10"),
            ("007.00", "7.00"),
            ("1.005", "1.01"),
            ("-1.005", "-1.01"),
            ("1e2", "100.00"),
            ("-0.00", "0.00"),
            (".5", "0.50"),
        ];
        for (text, repaired) in cases {
            assert_eq!(money(text).as_deref(), Some(repaired), "{text}");
        }
        for text in [
            "",
            "NaN",
            "1,00",
            "1,0000.00",
            "1.0,0",
            "--1",
            "1e400",
            "abc",
            "9999999999999999999999999999999999999999",
            "99999999999999999.00",
            "100.00",
        ] {
            assert_eq!(money(text), None, "{text}");
        }
        assert_eq!(money(&"1".repeat(REPAIR_BYTES_MAX + 1)), None);
    }

    #[test]
    fn a_quantity_has_thirteen_decimals_at_most() {
        assert_eq!(
            quantity("0.33333333333333").as_deref(),
            Some("0.3333333333333")
        );
        assert_eq!(quantity("１,000.50").as_deref(), Some("1000.5"));
        assert_eq!(quantity("-1"), None);
        assert_eq!(quantity("one"), None);
    }

    #[test]
    fn a_percentage_is_a_rate_of_the_law_or_none() {
        for text in ["6%", "6", "６％", "0.0600000", "6 %"] {
            assert_eq!(
                rate(text, RuleSet::CURRENT).as_deref(),
                Some("0.06"),
                "{text}"
            );
        }
        assert_eq!(rate("7%", RuleSet::CURRENT), None);
        assert_eq!(rate("six", RuleSet::CURRENT), None);
    }
}

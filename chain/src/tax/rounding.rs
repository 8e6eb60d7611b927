//! The one place where money is rounded.
//!
//! Guards: half a fen goes away from zero, so that a discount or a red letter mirrors its line.
//! The three cases that surprise people:
//!
//! | exact | rounded | why |
//! |---|---|---|
//! | 0.005 | 0.01 | half goes up |
//! | −0.005 | −0.01 | and, below zero, down: −(0.005) is the mirror image |
//! | 0.004999 | 0.00 | rounded once, from the exact value, never digit by digit |
//!
//! Source: vendors' interface documents of the national platform; the law text names no rule.

use crate::amount::Fen;
use crate::rate::{PPM, RatePpm};

/// A tax-inclusive amount taken apart; both parts add up to it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrossSplit {
    /// Amount without tax.
    pub net: Fen,
    /// Tax.
    pub tax: Fen,
}

/// Divides and rounds half away from zero. A divisor below 1 counts as 1; callers pass constants.
///
/// # Correctness
/// Exact for every dividend whose double fits in `i128`: amounts times rates are below 2^96.
#[must_use]
pub fn divide_half_up(dividend: i128, divisor: u128) -> i128 {
    let divisor = divisor.max(1);
    let magnitude = dividend.unsigned_abs();
    let quotient = magnitude.checked_div(divisor).unwrap_or(0);
    let rest = magnitude.checked_rem(divisor).unwrap_or(0);
    let rounded = if rest >= divisor.saturating_sub(rest) {
        quotient.saturating_add(1)
    } else {
        quotient
    };
    let rounded = i128::try_from(rounded).unwrap_or(i128::MAX);
    if dividend < 0 {
        rounded.saturating_neg()
    } else {
        rounded
    }
}

/// Tax on a taxable amount, in fen: `round(amount × rate)`.
///
/// Wide, because a transaction may claim any amount and any rate.
#[must_use]
pub fn tax_on(taxable_fen: i128, rate: RatePpm) -> i128 {
    divide_half_up(
        taxable_fen.saturating_mul(i128::from(rate.ppm())),
        u128::from(PPM),
    )
}

/// Splits a tax-inclusive amount: `net = round(gross / (1 + rate))`, `tax = gross − net`.
///
/// `tax` then differs from `round(net × rate)` by at most 0.01: 9.90 at 9 % is 9.08 + 0.82, and
/// 88.50 + 11.50 at 13 % would be 11.51 computed from the net.
/// `None` if a part has more than 18 digits, which no amount within bounds can cause.
#[must_use]
pub fn split_gross(gross: Fen, rate: RatePpm) -> Option<GrossSplit> {
    let whole = u128::from(PPM).saturating_add(u128::from(rate.ppm()));
    let net = Fen::from_wide(divide_half_up(
        gross.wide().saturating_mul(i128::from(PPM)),
        whole,
    ))?;
    Some(GrossSplit {
        net,
        tax: gross.checked_sub(net)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_goes_away_from_zero() {
        let cases = [
            (5, 1),
            (4, 0),
            (-5, -1),
            (-4, 0),
            (15, 2),
            (-15, -2),
            (14, 1),
            (0, 0),
        ];
        for (tenths, rounded) in cases {
            assert_eq!(divide_half_up(tenths, 10), rounded, "{tenths}/10");
        }
        assert_eq!(divide_half_up(i128::MIN, 1), -i128::MAX);
        assert_eq!(divide_half_up(7, 0), 7);
    }

    #[test]
    fn tax_is_rounded_once_from_the_exact_product() {
        assert_eq!(tax_on(419_717, RatePpm::new(60_000)), 25_183);
        assert_eq!(tax_on(9_750, RatePpm::new(10_000)), 98);
        assert_eq!(tax_on(-9_750, RatePpm::new(10_000)), -98);
        assert_eq!(
            tax_on(Fen::MAX.wide(), RatePpm::new(130_000)),
            130_000_000_000_000_000
        );
    }

    #[test]
    fn a_gross_amount_splits_into_parts_that_add_up() {
        let split = split_gross(Fen::new(990), RatePpm::new(90_000)).unwrap();
        assert_eq!((split.net, split.tax), (Fen::new(908), Fen::new(82)));
        let split = split_gross(Fen::new(-990), RatePpm::new(90_000)).unwrap();
        assert_eq!((split.net, split.tax), (Fen::new(-908), Fen::new(-82)));
    }
}

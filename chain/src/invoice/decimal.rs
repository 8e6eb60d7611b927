//! Quantities and unit prices: decimals of up to 25 characters, kept exactly as written.
//!
//! Guards: at most 13 decimals, digits and one point, no sign, no exponent.
//! Never: on chain. Their product is compared at the desk only, so 28 digits of precision do.

use rust_decimal::Decimal;

use super::bounds::{DECIMAL_CHARS_MAX, DECIMAL_SCALE_MAX};
use crate::amount::Fen;
use crate::tax::divide_half_up;

/// Reads a quantity or unit price; `None` if it is not one.
#[must_use]
pub(super) fn parse(text: &str) -> Option<Decimal> {
    let (integer, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = text.len() <= DECIMAL_CHARS_MAX && decimals.len() <= DECIMAL_SCALE_MAX;
    let plain =
        digits(integer) && digits(decimals) && (integer == "0" || !integer.starts_with('0'));
    if fits && plain {
        Decimal::from_str_exact(text).ok()
    } else {
        None
    }
}

/// `quantity × price` in fen, half up; `None` over 18 digits.
#[must_use]
pub(super) fn product_fen(quantity: Decimal, price: Decimal) -> Option<Fen> {
    let product = quantity.checked_mul(price)?;
    let scale = 10_u128.checked_pow(product.scale())?;
    Fen::from_wide(divide_half_up(product.mantissa().checked_mul(100)?, scale))
}

/// Whether `|quantity × price − amount|` is within a tolerance, compared before any rounding.
#[must_use]
pub(super) fn product_is_near(
    (quantity, price): (Decimal, Decimal),
    amount: Fen,
    tolerance_fen: i64,
) -> bool {
    let Some(product) = quantity.checked_mul(price) else {
        return false;
    };
    let Some(scale) = 10_i128.checked_pow(product.scale()) else {
        return false;
    };
    // Both sides in fen times 10^scale: 97 bits times 100, and 60 bits times at most 10^28.
    let exact = product.mantissa().checked_mul(100);
    let stated = amount.wide().checked_mul(scale);
    let slack = i128::from(tolerance_fen).checked_mul(scale);
    match (exact, stated, slack) {
        (Some(exact), Some(stated), Some(slack)) => exact.abs_diff(stated) <= slack.unsigned_abs(),
        // The amount times 10^scale overflows only if it is far larger than the product.
        _ => false,
    }
}

/// What times `factor` is the amount, within a tolerance: the other half of a pair.
pub(super) fn quotient(amount: Fen, factor: Decimal, tolerance_fen: i64) -> Option<String> {
    let scale = u32::try_from(DECIMAL_SCALE_MAX).ok()?;
    let yuan = Decimal::from_i128_with_scale(amount.wide(), 2);
    let quotient = yuan.checked_div(factor)?.round_dp(scale).normalize();
    let text = quotient.to_string();
    let near = product_is_near((parse(&text)?, factor), amount, tolerance_fen);
    near.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_plain_and_short() {
        for text in [
            "0",
            "1",
            "0.083",
            "4197.16981132075",
            "1.0000000000000",
            "100000000000.5",
        ] {
            assert!(parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "01",
            "1.00000000000000",
            "1 ",
            "１",
            "12345678901234567890123456",
        ] {
            assert!(parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_product_is_compared_exactly_at_the_border() {
        let fen = |text| Fen::parse_unsigned(text).unwrap();
        let pair = |a, b| (parse(a).unwrap(), parse(b).unwrap());
        assert!(product_is_near(pair("3", "33.33"), fen("100.00"), 1));
        assert!(!product_is_near(
            pair("3", "33.3299999999999"),
            fen("100.00"),
            1
        ));
        assert!(product_is_near(pair("0.083", "110"), fen("9.13"), 0));
        assert_eq!(
            product_fen(parse("1").unwrap(), parse("0.005").unwrap()),
            Some(fen("0.01"))
        );
        let huge = parse("9999999999999999999999999").unwrap();
        assert_eq!(product_fen(huge, huge), None);
        assert!(!product_is_near((huge, huge), fen("1.00"), 1));
    }

    #[test]
    fn a_large_amount_with_a_long_price_is_still_compared() {
        let pair = (
            parse("1000000").unwrap(),
            parse("9999999999.1234567890123").unwrap(),
        );
        let amount = product_fen(pair.0, pair.1).unwrap();
        assert_eq!(amount.to_string(), "9999999999123456.79");
        assert!(product_is_near(pair, amount, 1));
    }
}

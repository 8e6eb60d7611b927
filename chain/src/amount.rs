//! Money: whole fen (0.01 CNY), checked arithmetic only.
//!
//! Guards: an amount has one spelling, exactly two decimals and at most 18 digits.
//! Never: a float, a silent overflow, or another currency.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Characters of the longest `i64`: a sign, 19 digits, a point.
const SPELLED_BYTES_MAX: usize = 21;

/// Digits before the decimal point of the largest amount.
const INTEGER_DIGITS_MAX: usize = 16;

/// An amount in fen. Encoded as a bare `i64`.
///
/// The type holds any `i64`, because a transaction may claim any; [`Fen::is_within_bounds`] tells
/// whether it is an amount an invoice may show.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fen(i64);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Not ASCII digits, a point and exactly two digits; or a sign or leading zero too many.
    #[error("not an amount with exactly two decimals")]
    Malformed,
    /// More than 16 digits before the point.
    #[error("more than 18 digits")]
    TooLarge,
}

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount an invoice may show: 18 digits, 9 999 999 999 999 999.99 CNY.
    pub const MAX: Self = Self(999_999_999_999_999_999);

    /// An amount of `fen` hundredths of a CNY.
    #[must_use]
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The amount in fen, wide enough to multiply by a rate.
    #[must_use]
    pub const fn wide(self) -> i128 {
        self.0 as i128
    }

    /// Narrows a computed amount; `None` beyond 18 digits either way.
    #[must_use]
    pub fn from_wide(fen: i128) -> Option<Self> {
        i64::try_from(fen)
            .ok()
            .map(Self)
            .filter(|amount| amount.is_within_bounds())
    }

    /// Whether the amount has at most 18 digits.
    #[must_use]
    pub const fn is_within_bounds(self) -> bool {
        self.0.unsigned_abs() <= Self::MAX.0.unsigned_abs()
    }

    /// Sum, or `None` beyond the range of `i64`.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Difference, or `None` beyond the range of `i64`.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount with the other sign, or `None` beyond the range of `i64`.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// Reads `100.00`: ASCII digits, no sign, no superfluous zero, exactly two decimals.
    ///
    /// # Errors
    /// [`AmountError`]; see its variants.
    pub fn parse_unsigned(text: &str) -> Result<Self, AmountError> {
        let (integer, decimals) = text.split_once('.').ok_or(AmountError::Malformed)?;
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let superfluous_zero = integer.len() > 1 && integer.starts_with('0');
        if integer.is_empty() || superfluous_zero || decimals.len() != 2 {
            return Err(AmountError::Malformed);
        }
        if !digits_only(integer) || !digits_only(decimals) {
            return Err(AmountError::Malformed);
        }
        if integer.len() > INTEGER_DIGITS_MAX {
            return Err(AmountError::TooLarge);
        }
        let fen = text
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0_i64, |fen, digit| {
                fen.saturating_mul(10).saturating_add(digit_value(digit))
            });
        Ok(Self(fen))
    }

    /// Reads an amount that may be negative: `-10.00`. `-0.00` and `+1.00` are not amounts.
    ///
    /// # Errors
    /// [`AmountError`]; see its variants.
    pub fn parse_signed(text: &str) -> Result<Self, AmountError> {
        let Some(magnitude) = text.strip_prefix('-') else {
            return Self::parse_unsigned(text);
        };
        let magnitude = Self::parse_unsigned(magnitude)?;
        if magnitude == Self::ZERO {
            return Err(AmountError::Malformed);
        }
        magnitude.checked_neg().ok_or(AmountError::TooLarge)
    }
}

/// Value of one ASCII digit.
fn digit_value(digit: u8) -> i64 {
    i64::from(digit.saturating_sub(b'0'))
}

impl fmt::Display for Fen {
    /// Exactly two decimals: `100.00`, `-0.05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written by hand: every line of every invoice shows three of these.
        let mut text = [0_u8; SPELLED_BYTES_MAX];
        let mut rest = self.0.unsigned_abs();
        let mut length: usize = 0;
        for place in text.iter_mut().rev() {
            let digit = u8::try_from(rest.rem_euclid(10)).unwrap_or_default();
            match length {
                2 => *place = b'.',
                0 | 1 | 3 => *place = b'0'.saturating_add(digit),
                _ if rest != 0 => *place = b'0'.saturating_add(digit),
                _ if self.0 < 0 => *place = b'-',
                _ => break,
            }
            let signed = *place == b'-';
            length = length.saturating_add(1);
            if signed {
                break;
            }
            if *place != b'.' {
                rest = rest.div_euclid(10);
            }
        }
        let spelled = text.get(text.len().saturating_sub(length)..);
        let spelled = spelled.and_then(|bytes| core::str::from_utf8(bytes).ok());
        f.write_str(spelled.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_one_spelling() {
        for text in ["0.00", "0.01", "100.00", "9999999999999999.99"] {
            assert_eq!(Fen::parse_unsigned(text).unwrap().to_string(), text);
        }
        for text in ["-0.05", "-10.00", "-9999999999999999.99"] {
            assert_eq!(Fen::parse_signed(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn anything_but_two_decimals_is_refused() {
        let wrong = [
            "", ".", "1", "1.", "1.0", "1.000", ".50", "01.00", "00.00", "+1.00", "1e2.00",
            "1,000.00", " 1.00", "1.00 ", "１.00", "1.0０", "--1.00", "-0.00", "1.00.00", "NaN",
            "0x1.00", "1.-1",
        ];
        for text in wrong {
            assert_eq!(
                Fen::parse_signed(text),
                Err(AmountError::Malformed),
                "{text:?}"
            );
        }
        assert_eq!(Fen::parse_unsigned("-1.00"), Err(AmountError::Malformed));
    }

    #[test]
    fn an_amount_has_at_most_eighteen_digits() {
        assert_eq!(
            Fen::parse_unsigned("10000000000000000.00"),
            Err(AmountError::TooLarge)
        );
        assert_eq!(Fen::from_wide(Fen::MAX.wide() + 1), None);
        assert_eq!(
            Fen::from_wide(-Fen::MAX.wide()),
            Some(Fen::new(-Fen::MAX.fen()))
        );
        assert!(!Fen::new(i64::MIN).is_within_bounds());
        assert_eq!(Fen::new(i64::MIN).to_string(), "-92233720368547758.08");
    }

    #[test]
    fn every_size_and_sign_is_spelled_out() {
        let cases = [
            (0, "0.00"),
            (7, "0.07"),
            (-7, "-0.07"),
            (10, "0.10"),
            (99, "0.99"),
            (100, "1.00"),
            (-100, "-1.00"),
            (100_005, "1000.05"),
            (i64::MAX, "92233720368547758.07"),
        ];
        for (fen, text) in cases {
            assert_eq!(Fen::new(fen).to_string(), text);
        }
    }

    #[test]
    fn arithmetic_never_wraps() {
        assert_eq!(Fen::new(i64::MAX).checked_add(Fen::new(1)), None);
        assert_eq!(Fen::new(i64::MIN).checked_sub(Fen::new(1)), None);
        assert_eq!(Fen::new(i64::MIN).checked_neg(), None);
        assert_eq!(Fen::new(7).checked_sub(Fen::new(9)), Some(Fen::new(-2)));
    }
}

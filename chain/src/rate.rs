//! Tax rates in parts per million.
//!
//! Guards: 13 % is the integer 130 000 wherever it is compared or multiplied; decimals exist only
//! where a person or a program outside writes them.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// Parts per million in one whole.
pub const PPM: u32 = 1_000_000;

/// Decimals a rate may have (the national interface's 16,6).
const DECIMALS_MAX: usize = 6;

/// A rate in parts per million: 130 000 is 13 %. Encoded as a bare `u32`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RatePpm(u32);

/// A text that is not a rate from 0 to 1 with at most six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a rate from 0 to 1 with at most six decimals")]
pub struct RateError;

impl RatePpm {
    /// No tax.
    pub const ZERO: Self = Self(0);

    /// A rate of `ppm` parts per million.
    #[must_use]
    pub const fn new(ppm: u32) -> Self {
        Self(ppm)
    }

    /// The rate in parts per million.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// Whether the rate is nought.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl FromStr for RatePpm {
    type Err = RateError;

    /// Reads `0.13`: a fraction, not a percentage. Trailing zeros are accepted up to six decimals.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (integer, decimals) = match text.split_once('.') {
            Some((_, "")) => return Err(RateError),
            Some(parts) => parts,
            None => (text, ""),
        };
        if decimals.len() > DECIMALS_MAX || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RateError);
        }
        let whole = match integer {
            "0" => 0,
            "1" => PPM,
            _ => return Err(RateError),
        };
        let digits = decimals.bytes().chain(core::iter::repeat(b'0'));
        let fraction = digits.take(DECIMALS_MAX).fold(0_u32, |value, digit| {
            let digit = u32::from(digit.saturating_sub(b'0'));
            value.saturating_mul(10).saturating_add(digit)
        });
        match whole.saturating_add(fraction) {
            ppm if ppm <= PPM => Ok(Self(ppm)),
            _ => Err(RateError),
        }
    }
}

impl fmt::Display for RatePpm {
    /// The shortest decimal: `0.13`, `0.015`, `0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0.div_euclid(PPM), self.0.rem_euclid(PPM));
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let (mut fraction, mut places) = (fraction, DECIMALS_MAX);
        while fraction.rem_euclid(10) == 0 {
            fraction = fraction.div_euclid(10);
            places = places.saturating_sub(1);
        }
        write!(f, "{whole}.{fraction:0places$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_fractions_and_shown_short() {
        let cases = [
            ("0.13", 130_000, "0.13"),
            ("0.06", 60_000, "0.06"),
            ("0.015", 15_000, "0.015"),
            ("0.130000", 130_000, "0.13"),
            ("0", 0, "0"),
            ("0.00", 0, "0"),
            ("1", 1_000_000, "1"),
            ("0.000001", 1, "0.000001"),
        ];
        for (text, ppm, shown) in cases {
            let rate: RatePpm = text.parse().unwrap();
            assert_eq!(rate.ppm(), ppm, "{text}");
            assert_eq!(rate.to_string(), shown, "{text}");
        }
    }

    #[test]
    fn percentages_signs_and_exponents_are_not_rates() {
        for text in [
            "",
            "13",
            "13%",
            "0.",
            ".13",
            "-0.13",
            "+0.13",
            "1e-2",
            "0.1300000",
            "1.1",
            "00.1",
            "０.1",
        ] {
            assert_eq!(text.parse::<RatePpm>(), Err(RateError), "{text:?}");
        }
    }
}

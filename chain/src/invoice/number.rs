//! The 20-digit invoice number: year (2), region (2), channel (1), sequence (15).
//!
//! Guards: a number is assigned at execution and never chosen; this type only spells it.
//! There is no check digit. Source: the national digital invoice, of which this is the layout.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::time::IssueDate;

/// Digits of a number.
const LENGTH: usize = 20;
/// First sequence with more than 15 digits.
const SEQUENCE_END: u64 = 1_000_000_000_000_000;

/// An invoice number. Encoded as 20 bare ASCII digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "[u8; 20]", into = "[u8; 20]")]
pub struct InvoiceNumber([u8; LENGTH]);

/// Why something is not an invoice number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvoiceNumberError {
    /// Not 20 ASCII digits.
    #[error("not 20 digits")]
    NotTwentyDigits,
    /// A part does not fit its digits, or the date has no year of four digits.
    #[error("a part does not fit its digits")]
    PartTooLarge,
}

impl InvoiceNumber {
    /// Puts a number together.
    ///
    /// # Errors
    /// [`InvoiceNumberError::PartTooLarge`] for a region over 99, a channel over 9, a sequence
    /// over 15 digits, or a date after the year 9999.
    pub fn new(
        issued_on: IssueDate,
        region: u8,
        channel: u8,
        sequence: u64,
    ) -> Result<Self, InvoiceNumberError> {
        let (year, _, _) = issued_on
            .calendar()
            .ok_or(InvoiceNumberError::PartTooLarge)?;
        if region > 99 || channel > 9 || sequence >= SEQUENCE_END {
            return Err(InvoiceNumberError::PartTooLarge);
        }
        format!(
            "{:02}{region:02}{channel}{sequence:015}",
            year.rem_euclid(100)
        )
        .parse()
        .map_err(|_not_digits| InvoiceNumberError::PartTooLarge)
    }

    /// The 20 ASCII digits.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// The number as text.
    ///
    /// # Panics
    /// Never: every byte is an ASCII digit.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("every byte of a number is an ASCII digit")
    }

    /// Last two digits of the year of issue.
    #[must_use]
    pub fn year(&self) -> u8 {
        u8::try_from(self.part(0, 2)).unwrap_or(u8::MAX)
    }

    /// Region digits.
    #[must_use]
    pub fn region(&self) -> u8 {
        u8::try_from(self.part(2, 2)).unwrap_or(u8::MAX)
    }

    /// Channel digit.
    #[must_use]
    pub fn channel(&self) -> u8 {
        u8::try_from(self.part(4, 1)).unwrap_or(u8::MAX)
    }

    /// The chain-wide issuance index, up to 15 digits.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.part(5, 15)
    }

    /// Value of a run of digits.
    fn part(&self, from: usize, digits: usize) -> u64 {
        self.0
            .iter()
            .skip(from)
            .take(digits)
            .fold(0, |value: u64, &digit| {
                value
                    .saturating_mul(10)
                    .saturating_add(u64::from(digit.saturating_sub(b'0')))
            })
    }
}

impl TryFrom<[u8; LENGTH]> for InvoiceNumber {
    type Error = InvoiceNumberError;

    fn try_from(digits: [u8; LENGTH]) -> Result<Self, InvoiceNumberError> {
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(InvoiceNumberError::NotTwentyDigits)
        }
    }
}

impl From<InvoiceNumber> for [u8; LENGTH] {
    fn from(number: InvoiceNumber) -> Self {
        number.0
    }
}

impl FromStr for InvoiceNumber {
    type Err = InvoiceNumberError;

    fn from_str(text: &str) -> Result<Self, InvoiceNumberError> {
        let digits: [u8; LENGTH] = text
            .as_bytes()
            .try_into()
            .map_err(|_length| InvoiceNumberError::NotTwentyDigits)?;
        Self::try_from(digits)
    }
}

impl fmt::Display for InvoiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for InvoiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvoiceNumber({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_year_region_channel_and_sequence() {
        let date = IssueDate::parse("2026-11-21").unwrap();
        let number = InvoiceNumber::new(date, 42, 7, 18).unwrap();
        assert_eq!(number.as_str(), "26427000000000000018");
        assert_eq!(
            (
                number.year(),
                number.region(),
                number.channel(),
                number.sequence()
            ),
            (26, 42, 7, 18)
        );
        let last = InvoiceNumber::new(date, 99, 9, SEQUENCE_END - 1).unwrap();
        assert_eq!(last.sequence(), SEQUENCE_END - 1);
    }

    #[test]
    fn parts_that_do_not_fit_make_no_number() {
        let date = IssueDate::parse("2026-11-21").unwrap();
        for (region, channel, sequence) in [(100, 0, 0), (0, 10, 0), (0, 0, SEQUENCE_END)] {
            let number = InvoiceNumber::new(date, region, channel, sequence);
            assert_eq!(number, Err(InvoiceNumberError::PartTooLarge));
        }
        for text in [
            "",
            "2642700000000000001",
            "264270000000000000018",
            "2642700000000000001x",
        ] {
            assert!(text.parse::<InvoiceNumber>().is_err(), "{text:?}");
        }
    }
}

//! 居民身份证号码: the 18-digit id of a person (GB 11643-1999).
//!
//! Guards: check character, a real date of birth that is not in the future, a region that exists
//! or existed. Never logged, never on chain: the type shows itself masked only.

use core::fmt;

use time::Date;

use super::region;
use crate::time::{IssueDate, calendar_date};

/// Weights of the first 17 digits.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check characters by `Σ mod 11`.
const CHECKS: &[u8; 11] = b"10X98765432";

/// A valid resident id.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ResidentId([u8; 18]);

/// Why a text is not a resident id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResidentIdError {
    /// Not 17 ASCII digits and a digit or X.
    #[error("not 17 digits and a check character")]
    Format,
    /// The check character is wrong.
    #[error("the check character is wrong")]
    Checksum,
    /// The region never existed.
    #[error("unknown region")]
    Region,
    /// The date of birth does not exist or lies in the future.
    #[error("the date of birth does not exist or lies in the future")]
    Birth,
}

impl ResidentId {
    /// Reads an id as of `today`, which bounds the date of birth.
    ///
    /// # Errors
    /// [`ResidentIdError`]; see its variants.
    pub fn parse(text: &str, today: IssueDate) -> Result<Self, ResidentIdError> {
        let id: [u8; 18] = text
            .as_bytes()
            .try_into()
            .map_err(|_length| ResidentIdError::Format)?;
        let [digits @ .., check] = id;
        if !digits.iter().all(u8::is_ascii_digit) || !CHECKS.contains(&check) {
            return Err(ResidentIdError::Format);
        }
        if check_character(&digits) != Some(check) {
            return Err(ResidentIdError::Checksum);
        }
        let [region @ .., _, _, _, _, _, _, _, _, _, _, _] = digits;
        if !region::is_known(number(&region)) {
            return Err(ResidentIdError::Region);
        }
        let [_, _, _, _, _, _, birth @ .., _, _, _] = digits;
        if born_by(birth, today) {
            Ok(Self(id))
        } else {
            Err(ResidentIdError::Birth)
        }
    }

    /// The 18 ASCII characters. Private: only for the sealed commitment and the document.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 18] {
        &self.0
    }

    /// The id as it may be shown: `420102********1234`.
    #[must_use]
    pub fn masked(&self) -> String {
        self.0
            .iter()
            .enumerate()
            .map(|(place, &digit)| {
                if (6..14).contains(&place) {
                    '*'
                } else {
                    char::from(digit)
                }
            })
            .collect()
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentId(…)")
    }
}

/// Whether `yyyymmdd` is a day of the calendar, not after `today`.
fn born_by(birth: [u8; 8], today: IssueDate) -> bool {
    let [year @ .., month_tens, month, day_tens, day] = birth;
    let part = |digits: &[u8]| u16::try_from(number(digits)).unwrap_or(u16::MAX);
    let (year, month, day) = (
        part(&year),
        part(&[month_tens, month]),
        part(&[day_tens, day]),
    );
    let born = calendar_date(year, month, day).map(Date::to_julian_day);
    let today = today
        .calendar()
        .and_then(|(year, month, day)| calendar_date(year, month.into(), day.into()))
        .map(Date::to_julian_day);
    match (born, today) {
        (Some(born), Some(today)) => born <= today,
        (born, None) => born.is_some(),
        (None, Some(_)) => false,
    }
}

/// `10X98765432[Σ mod 11]`.
fn check_character(digits: &[u8; 17]) -> Option<u8> {
    let sum = digits
        .iter()
        .zip(WEIGHTS)
        .fold(0_u32, |sum, (&digit, weight)| {
            sum.saturating_add(u32::from(digit.saturating_sub(b'0')).saturating_mul(weight))
        });
    CHECKS
        .get(usize::try_from(sum.rem_euclid(11)).ok()?)
        .copied()
}

/// Value of a few ASCII digits.
fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0_u32, |number, &digit| {
        number
            .saturating_mul(10)
            .saturating_add(u32::from(digit.saturating_sub(b'0')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples_are_valid() {
        let today = IssueDate::parse("2026-11-21").unwrap();
        assert!(ResidentId::parse("11010519491231002X", today).is_ok());
        assert!(ResidentId::parse("440524188001010014", today).is_ok());
    }

    #[test]
    fn a_birth_in_the_future_is_refused_and_today_is_not() {
        let id = "420102199411131536";
        let valid = "42010219941113153X";
        let day = IssueDate::parse("1994-11-13").unwrap();
        assert!(ResidentId::parse(valid, day).is_ok());
        let eve = IssueDate::from_days(day.days() - 1);
        assert_eq!(ResidentId::parse(valid, eve), Err(ResidentIdError::Birth));
        assert_eq!(ResidentId::parse(id, day), Err(ResidentIdError::Checksum));
    }

    #[test]
    fn an_id_shows_itself_masked() {
        let today = IssueDate::parse("2026-11-21").unwrap();
        let id = ResidentId::parse("42010219941113153X", today).unwrap();
        assert_eq!(id.masked(), "420102********153X");
        assert_eq!(format!("{id:?}"), "ResidentId(…)");
        for text in [
            "",
            "42010219941113153x",
            "４2010219941113153X",
            "42010219941113153",
        ] {
            assert_eq!(
                ResidentId::parse(text, today),
                Err(ResidentIdError::Format),
                "{text:?}"
            );
        }
    }
}

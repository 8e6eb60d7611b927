//! Tax ids older than the unified code: 15 to 20 characters, no check that holds for all of them.
//!
//! Guards: accepted only where the party says `id_scheme: legacy`, and never shown on chain,
//! because a sole trader's id embeds a resident id. An id of none of the known forms is a warning.
//! Source: the lengths and characters vendors of the national interface accept; six digits of a
//! region and an organisation code with its check character (GB 11714), or a resident id
//! (GB 11643) of either length with up to two characters of the tax office behind it.

use super::org_code::org_code_check;
use super::region;
use super::resident_id::ResidentId;
use super::uscc::narrowed;
use crate::time::{IssueDate, calendar_date};

/// Lengths in use.
const LENGTHS: [usize; 4] = [15, 17, 18, 20];

/// Whether a text has the form of an older tax id: 15, 17, 18 or 20 ASCII digits and capitals.
#[must_use]
pub fn is_legacy_tax_id(text: &str) -> bool {
    LENGTHS.contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// What an older tax id is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyForm {
    /// A region and an organisation code.
    Organisation,
    /// A person's resident id, perhaps with two characters behind it: private.
    Person,
    /// Neither.
    Unknown,
}

/// The form of an older tax id; an organisation code is looked for first.
#[must_use]
pub fn legacy_form(text: &str) -> LegacyForm {
    let known = |text: &str| {
        let digits = text.get(..6).filter(|region| is_digits(region));
        digits
            .and_then(|region| region.parse().ok())
            .is_some_and(region::is_known)
    };
    let person = match text.len() {
        15 | 17 => known(text) && text.get(..15).is_some_and(is_old_resident_id),
        18 | 20 => text.get(..18).is_some_and(|id| {
            // Of any day: how old an id is says nothing here.
            ResidentId::parse(id, IssueDate::from_days(u32::MAX)).is_ok()
        }),
        _ => false,
    };
    if text.len() == 15 && known(text) && text.get(6..).is_some_and(is_org_code) {
        LegacyForm::Organisation
    } else if person {
        LegacyForm::Person
    } else {
        LegacyForm::Unknown
    }
}

/// Repairs blanks, separators, width and case; `Some` only if that alone makes an older tax id and
/// changed something.
#[must_use]
pub fn normalised_legacy(text: &str) -> Option<String> {
    let repaired = narrowed(text)?;
    (repaired != text && is_legacy_tax_id(&repaired)).then_some(repaired)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Eight characters and the check character that belongs to them.
fn is_org_code(text: &str) -> bool {
    let Ok([body @ .., check]) = <[u8; 9]>::try_from(text.as_bytes()) else {
        return false;
    };
    org_code_check(body) == Some(check)
}

/// Region, `yymmdd` of a day of the last century, and three digits.
fn is_old_resident_id(text: &str) -> bool {
    let part = |from: usize| text.get(from..from.saturating_add(2))?.parse::<u16>().ok();
    let born = || {
        let year = part(6)?.saturating_add(1900);
        calendar_date(year, part(8)?, part(10)?)
    };
    is_digits(text) && born().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_says_whose_id_it_is() {
        // 440301 and the organisation code 70846113-6 of GB 11714.
        assert_eq!(legacy_form("440301708461136"), LegacyForm::Organisation);
        assert_eq!(legacy_form("440301708461137"), LegacyForm::Unknown);
        assert_eq!(legacy_form("420102941113153"), LegacyForm::Person);
        assert_eq!(legacy_form("42010294111315301"), LegacyForm::Person);
        assert_eq!(legacy_form("42010294131315301"), LegacyForm::Unknown);
        assert_eq!(legacy_form("11010519491231002X"), LegacyForm::Person);
        assert_eq!(legacy_form("11010519491231002X01"), LegacyForm::Person);
        assert_eq!(legacy_form("11010519491231002001"), LegacyForm::Unknown);
        assert_eq!(legacy_form(""), LegacyForm::Unknown);
    }

    #[test]
    fn case_width_and_blanks_are_repaired_and_nothing_else() {
        let repaired = |text| normalised_legacy(text);
        assert_eq!(
            repaired("4403 0170-8461136").as_deref(),
            Some("440301708461136")
        );
        assert_eq!(
            repaired("44030170846113x").as_deref(),
            Some("44030170846113X")
        );
        assert_eq!(repaired("440301708461136"), None);
        assert_eq!(repaired("4403017084611"), None);
    }

    #[test]
    fn older_ids_have_four_lengths_and_no_blanks() {
        assert!(is_legacy_tax_id("440301999012345"));
        assert!(is_legacy_tax_id("11010519491231002X01"));
        for text in [
            "",
            "44030199901234",
            "44030199901234 ",
            "44030199901234x",
            "４40301999012345",
        ] {
            assert!(!is_legacy_tax_id(text), "{text:?}");
        }
    }
}

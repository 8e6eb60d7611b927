//! 统一社会信用代码: the 18-character tax id of an organisation (GB 32100-2015).
//!
//! Guards: a [`Uscc`] is always valid, wherever it came from; nothing is repaired in passing.
//! A text that needs repair (blanks, width, case) is refused, with the repaired text suggested.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use super::org_code::{OrgCode, org_code_check};

/// Characters of a code, in the order of their values; I O Z S V are left out by the standard.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// `3^(i-1) mod 31` for the first 17 characters.
const WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
/// Characters of a code.
const LENGTH: usize = 18;
/// Longest text worth normalising: 18 characters with a separator after each, full-width.
const NORMALISE_BYTES_MAX: usize = 128;

/// A valid unified social credit code. Encoded as 18 bare bytes; decoding checks it again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "[u8; 18]", into = "[u8; 18]")]
pub struct Uscc([u8; LENGTH]);

/// Why a text is not a unified social credit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UsccError {
    /// Not 18 characters.
    #[error("not 18 characters")]
    Length,
    /// A character outside the GB 32100 set.
    #[error("a character outside the GB 32100 set")]
    Character,
    /// Characters 3–8 are not the digits of a region.
    #[error("characters 3 to 8 are not digits")]
    Region,
    /// The last character is not the check character of the others.
    #[error("the check character is wrong")]
    Checksum,
}

impl Uscc {
    /// The 18 ASCII characters.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// The code as text.
    ///
    /// # Panics
    /// Never: every character of a valid code is ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("every character of a valid code is ASCII")
    }

    /// Whether the organisation code inside passes its own check character (GB 11714).
    #[must_use]
    pub fn org_code_is_consistent(&self) -> bool {
        let [_, _, _, _, _, _, _, _, body @ .., check, _] = self.0;
        org_code_check(body) == Some(check)
    }
}

impl TryFrom<[u8; LENGTH]> for Uscc {
    type Error = UsccError;

    fn try_from(code: [u8; LENGTH]) -> Result<Self, UsccError> {
        let [body @ .., check] = code;
        if value(check).is_none() || body.iter().any(|&character| value(character).is_none()) {
            return Err(UsccError::Character);
        }
        let [_, _, region @ .., _, _, _, _, _, _, _, _, _] = body;
        if !region.iter().all(u8::is_ascii_digit) {
            return Err(UsccError::Region);
        }
        if check_character(&body) == Some(check) {
            Ok(Self(code))
        } else {
            Err(UsccError::Checksum)
        }
    }
}

impl From<Uscc> for [u8; LENGTH] {
    fn from(code: Uscc) -> Self {
        code.0
    }
}

impl FromStr for Uscc {
    type Err = UsccError;

    /// Reads exactly 18 characters; never trims, re-cases or narrows.
    fn from_str(text: &str) -> Result<Self, UsccError> {
        if text.chars().count() != LENGTH {
            return Err(UsccError::Length);
        }
        let code: [u8; LENGTH] = text
            .as_bytes()
            .try_into()
            .map_err(|_wide| UsccError::Character)?;
        Self::try_from(code)
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uscc({})", self.as_str())
    }
}

/// Builds the valid code of given parts: registering authority, entity class, six region digits,
/// organisation code. Test networks make their merchants with it.
///
/// # Errors
/// [`UsccError::Character`] or [`UsccError::Region`] if a part is outside its set.
pub fn from_parts(
    authority: u8,
    class: u8,
    region: [u8; 6],
    organisation: OrgCode,
) -> Result<Uscc, UsccError> {
    let mut body = [0_u8; LENGTH - 1];
    let parts = [authority, class]
        .into_iter()
        .chain(region)
        .chain(organisation);
    for (place, character) in body.iter_mut().zip(parts) {
        *place = character;
    }
    let check = check_character(&body).ok_or(UsccError::Character)?;
    let mut code = [check; LENGTH];
    for (place, character) in code.iter_mut().zip(body) {
        *place = character;
    }
    Uscc::try_from(code)
}

/// Repairs blanks, separators, width and case; `Some` only if that alone makes a valid code and
/// changed something. A wrong character is never replaced: that would name another company.
#[must_use]
pub fn normalised(text: &str) -> Option<String> {
    let repaired = narrowed(text)?;
    (repaired != text && repaired.parse::<Uscc>().is_ok()).then_some(repaired)
}

/// A text without blanks and separators, in ASCII as far as width allows, and in capitals; `None`
/// if it is too long to be an id.
pub(super) fn narrowed(text: &str) -> Option<String> {
    if text.len() > NORMALISE_BYTES_MAX {
        return None;
    }
    let narrow = text.chars().filter_map(narrow);
    Some(narrow.map(|c| c.to_ascii_uppercase()).collect())
}

/// Drops blanks and separators, and maps full-width characters to ASCII.
fn narrow(character: char) -> Option<char> {
    match character {
        '\u{FF01}'..='\u{FF5E}' => {
            let ascii = u32::from(character).saturating_sub(0xFEE0);
            char::from_u32(ascii).and_then(narrow)
        }
        '-' | '_' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}' => None,
        '\u{200B}' | '\u{FEFF}' => None,
        _ if character.is_whitespace() => None,
        _ => Some(character),
    }
}

/// `(31 − Σ Ci·Wi mod 31) mod 31`, written in the alphabet.
fn check_character(body: &[u8; LENGTH - 1]) -> Option<u8> {
    let mut sum = 0_u32;
    for (&character, weight) in body.iter().zip(WEIGHTS) {
        sum = sum.saturating_add(value(character)?.saturating_mul(weight));
    }
    let check = 31_u32.saturating_sub(sum.rem_euclid(31)).rem_euclid(31);
    ALPHABET.get(usize::try_from(check).ok()?).copied()
}

/// Value of a character: its place in the alphabet.
fn value(character: u8) -> Option<u32> {
    VALUES
        .get(usize::from(character))
        .copied()
        .flatten()
        .map(u32::from)
}

/// Values by ASCII character, computed once at build time: this runs for every invoice.
const VALUES: [Option<u8>; 128] = values();

/// Inverts [`ALPHABET`].
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at build time, where a bad index is an error"
)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "evaluated at build time, bounded by 31"
)]
const fn values() -> [Option<u8>; 128] {
    let mut table = [None; 128];
    let mut position = 0_u8;
    while (position as usize) < ALPHABET.len() {
        table[ALPHABET[position as usize] as usize] = Some(position);
        position += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "91420100MAXH4XGP0H";

    #[test]
    fn every_single_substitution_and_transposition_is_caught() {
        let good = VALID.as_bytes();
        for place in 0..LENGTH {
            for &other in ALPHABET.iter().filter(|&&c| c != good[place]) {
                let mut wrong: [u8; LENGTH] = good.try_into().unwrap();
                wrong[place] = other;
                assert!(Uscc::try_from(wrong).is_err(), "{place} {other}");
            }
        }
        for place in 0..LENGTH - 1 {
            let mut wrong: [u8; LENGTH] = good.try_into().unwrap();
            wrong.swap(place, place + 1);
            assert_eq!(
                Uscc::try_from(wrong).is_err(),
                good[place] != good[place + 1]
            );
        }
    }

    #[test]
    fn a_text_is_repaired_only_in_form_and_only_as_a_suggestion() {
        for text in [
            "91420100 MAXH4XGP0H",
            "91420100maxh4xgp0h",
            "９１420100-MAXH4XGP0H",
        ] {
            assert!(text.parse::<Uscc>().is_err());
            assert_eq!(normalised(text).as_deref(), Some(VALID), "{text}");
        }
        assert_eq!(normalised(VALID), None);
        assert_eq!(normalised("91420100MAXH4XGP0J"), None);
        assert_eq!(normalised(&"9".repeat(1000)), None);
    }

    #[test]
    fn parts_make_a_valid_code() {
        let code = from_parts(b'9', b'1', *b"420100", *b"MAXH4XGP0").unwrap();
        assert_eq!(code.as_str(), VALID);
        assert!(code.org_code_is_consistent());
        assert_eq!(
            from_parts(b'9', b'1', *b"42010A", *b"MAXH4XGP0"),
            Err(UsccError::Region)
        );
        assert_eq!(
            from_parts(b'I', b'1', *b"420100", *b"MAXH4XGP0"),
            Err(UsccError::Character)
        );
    }

    #[test]
    fn the_encoding_is_eighteen_bytes_and_decoding_checks_them() {
        let code: Uscc = VALID.parse().unwrap();
        let json = serde_json::to_string(&code).unwrap();
        assert_eq!(serde_json::from_str::<Uscc>(&json).unwrap(), code);
        let wrong = json.replacen("57", "56", 1);
        assert!(serde_json::from_str::<Uscc>(&wrong).is_err());
    }
}

//! Tax ids older than the unified code: 15 to 20 characters, no check that holds for all of them.
//!
//! Guards: accepted only where the party says `id_scheme: legacy`, and never shown on chain,
//! because a sole trader's id embeds a resident id.
//! Source: the lengths and characters vendors of the national interface accept.

use super::uscc;

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

/// Repairs blanks, separators, width and case; `Some` only if that alone gives the form of an
/// older tax id and changed something.
#[must_use]
pub fn legacy_tax_id_normalised(text: &str) -> Option<String> {
    let repaired = uscc::narrowed(text)?;
    (repaired != text && is_legacy_tax_id(&repaired)).then_some(repaired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_width_and_case_are_repaired_and_nothing_else() {
        for text in ["4403 0199 9012345", "４40301999012345", "440301-999012345"] {
            let repaired = legacy_tax_id_normalised(text);
            assert_eq!(repaired.as_deref(), Some("440301999012345"), "{text}");
        }
        for text in ["440301999012345", "44030199901234", "44030199901234!", ""] {
            assert_eq!(legacy_tax_id_normalised(text), None, "{text}");
        }
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

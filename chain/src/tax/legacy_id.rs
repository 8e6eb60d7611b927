//! Tax ids older than the unified code: 15 to 20 characters, no check that holds for all of them.
//!
//! Guards: accepted only where the party says `id_scheme: legacy`, and never shown on chain,
//! because a sole trader's id embeds a resident id.
//! Source: the lengths and characters vendors of the national interface accept.

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

#[cfg(test)]
mod tests {
    use super::*;

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

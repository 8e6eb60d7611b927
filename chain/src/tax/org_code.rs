//! The organisation code inside a tax id (GB 11714): eight characters and a check character.
//!
//! Guards: nothing is refused here. Codes in use break this rule, so a mismatch is a warning.

/// Weights of the eight characters.
const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// An organisation code with its check character, ASCII.
pub type OrgCode = [u8; 9];

/// The check character that belongs to eight characters, or `None` if one of them is not an ASCII
/// digit or capital letter. `C9 = 11 − Σ mod 11`; 10 is written X and 11 is written 0.
#[must_use]
pub fn org_code_check(body: [u8; 8]) -> Option<u8> {
    let mut sum = 0_u32;
    for (character, weight) in body.into_iter().zip(WEIGHTS) {
        sum = sum.saturating_add(value(character)?.saturating_mul(weight));
    }
    Some(match sum.rem_euclid(11) {
        0 => b'0',
        1 => b'X',
        rest => b'0'.saturating_add(u8::try_from(11_u32.saturating_sub(rest)).ok()?),
    })
}

/// Digits count as themselves, A as 10 … Z as 35.
fn value(character: u8) -> Option<u32> {
    char::from(character)
        .to_digit(36)
        .filter(|_| !character.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_follows_the_standard() {
        assert_eq!(org_code_check(*b"D2143569"), Some(b'X'));
        assert_eq!(org_code_check(*b"70846113"), Some(b'6'));
        assert_eq!(org_code_check(*b"7084611a"), None);
        assert_eq!(org_code_check(*b"7084 113"), None);
    }
}

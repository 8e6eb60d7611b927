//! Foreign text made harmless for a terminal.
//!
//! Guards: a name in a proof or a reply cannot move the cursor, change colours, or reorder the
//! line it stands in. Source: CWE-150; bidirectional controls of Unicode UAX 9.

use std::borrow::Cow;

/// The text with every control character and bidirectional control replaced by U+FFFD.
#[must_use]
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_active) {
        Cow::Owned(
            text.chars()
                .map(|c| if is_active(c) { '\u{fffd}' } else { c })
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a terminal might act on the character instead of showing it.
fn is_active(c: char) -> bool {
    let bidirectional = matches!(
        c,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    c.is_control() || bidirectional || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(plain("\u{1b}[2J店"), "\u{fffd}[2J店");
        assert_eq!(plain("a\nb\u{202e}c\u{9b}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
        assert!(matches!(plain("武汉市示例餐饮店 ✓"), Cow::Borrowed(_)));
    }
}

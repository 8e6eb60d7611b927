//! Foreign text made harmless for a terminal.
//!
//! Guards: a name in a proof or a reply cannot move the cursor, change colours, or reorder the
//! line it stands in. Source: CWE-150; bidirectional controls of Unicode UAX 9.

use std::borrow::Cow;

/// The text with every character that controls, reorders or hides replaced by U+FFFD.
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

/// A JSON text of one line with such characters as `\u` escapes: they stand in texts alone, and a
/// reader of JSON gets them back.
#[must_use]
pub(crate) fn escaped(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_active) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_active(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
}

/// Whether a terminal might act on the character instead of showing it.
fn is_active(c: char) -> bool {
    c.is_control() || is_ignorable(c) || is_format(c)
}

/// `Default_Ignorable_Code_Point` of Unicode 16: takes no room, so that two texts look alike;
/// bidirectional controls, zero-width marks, variation selectors and tags are among them.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Other format characters, separators of lines, and private use, which a font may show as anything.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{2028}'
        | '\u{2029}' | '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_what_it_says_without_a_character_that_acts() {
        let said = "a\u{1b}[2J\u{9b}\u{202e}\u{e0041}店\n\"";
        let json = serde_json::to_string(said).unwrap();
        let text = escaped(&json);
        assert!(!text.chars().any(is_active), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), said);
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(plain("\u{1b}[2J店"), "\u{fffd}[2J店");
        assert_eq!(plain("a\nb\u{202e}c\u{9b}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
        assert_eq!(
            plain("a\u{200b}b\u{feff}c\u{e0041}"),
            "a\u{fffd}b\u{fffd}c\u{fffd}"
        );
        assert_eq!(
            plain("\u{3164}\u{ad}\u{fe0f}\u{e000}"),
            "\u{fffd}".repeat(4)
        );
        assert!(matches!(plain("武汉市示例餐饮店 ✓"), Cow::Borrowed(_)));
    }
}

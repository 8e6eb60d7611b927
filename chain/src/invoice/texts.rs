//! Free texts: length and characters.
//!
//! Guards: a text is kept exactly as written or refused; it is never cut, trimmed or re-encoded.
//! Control characters, private-use characters and marks that reorder or hide text are refused,
//! because a printed invoice must show what is stored.

use super::pointer::Pointer;
use super::repair;
use super::report::{Report, excerpt};
use crate::failure::FailureCode;
use crate::fault::Fault;

/// Reads an optional text of at most `chars_max` characters; blank counts as absent.
pub(super) fn optional<'a>(
    report: &mut Report,
    pointer: impl Into<Pointer<'a>>,
    value: Option<&str>,
    chars_max: usize,
) -> Option<String> {
    bounded(
        report,
        FailureCode::FieldTooLong,
        (pointer.into(), value),
        chars_max,
    )
}

/// Reads a text that must be there.
pub(super) fn required<'a>(
    report: &mut Report,
    pointer: impl Into<Pointer<'a>>,
    value: Option<&str>,
    chars_max: usize,
) -> Option<String> {
    let pointer = pointer.into();
    if value.is_none_or(is_blank) {
        report.missing(pointer);
    }
    optional(report, pointer, value, chars_max)
}

/// Reads a text whose length has its own code.
pub(super) fn bounded<'a>(
    report: &mut Report,
    too_long: FailureCode,
    (pointer, value): (impl Into<Pointer<'a>>, Option<&str>),
    chars_max: usize,
) -> Option<String> {
    let pointer = pointer.into();
    let text = value.filter(|text| !is_blank(text))?;
    let chars = text.chars().count();
    if chars > chars_max {
        let fault = Fault::at(too_long, pointer).got(format!("{chars} characters"));
        report.refuse(fault.expected(format!("at most {chars_max} characters")));
    }
    if let Some(bad) = text.chars().find(|&character| is_forbidden(character)) {
        let fault = Fault::at(FailureCode::FieldBadCharacter, pointer);
        report.refuse(fault.got(format!("U+{:04X}", u32::from(bad))));
    }
    Some(text.to_owned())
}

/// Reads a list of texts; one too many is a fault of the list.
pub(super) fn list(
    report: &mut Report,
    pointer: &str,
    values: &[String],
    (count_max, chars_max): (usize, usize),
) -> Vec<String> {
    if values.len() > count_max {
        let fault = Fault::at(FailureCode::FieldTooLong, pointer);
        let fault = fault.got(format!("{} entries", values.len()));
        report.refuse(fault.expected(format!("at most {count_max} entries")));
    }
    let mut texts = Vec::new();
    for (index, value) in values.iter().take(count_max).enumerate() {
        texts.extend(required(
            report,
            Pointer::Entry(pointer, index),
            Some(value),
            chars_max,
        ));
    }
    texts
}

/// Reads one of a few words. If only width, blanks or case are wrong, the right form is suggested.
pub(super) fn word<'a, T>(
    report: &mut Report,
    code: FailureCode,
    (pointer, value): (impl Into<Pointer<'a>>, &str),
    read: impl Fn(&str) -> Option<T>,
    expected: &str,
) -> Option<T> {
    let found = read(value);
    if found.is_none() {
        report.wrong(code, pointer.into(), &excerpt(value), expected);
        report.suggest(repair::word(value).filter(|plain| read(plain).is_some()));
    }
    found
}

/// Whether there is nothing to read.
pub(super) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Line feeds are the only control characters a text may hold.
fn is_forbidden(character: char) -> bool {
    let reorders_or_hides = matches!(character,
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    let private_use = matches!(character,
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}');
    let not_a_character = matches!(u32::from(character) & 0xFFFE, 0xFFFE)
        || matches!(character, '\u{FDD0}'..='\u{FDEF}' | '\u{FFFD}');
    (character.is_control() && character != '\n')
        || reorders_or_hides
        || private_use
        || not_a_character
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(value: &str) -> Vec<&'static str> {
        let mut report = Report::default();
        let _text = optional(&mut report, "/remark", Some(value), 10);
        report
            .faults
            .iter()
            .map(|fault| fault.code.code())
            .collect()
    }

    #[test]
    fn texts_hold_what_a_printer_can_show() {
        for text in ["", "餐费", "a\nb", "𠮷野家", "é ß €"] {
            assert_eq!(codes(text), Vec::<&str>::new(), "{text:?}");
        }
        for text in [
            "a\u{0}b",
            "a\tb",
            "\u{E000}",
            "a\u{202E}b",
            "a\u{200B}b",
            "\u{FFFD}",
            "a\rb",
        ] {
            assert_eq!(codes(text), ["E1103"], "{text:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(codes("十个汉字十个汉字十个"), Vec::<&str>::new());
        assert_eq!(codes("十个汉字十个汉字十个字"), ["E1102"]);
    }
}

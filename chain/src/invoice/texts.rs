//! Free texts: length and characters.
//!
//! Guards: a text is kept exactly as written or refused; it is never cut, trimmed or re-encoded.
//! Whatever the fonts of an invoice cannot print is refused, and with it everything that controls,
//! reorders or hides text, because a printed invoice must show what is stored.

use super::lookalike::{foreign_letter, misleading};
use super::pointer::Pointer;
use super::printable::is_printable;
use super::repair;
use super::report::{Report, excerpt};
use crate::failure::{FailureCode, WarningCode};
use crate::fault::{Fault, Warning};

/// Reads an optional text of one line and at most `chars_max` characters; blank counts as absent.
/// A character is a Unicode scalar value: 𠮷 is one, and so is a digit.
pub(super) fn optional<'a>(
    report: &mut Report,
    pointer: impl Into<Pointer<'a>>,
    value: Option<&str>,
    chars_max: usize,
) -> Option<String> {
    let (text, pointer) = (value.filter(|text| !is_blank(text))?, pointer.into());
    check_length(
        report,
        FailureCode::FieldTooLong,
        (pointer, text),
        chars_max,
    );
    check_characters(report, (pointer, text), &[]);
    Some(text.to_owned())
}

/// Reads a text that may have several lines, and whose length may have its own code.
pub(super) fn multiline(
    report: &mut Report,
    too_long: FailureCode,
    (pointer, value): (&str, Option<&str>),
    chars_max: usize,
) -> Option<String> {
    let text = value.filter(|text| !is_blank(text))?;
    let pointer = Pointer::from(pointer);
    check_length(report, too_long, (pointer, text), chars_max);
    check_characters(report, (pointer, text), &['\n']);
    Some(text.to_owned())
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

/// Counts characters.
fn check_length(
    report: &mut Report,
    too_long: FailureCode,
    (pointer, text): (Pointer<'_>, &str),
    chars_max: usize,
) {
    let chars = text.chars().count();
    if chars > chars_max {
        let fault = Fault::at(too_long, pointer).got(format!("{chars} characters"));
        report.refuse(fault.expected(format!("at most {chars_max} characters")));
    }
}

/// Refuses the first character that cannot be printed, or that a word borrows from another script;
/// warns of one that may mislead.
fn check_characters(report: &mut Report, (pointer, text): (Pointer<'_>, &str), also: &[char]) {
    let printable = |character: char| is_printable(character) || also.contains(&character);
    let unprintable = text.chars().enumerate().find(|(_, c)| !printable(*c));
    let found = match (unprintable, foreign_letter(text)) {
        (Some(found), _) => Some((found, "a character the invoice's fonts can print")),
        (None, Some(found)) => Some((found, "letters of one script within a word")),
        (None, None) => None,
    };
    let named = |(place, character): (usize, char)| {
        let place = place.saturating_add(1);
        format!("U+{:04X} at character {place}", u32::from(character))
    };
    if let Some((found, expected)) = found {
        let fault = Fault::at(FailureCode::FieldBadCharacter, pointer);
        report.refuse(fault.got(named(found)).expected(expected));
    } else if let Some(found) = misleading(text) {
        let warning = Warning::at(WarningCode::MisleadingCharacter, pointer, named(found));
        report.warnings.push(warning);
    }
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
        for text in ["", "餐费", "𠮷野家", "é ß €", "10kΩ"] {
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
            "a\nb",
            "a\u{AD}b",
            "葛\u{E0100}",
            "😀",
            "Аpple",
        ] {
            assert_eq!(codes(text), ["E1103"], "{text:?}");
        }
    }

    #[test]
    fn a_remark_alone_has_several_lines() {
        let mut report = Report::default();
        let mut remark = |text| {
            let code = FailureCode::RemarkTooLong;
            multiline(&mut report, code, ("/remark", Some(text)), 10)
        };
        let read = remark("一\n二");
        assert_eq!(read.as_deref(), Some("一\n二"));
        let _read = remark("一\r\n二");
        assert_eq!(report.faults.len(), 1);
        assert_eq!(
            report.faults[0].got.as_deref(),
            Some("U+000D at character 2")
        );
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(codes("十个汉字十个汉字十个"), Vec::<&str>::new());
        assert_eq!(codes("十个汉字十个汉字十个字"), ["E1102"]);
    }
}

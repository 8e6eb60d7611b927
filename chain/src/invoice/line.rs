//! One line of a draft: texts, code, rate and marks; its figures are [`super::line_amounts`].
//!
//! Guards: what only the document holds. The public half is judged by [`crate::tax`], as far as it
//! could be read.

use super::bounds::{NAME_CHARS_MAX, SPEC_CHARS_MAX, UNIT_CHARS_MAX};
use super::content::LineContent;
use super::draft::DraftLine;
use super::line_amounts::{self, LineAmounts};
use super::pointer::Pointer;
use super::remedy;
use super::repair;
use super::report::Report;
use super::texts::{is_blank, optional, required, word};
use crate::amount::Fen;
use crate::failure::{FailureCode, WarningCode};
use crate::fault::{Fault, Warning};
use crate::rate::RatePpm;
use crate::tax::{
    DISCOUNT_LINE, DISCOUNTED_LINE, NORMAL_LINE, TaxLine, ZERO_RATE_EXEMPT, ZERO_RATE_EXPORT,
    ZERO_RATE_ORDINARY, ZERO_RATE_UNTAXED,
};

/// Digits of a classification code.
const CLASS_CODE_DIGITS: usize = 19;

/// Which parts of a [`TaxLine`] were read; a rule that needs another part is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known(u8);

impl Known {
    pub(super) const AMOUNT: Self = Self(1);
    pub(super) const TAX: Self = Self(1 << 1);
    pub(super) const DEDUCTION: Self = Self(1 << 2);
    pub(super) const RATE: Self = Self(1 << 3);
    pub(super) const CLASS_CODE: Self = Self(1 << 4);
    pub(super) const ZERO_RATE_KIND: Self = Self(1 << 5);
    pub(super) const PREFERENCE: Self = Self(1 << 6);
    pub(super) const ALL: Self = Self(0x7f);

    /// Both sets together.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every part of `other` is known.
    pub(super) const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What the checks of a line found.
pub(super) struct CheckedLine {
    /// The public half; parts outside `known` are placeholders.
    pub(super) tax: TaxLine,
    pub(super) known: Known,
    /// The tax-inclusive amount, if the amount without tax follows from it.
    pub(super) gross_to_split: Option<Fen>,
    /// The texts; figures are filled in when the whole draft is right.
    pub(super) content: LineContent,
}

/// Checks the lines of a draft one by one, and each discount against the line before it.
pub(super) fn check_all(drafts: &[DraftLine], report: &mut Report) -> Vec<CheckedLine> {
    let is_discount = |index: usize| {
        drafts
            .get(index)
            .is_some_and(|line| line.discount == Some(true))
    };
    let mut lines: Vec<CheckedLine> =
        Vec::with_capacity(drafts.len().min(crate::limits::LINES_MAX));
    for (index, draft) in drafts.iter().take(crate::limits::LINES_MAX).enumerate() {
        let line_type = match (is_discount(index), is_discount(index.saturating_add(1))) {
            (true, _) => DISCOUNT_LINE,
            (false, true) => DISCOUNTED_LINE,
            (false, false) => NORMAL_LINE,
        };
        let line = check(draft, line_type, index, report);
        if line_type == DISCOUNT_LINE {
            check_discount(draft, index, lines.last(), report);
        }
        lines.push(line);
    }
    lines
}

/// Checks one line.
fn check(draft: &DraftLine, line_type: u8, index: usize, report: &mut Report) -> CheckedLine {
    let at = |name: &'static str| Pointer::Line(index, name);
    let name = required(report, at("name"), draft.name.as_deref(), NAME_CHARS_MAX);
    if let Some(name) = name.as_deref().filter(|name| !has_short_name(name)) {
        report.warnings.push(Warning::at(
            WarningCode::ItemNameWithoutShortName,
            at("name"),
            name,
        ));
    }
    let spec = optional(report, at("spec"), draft.spec.as_deref(), SPEC_CHARS_MAX);
    let unit = optional(report, at("unit"), draft.unit.as_deref(), UNIT_CHARS_MAX);
    let class_code = read_class_code(draft.class_code.as_deref(), at("class_code"), report);
    let rate = read_rate(draft.rate.as_deref(), at("rate"), report);
    let zero_rate_kind = read_zero_rate_kind(draft, at("zero_rate_kind"), rate, report);
    let preference = read_preference(draft, at("preference"), report);
    let figures = line_amounts::read(draft, rate, index, report);
    let known = known_parts(&figures, rate, class_code)
        .and(if zero_rate_kind.is_some() {
            Known::ZERO_RATE_KIND
        } else {
            Known(0)
        })
        .and(if preference.is_some() {
            Known::PREFERENCE
        } else {
            Known(0)
        });
    let LineAmounts {
        amount,
        tax,
        deduction,
        gross_to_split,
    } = figures;
    CheckedLine {
        tax: TaxLine {
            class_code: class_code.unwrap_or_default(),
            line_type,
            amount: amount.unwrap_or(Fen::ZERO),
            deduction: deduction.unwrap_or(Fen::ZERO),
            rate: rate.unwrap_or(RatePpm::ZERO),
            zero_rate_kind: zero_rate_kind.unwrap_or_default(),
            preference: preference.unwrap_or_default(),
            tax: tax.unwrap_or(Fen::ZERO),
        },
        known,
        gross_to_split,
        content: LineContent {
            name: name.unwrap_or_default(),
            spec,
            unit,
            quantity: draft.quantity.clone().filter(|text| !is_blank(text)),
            unit_price: draft.unit_price.clone().filter(|text| !is_blank(text)),
            ..LineContent::default()
        },
    }
}

/// Which parts were read.
fn known_parts(figures: &LineAmounts, rate: Option<RatePpm>, class_code: Option<u64>) -> Known {
    let parts = [
        (Known::AMOUNT, figures.amount.is_some()),
        (Known::TAX, figures.tax.is_some()),
        (Known::DEDUCTION, figures.deduction.is_some()),
        (Known::RATE, rate.is_some()),
        (Known::CLASS_CODE, class_code.is_some()),
    ];
    parts
        .iter()
        .filter(|(_, read)| *read)
        .fold(Known(0), |known, (part, _)| known.and(*part))
}

/// A discount names the item of the line before it, and nothing that could be multiplied.
fn check_discount(
    draft: &DraftLine,
    index: usize,
    previous: Option<&CheckedLine>,
    report: &mut Report,
) {
    let name = draft.name.as_deref().filter(|name| !is_blank(name));
    let expected = previous
        .map(|line| line.content.name.as_str())
        .filter(|name| !name.is_empty());
    if let (Some(name), Some(expected)) = (name, expected)
        && name != expected
    {
        let pointer = Pointer::Line(index, "name");
        let fault = Fault::at(FailureCode::DiscountLineOrphan, pointer).got(name);
        report.refuse(fault.expected(expected).suggested(expected));
    }
    let extras = [
        ("spec", &draft.spec),
        ("unit", &draft.unit),
        ("quantity", &draft.quantity),
        ("unit_price", &draft.unit_price),
    ];
    for (field, text) in extras {
        if let Some(text) = text.as_deref().filter(|text| !is_blank(text)) {
            report.wrong(
                FailureCode::DiscountLineOrphan,
                Pointer::Line(index, field),
                text,
                "nothing on a discount line",
            );
            report.suggest(Some(remedy::LEAVE_OUT));
        }
    }
}

/// Whether a name starts with `*short name*`.
fn has_short_name(name: &str) -> bool {
    name.strip_prefix('*')
        .and_then(|rest| rest.split_once('*'))
        .is_some_and(|(short, item)| !short.is_empty() && !item.is_empty())
}

/// Reads a classification code of 19 ASCII digits.
fn read_class_code(text: Option<&str>, pointer: Pointer<'_>, report: &mut Report) -> Option<u64> {
    let Some(text) = text.filter(|text| !is_blank(text)) else {
        report.missing(pointer);
        return None;
    };
    let read = |text: &str| {
        let plain =
            text.len() == CLASS_CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|_| plain && !text.starts_with('0'))
    };
    word(
        report,
        FailureCode::ClassCodeFormat,
        (pointer, text),
        read,
        "19 digits",
    )
}

/// Reads a rate. Whether the law knows it is judged with the facts.
fn read_rate(text: Option<&str>, pointer: Pointer<'_>, report: &mut Report) -> Option<RatePpm> {
    let Some(text) = text.filter(|text| !is_blank(text)) else {
        report.missing(pointer);
        return None;
    };
    let read = |text: &str| text.parse().ok();
    let expected = "a fraction such as 0.13";
    let rate = word(
        report,
        FailureCode::RateUnknown,
        (pointer, text),
        read,
        expected,
    );
    if rate.is_none() {
        report.suggest(repair::rate(text));
    }
    rate
}

/// Reads the mark of a zero rate, by word or national number; the outer `None` is unreadable.
fn read_zero_rate_kind(
    draft: &DraftLine,
    pointer: Pointer<'_>,
    rate: Option<RatePpm>,
    report: &mut Report,
) -> Option<Option<u8>> {
    let Some(text) = draft
        .zero_rate_kind
        .as_deref()
        .filter(|text| !is_blank(text))
    else {
        return Some(None);
    };
    let read = |text: &str| match text {
        "export" | "0" => Some(Some(ZERO_RATE_EXPORT)),
        "exempt" | "1" => Some(Some(ZERO_RATE_EXEMPT)),
        "untaxed" | "2" => Some(Some(ZERO_RATE_UNTAXED)),
        "ordinary" | "3" => Some(Some(ZERO_RATE_ORDINARY)),
        _ => None,
    };
    let expected = "export, exempt, untaxed or ordinary";
    let mark = word(
        report,
        FailureCode::ZeroRateMarkRequired,
        (pointer, text),
        read,
        expected,
    );
    if mark.is_none() {
        let policy = draft
            .preference
            .as_deref()
            .and_then(|text| text.parse().ok());
        report.suggest(rate.and_then(|rate| remedy::only_mark(rate, policy.unwrap_or(0))));
    }
    mark
}

/// The word of a zero-rate mark.
pub(super) const fn zero_rate_word(mark: u8) -> Option<&'static str> {
    match mark {
        ZERO_RATE_EXPORT => Some("export"),
        ZERO_RATE_EXEMPT => Some("exempt"),
        ZERO_RATE_UNTAXED => Some("untaxed"),
        ZERO_RATE_ORDINARY => Some("ordinary"),
        _ => None,
    }
}

/// Reads a preference policy, `1` or `01` to `18`; absent is 0.
fn read_preference(draft: &DraftLine, pointer: Pointer<'_>, report: &mut Report) -> Option<u8> {
    let Some(text) = draft.preference.as_deref().filter(|text| !is_blank(text)) else {
        return Some(0);
    };
    let read = |text: &str| {
        let plain = text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|number: &u8| plain && (1..=18).contains(number))
    };
    let code = FailureCode::PreferenceRateMismatch;
    let policy = word(report, code, (pointer, text), read, "01 to 18");
    if policy.is_none() {
        report.suggest(Some(remedy::LEAVE_OUT));
    }
    policy
}

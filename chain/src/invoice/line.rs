//! One line of a draft: texts, code, rate and marks; its figures are [`super::line_amounts`].
//!
//! Guards: what only the document holds. The public half is judged by [`crate::tax`], as far as it
//! could be read.

use super::bounds::{SPEC_CHARS_MAX, UNIT_CHARS_MAX};
use super::content::LineContent;
use super::draft::DraftLine;
use super::item_name;
use super::line_amounts::{self, LineAmounts};
use super::pointer::Pointer;
use super::remedy;
use super::repair;
use super::report::{Report, excerpt};
use super::texts::{is_blank, optional, word};
use crate::amount::Fen;
use crate::failure::{FailureCode, WarningCode};
use crate::fault::{Fault, Warning};
use crate::rate::RatePpm;
use crate::tax::{
    DISCOUNT_LINE, DISCOUNTED_LINE, Doubt, NORMAL_LINE, RuleSet, TaxLine, ZERO_RATE_EXEMPT,
    ZERO_RATE_EXPORT, ZERO_RATE_ORDINARY, ZERO_RATE_UNTAXED, doubt,
};
use crate::time::IssueDate;

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
pub(super) fn check_all(
    drafts: &[DraftLine],
    rules: &RuleSet,
    report: &mut Report,
) -> Vec<CheckedLine> {
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
        let line = check(draft, line_type, rules, index, report);
        if line_type == DISCOUNT_LINE {
            let before = index.checked_sub(1).and_then(|before| drafts.get(before));
            check_discount_name((draft, &line), (before, lines.last()), index, report);
            check_discount(draft, index, report);
        }
        lines.push(line);
    }
    lines
}

/// Checks one line.
fn check(
    draft: &DraftLine,
    line_type: u8,
    rules: &RuleSet,
    index: usize,
    report: &mut Report,
) -> CheckedLine {
    let at = |name: &'static str| Pointer::Line(index, name);
    let spec = optional(report, at("spec"), draft.spec.as_deref(), SPEC_CHARS_MAX);
    let unit = optional(report, at("unit"), draft.unit.as_deref(), UNIT_CHARS_MAX);
    let class_code = read_class_code(draft.class_code.as_deref(), at("class_code"), report);
    let name = draft.name.as_deref();
    let name = item_name::read(name, class_code, rules, at("name"), report);
    let rate = read_rate(draft.rate.as_deref(), at("rate"), rules, report);
    let zero_rate_kind = read_zero_rate_kind(draft, at("zero_rate_kind"), rate, report);
    let preference = read_preference(draft, at("preference"), report);
    let figures = line_amounts::read(draft, rate, rules, index, report);
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

/// A discount names the item of the line before it. Names are compared as they were given and as
/// the document would hold them, so a short name that is put before one of them changes nothing.
fn check_discount_name(
    (draft, line): (&DraftLine, &CheckedLine),
    (before, previous): (Option<&DraftLine>, Option<&CheckedLine>),
    index: usize,
    report: &mut Report,
) {
    let name = draft.name.as_deref().filter(|name| !is_blank(name));
    let given = before.and_then(|before| before.name.as_deref());
    let expected = previous
        .map(|line| line.content.name.as_str())
        .filter(|name| !name.is_empty());
    if let (Some(name), Some(expected)) = (name, expected)
        && given != Some(name)
        && line.content.name != expected
    {
        let pointer = String::from(Pointer::Line(index, "name"));
        // The short name of a name that is another one anyway says nothing.
        report.faults.retain(|fault| {
            fault.code != FailureCode::ItemNameShortName || fault.pointer.as_ref() != Some(&pointer)
        });
        let fault = Fault::at(FailureCode::DiscountLineOrphan, pointer).got(excerpt(name));
        report.refuse(fault.expected(expected).suggested(expected));
    }
}

/// A discount has nothing that could be multiplied.
fn check_discount(draft: &DraftLine, index: usize, report: &mut Report) {
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

/// Warns of what the table of codes leaves open.
pub(super) fn warn_of_doubts(
    lines: &[CheckedLine],
    rules: &RuleSet,
    on: IssueDate,
    report: &mut Report,
) {
    let needed = Known::CLASS_CODE.and(Known::RATE).and(Known::PREFERENCE);
    let known = |line: &CheckedLine| line.known.covers(needed);
    let lines = lines
        .iter()
        .enumerate()
        .filter(|(_index, line)| known(line));
    for (index, line) in lines {
        let at = |name: &'static str| Pointer::Line(index, name);
        report
            .warnings
            .extend(doubt(rules, &line.tax, on).map(|doubt| match doubt {
                Doubt::Rate(rates) => {
                    let code = WarningCode::RateUnusualForCategory;
                    let warning = Warning::at(code, at("rate"), line.tax.rate.to_string());
                    warning.suggested(rates.to_string())
                }
                Doubt::Code => {
                    let code = line.tax.class_code.to_string();
                    Warning::at(WarningCode::ClassCodeInDoubt, at("class_code"), code)
                }
            }));
    }
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
fn read_rate(
    text: Option<&str>,
    pointer: Pointer<'_>,
    rules: &RuleSet,
    report: &mut Report,
) -> Option<RatePpm> {
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
        report.suggest(repair::rate(text, rules));
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

//! Which breaches of the public facts to report for a draft that could only partly be read.
//!
//! Guards: one mistake gives one fault. A rule is judged only if everything it looks at was read,
//! and a sum only if no line explains what is wrong with it.

use super::line::{CheckedLine, Known};
use super::report::Report;
use super::totals::CheckedTotals;
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::fault::Fault;
use crate::tax::{Breach, Place};

/// What was read of a draft.
#[derive(Clone, Copy)]
pub(super) struct Readable<'a> {
    /// The kind is known.
    pub(super) kind: bool,
    /// The lines, and what is known of each.
    pub(super) lines: &'a [CheckedLine],
    /// The totals, and what is known of them.
    pub(super) totals: CheckedTotals,
    /// The draft has no more lines than an invoice may have.
    pub(super) lines_complete: bool,
}

impl Readable<'_> {
    /// Adds the breaches that can be judged.
    pub(super) fn report(
        self,
        breaches: &[Breach],
        to_fault: impl Fn(&Breach) -> Fault,
        report: &mut Report,
    ) {
        for breach in breaches {
            let judged = match breach.place {
                Place::Total(_) => self.can_judge_total(breach.code, breaches),
                _ => self.can_judge(breach),
            };
            if judged {
                report.refuse(to_fault(breach));
            }
        }
    }

    /// Whether everything a rule looks at was read.
    fn can_judge(self, breach: &Breach) -> bool {
        match breach.place {
            Place::Line(index, field) => self.can_judge_line(breach.code, index.into(), field),
            Place::Head("kind") => breach.code == FailureCode::KindUnsupported && self.kind,
            Place::Head("waive_1pct_reason") => true,
            Place::Lines => self.lines_complete,
            // Currency and buyer are judged by the desk, which knows more of them.
            Place::Head(_) | Place::Invoice | Place::Total(_) => false,
        }
    }

    /// The same for a rule of one line; a discount also looks at the line before it.
    fn can_judge_line(self, code: FailureCode, index: usize, field: &str) -> bool {
        let needs = parts_needed(code, field);
        let known = |index: usize| {
            self.lines
                .get(index)
                .is_some_and(|line| line.known.covers(needs))
        };
        let with_neighbours = matches!(
            code,
            FailureCode::DiscountLineOrphan | FailureCode::DiscountExceedsLine
        );
        let previous = index.checked_sub(1).filter(|_| with_neighbours);
        let kind_known = self.kind || code != FailureCode::RateNotForKind;
        known(index) && previous.is_none_or(known) && kind_known
    }

    /// Whether a sum can be judged.
    fn can_judge_total(self, code: FailureCode, breaches: &[Breach]) -> bool {
        if !self.lines_complete || self.lines.is_empty() {
            return false;
        }
        let totals = self.totals;
        let whole = |total: Option<Fen>| total.is_none_or(|total| !is_cut_off(total));
        let sized = whole(totals.amount) && whole(totals.tax) && whole(totals.gross);
        let sound = |fields: &[&str]| !self.is_disturbed(code, fields, breaches);
        let all_known = totals.amount.is_some() && totals.tax.is_some() && totals.gross.is_some();
        let lines_readable = totals.computed.is_some();
        match code {
            FailureCode::AmountOverflow => all_known,
            // A sum that was cut off says nothing about the other figures.
            _ if !sized => false,
            FailureCode::TotalAmountMismatch => {
                totals.amount.is_some() && lines_readable && sound(&["amount"])
            }
            FailureCode::TotalTaxDrift | FailureCode::TotalTaxSumMismatch => {
                totals.tax.is_some()
                    && lines_readable
                    && sound(&["amount", "tax", "rate", "deduction"])
            }
            FailureCode::GrandTotalMismatch => all_known,
            FailureCode::AmountSign => all_known && lines_readable && sound(&["amount"]),
            _ => false,
        }
    }

    /// Whether a wrong figure of a line explains a wrong sum. Only a breach whose code is not after
    /// the sum's does: a block names the first code of all, and so does the desk.
    fn is_disturbed(self, code: FailureCode, fields: &[&str], breaches: &[Breach]) -> bool {
        breaches.iter().any(|breach| {
            let of_line = matches!(breach.place, Place::Line(_, field) if fields.contains(&field));
            of_line && breach.code <= code && self.can_judge(breach)
        })
    }
}

/// Whether a sum went beyond what can be computed with.
fn is_cut_off(total: Fen) -> bool {
    matches!(total.fen(), i64::MIN | i64::MAX)
}

/// The parts of a line a rule looks at.
const fn parts_needed(code: FailureCode, field: &str) -> Known {
    match code {
        FailureCode::LineTaxMismatch | FailureCode::DiscountTaxMismatch => Known::AMOUNT
            .and(Known::DEDUCTION)
            .and(Known::RATE)
            .and(Known::TAX),
        FailureCode::DeductionInvalid => Known::AMOUNT.and(Known::DEDUCTION).and(Known::RATE),
        FailureCode::RateUnknown
        | FailureCode::RateNotForTaxpayer
        | FailureCode::RateNotForKind => Known::RATE,
        FailureCode::ZeroRateMarkRequired => Known::RATE.and(Known::ZERO_RATE_KIND),
        FailureCode::PreferenceRateMismatch => Known::RATE
            .and(Known::ZERO_RATE_KIND)
            .and(Known::PREFERENCE),
        FailureCode::ClassCodeFormat
        | FailureCode::ClassCodeUnknown
        | FailureCode::ClassCodeSummary => Known::CLASS_CODE,
        FailureCode::RateNotForCategory => Known::RATE
            .and(Known::CLASS_CODE)
            .and(Known::ZERO_RATE_KIND)
            .and(Known::PREFERENCE),
        FailureCode::AmountZero | FailureCode::DiscountExceedsLine => Known::AMOUNT,
        FailureCode::AmountSign | FailureCode::AmountOverflow => match field.as_bytes() {
            b"tax" => Known::AMOUNT.and(Known::TAX),
            b"deduction" => Known::DEDUCTION,
            _ => Known::AMOUNT,
        },
        _ => Known::ALL,
    }
}

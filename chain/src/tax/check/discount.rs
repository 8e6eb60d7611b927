//! Rules between lines: a discount belongs to the line directly before it.

use super::LINES_MAX;
use crate::failure::FailureCode;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::facts::{DISCOUNT_LINE, DISCOUNTED_LINE, NORMAL_LINE, TaxFacts, TaxLine};

/// A discount directly follows its line, with the same code, rate and marks, and is not larger.
pub(super) fn judge_discounts(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let mut previous: Option<&TaxLine> = None;
    for (index, line) in (0_u16..).zip(facts.lines.iter().take(LINES_MAX)) {
        let whole = Place::Line(index, "");
        match line.line_type {
            NORMAL_LINE | DISCOUNTED_LINE if awaits_discount(previous) => {
                let orphan = Place::Line(index.saturating_sub(1), "");
                report(Breach::new(FailureCode::DiscountLineOrphan, orphan));
            }
            NORMAL_LINE | DISCOUNTED_LINE => {}
            DISCOUNT_LINE => match previous.filter(|_| awaits_discount(previous)) {
                Some(discounted) if is_discount_of(line, discounted) => {
                    judge_discount_size(index, line, discounted, report);
                }
                Some(_) | None => report(Breach::new(FailureCode::DiscountLineOrphan, whole)),
            },
            unknown => {
                let got = Measure::Number(unknown.into());
                let expected = Measure::Words("line type 0, 1 or 2");
                let code = FailureCode::DiscountLineOrphan;
                report(Breach::figures(code, whole, got, expected));
            }
        }
        previous = Some(line);
    }
    if awaits_discount(previous) {
        let last = facts.lines.len().min(LINES_MAX).saturating_sub(1);
        let last = Place::Line(u16::try_from(last).unwrap_or(u16::MAX), "");
        report(Breach::new(FailureCode::DiscountLineOrphan, last));
    }
}

/// Whether the next line must be this line's discount.
fn awaits_discount(line: Option<&TaxLine>) -> bool {
    line.is_some_and(|line| line.line_type == DISCOUNTED_LINE)
}

/// Whether a discount line is taxed exactly as the line before it.
fn is_discount_of(discount: &TaxLine, line: &TaxLine) -> bool {
    discount.class_code == line.class_code
        && discount.rate == line.rate
        && discount.zero_rate_kind == line.zero_rate_kind
        && discount.preference == line.preference
}

/// A discount may take off the whole line, not more.
fn judge_discount_size(
    index: u16,
    discount: &TaxLine,
    line: &TaxLine,
    report: &mut impl FnMut(Breach),
) {
    if discount.amount.wide().saturating_neg() > line.amount.wide() {
        let place = Place::Line(index, "amount");
        let got = Measure::Money(discount.amount.wide());
        let most = Measure::Money(line.amount.wide().saturating_neg());
        report(Breach::figures(
            FailureCode::DiscountExceedsLine,
            place,
            got,
            most,
        ));
    }
}

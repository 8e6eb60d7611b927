//! Rules of one line: size and sign, deduction, rate, marks, code, and its tax.

use super::category;
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::rate::RatePpm;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::facts::{
    DISCOUNT_LINE, KIND_SPECIAL, NORMAL_LINE, TaxFacts, TaxLine, ZERO_RATE_ORDINARY,
};
use crate::tax::preference::broken_demand;
use crate::tax::rounding::tax_on;
use crate::tax::rule_set::RuleSet;

/// The 1.5 % of letting housing: reduced already, so it goes with no deduction.
const LETTING_RATE: RatePpm = RatePpm::new(15_000);
/// Smallest and largest number of 19 digits, as far as the table of codes can ever reach.
pub(super) const CLASS_CODES: core::ops::RangeInclusive<u64> =
    1_000_000_000_000_000_000..=9_999_999_999_999_999_999;

/// Amount, deduction, rate, marks and code of one line.
pub(super) fn judge_line(
    facts: &TaxFacts,
    rules: &RuleSet,
    (index, line): (u16, &TaxLine),
    report: &mut impl FnMut(Breach),
) {
    let at = |name| Place::Line(index, name);
    judge_line_amount(index, line, report);
    if line.deduction != Fen::ZERO && !deduction_is_valid(facts, line) {
        let (got, most) = (line.deduction.wide(), line.amount.wide());
        let (got, most) = (Measure::Money(got), Measure::Money(most));
        report(Breach::figures(
            FailureCode::DeductionInvalid,
            at("deduction"),
            got,
            most,
        ));
    }
    judge_line_rate(facts, rules, (index, line), report);
    if let Some(expected) = broken_demand(line) {
        let got = Measure::Rate(line.rate);
        let expected = Measure::Words(expected);
        let place = at("preference");
        report(Breach::figures(
            FailureCode::PreferenceRateMismatch,
            place,
            got,
            expected,
        ));
    }
    if !CLASS_CODES.contains(&line.class_code) {
        let got = Measure::Number(line.class_code);
        let expected = Measure::Words("19 digits");
        let place = at("class_code");
        report(Breach::figures(
            FailureCode::ClassCodeFormat,
            place,
            got,
            expected,
        ));
    }
}

/// The rate is of the law in force, fits the kind, and nought has exactly one reason.
fn judge_line_rate(
    facts: &TaxFacts,
    rules: &RuleSet,
    (index, line): (u16, &TaxLine),
    report: &mut impl FnMut(Breach),
) {
    let at = |name| Place::Line(index, name);
    let got = Measure::Rate(line.rate);
    match rules.rate_on(line.rate, facts.issued_on) {
        None => report(Breach::figures(
            FailureCode::RateUnknown,
            at("rate"),
            got,
            Measure::None,
        )),
        Some(row) if facts.kind == KIND_SPECIAL && !row.special_invoice => {
            report(Breach::figures(
                FailureCode::RateNotForKind,
                at("rate"),
                got,
                Measure::None,
            ));
        }
        Some(_) => {}
    }
    let marked = line.zero_rate_kind.is_some();
    let mark_known = line
        .zero_rate_kind
        .is_none_or(|mark| mark <= ZERO_RATE_ORDINARY);
    if line.rate.is_zero() != marked || !mark_known {
        let place = at("zero_rate_kind");
        let got = line
            .zero_rate_kind
            .map_or(Measure::None, |mark| Measure::Number(mark.into()));
        let expected = if line.rate.is_zero() && category::is_untaxed(rules, line.class_code) {
            Measure::Word("untaxed")
        } else if line.rate.is_zero() {
            Measure::Words("export, exempt, untaxed or ordinary")
        } else {
            Measure::Words("nothing, because the rate is not 0")
        };
        report(Breach::figures(
            FailureCode::ZeroRateMarkRequired,
            place,
            got,
            expected,
        ));
    }
}

/// Size and sign: only a discount is negative, nothing is nought, tax goes the way of its amount.
fn judge_line_amount(index: u16, line: &TaxLine, report: &mut impl FnMut(Breach)) {
    let money = |amount: Fen| Measure::Money(amount.wide());
    judge_bounds(index, line, report);
    if line.amount == Fen::ZERO {
        report(Breach::new(
            FailureCode::AmountZero,
            Place::Line(index, "amount"),
        ));
        return;
    }
    let is_discount = line.line_type == DISCOUNT_LINE;
    let expected = Measure::Words(if is_discount { "negative" } else { "positive" });
    if (line.amount < Fen::ZERO) != is_discount {
        let place = Place::Line(index, "amount");
        report(Breach::figures(
            FailureCode::AmountSign,
            place,
            money(line.amount),
            expected,
        ));
    } else if line.tax != Fen::ZERO && (line.tax < Fen::ZERO) != is_discount {
        let place = Place::Line(index, "tax");
        report(Breach::figures(
            FailureCode::AmountSign,
            place,
            money(line.tax),
            expected,
        ));
    }
}

/// No figure of a line has more than 18 digits.
pub(super) fn judge_bounds(index: u16, line: &TaxLine, report: &mut impl FnMut(Breach)) {
    for (name, amount) in [
        ("amount", line.amount),
        ("deduction", line.deduction),
        ("tax", line.tax),
    ] {
        if !amount.is_within_bounds() {
            let place = Place::Line(index, name);
            let got = Measure::Money(amount.wide());
            let expected = Measure::Words("at most 18 digits");
            let code = FailureCode::AmountOverflow;
            report(Breach::figures(code, place, got, expected));
        }
    }
}

/// `|round(taxable × rate) − tax|` within the tolerance; at rate 0 there is nothing to round.
pub(super) fn judge_line_tax(
    rules: &RuleSet,
    (index, line): (u16, &TaxLine),
    report: &mut impl FnMut(Breach),
) {
    let (code, tolerance_fen) = if line.line_type == DISCOUNT_LINE {
        (
            FailureCode::DiscountTaxMismatch,
            rules.discount_tax_tolerance_fen,
        )
    } else {
        (FailureCode::LineTaxMismatch, rules.line_tax_tolerance_fen)
    };
    let tolerance_fen = if line.rate.is_zero() {
        0
    } else {
        tolerance_fen
    };
    tax_is_within(code, tolerance_fen, (index, line), report);
}

/// The tax is that of the taxable amount, but for so many fen.
pub(super) fn tax_is_within(
    code: FailureCode,
    tolerance_fen: i64,
    (index, line): (u16, &TaxLine),
    report: &mut impl FnMut(Breach),
) {
    let expected = tax_on(line.taxable_fen(), line.rate);
    let got = line.tax.wide();
    if got.abs_diff(expected) > u128::from(tolerance_fen.unsigned_abs()) {
        let place = Place::Line(index, "tax");
        let (got, expected) = (Measure::Money(got), Measure::Money(expected));
        report(Breach::figures(code, place, got, expected).within(tolerance_fen));
    }
}

/// Margin taxation: one line, no discount, no reduced rate, and never more than the amount.
fn deduction_is_valid(facts: &TaxFacts, line: &TaxLine) -> bool {
    facts.lines.len() == 1
        && line.line_type == NORMAL_LINE
        && line.rate != LETTING_RATE
        && line.deduction > Fen::ZERO
        && line.deduction <= line.amount
}

//! Rules over all lines: the sums.

use super::LINES_MAX;
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::rate::PPM;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::facts::TaxFacts;
use crate::tax::rounding::divide_half_up;
use crate::tax::rule_set::RuleSet;

/// Sums are exact; only the tax may drift from the unrounded tax, by the rounding of many lines.
pub(super) fn judge_totals(facts: &TaxFacts, rules: &RuleSet, report: &mut impl FnMut(Breach)) {
    let totals = &facts.totals;
    let mut exact_ppm = 0_i128;
    for line in facts.lines.iter().take(LINES_MAX) {
        let exact = line
            .taxable_fen()
            .saturating_mul(i128::from(line.rate.ppm()));
        exact_ppm = exact_ppm.saturating_add(exact);
    }
    let stated_ppm = totals.tax.wide().saturating_mul(i128::from(PPM));
    let tolerance_fen = rules.tax_drift_tolerance_fen;
    let tolerance_ppm = u128::from(tolerance_fen.unsigned_abs()).saturating_mul(u128::from(PPM));
    if stated_ppm.abs_diff(exact_ppm) > tolerance_ppm {
        let got = Measure::Money(totals.tax.wide());
        let expected = Measure::Money(divide_half_up(exact_ppm, PPM.into()));
        let place = Place::Total("tax");
        let breach = Breach::figures(FailureCode::TotalTaxDrift, place, got, expected);
        report(breach.within(tolerance_fen));
    }
    judge_sums(facts, report);
    judge_totals_size(facts, report);
    judge_totals_sign(facts, report);
}

/// Totals are exactly the sums of the lines.
pub(super) fn judge_sums(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let totals = &facts.totals;
    let (mut amount, mut tax) = (0_i128, 0_i128);
    for line in facts.lines.iter().take(LINES_MAX) {
        amount = amount.saturating_add(line.amount.wide());
        tax = tax.saturating_add(line.tax.wide());
    }
    let gross = totals.amount.wide().saturating_add(totals.tax.wide());
    let sums = [
        (
            FailureCode::TotalAmountMismatch,
            "amount",
            totals.amount,
            amount,
        ),
        (FailureCode::TotalTaxSumMismatch, "tax", totals.tax, tax),
        (
            FailureCode::GrandTotalMismatch,
            "gross",
            totals.gross,
            gross,
        ),
    ];
    for (code, name, stated, sum) in sums {
        let stated = stated.wide();
        if stated != sum {
            let (got, expected) = (Measure::Money(stated), Measure::Money(sum));
            report(Breach::figures(code, Place::Total(name), got, expected).within(0));
        }
    }
}

/// Every total has at most 18 digits.
pub(super) fn judge_totals_size(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let totals = &facts.totals;
    for (name, total) in [
        ("amount", totals.amount),
        ("tax", totals.tax),
        ("gross", totals.gross),
    ] {
        if !total.is_within_bounds() {
            let place = Place::Total(name);
            let (got, expected) = (Measure::Money(total.wide()), "at most 18 digits");
            let expected = Measure::Words(expected);
            report(Breach::figures(
                FailureCode::AmountOverflow,
                place,
                got,
                expected,
            ));
        }
    }
}

/// A blue invoice charges something.
fn judge_totals_sign(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let totals = &facts.totals;
    if totals.gross <= Fen::ZERO {
        let got = Measure::Money(totals.gross.wide());
        let expected = Measure::Words("positive");
        let place = Place::Total("gross");
        report(Breach::figures(
            FailureCode::AmountSign,
            place,
            got,
            expected,
        ));
    }
}

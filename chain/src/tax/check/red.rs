//! Rules of the facts of a red letter, as far as they need no state (SPEC 4.8.10).
//!
//! Guards: everything is negative and adds up, discounts are merged, and the tax is that of the
//! rate. Whether it is the original's is asked where the original is known; rates and codes are
//! the original's and are judged by no table again, because the law may have changed since.

use super::LINES_MAX;
use super::head::{judge_buyer, judge_line_count};
use super::line::{judge_bounds, tax_is_within};
use super::totals::{judge_sums, judge_totals_size};
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::facts::{
    CURRENCY_CNY, KIND_GENERAL, KIND_SPECIAL, MODE_ONLINE, NORMAL_LINE, TaxFacts, TaxLine,
};
use crate::tax::rule_set::RuleSet;

/// Reasons of a red letter.
const REASONS: core::ops::RangeInclusive<u8> = 1..=4;

/// Roundings between the tax of a part and that of its rate: of the share before it and after it.
const ROUNDINGS_FEN: i64 = 2;

/// Reports every breach of a red letter that needs no state, in no particular order.
pub(crate) fn judge_red(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let Some(rules) = RuleSet::by_id(facts.rule_set) else {
        let got = Measure::Number(facts.rule_set.into());
        let expected = Measure::Number(RuleSet::CURRENT.id.into());
        let (code, place) = (FailureCode::RulesetUnknown, Place::Head("rule_set"));
        return report(Breach::figures(code, place, got, expected));
    };
    judge_red_head(facts, report);
    judge_buyer(facts, report);
    judge_line_count(facts, report);
    for (index, line) in (0_u16..).zip(facts.lines.iter().take(LINES_MAX)) {
        judge_red_line(facts, rules, (index, line), report);
    }
    if (1..=LINES_MAX).contains(&facts.lines.len()) {
        judge_sums(facts, report);
        judge_totals_size(facts, report);
    }
}

fn judge_red_head(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let supported =
        matches!(facts.kind, KIND_SPECIAL | KIND_GENERAL) && facts.issuing_mode == MODE_ONLINE;
    let Some(red) = facts.red.filter(|_| supported) else {
        let got = Measure::Number(facts.kind.into());
        let expected = Measure::Words("general or special, issued online, red");
        let (code, place) = (FailureCode::KindUnsupported, Place::Head("kind"));
        return report(Breach::figures(code, place, got, expected));
    };
    if facts.currency != CURRENCY_CNY {
        let got = Measure::Number(facts.currency.into());
        let (code, place) = (FailureCode::CurrencyUnsupported, Place::Head("currency"));
        report(Breach::figures(code, place, got, Measure::Words("CNY")));
    }
    if !REASONS.contains(&red.reason) {
        let got = Measure::Number(red.reason.into());
        let (code, place) = (FailureCode::RedReasonInvalid, Place::Head("reason"));
        report(Breach::figures(code, place, got, Measure::Words("1 to 4")));
    }
}

/// Sign, size, merged discount, deduction, and tax of one line.
fn judge_red_line(
    facts: &TaxFacts,
    rules: &RuleSet,
    (index, line): (u16, &TaxLine),
    report: &mut impl FnMut(Breach),
) {
    judge_bounds(index, line, report);
    let money = |amount: Fen| Measure::Money(amount.wide());
    let place = Place::Line(index, "amount");
    if line.amount == Fen::ZERO {
        report(Breach::new(FailureCode::AmountZero, place));
    } else if line.amount > Fen::ZERO {
        let (got, expected) = (money(line.amount), Measure::Words("negative"));
        let code = FailureCode::AmountSign;
        report(Breach::figures(code, place, got, expected));
    }
    if line.line_type != NORMAL_LINE {
        let whole = Place::Line(index, "");
        let got = Measure::Number(line.line_type.into());
        let expected = Measure::Words("line type 0");
        let code = FailureCode::RedMixedDiscount;
        report(Breach::figures(code, whole, got, expected));
    }
    if line.deduction != Fen::ZERO
        && (facts.lines.len() != 1 || line.deduction > Fen::ZERO || line.deduction < line.amount)
    {
        let place = Place::Line(index, "deduction");
        let (got, most) = (money(line.deduction), money(line.amount));
        let code = FailureCode::DeductionInvalid;
        report(Breach::figures(code, place, got, most));
    }
    let tolerance_fen = rules
        .line_tax_tolerance_fen
        .saturating_add(rules.discount_tax_tolerance_fen)
        .saturating_add(ROUNDINGS_FEN);
    let tolerance_fen = if line.rate.is_zero() {
        0
    } else {
        tolerance_fen
    };
    let code = FailureCode::LineTaxMismatch;
    tax_is_within(code, tolerance_fen, (index, line), report);
}

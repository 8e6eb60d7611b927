//! Rules of the classification code: it is in the table, is no summary, and the rate is one of its
//! own.
//!
//! Guards: a rate is refused only where the table gives the code's rates for certain, and only a
//! general rate: the simplified rates and the marks of a zero rate go with any code. A rule set
//! without a table judges no code. The desk, which may warn, asks [`doubt`].

use super::line::CLASS_CODES;
use crate::failure::FailureCode;
use crate::rate::RatePpm;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::class_table::{Certainty, ClassRates, ClassRow};
use crate::tax::facts::{TaxFacts, TaxLine, ZERO_RATE_UNTAXED};
use crate::tax::rule_set::RuleSet;
use crate::time::IssueDate;

/// 13 %, 9 % and 6 %: the rates that a category decides.
const GENERAL_RATES: [RatePpm; 3] = [
    RatePpm::new(130_000),
    RatePpm::new(90_000),
    RatePpm::new(60_000),
];
/// Policies that put another rate in place of the category's: the simplified method, 3 %, 5 %, and
/// 1.5 %. Whether the rate is theirs is E1306's matter.
const RATE_CHANGING: [u8; 4] = [1, 8, 9, 10];

/// What a desk says about a code that is not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The rate is none of these, but they are not known for certain.
    Rate(ClassRates),
    /// Whether the code may be invoiced is not known for certain.
    Code,
}

/// Judges the code of a line, and the rate against it.
pub(super) fn judge_category(
    facts: &TaxFacts,
    rules: &RuleSet,
    (index, line): (u16, &TaxLine),
    report: &mut impl FnMut(Breach),
) {
    let Some(table) = rules.classes else { return };
    let code = line.class_code;
    if !CLASS_CODES.contains(&code) {
        return;
    }
    let place = Place::Line(index, "class_code");
    let got = Measure::Number(code);
    match table.get(code) {
        Some(row) if !row.is_in_force_on(facts.issued_on) => {
            let expected = Measure::Words("a code in force; this one was retired on 2026-06-01");
            let code = FailureCode::ClassCodeUnknown;
            report(Breach::figures(code, place, got, expected));
        }
        Some(row) if row.summary => {
            let expected = Measure::Words("a code below this one that has none below it");
            let code = FailureCode::ClassCodeSummary;
            report(Breach::figures(code, place, got, expected));
        }
        Some(row) => judge_rate(row, (index, line), report),
        None if table.is_incomplete_at(code) => {}
        None => {
            let expected = Measure::Words("a code of the classification table");
            let code = FailureCode::ClassCodeUnknown;
            report(Breach::figures(code, place, got, expected));
        }
    }
}

/// Judges the rate, and the mark of a code that is outside the tax.
fn judge_rate(row: ClassRow, (index, line): (u16, &TaxLine), report: &mut impl FnMut(Breach)) {
    let code = FailureCode::RateNotForCategory;
    let place = Place::Line(index, "rate");
    let got = Measure::Rate(line.rate);
    if row.is_untaxed() {
        match line.zero_rate_kind {
            _ if !line.rate.is_zero() => {
                let expected = Measure::Rate(RatePpm::ZERO);
                report(Breach::figures(code, place, got, expected));
            }
            // Without a mark it is E1305's matter.
            None | Some(ZERO_RATE_UNTAXED) => {}
            Some(mark) => {
                let place = Place::Line(index, "zero_rate_kind");
                let got = Measure::Number(mark.into());
                report(Breach::figures(code, place, got, Measure::Word("untaxed")));
            }
        }
    } else if row.certainty == Certainty::Exclusive && is_of_another_category(row, line) {
        let expected = match row.rates.only() {
            Some(rate) => Measure::Rate(rate),
            None => Measure::Rates(row.rates),
        };
        report(Breach::figures(code, place, got, expected));
    }
}

/// A general rate that is none of the code's, with no policy that would change it.
fn is_of_another_category(row: ClassRow, line: &TaxLine) -> bool {
    GENERAL_RATES.contains(&line.rate)
        && !row.rates.contains(line.rate)
        && !RATE_CHANGING.contains(&line.preference)
}

/// Whether the code is one that takes no rate but 0, marked as not taxed.
pub(super) fn is_untaxed(rules: &RuleSet, code: u64) -> bool {
    let row = rules.classes.and_then(|table| table.get(code));
    row.is_some_and(|row| row.is_untaxed())
}

/// What the table leaves open about a line of this date, if anything.
pub(crate) fn doubt(rules: &RuleSet, line: &TaxLine, on: IssueDate) -> Option<Doubt> {
    let table = rules.classes?;
    let Some(row) = table.get(line.class_code) else {
        return table
            .is_incomplete_at(line.class_code)
            .then_some(Doubt::Code);
    };
    match row.certainty {
        Certainty::Assumed | Certainty::Unchecked => {
            let doubtful = row.is_in_force_on(on) && is_of_another_category(row, line);
            doubtful.then_some(Doubt::Rate(row.rates))
        }
        Certainty::None => row.is_in_doubt().then_some(Doubt::Code),
        Certainty::Exclusive => None,
    }
}

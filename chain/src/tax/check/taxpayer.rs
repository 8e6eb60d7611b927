//! Rules that depend on what the seller is registered as.

use super::{LINES_MAX, WAIVE_REASONS};
use crate::failure::FailureCode;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::facts::{TaxFacts, TaxLine};
use crate::tax::rule_set::{REDUCED_RATE, RuleSet, SIMPLIFIED_RATE, Taxpayer};

/// Reports every breach that depends on what the seller is registered as.
pub(in crate::tax) fn judge_taxpayer(
    facts: &TaxFacts,
    taxpayer: Taxpayer,
    report: &mut impl FnMut(Breach),
) {
    let Some(rules) = RuleSet::by_id(facts.rule_set) else {
        return;
    };
    let reduced = rules.rate_on(REDUCED_RATE, facts.issued_on);
    let waived = WAIVE_REASONS.contains(&facts.waive_reason);
    let must_reduce = taxpayer == Taxpayer::SmallScale && reduced.is_some() && !waived;
    for (index, line) in (0_u16..).zip(facts.lines.iter().take(LINES_MAX)) {
        let row = rules.rate_on(line.rate, facts.issued_on);
        if row.is_some_and(|row| !row.is_open_to(taxpayer)) {
            let (place, got) = (Place::Line(index, "rate"), Measure::Rate(line.rate));
            report(Breach::figures(
                FailureCode::RateNotForTaxpayer,
                place,
                got,
                Measure::None,
            ));
        }
        if must_reduce && line.rate == SIMPLIFIED_RATE && is_subject_to_reduction(line) {
            let place = Place::Head("waive_1pct_reason");
            let expected = Measure::Words("1 or 2, or the rate 0.01");
            report(Breach::figures(
                FailureCode::WaiveReasonRequired,
                place,
                Measure::Rate(line.rate),
                expected,
            ));
            break;
        }
    }
}

/// The 1 % replaces the 3 % of everything but immovables, land-use rights and marked policies.
fn is_subject_to_reduction(line: &TaxLine) -> bool {
    // Leading digits of the classification: 5 immovables, 40501 land-use rights,
    // 304050202 operating leases of immovables, 304050103 financing leases of immovables.
    let starts_with =
        |digits: u64, scale: u64| line.class_code.checked_div(scale).unwrap_or(0) == digits;
    let immovable = starts_with(5, 10_u64.pow(18))
        || starts_with(40_501, 10_u64.pow(14))
        || starts_with(304_050_202, 10_u64.pow(10))
        || starts_with(304_050_103, 10_u64.pow(10));
    line.preference == 0 && !immovable
}

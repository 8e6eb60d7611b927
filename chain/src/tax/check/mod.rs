//! The rules that every validator applies to the facts of an invoice.
//!
//! Guards: kind and buyer fit, lines are of the law in force on the issue date, and every sum is
//! right. Each rule is evaluated on its own, so that all breaches of a draft can be shown; which
//! one a block reports is decided by catalogue order alone.
//! Never: reads state or a clock, or rounds by itself; see `tax::rounding`.

mod category;
mod discount;
mod head;
mod line;
mod red;
mod special;
mod taxpayer;
mod totals;

pub(crate) use category::{Doubt, doubt};
pub(crate) use red::judge_red;
pub(super) use taxpayer::judge_taxpayer;

use crate::failure::FailureCode;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::facts::TaxFacts;
use crate::tax::rule_set::RuleSet;

/// Lines one invoice may have.
const LINES_MAX: usize = crate::limits::LINES_MAX;
/// Reasons for giving up the 1 % rate.
const WAIVE_REASONS: core::ops::RangeInclusive<u8> = 1..=2;

/// Reports every breach that needs no state, in no particular order.
///
/// Facts that name an unknown rule set get that one breach: nothing else can be judged.
pub(crate) fn judge(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let Some(rules) = RuleSet::by_id(facts.rule_set) else {
        let got = Measure::Number(facts.rule_set.into());
        let expected = Measure::Number(RuleSet::CURRENT.id.into());
        let place = Place::Head("rule_set");
        return report(Breach::figures(
            FailureCode::RulesetUnknown,
            place,
            got,
            expected,
        ));
    };
    head::judge_head(facts, report);
    head::judge_buyer(facts, report);
    head::judge_line_count(facts, report);
    special::judge_special(facts, rules, report);
    for (index, line) in (0_u16..).zip(facts.lines.iter().take(LINES_MAX)) {
        line::judge_line(facts, rules, (index, line), report);
        line::judge_line_tax(rules, (index, line), report);
        category::judge_category(facts, rules, (index, line), report);
    }
    discount::judge_discounts(facts, report);
    // Sums over no lines, or over the first of too many, say nothing.
    if (1..=LINES_MAX).contains(&facts.lines.len()) {
        totals::judge_totals(facts, rules, report);
    }
}

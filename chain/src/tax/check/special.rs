//! Rules of special businesses, as far as the chain holds them: which are open, kind, lines.

use crate::failure::FailureCode;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::facts::{KIND_GENERAL, KIND_SPECIAL, TaxFacts};
use crate::tax::rule_set::RuleSet;

/// The business is open in the rule set, goes with the kind, and has as many lines as it may.
pub(super) fn judge_special(facts: &TaxFacts, rules: &RuleSet, report: &mut impl FnMut(Breach)) {
    if facts.special_business == 0 {
        return;
    }
    let Some(business) = rules.special_business(facts.special_business) else {
        let got = Measure::Number(facts.special_business.into());
        let expected = Measure::Words("a special business that is open in this rule set");
        let place = Place::Head("special/business");
        report(Breach::figures(
            FailureCode::KindUnsupported,
            place,
            got,
            expected,
        ));
        return;
    };
    let kind_known = matches!(facts.kind, KIND_GENERAL | KIND_SPECIAL);
    if kind_known && !business.kinds.allow(facts.kind) {
        let got = Measure::Number(facts.kind.into());
        let expected = Measure::Words(business.kinds.as_str());
        let place = Place::Head("kind");
        report(Breach::figures(
            FailureCode::KindUnsupported,
            place,
            got,
            expected,
        ));
    }
    if business.one_line && facts.lines.len() > 1 {
        let got = Measure::Number(u64::try_from(facts.lines.len()).unwrap_or(u64::MAX));
        report(Breach::figures(
            FailureCode::SpecialLineLimit,
            Place::Lines,
            got,
            Measure::Number(1),
        ));
    }
}

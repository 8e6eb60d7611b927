//! Rules of the head: kind, mode, currency, buyer, number of lines.

use super::{LINES_MAX, WAIVE_REASONS};
use crate::failure::FailureCode;
use crate::tax::breach::{Breach, Measure, Place};
use crate::tax::facts::{
    Buyer, BuyerClass, CURRENCY_CNY, KIND_GENERAL, KIND_SPECIAL, MODE_ONLINE, TaxFacts,
};

/// Kind, issuing mode, currency and red letters.
pub(super) fn judge_head(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    if facts.currency != CURRENCY_CNY {
        let got = Measure::Number(facts.currency.into());
        let expected = Measure::Words("CNY");
        let place = Place::Head("currency");
        report(Breach::figures(
            FailureCode::CurrencyUnsupported,
            place,
            got,
            expected,
        ));
    }
    let supported = matches!(facts.kind, KIND_SPECIAL | KIND_GENERAL)
        && facts.issuing_mode == MODE_ONLINE
        && facts.red.is_none();
    if !supported {
        let got = Measure::Number(facts.kind.into());
        let expected = Measure::Words("general or special, issued online, blue");
        let place = Place::Head("kind");
        report(Breach::figures(
            FailureCode::KindUnsupported,
            place,
            got,
            expected,
        ));
    }
    if facts.waive_reason != 0 && !WAIVE_REASONS.contains(&facts.waive_reason) {
        let got = Measure::Number(facts.waive_reason.into());
        let expected = Measure::Words("1 or 2");
        let place = Place::Head("waive_1pct_reason");
        report(Breach::figures(
            FailureCode::WaiveReasonRequired,
            place,
            got,
            expected,
        ));
    }
}

/// A clear buyer is valid by its type; of a sealed one only the class can be judged.
pub(super) fn judge_buyer(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let Buyer::Sealed { class, .. } = facts.buyer else {
        return;
    };
    match BuyerClass::from_number(class) {
        Some(BuyerClass::Individual) if facts.kind == KIND_SPECIAL => {
            let place = Place::Head("kind");
            report(Breach::new(FailureCode::NaturalPersonSpecialInvoice, place));
        }
        Some(_) => {}
        None => {
            let got = Measure::Number(class.into());
            let expected = Measure::Words("enterprise, government, individual or other");
            let place = Place::Head("buyer/type");
            report(Breach::figures(
                FailureCode::BuyerTypeInvalid,
                place,
                got,
                expected,
            ));
        }
    }
}

/// At least one line, at most [`LINES_MAX`].
pub(super) fn judge_line_count(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let count = u64::try_from(facts.lines.len()).unwrap_or(u64::MAX);
    if count == 0 {
        report(Breach::new(FailureCode::NoLines, Place::Lines));
    }
    if facts.lines.len() > LINES_MAX {
        let most = Measure::Number(u64::try_from(LINES_MAX).unwrap_or(u64::MAX));
        let got = Measure::Number(count);
        report(Breach::figures(
            FailureCode::TooManyLines,
            Place::Lines,
            got,
            most,
        ));
    }
}

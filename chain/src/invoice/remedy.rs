//! What would be accepted in place of a public figure that was refused.
//!
//! Guards: a suggestion passes when it is taken. The rules themselves only know what they expect;
//! the desk sees the whole draft, and suggests what fits the rest of it.

use super::line::{CheckedLine, zero_rate_word};
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::rate::RatePpm;
use crate::tax::{
    Breach, DISCOUNT_LINE, Place, TaxLine, Totals, ZERO_RATE_EXEMPT, ZERO_RATE_UNTAXED,
    split_gross, tax_on,
};

/// The suggestion to leave a member out.
pub(super) const LEAVE_OUT: &str = "";

/// Preference policies that mean a mark: 免税 and 不征税.
const POLICY_EXEMPT: u8 = 3;
const POLICY_UNTAXED: u8 = 4;

/// What to suggest for a breach; `None` if the rule's own suggestion is right, or there is none.
pub(super) fn of(
    breach: &Breach,
    lines: &[CheckedLine],
    computed: Option<Totals>,
) -> Option<String> {
    let line = match breach.place {
        Place::Line(index, _) => lines.get(usize::from(index)),
        _ => None,
    };
    match (breach.code, breach.place) {
        (FailureCode::LineTaxMismatch | FailureCode::DiscountTaxMismatch, _)
        | (FailureCode::AmountSign, Place::Line(_, "tax")) => {
            line.and_then(computed_tax).map(|tax| tax.to_string())
        }
        (FailureCode::AmountSign, Place::Line(_, "amount")) => {
            let discount = line.filter(|line| line.tax.line_type == DISCOUNT_LINE)?;
            discount.tax.amount.checked_neg().map(|off| off.to_string())
        }
        (FailureCode::GrandTotalMismatch, Place::Total(_)) => {
            computed.map(|totals| totals.gross.to_string())
        }
        (FailureCode::ZeroRateMarkRequired, _) => {
            let TaxLine {
                rate, preference, ..
            } = line?.tax;
            only_mark(rate, preference).map(str::to_owned)
        }
        (FailureCode::PreferenceRateMismatch, _) => Some(fitting_policy(&line?.tax).to_owned()),
        _ => None,
    }
}

/// The tax the desk computes for a line, whatever the draft gives.
pub(super) fn computed_tax(line: &CheckedLine) -> Option<Fen> {
    match line.gross_to_split {
        Some(gross) if line.tax.deduction == Fen::ZERO => {
            split_gross(gross, line.tax.rate).map(|split| split.tax)
        }
        _ => Fen::from_wide(tax_on(line.tax.taxable_fen(), line.tax.rate)),
    }
}

/// The zero-rate mark of a line, where only one is possible: none beside a rate, and at rate 0 the
/// one that the policy means.
pub(super) fn only_mark(rate: RatePpm, policy: u8) -> Option<&'static str> {
    match policy {
        _ if !rate.is_zero() => Some(LEAVE_OUT),
        POLICY_EXEMPT => zero_rate_word(ZERO_RATE_EXEMPT),
        POLICY_UNTAXED => zero_rate_word(ZERO_RATE_UNTAXED),
        _ => None,
    }
}

/// A policy that goes with a line: the one its mark means, or the one that tells the missing mark,
/// or none.
const fn fitting_policy(line: &TaxLine) -> &'static str {
    match (line.zero_rate_kind, line.preference) {
        (Some(ZERO_RATE_EXEMPT), _) => "03",
        (Some(ZERO_RATE_UNTAXED), _) => "04",
        (None, POLICY_EXEMPT) if line.rate.is_zero() => "03",
        (None, POLICY_UNTAXED) if line.rate.is_zero() => "04",
        _ => LEAVE_OUT,
    }
}

//! The totals of a draft: computed from the lines, or as given.
//!
//! Guards: totals that are given are judged by the rules of [`crate::tax`], never replaced.

use super::capital::{capital, means};
use super::draft::DraftTotals;
use super::line::{CheckedLine, Known};
use super::line_amounts::{Given, money};
use super::remedy::LEAVE_OUT;
use super::report::{Report, excerpt};
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::fault::Fault;
use crate::tax::Totals;

/// What the checks of the totals found; `None` is unknown.
#[derive(Clone, Copy)]
pub(super) struct CheckedTotals {
    pub(super) amount: Option<Fen>,
    pub(super) tax: Option<Fen>,
    pub(super) gross: Option<Fen>,
    /// Sums over the lines, whatever the draft gives.
    pub(super) computed: Option<Totals>,
}

impl CheckedTotals {
    /// The totals as the facts state them; unknown ones are placeholders.
    pub(super) fn stated(&self) -> Totals {
        Totals {
            amount: self.amount.unwrap_or(Fen::ZERO),
            tax: self.tax.unwrap_or(Fen::ZERO),
            gross: self.gross.unwrap_or(Fen::ZERO),
        }
    }
}

/// Reads the totals a draft gives and computes the others.
pub(super) fn check(
    draft: Option<&DraftTotals>,
    lines: &[CheckedLine],
    report: &mut Report,
) -> CheckedTotals {
    let mut read = |pointer: &str, text: Option<&String>| {
        let given = money(report, pointer, text.map(String::as_str));
        if given == Given::Wrong {
            // The lines tell it, unless the text does.
            report.suggest(Some(LEAVE_OUT));
        }
        given
    };
    let amount = read(
        "/totals/amount",
        draft.and_then(|totals| totals.amount.as_ref()),
    );
    let tax = read("/totals/tax", draft.and_then(|totals| totals.tax.as_ref()));
    let gross = read(
        "/totals/gross",
        draft.and_then(|totals| totals.gross.as_ref()),
    );
    let amount_sum = sum(lines, Known::AMOUNT, |line| line.tax.amount);
    let tax_sum = sum(lines, Known::TAX, |line| line.tax.tax);
    let or = |given: Given<Fen>, computed: Option<Fen>| match given {
        Given::Absent => computed,
        given => given.read(),
    };
    let (amount, tax) = (or(amount, amount_sum), or(tax, tax_sum));
    let plus = |a: Option<Fen>, b: Option<Fen>| Some(clamp(a?.wide().saturating_add(b?.wide())));
    let gross = or(gross, plus(amount, tax));
    let computed = amount_sum.zip(tax_sum).zip(plus(amount_sum, tax_sum));
    let computed = computed.map(|((amount, tax), gross)| Totals { amount, tax, gross });
    CheckedTotals {
        amount,
        tax,
        gross,
        computed,
    }
}

/// Sum over all lines, if every one is known.
fn sum(lines: &[CheckedLine], part: Known, value: impl Fn(&CheckedLine) -> Fen) -> Option<Fen> {
    let known = lines.iter().all(|line| line.known.covers(part));
    let add = |sum: i128, line: &CheckedLine| sum.saturating_add(value(line).wide());
    known.then(|| clamp(lines.iter().fold(0, add)))
}

/// Narrows a sum to the range of `i64`, far outside what an invoice may show: the rules of size
/// then refuse it.
fn clamp(fen: i128) -> Fen {
    let limit = if fen < 0 { i64::MIN } else { i64::MAX };
    Fen::new(i64::try_from(fen).unwrap_or(limit))
}

/// Compares the amount in capitals with the figure.
pub(super) fn check_capital(draft: Option<&DraftTotals>, gross: Fen, report: &mut Report) {
    let Some(text) = draft.and_then(|totals| totals.gross_capital.as_deref()) else {
        return;
    };
    if text.trim().is_empty() || means(text, gross) {
        return;
    }
    let expected = capital(gross);
    let fault = Fault::at(FailureCode::CapitalAmountMismatch, "/totals/gross_capital");
    report.refuse(
        fault
            .got(excerpt(text))
            .expected(expected.clone())
            .suggested(expected),
    );
}

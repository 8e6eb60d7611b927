//! The figures of one line: what was given is read, what was left out is computed.
//!
//! Guards: a figure that cannot be read is *unknown*, and no rule that needs it is judged.

use rust_decimal::Decimal;

use super::decimal;
use super::draft::DraftLine;
use super::report::Report;
use super::texts::is_blank;
use crate::amount::{AmountError, Fen};
use crate::failure::FailureCode;
use crate::fault::Fault;
use crate::rate::RatePpm;
use crate::tax::{RuleSet, split_gross, tax_on};

/// A value of a draft: left out, unreadable, or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given<T> {
    /// Not in the draft.
    Absent,
    /// In the draft, and refused already.
    Wrong,
    /// Read.
    Read(T),
}

impl<T> Given<T> {
    /// The value, if it was read.
    pub(super) fn read(self) -> Option<T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// Whether the draft left it out.
    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// The figures of a line; `None` is unknown.
pub(super) struct LineAmounts {
    pub(super) amount: Option<Fen>,
    pub(super) tax: Option<Fen>,
    pub(super) deduction: Option<Fen>,
}

/// What the draft gives of a line's figures.
struct Figures {
    pair: Given<(Decimal, Decimal)>,
    amount: Given<Fen>,
    gross: Given<Fen>,
    tax: Given<Fen>,
    deduction: Given<Fen>,
}

/// Reads and completes the figures of the line at `pointer`.
pub(super) fn read(
    line: &DraftLine,
    rate: Option<RatePpm>,
    rules: &RuleSet,
    pointer: &str,
    report: &mut Report,
) -> LineAmounts {
    let figures = Figures {
        pair: read_pair(line, pointer, report),
        amount: money(report, &format!("{pointer}/amount"), line.amount.as_deref()),
        gross: money(report, &format!("{pointer}/gross"), line.gross.as_deref()),
        tax: money(report, &format!("{pointer}/tax"), line.tax.as_deref()),
        deduction: money(
            report,
            &format!("{pointer}/deduction"),
            line.deduction.as_deref(),
        ),
    };
    let deduction = match figures.deduction {
        Given::Absent => Some(Fen::ZERO),
        given => given.read(),
    };
    let amount = decide_amount(&figures, rate, pointer, report);
    let tax = match (figures.tax, figures.gross) {
        (Given::Read(tax), _) => Some(tax),
        (Given::Wrong, _) | (Given::Absent, Given::Wrong) => None,
        (Given::Absent, Given::Read(gross)) => amount.and_then(|amount| gross.checked_sub(amount)),
        (Given::Absent, Given::Absent) => compute_tax(amount, deduction, rate),
    };
    check_gross(&figures, amount, tax, pointer, report);
    let tolerance_fen = rules.quantity_price_tolerance_fen;
    check_product(&figures, amount, tolerance_fen, pointer, report);
    LineAmounts {
        amount,
        tax,
        deduction,
    }
}

/// The amount as given, or from the tax-inclusive amount, or from quantity and unit price.
fn decide_amount(
    figures: &Figures,
    rate: Option<RatePpm>,
    pointer: &str,
    report: &mut Report,
) -> Option<Fen> {
    match (figures.amount, figures.gross, figures.pair) {
        (Given::Read(amount), _, _) => Some(amount),
        (Given::Wrong, _, _) | (Given::Absent, Given::Wrong, _) => None,
        (Given::Absent, Given::Read(gross), _) => match figures.tax {
            Given::Read(tax) => gross.checked_sub(tax),
            Given::Wrong => None,
            Given::Absent => split_gross(gross, rate?).map(|split| split.net),
        },
        (Given::Absent, Given::Absent, Given::Read((quantity, price))) => {
            let product = decimal::product_fen(quantity, price);
            if product.is_none() {
                let fault = Fault::at(FailureCode::AmountOverflow, format!("{pointer}/amount"));
                report.refuse(fault.expected("at most 18 digits"));
            }
            product
        }
        (Given::Absent, Given::Absent, Given::Wrong) => None,
        (Given::Absent, Given::Absent, Given::Absent) => {
            report.missing(format!("{pointer}/amount"));
            None
        }
    }
}

/// `round((amount − deduction) × rate)`.
fn compute_tax(amount: Option<Fen>, deduction: Option<Fen>, rate: Option<RatePpm>) -> Option<Fen> {
    let taxable = amount?.wide().saturating_sub(deduction?.wide());
    Fen::from_wide(tax_on(taxable, rate?))
}

/// A tax-inclusive amount excludes a deduction, and must be the sum of amount and tax.
fn check_gross(
    figures: &Figures,
    amount: Option<Fen>,
    tax: Option<Fen>,
    pointer: &str,
    report: &mut Report,
) {
    let (Some(gross), Some(amount), Some(tax)) = (figures.gross.read(), amount, tax) else {
        return;
    };
    if !figures.deduction.is_absent() {
        let fault = Fault::at(FailureCode::DeductionInvalid, format!("{pointer}/gross"));
        report.refuse(
            fault
                .got(gross.to_string())
                .expected("amount, because of the deduction"),
        );
    }
    let sum = amount.checked_add(tax);
    if sum != Some(gross) {
        let expected = sum.unwrap_or(gross).to_string();
        let fault = Fault::at(FailureCode::GrandTotalMismatch, format!("{pointer}/gross"));
        let fault = fault.got(gross.to_string()).expected(expected.clone());
        report.refuse(fault.tolerance("0.00").suggested(expected));
    }
}

/// `|quantity × price − amount|` is within the tolerance.
fn check_product(
    figures: &Figures,
    amount: Option<Fen>,
    tolerance_fen: i64,
    pointer: &str,
    report: &mut Report,
) {
    let (Some(pair), Some(amount)) = (figures.pair.read(), amount) else {
        return;
    };
    if decimal::product_is_near(pair, amount, tolerance_fen) {
        return;
    }
    let fault = Fault::at(FailureCode::LineAmountMismatch, format!("{pointer}/amount"))
        .got(amount.to_string())
        .tolerance(Fen::new(tolerance_fen).to_string());
    report.refuse(match decimal::product_fen(pair.0, pair.1) {
        Some(product) => fault
            .expected(product.to_string())
            .suggested(product.to_string()),
        None => fault,
    });
}

/// Reads quantity and unit price, which come together or not at all.
fn read_pair(line: &DraftLine, pointer: &str, report: &mut Report) -> Given<(Decimal, Decimal)> {
    let mut read = |name: &str, text: Option<&str>| match text.filter(|text| !is_blank(text)) {
        None => Given::Absent,
        Some(text) => decimal::parse(text).map_or_else(
            || {
                let expected = "digits, at most 25 characters and 13 decimals";
                report.wrong(
                    FailureCode::QtyPriceScale,
                    format!("{pointer}/{name}"),
                    text,
                    expected,
                );
                Given::Wrong
            },
            Given::Read,
        ),
    };
    let quantity = read("quantity", line.quantity.as_deref());
    let price = read("unit_price", line.unit_price.as_deref());
    let lone = match (quantity.is_absent(), price.is_absent()) {
        (true, true) => return Given::Absent,
        (true, false) => "quantity",
        (false, true) => "unit_price",
        (false, false) => {
            return match (quantity, price) {
                (Given::Read(quantity), Given::Read(price)) => Given::Read((quantity, price)),
                _ => Given::Wrong,
            };
        }
    };
    report.refuse(Fault::at(
        FailureCode::QtyPricePair,
        format!("{pointer}/{lone}"),
    ));
    Given::Wrong
}

/// Reads an amount, negative ones included; the sign is judged with the line.
pub(super) fn money(report: &mut Report, pointer: &str, text: Option<&str>) -> Given<Fen> {
    let Some(text) = text.filter(|text| !is_blank(text)) else {
        return Given::Absent;
    };
    let (code, expected) = match Fen::parse_signed(text) {
        Ok(amount) => return Given::Read(amount),
        Err(AmountError::TooLarge) => (FailureCode::AmountOverflow, "at most 18 digits"),
        Err(AmountError::Malformed) => (FailureCode::AmountScale, "exactly two decimals"),
    };
    report.wrong(code, pointer, text, expected);
    Given::Wrong
}

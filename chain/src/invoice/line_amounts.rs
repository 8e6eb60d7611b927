//! The figures of one line: what was given is read, what was left out is computed.
//!
//! Guards: a figure that cannot be read is *unknown*, and no rule that needs it is judged.

use rust_decimal::Decimal;

use super::decimal;
use super::draft::DraftLine;
use super::pointer::Pointer;
use super::remedy::LEAVE_OUT;
use super::repair;
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
    /// The tax-inclusive amount, if the amount without tax follows from it.
    pub(super) gross_to_split: Option<Fen>,
}

/// What the draft gives of a line's figures.
struct Figures {
    index: usize,
    /// `|quantity × price − amount|` may be so much, in fen.
    tolerance_fen: i64,
    rate: Option<RatePpm>,
    quantity: Given<Decimal>,
    price: Given<Decimal>,
    amount: Given<Fen>,
    gross: Given<Fen>,
    tax: Given<Fen>,
    deduction: Given<Fen>,
}

/// Reads and completes the figures of the line with this index.
pub(super) fn read(
    line: &DraftLine,
    rate: Option<RatePpm>,
    rules: &RuleSet,
    index: usize,
    report: &mut Report,
) -> LineAmounts {
    let at = |name: &'static str| Pointer::Line(index, name);
    let figures = Figures {
        index,
        tolerance_fen: rules.quantity_price_tolerance_fen,
        rate,
        quantity: factor(report, at("quantity"), line.quantity.as_deref()),
        price: factor(report, at("unit_price"), line.unit_price.as_deref()),
        amount: money(report, at("amount"), line.amount.as_deref()),
        gross: money(report, at("gross"), line.gross.as_deref()),
        tax: money(report, at("tax"), line.tax.as_deref()),
        deduction: money(report, at("deduction"), line.deduction.as_deref()),
    };
    figures.complete(report)
}

impl Figures {
    fn at(&self, name: &'static str) -> Pointer<'static> {
        Pointer::Line(self.index, name)
    }

    /// Computes what was left out and compares what belongs together.
    fn complete(&self, report: &mut Report) -> LineAmounts {
        self.check_pair(report);
        let deduction = match self.deduction {
            Given::Absent => Some(Fen::ZERO),
            given => given.read(),
        };
        let amount = self.amount(report);
        let tax = match (self.tax, self.gross) {
            (Given::Read(tax), _) => Some(tax),
            (Given::Wrong, _) | (Given::Absent, Given::Wrong) => None,
            (Given::Absent, Given::Read(gross)) => {
                amount.and_then(|amount| gross.checked_sub(amount))
            }
            (Given::Absent, Given::Absent) => compute_tax(amount, deduction, self.rate),
        };
        self.check_gross(amount, tax, report);
        self.check_product(amount, report);
        let unreadable = [self.amount, self.gross, self.tax].contains(&Given::Wrong);
        if unreadable {
            self.suggest_instead(deduction, report);
        }
        LineAmounts {
            amount,
            tax,
            deduction,
            gross_to_split: self.gross.read().filter(|_| self.amount.is_absent()),
        }
    }

    /// Quantity and price, if both were read.
    fn pair(&self) -> Option<(Decimal, Decimal)> {
        self.quantity.read().zip(self.price.read())
    }

    /// Quantity and price come together or not at all. With the amount, one tells the other.
    fn check_pair(&self, report: &mut Report) {
        let (missing, given) = match (self.quantity, self.price) {
            (Given::Absent, Given::Read(price)) => ("quantity", Some(price)),
            (Given::Absent, Given::Wrong) => ("quantity", None),
            (Given::Read(quantity), Given::Absent) => ("unit_price", Some(quantity)),
            (Given::Wrong, Given::Absent) => ("unit_price", None),
            _ => return,
        };
        report.refuse(Fault::at(FailureCode::QtyPricePair, self.at(missing)));
        let tolerance_fen = self.tolerance_fen;
        let amount = self.amount.read();
        report.suggest(
            given
                .zip(amount)
                .and_then(|(given, amount)| decimal::quotient(amount, given, tolerance_fen)),
        );
    }

    /// The amount as given, or from the tax-inclusive amount, or from quantity and unit price.
    fn amount(&self, report: &mut Report) -> Option<Fen> {
        let no_pair = self.quantity.is_absent() && self.price.is_absent();
        match (self.amount, self.gross) {
            (Given::Read(amount), _) => Some(amount),
            (Given::Wrong, _) | (Given::Absent, Given::Wrong) => None,
            (Given::Absent, Given::Read(gross)) => match self.tax {
                Given::Read(tax) => gross.checked_sub(tax),
                Given::Wrong => None,
                Given::Absent => split_gross(gross, self.rate?).map(|split| split.net),
            },
            (Given::Absent, Given::Absent) if no_pair => {
                report.missing(self.at("amount"));
                None
            }
            (Given::Absent, Given::Absent) => {
                let (quantity, price) = self.pair()?;
                let product = decimal::product_fen(quantity, price);
                if product.is_none() {
                    let fault = Fault::at(FailureCode::AmountOverflow, self.at("amount"));
                    report.refuse(fault.expected("at most 18 digits"));
                }
                product
            }
        }
    }

    /// A tax-inclusive amount excludes a deduction, and must be the sum of amount and tax.
    fn check_gross(&self, amount: Option<Fen>, tax: Option<Fen>, report: &mut Report) {
        let (Some(gross), Some(amount), Some(tax)) = (self.gross.read(), amount, tax) else {
            return;
        };
        if !self.deduction.is_absent() {
            let fault = Fault::at(FailureCode::DeductionInvalid, self.at("gross"));
            report.refuse(
                fault
                    .got(gross.to_string())
                    .expected("amount, because of the deduction"),
            );
        }
        let sum = amount.checked_add(tax);
        if sum != Some(gross) {
            let expected = sum.unwrap_or(gross).to_string();
            let fault = Fault::at(FailureCode::GrandTotalMismatch, self.at("gross"));
            let fault = fault.got(gross.to_string()).expected(expected.clone());
            report.refuse(fault.tolerance("0.00").suggested(expected));
        }
    }

    /// `|quantity × price − amount|` is within the tolerance.
    fn check_product(&self, amount: Option<Fen>, report: &mut Report) {
        let (Some(pair), Some(amount)) = (self.pair(), amount) else {
            return;
        };
        let tolerance_fen = self.tolerance_fen;
        if decimal::product_is_near(pair, amount, tolerance_fen) {
            return;
        }
        let fault = Fault::at(FailureCode::LineAmountMismatch, self.at("amount"))
            .got(amount.to_string())
            .tolerance(Fen::new(tolerance_fen).to_string());
        report.refuse(match decimal::product_fen(pair.0, pair.1) {
            Some(product) => fault
                .expected(product.to_string())
                .suggested(product.to_string()),
            None => fault,
        });
    }

    /// A figure that is no number at all follows from the others, where they tell it.
    fn suggest_instead(&self, deduction: Option<Fen>, report: &mut Report) {
        let split = self.gross.read().zip(self.rate);
        let split = split.and_then(|(gross, rate)| split_gross(gross, rate));
        let product = self
            .pair()
            .and_then(|(quantity, price)| decimal::product_fen(quantity, price));
        if self.amount == Given::Wrong {
            let net = match (self.gross, self.tax) {
                (Given::Read(gross), Given::Read(tax)) => gross.checked_sub(tax),
                _ => split.map(|split| split.net),
            };
            report.suggest_at(self.at("amount"), text(product.or(net)));
        }
        if self.tax == Given::Wrong {
            let tax = match self.amount {
                Given::Read(amount) => compute_tax(Some(amount), deduction, self.rate),
                _ => split.map(|split| split.tax),
            };
            report.suggest_at(self.at("tax"), Some(text(tax).unwrap_or_else(left_out)));
        }
        if self.gross == Given::Wrong && (self.amount != Given::Absent || product.is_some()) {
            report.suggest_at(self.at("gross"), Some(LEAVE_OUT));
        }
    }
}

/// An amount as a suggestion.
fn text(amount: Option<Fen>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

fn left_out() -> String {
    LEAVE_OUT.to_owned()
}

/// `round((amount − deduction) × rate)`.
fn compute_tax(amount: Option<Fen>, deduction: Option<Fen>, rate: Option<RatePpm>) -> Option<Fen> {
    let taxable = amount?.wide().saturating_sub(deduction?.wide());
    Fen::from_wide(tax_on(taxable, rate?))
}

/// Reads a quantity or unit price.
fn factor(report: &mut Report, pointer: Pointer<'_>, text: Option<&str>) -> Given<Decimal> {
    let Some(text) = text.filter(|text| !is_blank(text)) else {
        return Given::Absent;
    };
    if let Some(read) = decimal::parse(text) {
        return Given::Read(read);
    }
    let expected = "digits, at most 25 characters and 13 decimals";
    report.wrong(FailureCode::QtyPriceScale, pointer, text, expected);
    report.suggest(repair::quantity(text));
    Given::Wrong
}

/// Reads an amount, negative ones included; the sign is judged with the line.
pub(super) fn money<'a>(
    report: &mut Report,
    pointer: impl Into<Pointer<'a>>,
    text: Option<&str>,
) -> Given<Fen> {
    let Some(text) = text.filter(|text| !is_blank(text)) else {
        return Given::Absent;
    };
    let (code, expected) = match Fen::parse_signed(text) {
        Ok(amount) => return Given::Read(amount),
        Err(AmountError::TooLarge) => (FailureCode::AmountOverflow, "at most 18 digits"),
        Err(AmountError::Malformed) => (FailureCode::AmountScale, "exactly two decimals"),
    };
    report.wrong(code, pointer.into(), text, expected);
    report.suggest(repair::money(text));
    Given::Wrong
}

//! The rules that every validator applies to the facts of an invoice.
//!
//! Guards: kind and buyer fit, lines are of the law in force on the issue date, and every sum is
//! right. Each rule is evaluated on its own, so that all breaches of a draft can be shown; which
//! one a block reports is decided by catalogue order alone.
//! Never: reads state or a clock, or rounds by itself; see [`super::rounding`].

use super::breach::{Breach, Measure, Place};
use super::facts::{
    Buyer, BuyerClass, CURRENCY_CNY, DISCOUNT_LINE, DISCOUNTED_LINE, KIND_GENERAL, KIND_SPECIAL,
    MODE_ONLINE, NORMAL_LINE, TaxFacts, TaxLine, ZERO_RATE_EXEMPT, ZERO_RATE_ORDINARY,
    ZERO_RATE_UNTAXED,
};
use super::rounding::tax_on;
use super::rule_set::{REDUCED_RATE, RuleSet, SIMPLIFIED_RATE, Taxpayer};
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::rate::{PPM, RatePpm};

/// The 1.5 % of letting housing: reduced already, so it goes with no deduction.
const LETTING_RATE: RatePpm = RatePpm::new(15_000);
/// Smallest and largest number of 19 digits, as far as the table of codes can ever reach.
const CLASS_CODES: core::ops::RangeInclusive<u64> =
    1_000_000_000_000_000_000..=9_999_999_999_999_999_999;
/// Lines one invoice may have.
const LINES_MAX: usize = crate::limits::LINES_MAX;
/// Reasons for giving up the 1 % rate.
const WAIVE_REASONS: core::ops::RangeInclusive<u8> = 1..=2;
/// Highest preference policy number.
const PREFERENCE_MAX: u8 = 18;

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
    judge_head(facts, report);
    judge_buyer(facts, report);
    judge_line_count(facts, report);
    for (index, line) in (0_u16..).zip(facts.lines.iter().take(LINES_MAX)) {
        judge_line(facts, rules, (index, line), report);
        judge_line_tax(rules, (index, line), report);
    }
    judge_discounts(facts, report);
    judge_totals(facts, rules, report);
}

/// Reports every breach that depends on what the seller is registered as.
pub(crate) fn judge_taxpayer(
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

/// Kind, issuing mode, currency, special business and red letters.
fn judge_head(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
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
        && facts.special_business == 0
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
fn judge_buyer(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
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
fn judge_line_count(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
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

/// Amount, deduction, rate, marks and code of one line.
fn judge_line(
    facts: &TaxFacts,
    rules: &RuleSet,
    (index, line): (u16, &TaxLine),
    report: &mut impl FnMut(Breach),
) {
    let at = |name| Place::Line(index, name);
    judge_line_amount(index, line, report);
    if line.deduction != Fen::ZERO && !deduction_is_valid(facts, line) {
        let (got, most) = (line.deduction.wide(), line.amount.wide());
        let (got, most) = (Measure::Money(got), Measure::Money(most));
        report(Breach::figures(
            FailureCode::DeductionInvalid,
            at("deduction"),
            got,
            most,
        ));
    }
    let got = Measure::Rate(line.rate);
    match rules.rate_on(line.rate, facts.issued_on) {
        None => report(Breach::figures(
            FailureCode::RateUnknown,
            at("rate"),
            got,
            Measure::None,
        )),
        Some(row) if facts.kind == KIND_SPECIAL && !row.special_invoice => {
            report(Breach::figures(
                FailureCode::RateNotForKind,
                at("rate"),
                got,
                Measure::None,
            ));
        }
        Some(_) => {}
    }
    let marked = line.zero_rate_kind.is_some();
    let mark_known = line
        .zero_rate_kind
        .is_none_or(|mark| mark <= ZERO_RATE_ORDINARY);
    if line.rate.is_zero() != marked || !mark_known {
        let place = at("zero_rate_kind");
        let got = line
            .zero_rate_kind
            .map_or(Measure::None, |mark| Measure::Number(mark.into()));
        let expected = if line.rate.is_zero() {
            Measure::Words("export, exempt, untaxed or ordinary")
        } else {
            Measure::Words("nothing, because the rate is not 0")
        };
        report(Breach::figures(
            FailureCode::ZeroRateMarkRequired,
            place,
            got,
            expected,
        ));
    }
    if let Some(expected) = broken_preference(line) {
        let got = Measure::Rate(line.rate);
        let expected = Measure::Words(expected);
        let place = at("preference");
        report(Breach::figures(
            FailureCode::PreferenceRateMismatch,
            place,
            got,
            expected,
        ));
    }
    if !CLASS_CODES.contains(&line.class_code) {
        let got = Measure::Number(line.class_code);
        let expected = Measure::Words("19 digits");
        let place = at("class_code");
        report(Breach::figures(
            FailureCode::ClassCodeFormat,
            place,
            got,
            expected,
        ));
    }
}

/// Size and sign: only a discount is negative, nothing is nought, tax goes the way of its amount.
fn judge_line_amount(index: u16, line: &TaxLine, report: &mut impl FnMut(Breach)) {
    let money = |amount: Fen| Measure::Money(amount.wide());
    for (name, amount) in [
        ("amount", line.amount),
        ("deduction", line.deduction),
        ("tax", line.tax),
    ] {
        if !amount.is_within_bounds() {
            let place = Place::Line(index, name);
            let expected = Measure::Words("at most 18 digits");
            report(Breach::figures(
                FailureCode::AmountOverflow,
                place,
                money(amount),
                expected,
            ));
        }
    }
    if line.amount == Fen::ZERO {
        report(Breach::new(
            FailureCode::AmountZero,
            Place::Line(index, "amount"),
        ));
        return;
    }
    let is_discount = line.line_type == DISCOUNT_LINE;
    let expected = Measure::Words(if is_discount { "negative" } else { "positive" });
    if (line.amount < Fen::ZERO) != is_discount {
        let place = Place::Line(index, "amount");
        report(Breach::figures(
            FailureCode::AmountSign,
            place,
            money(line.amount),
            expected,
        ));
    } else if line.tax != Fen::ZERO && (line.tax < Fen::ZERO) != is_discount {
        let place = Place::Line(index, "tax");
        report(Breach::figures(
            FailureCode::AmountSign,
            place,
            money(line.tax),
            expected,
        ));
    }
}

/// `|round(taxable × rate) − tax|` within the tolerance; at rate 0 there is nothing to round.
fn judge_line_tax(
    rules: &RuleSet,
    (index, line): (u16, &TaxLine),
    report: &mut impl FnMut(Breach),
) {
    let (code, tolerance_fen) = if line.line_type == DISCOUNT_LINE {
        (
            FailureCode::DiscountTaxMismatch,
            rules.discount_tax_tolerance_fen,
        )
    } else {
        (FailureCode::LineTaxMismatch, rules.line_tax_tolerance_fen)
    };
    let tolerance_fen = if line.rate.is_zero() {
        0
    } else {
        tolerance_fen
    };
    let expected = tax_on(line.taxable_fen(), line.rate);
    let got = line.tax.wide();
    if got.abs_diff(expected) > u128::from(tolerance_fen.unsigned_abs()) {
        let place = Place::Line(index, "tax");
        let (got, expected) = (Measure::Money(got), Measure::Money(expected));
        report(Breach::figures(code, place, got, expected).within(tolerance_fen));
    }
}

/// Margin taxation: one line, no discount, no reduced rate, and never more than the amount.
fn deduction_is_valid(facts: &TaxFacts, line: &TaxLine) -> bool {
    facts.lines.len() == 1
        && line.line_type == NORMAL_LINE
        && line.rate != LETTING_RATE
        && line.deduction > Fen::ZERO
        && line.deduction <= line.amount
}

/// What a preference policy demands of its line, if the line does not give it.
fn broken_preference(line: &TaxLine) -> Option<&'static str> {
    let ppm = line.rate.ppm();
    let (holds, demand) = match line.preference {
        1 => (
            matches!(ppm, 30_000 | 40_000 | 50_000),
            "rate 0.03, 0.04 or 0.05",
        ),
        3 => (line.zero_rate_kind == Some(ZERO_RATE_EXEMPT), "exempt"),
        4 => (line.zero_rate_kind == Some(ZERO_RATE_UNTAXED), "untaxed"),
        8 => (ppm == 30_000, "rate 0.03"),
        9 => (ppm == 50_000, "rate 0.05"),
        10 => (ppm == 15_000, "rate 0.015"),
        policy => (policy <= PREFERENCE_MAX, "01 to 18"),
    };
    (!holds).then_some(demand)
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

/// A discount directly follows its line, with the same code, rate and marks, and is not larger.
fn judge_discounts(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let mut previous: Option<&TaxLine> = None;
    for (index, line) in (0_u16..).zip(facts.lines.iter().take(LINES_MAX)) {
        let whole = Place::Line(index, "");
        match line.line_type {
            NORMAL_LINE | DISCOUNTED_LINE if awaits_discount(previous) => {
                let orphan = Place::Line(index.saturating_sub(1), "");
                report(Breach::new(FailureCode::DiscountLineOrphan, orphan));
            }
            NORMAL_LINE | DISCOUNTED_LINE => {}
            DISCOUNT_LINE => match previous.filter(|_| awaits_discount(previous)) {
                Some(discounted) if is_discount_of(line, discounted) => {
                    judge_discount_size(index, line, discounted, report);
                }
                Some(_) | None => report(Breach::new(FailureCode::DiscountLineOrphan, whole)),
            },
            unknown => {
                let got = Measure::Number(unknown.into());
                let expected = Measure::Words("line type 0, 1 or 2");
                let code = FailureCode::DiscountLineOrphan;
                report(Breach::figures(code, whole, got, expected));
            }
        }
        previous = Some(line);
    }
    if awaits_discount(previous) {
        let last = facts.lines.len().min(LINES_MAX).saturating_sub(1);
        let last = Place::Line(u16::try_from(last).unwrap_or(u16::MAX), "");
        report(Breach::new(FailureCode::DiscountLineOrphan, last));
    }
}

/// Whether the next line must be this line's discount.
fn awaits_discount(line: Option<&TaxLine>) -> bool {
    line.is_some_and(|line| line.line_type == DISCOUNTED_LINE)
}

/// Whether a discount line is taxed exactly as the line before it.
fn is_discount_of(discount: &TaxLine, line: &TaxLine) -> bool {
    discount.class_code == line.class_code
        && discount.rate == line.rate
        && discount.zero_rate_kind == line.zero_rate_kind
        && discount.preference == line.preference
}

/// A discount may take off the whole line, not more.
fn judge_discount_size(
    index: u16,
    discount: &TaxLine,
    line: &TaxLine,
    report: &mut impl FnMut(Breach),
) {
    if discount.amount.wide().saturating_neg() > line.amount.wide() {
        let place = Place::Line(index, "amount");
        let got = Measure::Money(discount.amount.wide());
        let most = Measure::Money(line.amount.wide().saturating_neg());
        report(Breach::figures(
            FailureCode::DiscountExceedsLine,
            place,
            got,
            most,
        ));
    }
}

/// Sums are exact; only the tax may drift from the unrounded tax, by the rounding of many lines.
fn judge_totals(facts: &TaxFacts, rules: &RuleSet, report: &mut impl FnMut(Breach)) {
    let totals = &facts.totals;
    let (mut amount, mut tax, mut exact_ppm) = (0_i128, 0_i128, 0_i128);
    for line in facts.lines.iter().take(LINES_MAX) {
        amount = amount.saturating_add(line.amount.wide());
        tax = tax.saturating_add(line.tax.wide());
        let exact = line
            .taxable_fen()
            .saturating_mul(i128::from(line.rate.ppm()));
        exact_ppm = exact_ppm.saturating_add(exact);
    }
    let stated_ppm = totals.tax.wide().saturating_mul(i128::from(PPM));
    let tolerance_fen = rules.tax_drift_tolerance_fen;
    let tolerance_ppm = u128::from(tolerance_fen.unsigned_abs()).saturating_mul(u128::from(PPM));
    if stated_ppm.abs_diff(exact_ppm) > tolerance_ppm {
        let got = Measure::Money(totals.tax.wide());
        let expected = Measure::Money(super::rounding::divide_half_up(exact_ppm, PPM.into()));
        let place = Place::Total("tax");
        let breach = Breach::figures(FailureCode::TotalTaxDrift, place, got, expected);
        report(breach.within(tolerance_fen));
    }
    let gross = totals.amount.wide().saturating_add(totals.tax.wide());
    let sums = [
        (
            FailureCode::TotalAmountMismatch,
            "amount",
            totals.amount,
            amount,
        ),
        (FailureCode::TotalTaxSumMismatch, "tax", totals.tax, tax),
        (
            FailureCode::GrandTotalMismatch,
            "gross",
            totals.gross,
            gross,
        ),
    ];
    for (code, name, stated, sum) in sums {
        let stated = stated.wide();
        if stated != sum {
            let (got, expected) = (Measure::Money(stated), Measure::Money(sum));
            report(Breach::figures(code, Place::Total(name), got, expected).within(0));
        }
    }
    judge_totals_size(facts, report);
}

/// A blue invoice charges something, and every total has at most 18 digits.
fn judge_totals_size(facts: &TaxFacts, report: &mut impl FnMut(Breach)) {
    let totals = &facts.totals;
    for (name, total) in [
        ("amount", totals.amount),
        ("tax", totals.tax),
        ("gross", totals.gross),
    ] {
        if !total.is_within_bounds() {
            let place = Place::Total(name);
            let (got, expected) = (Measure::Money(total.wide()), "at most 18 digits");
            let expected = Measure::Words(expected);
            report(Breach::figures(
                FailureCode::AmountOverflow,
                place,
                got,
                expected,
            ));
        }
    }
    if totals.gross <= Fen::ZERO {
        let got = Measure::Money(totals.gross.wide());
        let expected = Measure::Words("positive");
        let place = Place::Total("gross");
        report(Breach::figures(
            FailureCode::AmountSign,
            place,
            got,
            expected,
        ));
    }
}

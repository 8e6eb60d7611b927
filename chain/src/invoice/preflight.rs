//! The desk door: everything that is wrong with a draft, at once, and the invoice if nothing is.
//!
//! Guards: a merchant fixes a draft once. What may be left out is filled in; what is given is
//! checked and never corrected in passing. Public rules come from [`crate::tax`].
//! Never: reads a clock; the desk says what time it is.

use super::buyer::{self, BuyerContext, BuyerIdentity, CheckedBuyer};
use super::capital::capital;
use super::content::{InvoiceContent, LineContent, TotalsContent};
use super::draft::Draft;
use super::drift;
use super::filter::Readable;
use super::head::{self, CheckedHead};
use super::line::{self, CheckedLine, zero_rate_word};
use super::prepared::Prepared;
use super::remedy;
use super::report::Report;
use super::seller;
use super::special::{self, CheckedSpecial, SpecialContext};
use super::totals;
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::fault::{Fault, Warning, sort_catalogue_order};
use crate::limits::LINES_MAX;
use crate::tax::{
    Breach, Buyer, BuyerClass, CURRENCY_CNY, DISCOUNT_LINE, KIND_GENERAL, KIND_SPECIAL,
    MODE_ONLINE, Measure, RuleSet, TaxFacts, TaxLine, Taxpayer, Totals, breaches,
};
use crate::time::{BlockTime, IssueDate};

/// The merchant a desk issues for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SellerFacts {
    /// Registered tax id.
    pub tax_id: String,
    /// Registered name.
    pub name: String,
    /// What the merchant is registered as.
    pub taxpayer: Taxpayer,
}

/// What a desk knows when it checks a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Its merchant.
    pub seller: SellerFacts,
    /// The time of the network.
    pub now: BlockTime,
    /// The rule set in force where the invoice would stand: at the next height.
    pub rules: &'static RuleSet,
}

/// The verdict on a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preflight {
    /// Everything that is wrong, in catalogue order.
    pub faults: Vec<Fault>,
    /// What deserves a second look.
    pub warnings: Vec<Warning>,
    /// Sums over the lines, if every line has an amount and a tax.
    pub totals: Option<Totals>,
    /// The invoice; `Some` iff there are no faults.
    pub prepared: Option<Prepared>,
}

/// Checks a draft completely.
#[must_use]
pub fn preflight(draft: &Draft, desk: &Desk) -> Preflight {
    let mut report = Report::default();
    let head = head::check(draft, desk, &mut report);
    let mut content = head::read_texts(draft, desk.rules, &mut report);
    seller::check(draft.seller.as_ref(), &desk.seller, &mut report);
    let context = BuyerContext {
        special: head.kind == Some(KIND_SPECIAL),
        today: IssueDate::of(desk.now),
    };
    let buyer = buyer::check(draft.buyer.as_ref(), context, &mut report);
    let rules = SpecialContext {
        rules: desk.rules,
        today: context.today,
    };
    let known_buyer = buyer.as_ref().map(|buyer| &buyer.identity);
    let special = special::check(draft, rules, known_buyer, &mut report);
    let lines = line::check_all(&draft.lines, desk.rules, &mut report);
    let totals = totals::check(draft.totals.as_ref(), &lines, &mut report);
    let facts = facts_of(
        desk.rules,
        head,
        buyer.as_ref(),
        &special,
        &lines,
        totals.stated(),
    );
    let lines_complete = check_line_count(draft, &mut report);
    let readable = Readable {
        kind: head.kind.is_some(),
        lines: &lines,
        totals,
        lines_complete,
    };
    let found = breaches(&facts, desk.seller.taxpayer);
    let describe = |breach: &Breach| {
        let mut fault = describe(breach, facts.issued_on, desk);
        fault.suggested = remedy::of(breach, &lines, totals.computed).or(fault.suggested);
        fault
    };
    line::warn_of_doubts(&lines, desk.rules, facts.issued_on, &mut report);
    readable.report(&found, describe, &mut report);
    if report.faults.is_empty() {
        // Nothing was unreadable, so nothing may be left unsaid: the facts go to every validator.
        report.faults.extend(found.iter().map(describe));
    }
    drift::suggest(&lines, desk.rules, &mut report);
    if let Some(gross) = totals.gross {
        totals::check_capital(draft.totals.as_ref(), gross, &mut report);
    }
    let mut faults = report.faults;
    sort_catalogue_order(&mut faults);
    let prepared = buyer.filter(|_| faults.is_empty()).map(|buyer| {
        complete(&mut content, desk, head, &buyer, &facts);
        content.lines = lines.into_iter().map(complete_line).collect();
        content.special = special.shown;
        Prepared {
            content,
            buyer: buyer.identity,
            facts,
            issued_at: head.issued_at,
            elements: special.fields,
        }
    });
    Preflight {
        faults,
        warnings: report.warnings,
        totals: totals.computed,
        prepared,
    }
}

/// Whether every line was looked at.
fn check_line_count(draft: &Draft, report: &mut Report) -> bool {
    let count = draft.lines.len();
    if count > LINES_MAX {
        let fault = Fault::at(FailureCode::TooManyLines, "/lines").got(count.to_string());
        report.refuse(fault.expected(format!("at most {LINES_MAX}")));
    }
    count <= LINES_MAX
}

/// The facts as far as they were read; everything else is a placeholder.
fn facts_of(
    rules: &RuleSet,
    head: CheckedHead,
    buyer: Option<&CheckedBuyer>,
    special: &CheckedSpecial,
    lines: &[CheckedLine],
    totals: Totals,
) -> TaxFacts {
    let sealed = |class: BuyerClass| Buyer::Sealed {
        commitment: [0; 32],
        class: class.number(),
    };
    let buyer = match buyer.map(|buyer| &buyer.identity) {
        Some(BuyerIdentity::Clear(uscc)) => Buyer::Clear { uscc: *uscc },
        Some(BuyerIdentity::Private { class, .. }) => sealed(*class),
        None => sealed(BuyerClass::Other),
    };
    TaxFacts {
        kind: head.kind.unwrap_or(KIND_GENERAL),
        issuing_mode: MODE_ONLINE,
        rule_set: rules.id,
        issued_on: IssueDate::of(head.issued_at),
        currency: CURRENCY_CNY,
        buyer,
        special_business: special.number,
        lines: lines.iter().map(|line| line.tax).collect(),
        waive_reason: head.waive_reason,
        red: None,
        totals,
    }
}

/// A breach as a fault; for a rate, what the seller may choose from is added, and what is not open
/// to the seller is not suggested.
fn describe(breach: &Breach, on: IssueDate, desk: &Desk) -> Fault {
    let mut fault = breach.to_fault();
    let taxpayer = desk.seller.taxpayer;
    match (breach.code, breach.expected) {
        (FailureCode::RateNotForCategory, Measure::Rate(rate)) => {
            let row = desk.rules.rate_on(rate, on);
            fault.suggested = fault
                .suggested
                .filter(|_| row.is_some_and(|row| row.is_open_to(taxpayer)));
            fault
        }
        (FailureCode::RateUnknown | FailureCode::RateNotForTaxpayer, _) => {
            let open = desk
                .rules
                .rates_on(on)
                .filter(|row| row.is_open_to(taxpayer));
            let rates: Vec<String> = open.map(|row| row.rate.to_string()).collect();
            fault.expected(format!("one of {}", rates.join(", ")))
        }
        _ => fault,
    }
}

/// Fills in what the desk decides.
fn complete(
    content: &mut InvoiceContent,
    desk: &Desk,
    head: CheckedHead,
    buyer: &CheckedBuyer,
    facts: &TaxFacts,
) {
    let kind = if facts.kind == KIND_SPECIAL {
        "special"
    } else {
        "general"
    };
    kind.clone_into(&mut content.kind);
    "CNY".clone_into(&mut content.currency);
    content.issued_at = head.issued_at.to_string();
    content.waive_1pct_reason = (facts.waive_reason != 0).then(|| facts.waive_reason.to_string());
    content.seller.tax_id.clone_from(&desk.seller.tax_id);
    content.seller.name.clone_from(&desk.seller.name);
    buyer
        .class
        .as_str()
        .clone_into(&mut content.buyer.buyer_type);
    content.buyer.name.clone_from(&buyer.name);
    buyer.identity.show(&mut content.buyer);
    content.totals = TotalsContent {
        amount: facts.totals.amount.to_string(),
        tax: facts.totals.tax.to_string(),
        gross: facts.totals.gross.to_string(),
        gross_capital: capital(facts.totals.gross),
    };
}

/// A line with its figures.
fn complete_line(line: CheckedLine) -> LineContent {
    let TaxLine {
        class_code,
        amount,
        tax,
        rate,
        deduction,
        zero_rate_kind,
        preference,
        ..
    } = line.tax;
    LineContent {
        class_code: class_code.to_string(),
        amount: amount.to_string(),
        rate: rate.to_string(),
        tax: tax.to_string(),
        gross: amount.checked_add(tax).unwrap_or(amount).to_string(),
        deduction: (deduction != Fen::ZERO).then(|| deduction.to_string()),
        zero_rate_kind: zero_rate_kind.and_then(zero_rate_word).map(str::to_owned),
        preference: (preference != 0).then(|| format!("{preference:02}")),
        discount: line.tax.line_type == DISCOUNT_LINE,
        ..line.content
    }
}

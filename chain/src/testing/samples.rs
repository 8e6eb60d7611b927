//! Sample invoices and the documents behind them: the same for every test.

use super::{NOON_MS, sample_uscc};
use crate::digest::{Hasher, Tag};
use crate::document::{Document, Field};
use crate::invoice::InvoiceNumber;
use crate::outcome::Outcome;
use crate::tax::{
    Buyer, CURRENCY_CNY, KIND_GENERAL, MODE_ONLINE, NORMAL_LINE, TaxFacts, TaxLine, Totals,
};
use crate::time::{BlockTime, IssueDate};
use crate::transaction::IssueInvoice;

/// The document behind [`sample_invoice`].
///
/// # Panics
/// Never: its fields are in order.
#[must_use]
pub fn sample_document(order: &str) -> Document {
    let seed = Hasher::new(Tag::Dev)
        .with(b"document")
        .with(order.as_bytes())
        .finish();
    let field = |id, line, text: &str| Field {
        id,
        line,
        value: text.as_bytes().to_vec(),
    };
    let fields = vec![
        field(1, 0, "示例餐饮店"),
        field(2, 0, "示例公司"),
        field(20, 1, "*餐饮*餐费"),
    ];
    Document::new(seed, fields).expect("fields in order")
}

/// An invoice over 100.00 + 6.00, dated [`NOON_MS`].
#[must_use]
pub fn sample_invoice(order: &str) -> IssueInvoice {
    let document = sample_document(order);
    IssueInvoice {
        facts: sample_facts(),
        doc_root: document.root(),
        field_count: document.field_count(),
        order_key: crate::transaction::order_key(&[9; 32], order, ""),
        holder: None,
        payments: Vec::new(),
    }
}

/// Facts of a general invoice over 100.00 + 6.00.
#[must_use]
pub fn sample_facts() -> TaxFacts {
    use crate::amount::Fen;
    use crate::rate::RatePpm;
    let (amount, tax) = (Fen::new(10_000), Fen::new(600));
    TaxFacts {
        kind: KIND_GENERAL,
        issuing_mode: MODE_ONLINE,
        rule_set: 1,
        issued_on: IssueDate::of(BlockTime::from_ms(NOON_MS)),
        currency: CURRENCY_CNY,
        buyer: Buyer::Clear {
            uscc: sample_uscc(),
        },
        special_business: 0,
        lines: vec![TaxLine {
            class_code: 3_070_401_000_000_000_000,
            line_type: NORMAL_LINE,
            amount,
            deduction: Fen::new(0),
            rate: RatePpm::new(60_000),
            zero_rate_kind: None,
            preference: 0,
            tax,
        }],
        waive_reason: 0,
        red: None,
        totals: Totals {
            amount,
            tax,
            gross: Fen::new(10_600),
        },
    }
}

/// The number of the first invoice of an outcome.
#[must_use]
pub fn number_of(outcome: &Outcome) -> Option<InvoiceNumber> {
    outcome.effects.first().map(|effect| effect.number)
}

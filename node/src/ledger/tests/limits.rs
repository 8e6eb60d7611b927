//! Limits and quota at the door: what is in flight counts as done, and a block says the same.

use piao_chain::amount::Fen;
use piao_chain::fault::Fault;
use piao_chain::state::{IssueLimits, QuotaStatus};
use piao_chain::transaction::SetLimits;

use super::*;

fn set(node: &mut Node, account: u32, limits: IssueLimits) {
    let limits = Some(limits);
    let authority = node.net.authority.clone();
    let payload = Payload::SetLimits(SetLimits { account, limits });
    let body = node.net.body(0, &authority.public_key(), payload);
    let setting = TestNet::sign(body, &authority);
    assert_eq!(
        node.admission.admit(setting.clone(), false),
        Ok(Admitted::New)
    );
    node.decide(vec![setting]);
}

fn refused(node: &mut Node, order: &str) -> Vec<Fault> {
    let invoice = node.net.invoice(order);
    node.admission.admit(invoice, false).unwrap_err()
}

#[test]
fn invoices_in_flight_count_against_the_daily_limit_and_other_transactions_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let limits = IssueLimits {
        invoices_per_day: 2,
        ..IssueLimits::default()
    };
    set(&mut node, 0, limits);
    let first = node.net.invoice("a");
    node.decide(vec![first]);
    let waiting = node.net.invoice("b");
    assert_eq!(
        node.admission.admit(waiting.clone(), false),
        Ok(Admitted::New)
    );
    let faults = refused(&mut node, "c");
    let fault = &faults[0];
    assert_eq!(
        (faults.len(), fault.code),
        (1, FailureCode::DailyCountLimit)
    );
    let next = fault.not_before.unwrap();
    assert!(next > node.chain.clock().now());
    assert!(next.to_string().contains("T00:00:00+08:00"), "{next}");
    // What never gets into a block gives its place back.
    node.admission.withdraw(&waiting.id());
    let another = node.net.invoice("c");
    assert_eq!(
        node.admission.admit(another.clone(), false),
        Ok(Admitted::New)
    );
    node.decide(vec![another]);
    assert_eq!(
        refused(&mut node, "d")[0].code,
        FailureCode::DailyCountLimit
    );
    let mut node = open(dir.path(), node.stop());
    assert_eq!(
        refused(&mut node, "e")[0].code,
        FailureCode::DailyCountLimit,
        "also after a restart"
    );
    node.stop();
}

#[test]
fn a_limit_that_comes_after_an_invoice_was_let_in_keeps_it_out_of_the_next_block() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let waiting = node.net.invoice("a");
    assert_eq!(
        node.admission.admit(waiting.clone(), false),
        Ok(Admitted::New)
    );
    let limits = IssueLimits {
        single_invoice_fen: 9_999,
        quota: QuotaStatus::Suspended,
        ..IssueLimits::default()
    };
    set(&mut node, 1, limits);
    let faults = refused(&mut node, "b");
    let found: Vec<FailureCode> = faults.iter().map(|fault| fault.code).collect();
    assert_eq!(
        found,
        [FailureCode::QuotaSuspended, FailureCode::SingleInvoiceLimit]
    );
    let single = &faults[1];
    assert_eq!(single.pointer.as_deref(), Some("/totals/amount"));
    assert_eq!(single.got.as_deref(), Some("100.00"));
    assert_eq!(single.expected.as_deref(), Some("at most 99.99"));
    let height = node.chain.height() + 1;
    let block = Block::decode(&node.build(height, 0).body).unwrap();
    assert_eq!(block.transactions, [], "what waited is left out");
    assert!(!node.admission.pool().contains(&waiting.id()));
    node.stop();
}

#[test]
fn what_is_in_flight_counts_against_the_quota_of_a_month_that_has_no_invoice_yet() {
    let dir = tempfile::tempdir().unwrap();
    let mut node = node(dir.path());
    let (_identity, account) = node.chain.account(1).unwrap().unwrap();
    let amount = Fen::new(account.month_quota_fen / 100 * 60);
    let merchant = node.net.merchant.clone();
    let large = |node: &mut Node, order: &str| {
        let mut body = node.net.invoice(order).body().clone();
        let Payload::IssueInvoice(invoice) = &mut body.payload else {
            unreachable!("an invoice issues an invoice");
        };
        let facts = &mut invoice.facts;
        let tax = Fen::new(amount.fen() / 100 * 6);
        (facts.lines[0].amount, facts.totals.amount) = (amount, amount);
        (facts.lines[0].tax, facts.totals.tax) = (tax, tax);
        facts.totals.gross = Fen::new(amount.fen() + tax.fen());
        TestNet::sign(body, &merchant)
    };
    let (first, second) = (large(&mut node, "a"), large(&mut node, "b"));
    assert_eq!(node.admission.admit(first, false), Ok(Admitted::New));
    let faults = node.admission.admit(second, false).unwrap_err();
    assert_eq!(faults[0].code, FailureCode::QuotaMonthExceeded);
    node.stop();
}

//! Limits of the authority, from outside: said before anything is charged, with what would do.

use bytes::Bytes;
use piao_api::client::IssueOptions;
use piao_api::wire::{OutcomeState, Problem};
use piao_chain::genesis::Genesis;
use piao_chain::state::{IssueLimits, QuotaStatus};
use piao_chain::transaction::{
    Payload, SUITE, SetLimits, SignedTransaction, TransactionBody, VERSION,
};

use crate::process::{Node, draft, final_invoice, key, now};
use crate::rule_sets::authority;

async fn set(node: &Node, nth: u8, limits: IssueLimits) {
    let genesis = Genesis::decode(&std::fs::read(node.data.join("genesis")).unwrap()).unwrap();
    let key = authority();
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id: genesis.chain_id(),
        account: 0,
        signers: vec![key.public_key().id()],
        idem: [nth; 16],
        valid_until_ms: now().ms() + 600_000,
        fee_max_fen: 0,
        flags: 0,
        payload: Payload::SetLimits(SetLimits {
            account: 1,
            limits: Some(limits),
        }),
    };
    let bytes = SignedTransaction::sign(body, &[&key]).unwrap().encode();
    let options = IssueOptions::default();
    let outcome = node.client.submit(Bytes::from(bytes), &options).await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.state, outcome.code), (OutcomeState::Final, None));
}

async fn refused(node: &Node, draft: String, name: &str) -> Problem {
    let options = IssueOptions::default();
    let issued = node.client.issue(draft, &key(name), &options).await;
    issued.unwrap_err().problem().unwrap().clone()
}

async fn issued(node: &Node, name: &str) {
    let options = IssueOptions::default();
    let issued = node.client.issue(draft(|_| ()), &key(name), &options).await;
    final_invoice(issued.unwrap());
}

#[tokio::test]
async fn limits_are_said_by_check_and_by_issuing_alike_and_cost_nothing() {
    let node = Node::fresh();
    let none = node.client.limits(None).await.unwrap();
    assert_eq!((none.single_invoice, none.invoices_per_day), (None, None));
    assert_eq!((none.issued_today, none.suspended), (None, false));
    let limits = IssueLimits {
        single_invoice_fen: 10_000,
        invoices_per_day: 1,
        quota: QuotaStatus::Open,
    };
    set(&node, 1, limits).await;

    let over = || draft(|draft| draft["lines"][0]["unit_price"] = "100.01".into());
    let check = node.client.check(over(), None).await.unwrap();
    assert_eq!(check.failures.len(), 1, "{:?}", check.failures);
    let problem = refused(&node, over(), "over").await;
    assert_eq!((problem.status, problem.code.as_str()), (422, "E1504"));
    let failure = &problem.failures[0];
    assert_eq!(failure, &check.failures[0]);
    assert_eq!(failure.pointer.as_deref(), Some("/totals/amount"));
    assert_eq!(failure.got.as_deref(), Some("100.01"));
    assert_eq!(failure.expected.as_deref(), Some("at most 100.00"));

    // The most that is allowed passes, and is the only one of the day.
    issued(&node, "one").await;
    let known = node.client.limits(Some(1)).await.unwrap();
    assert_eq!(known.single_invoice.as_deref(), Some("100.00"));
    assert_eq!(
        (known.invoices_per_day, known.issued_today),
        (Some(1), Some(1))
    );
    assert_eq!(known.month_used, "100.00");
    let balance = node.client.account(None).await.unwrap().fee_balance;
    let problem = refused(&node, draft(|_| ()), "two").await;
    assert_eq!((problem.status, problem.code.as_str()), (429, "E1505"));
    let next = problem.failures[0].not_before.as_deref().unwrap();
    assert!(next.ends_with("T00:00:00+08:00"), "{next}");
    let after = node.client.account(None).await.unwrap().fee_balance;
    assert_eq!(after, balance, "a refusal costs nothing");

    let suspended = IssueLimits {
        quota: QuotaStatus::Suspended,
        ..IssueLimits::default()
    };
    set(&node, 2, suspended).await;
    // The account is judged also where the draft can't be.
    let unreadable = draft(|draft| draft["lines"][0]["rate"] = "x".into());
    let check = node.client.check(unreadable, None).await.unwrap();
    let codes = check.failures.iter().map(|failure| failure.code.as_str());
    assert!(
        codes.clone().any(|code| code == "E1502"),
        "{:?}",
        check.failures
    );
    let problem = refused(&node, draft(|_| ()), "two").await;
    assert_eq!((problem.status, problem.code.as_str()), (403, "E1502"));
    assert!(node.client.limits(None).await.unwrap().suspended);
    set(&node, 3, IssueLimits::default()).await;
    issued(&node, "two").await;
}

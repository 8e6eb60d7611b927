//! Limits of accounts: the payload, the leaves, and what they refuse (SPEC 4.2.6).

use piao_chain::codec;
use piao_chain::state::{IssueLimits, QuotaStatus, Slot, StateView as _};
use piao_chain::testing::TestNet;
use piao_chain::transaction::{FLAG_ANCHOR_FAILURE, Payload, SetLimits, SignedTransaction};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::one_transaction;
use crate::oracle;

fn set(net: &mut TestNet, account: u32, limits: Option<IssueLimits>) -> SignedTransaction {
    let authority = net.authority.clone();
    let payload = Payload::SetLimits(SetLimits { account, limits });
    let mut body = net.body(0, &authority.public_key(), payload);
    body.flags = FLAG_ANCHOR_FAILURE;
    TestNet::sign(body, &authority)
}

/// SPEC 4.2.4, 4.2.6 and 6.2. The sample invoice is over 10 000 fen.
pub(crate) fn limits() -> Value {
    let mut net = TestNet::with_merchant(1);
    let limits = IssueLimits {
        single_invoice_fen: 10_000,
        invoices_per_day: 2,
        quota: QuotaStatus::Open,
    };
    let lower = IssueLimits {
        single_invoice_fen: 9_999,
        ..limits
    };
    let suspended = IssueLimits {
        quota: QuotaStatus::Suspended,
        ..lower
    };
    let transactions = vec![
        set(&mut net, 9, Some(limits)),
        set(&mut net, 0, Some(limits)),
        net.anchored_invoice("a"),
        set(&mut net, 0, Some(suspended)),
        net.anchored_invoice("b"),
        set(&mut net, 1, Some(lower)),
        net.anchored_invoice("b"),
        set(&mut net, 1, Some(limits)),
        net.anchored_invoice("b"),
        net.anchored_invoice("c"),
    ];
    let outcomes = net.commit(transactions.clone());
    let cases: Vec<Value> = transactions
        .iter()
        .zip(&outcomes)
        .map(|(transaction, outcome)| {
            let bytes = oracle::outcome(outcome);
            assert_eq!(codec::encode(outcome), bytes);
            let name = transaction.body().payload.name();
            json!({
                "transaction": one_transaction(name, transaction),
                "outcome": hexed(bytes),
                "code": outcome.code,
                "evidence": outcome.evidence,
            })
        })
        .collect();
    let leaves = [Slot::DEFAULT_LIMITS, Slot::limits(1)].map(|slot| {
        let leaf = net.state.leaf(slot).unwrap().unwrap();
        assert_eq!(leaf.encode(), oracle::leaf(&leaf));
        json!({ "slot": format!("{:x}", slot.as_u64()), "leaf": hexed(leaf.encode()) })
    });
    json!({
        "height": net.tip().height,
        "time_ms": net.tip().time_ms,
        "cases": cases,
        "leaves": leaves,
        "state_root": hexed(net.tip().state_root),
    })
}

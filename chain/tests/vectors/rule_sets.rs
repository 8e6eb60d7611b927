//! Rule sets activated by height: the payload, the leaf, and what is in force when (SPEC 4.2.5).

use piao_chain::codec;
use piao_chain::state::{Leaf, RuleSetSchedule, Slot, StateView as _};
use piao_chain::testing::TestNet;
use piao_chain::transaction::{ActivateRuleSet, Payload, SignedTransaction};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::one_transaction;
use crate::oracle;

/// The height that activates rule set 2.
const FROM_HEIGHT: u64 = 6;

fn activate(net: &mut TestNet, id: u16, from_height: u64) -> SignedTransaction {
    let authority = net.authority.clone();
    let payload = Payload::ActivateRuleSet(ActivateRuleSet { id, from_height });
    let mut body = net.body(0, &authority.public_key(), payload);
    body.flags = piao_chain::transaction::FLAG_ANCHOR_FAILURE;
    TestNet::sign(body, &authority)
}

/// SPEC 4.2.5 and 6.2.
pub(crate) fn rule_sets() -> Value {
    let mut net = TestNet::with_merchant(1);
    let transactions = vec![
        activate(&mut net, 1, FROM_HEIGHT),
        activate(&mut net, 2, 3),
        activate(&mut net, 2, FROM_HEIGHT),
        activate(&mut net, 2, FROM_HEIGHT + 1),
    ];
    let outcomes = net.commit(transactions.clone());
    let height = net.tip().height;
    let cases: Vec<Value> = transactions
        .iter()
        .zip(&outcomes)
        .map(|(transaction, outcome)| {
            let bytes = oracle::outcome(outcome);
            assert_eq!(codec::encode(outcome), bytes);
            json!({
                "transaction": one_transaction("ActivateRuleSet", transaction),
                "outcome": hexed(bytes),
                "code": outcome.code,
                "evidence": outcome.evidence,
            })
        })
        .collect();
    let leaf = net.state.leaf(Slot::RULE_SETS).unwrap().unwrap();
    assert_eq!(leaf.encode(), oracle::leaf(&leaf));
    let Leaf::RuleSets(schedule) = &leaf else {
        unreachable!("a leaf of kind 7 is a schedule");
    };
    json!({
        "height": height,
        "cases": cases,
        "slot": format!("{:x}", Slot::RULE_SETS.as_u64()),
        "leaf": hexed(leaf.encode()),
        "state_root": hexed(net.tip().state_root),
        "in_force": in_force(schedule),
    })
}

fn in_force(schedule: &RuleSetSchedule) -> Vec<Value> {
    let first = 1;
    let heights = [
        0,
        3,
        FROM_HEIGHT - 1,
        FROM_HEIGHT,
        FROM_HEIGHT + 1,
        u64::MAX,
    ];
    let at = |height| json!({ "height": height, "rule_set": schedule.in_force_at(height, first) });
    heights.map(at).into()
}

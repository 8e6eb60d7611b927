//! Rule sets that come into force by height: who may, when, and what it means for invoices before
//! and after.

use piao_chain::execute::Skipped;
use piao_chain::failure::FailureCode;
use piao_chain::proof::{Finding, VerifyOptions, verify};
use piao_chain::state::{Slot, StateView as _};
use piao_chain::testing::{TestNet, sample_invoice};
use piao_chain::transaction::{ActivateRuleSet, Payload, SignedTransaction};

fn activation(net: &mut TestNet, id: u16, from_height: u64) -> SignedTransaction {
    let authority = net.authority.clone();
    let payload = Payload::ActivateRuleSet(ActivateRuleSet { id, from_height });
    let body = net.body(0, &authority.public_key(), payload);
    TestNet::sign(body, &authority)
}

/// An invoice under a rule set, the refusal of which is kept.
fn invoice(net: &mut TestNet, order: &str, rule_set: u16) -> SignedTransaction {
    let merchant = net.merchant.clone();
    let mut invoice = sample_invoice(order);
    invoice.facts.rule_set = rule_set;
    let payload = Payload::IssueInvoice(Box::new(invoice));
    let mut body = net.body(1, &merchant.public_key(), payload);
    body.flags = piao_chain::transaction::FLAG_ANCHOR_FAILURE;
    TestNet::sign(body, &merchant)
}

/// Why a builder leaves a transaction out.
fn left_out(net: &TestNet, transaction: SignedTransaction) -> (FailureCode, Vec<i64>) {
    let built = net.build(vec![transaction]);
    assert!(built.block.transactions.is_empty());
    match &built.skipped[0].1 {
        Skipped::Inadmissible(error) => (error.code, vec![]),
        Skipped::WouldFail(code, evidence) => (*code, evidence.clone()),
    }
}

#[test]
fn an_invoice_names_the_rule_set_in_force_at_the_height_of_its_block() {
    let mut net = TestNet::with_merchant(1);
    let from_height = net.tip().height + 3;
    let prepared_before = invoice(&mut net, "prepared before", 1);
    let activate = activation(&mut net, 2, from_height);
    let early = invoice(&mut net, "early", 2);
    let outcomes = net.commit(vec![activate, early]);
    assert_eq!(outcomes[0].code, 0);
    assert_eq!(
        (outcomes[1].code, outcomes[1].evidence.clone()),
        (2206, vec![2, 1])
    );
    let last = invoice(&mut net, "last", 1);
    assert_eq!(net.commit(vec![last])[0].code, 0);
    assert_eq!(net.tip().height + 1, from_height);
    let after = invoice(&mut net, "after", 2);
    let outcomes = net.commit(vec![prepared_before, after]);
    assert_eq!(
        (outcomes[0].code, outcomes[0].evidence.clone()),
        (2206, vec![1, 2])
    );
    assert_eq!(outcomes[1].code, 0);
}

#[test]
fn an_invoice_of_an_earlier_rule_set_stays_provable() {
    let mut net = TestNet::with_merchant(1);
    let from_height = net.tip().height + 2;
    let activate = activation(&mut net, 2, from_height);
    // A code that rule set 2 does not know.
    let merchant = net.merchant.clone();
    let mut odd = sample_invoice("odd");
    odd.facts.lines[0].class_code += 1;
    let payload = Payload::IssueInvoice(Box::new(odd.clone()));
    let body = net.body(1, &merchant.public_key(), payload);
    let height = net.tip().height + 1;
    let outcomes = net.commit(vec![activate, TestNet::sign(body, &merchant)]);
    assert_eq!(outcomes[1].code, 0, "rule set 1 judges no code");
    net.commit(vec![]);
    odd.facts.rule_set = 2;
    odd.order_key[0] ^= 1;
    let payload = Payload::IssueInvoice(Box::new(odd));
    let body = net.body(1, &merchant.public_key(), payload);
    let refused = left_out(&net, TestNet::sign(body, &merchant));
    assert_eq!(refused, (FailureCode::ClassCodeUnknown, vec![]));
    let file = net.prove(height, 1).unwrap().encode();
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    let verdict = verify(&file, Some(&net.trust_root()), &options);
    assert_eq!(verdict.verdict, Finding::InForce);
}

#[test]
fn only_the_authority_activates_and_only_what_is_known_newer_and_ahead() {
    let mut net = TestNet::with_merchant(1);
    let height = i64::try_from(net.tip().height).unwrap() + 1;
    let latest = height + 10_000_000;
    let next = u64::try_from(height).unwrap() + 1;
    let merchant = net.merchant.clone();
    let payload = Payload::ActivateRuleSet(ActivateRuleSet {
        id: 2,
        from_height: next,
    });
    let body = net.body(1, &merchant.public_key(), payload);
    let by_merchant = left_out(&net, TestNet::sign(body, &merchant));
    assert_eq!(by_merchant.0, FailureCode::AuthorityRequired);
    let not_ahead = |evidence: &[i64]| (FailureCode::RuleSetNotAhead, evidence.to_vec());
    let unknown = activation(&mut net, 99, next);
    assert_eq!(
        left_out(&net, unknown),
        (FailureCode::RulesetUnknown, vec![])
    );
    let same = activation(&mut net, 1, next);
    assert_eq!(left_out(&net, same), not_ahead(&[1, 1]));
    let now = activation(&mut net, 2, next - 1);
    assert_eq!(
        left_out(&net, now),
        not_ahead(&[height, height + 1, latest])
    );
    let too_far = activation(&mut net, 2, next + 10_000_000);
    assert_eq!(
        left_out(&net, too_far),
        not_ahead(&[latest + 1, height + 1, latest])
    );
    assert_eq!(net.state.leaf(Slot::RULE_SETS), Ok(None));
    let first = activation(&mut net, 2, next + 5);
    net.commit(vec![first]);
    let again = activation(&mut net, 2, next + 6);
    assert_eq!(
        left_out(&net, again),
        not_ahead(&[2, 2]),
        "scheduled already"
    );
    let params = net.tip().params_hash;
    net.commit(vec![]);
    assert_eq!(net.tip().params_hash, params, "parameters are as they were");
}

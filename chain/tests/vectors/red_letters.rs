//! Red letters, confirmation, reissue, booking and keys: payloads, outcomes, leaves, and what
//! proofs say afterwards (SPEC 4.2.10 to 4.2.16, 6.2, 7.8).

use piao_chain::codec;
use piao_chain::proof::{TrustRootBody, VerifyOptions, verify};
use piao_chain::signature::SecretKey;
use piao_chain::state::{SlotKind, USE_DEDUCTED};
use piao_chain::testing::{RedWish, TestNet, key, sample_facts, slot_number};
use piao_chain::transaction::{Payload, RedAnswer, RevokeKey, RotateKey, SignedTransaction};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::one_transaction;
use crate::oracle;
use crate::proofs::shown;

fn rotate(net: &mut TestNet, from: &SecretKey, to: &SecretKey) -> SignedTransaction {
    let payload = Payload::RotateKey(RotateKey {
        key: to.public_key(),
        pop: to.prove_possession(&net.genesis.chain_id()),
    });
    net.anchored(1, from, payload)
}

fn revoke(net: &mut TestNet, key: &SecretKey, since: u64) -> SignedTransaction {
    let authority = net.authority.clone();
    let payload = Payload::RevokeKey(RevokeKey {
        key: key.public_key().id(),
        compromised_since_height: Some(since),
    });
    net.anchored(0, &authority, payload)
}

/// Two validators. Invoice 1 is booked, taken back in part with consent and by the rest replaced;
/// invoice 2 is taken back in part; the seller's key is rotated and then disputed.
fn story() -> (TestNet, Vec<Value>) {
    let mut net = TestNet::with_buyer(2);
    let mut cases = Vec::new();
    let mut run = |net: &mut TestNet, transaction: SignedTransaction| {
        let outcomes = net.commit(vec![transaction.clone()]);
        cases.push(case(net, &transaction, &outcomes[0]));
    };
    let confirmed = RedWish {
        confirmation: Some(slot_number(SlotKind::RedLetterProposal, 1)),
        ..RedWish::part(3_333)
    };
    let one = net.invoice_of("a", sample_facts());
    run(&mut net, one);
    let two = net.invoice_of("b", sample_facts());
    run(&mut net, two);
    let book = net.book(1, USE_DEDUCTED, 202_611);
    run(&mut net, book);
    let unasked = net.red(1, &RedWish::part(3_333));
    run(&mut net, unasked);
    let propose = net.propose(1, 1, &RedWish::part(3_333));
    run(&mut net, propose);
    let early = net.red(1, &confirmed);
    run(&mut net, early);
    let accept = net.answer((2, &TestNet::buyer_admin()), 1, RedAnswer::Accept);
    run(&mut net, accept);
    let red = net.red(1, &confirmed);
    run(&mut net, red);
    let part = net.red(2, &RedWish::part(9_999));
    run(&mut net, part);
    let over = net.red(2, &RedWish::part(2));
    run(&mut net, over);
    let three = net.invoice_of("c", sample_facts());
    run(&mut net, three);
    let reissue = net.reissue(5, &RedWish::error(), "c");
    run(&mut net, reissue);
    let (old, new) = (net.merchant.clone(), key("rotated"));
    let rotation = rotate(&mut net, &old, &new);
    run(&mut net, rotation);
    let dispute = revoke(&mut net, &old, 16);
    run(&mut net, dispute);
    (net, cases)
}

fn case(
    net: &TestNet,
    transaction: &SignedTransaction,
    outcome: &piao_chain::outcome::Outcome,
) -> Value {
    let bytes = oracle::outcome(outcome);
    assert_eq!(codec::encode(outcome), bytes);
    let name = transaction.body().payload.name();
    json!({
        "height": net.tip().height,
        "time_ms": net.tip().time_ms,
        "transaction": one_transaction(name, transaction),
        "outcome": hexed(bytes),
        "code": outcome.code,
        "evidence": outcome.evidence,
        "state_root": hexed(net.tip().state_root),
    })
}

/// SPEC 4.2.10 to 4.2.16, 4.8.10, 6.2 and 7.8.
pub(crate) fn red_letters() -> Value {
    let (net, cases) = story();
    let leaves: Vec<Value> = net
        .state
        .leaves()
        .filter(|(slot, _leaf)| {
            matches!(
                slot.kind(),
                SlotKind::Invoice | SlotKind::RedLetterProposal | SlotKind::Key
            )
        })
        .map(|(slot, leaf)| {
            assert_eq!(leaf.encode(), oracle::leaf(leaf));
            json!({ "slot": format!("{:x}", slot.as_u64()), "leaf": hexed(leaf.encode()) })
        })
        .collect();
    let root = net.trust_root();
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    let mut proofs = Vec::new();
    for decided in &net.blocks {
        let height = decided.block.header.height;
        for (part, effect) in (0..).zip(&decided.outcomes[0].effects) {
            let mut proof = net.prove_part(height, 0, part).unwrap();
            proof.card = None;
            let file = proof.encode();
            let verdict = verify(&file, Some(&root), &options);
            proofs.push(json!({
                "number": effect.number.to_string(),
                "part": part,
                "file": hexed(file),
                "verdict": shown(&verdict),
            }));
        }
    }
    json!({
        "trust_root": TrustRootBody::of_genesis(&net.genesis).sign(&[&net.authority]),
        "now_ms": net.now().ms(),
        "cases": cases,
        "leaves": leaves,
        "proofs": proofs,
    })
}

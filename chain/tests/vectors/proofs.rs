//! Whole proof files and the verdict on each.

use piao_chain::proof::{
    Latest, Proof, ProofTwin, SlotProof, TrustRoot, TrustRootBody, Verdict, VerifyOptions, verify,
};
use piao_chain::state::{InvoiceLeaf, Leaf, Slot, SlotTree};
use piao_chain::testing::{NOON_MS, TestNet, sample_document};
use piao_chain::time::BlockTime;
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::story;

/// The clock of the verifier: a minute after the tip of [`story`].
pub(crate) const NOW_MS: u64 = NOON_MS + 65_000;

/// Invoice "b" of [`story`] as of the tip, with one field shown.
pub(crate) fn older(net: &TestNet) -> Proof {
    let mut proof = net.prove(4, 1).unwrap();
    proof.disclosed = vec![sample_document("b").disclose(2, 0).unwrap()];
    proof
}

/// The same proof in a state that says more of the invoice or its key. The block that would carry
/// that state is made by hand, as no payload of version 1 writes such leaves.
pub(crate) fn in_state(
    net: &TestNet,
    change: impl Fn(&mut Proof, &mut Vec<(Slot, Leaf)>),
) -> Proof {
    let mut proof = older(net);
    let mut leaves: Vec<(Slot, Leaf)> = net
        .state
        .leaves()
        .map(|(slot, leaf)| (slot, leaf.clone()))
        .collect();
    change(&mut proof, &mut leaves);
    let tree = SlotTree::build(leaves.iter().map(|(slot, leaf)| (*slot, leaf)));
    let latest: &mut Latest = proof.latest.as_mut().unwrap();
    latest.header.state_root = tree.root();
    proof.certificate = net.certify(&latest.header);
    proof.key.path = SlotProof::of(&tree, Slot::key(proof.key.index));
    let slot = Slot::from_u64(proof.outcome.effects[0].slot).unwrap();
    proof.status.path = SlotProof::of(&tree, slot);
    proof
}

/// The proof with an invoice leaf in its state.
fn with_status(net: &TestNet, leaf: &InvoiceLeaf) -> Proof {
    in_state(net, |proof, leaves| {
        let effect = &proof.outcome.effects[0];
        let id = effect.invoice_id(&proof.transaction.id(), 0);
        let slot = Slot::from_u64(effect.slot).unwrap();
        leaves.push((slot, Leaf::Invoice(id, leaf.clone())));
        proof.status.leaf = Some(leaf.clone());
    })
}

/// The proof with the key disputed since a height.
fn with_dispute(net: &TestNet, since: u64) -> Proof {
    in_state(net, |proof, leaves| {
        proof.key.leaf.disputed_since = Some(since);
        let slot = Slot::key(proof.key.index);
        leaves.retain(|(other, _)| *other != slot);
        leaves.push((
            slot,
            Leaf::Key(proof.key.public_key, proof.key.leaf.clone()),
        ));
    })
}

fn changed(reversed_fen: i64, reissued_by: Option<u64>) -> InvoiceLeaf {
    InvoiceLeaf {
        reversed_fen: vec![reversed_fen],
        reissued_by,
        ..InvoiceLeaf::default()
    }
}

/// A verdict without its sentences: those are for people and not compared.
pub(crate) fn shown(verdict: &Verdict) -> Value {
    let mut json = serde_json::to_value(verdict).unwrap();
    let checks: Vec<Value> = verdict
        .checks
        .iter()
        .map(|check| json!([check.name, check.result]))
        .collect();
    json["checks"] = json!(checks);
    json["exit_code"] = json!(verdict.verdict.exit_code());
    json
}

fn case(root: &TrustRoot, name: &str, proof: &Proof, now_ms: u64) -> Value {
    let bytes = proof.encode();
    assert_eq!(Proof::decode(&bytes).unwrap(), *proof, "{name}");
    assert!(proof.transaction.verify_signatures(&[proof.key.public_key]));
    let options = VerifyOptions {
        now: BlockTime::from_ms(now_ms),
        max_age_ms: None,
    };
    let verdict = verify(&bytes, Some(root), &options);
    json!({
        "name": name,
        "now_ms": now_ms,
        "file": hexed(bytes),
        "verdict": shown(&verdict),
    })
}

/// SPEC 7.4 to 7.8.
pub(crate) fn proofs() -> Value {
    const DAY_MS: u64 = 86_400_000;
    let net = story();
    let root = net.trust_root();
    let envelope = TrustRootBody::of_genesis(&net.genesis).sign(&[&net.authority]);
    let older = older(&net);
    let mut bare = older.clone();
    (bare.card, bare.disclosed) = (None, Vec::new());
    let fresh = tip_proof();
    let cases = [
        case(&root, "of an older block", &older, NOW_MS),
        case(&root, "without card and fields", &bare, NOW_MS),
        case(&root, "recent", &bare, NOW_MS + DAY_MS / 2),
        case(&root, "aged", &bare, NOW_MS + DAY_MS * 2),
        case(&root, "stale", &bare, NOW_MS + DAY_MS * 8),
        case(&fresh.1, "of the signed block itself", &fresh.0, NOW_MS),
        case(
            &root,
            "touched, not reversed",
            &with_status(&net, &changed(0, None)),
            NOW_MS,
        ),
        case(
            &root,
            "partly reversed",
            &with_status(&net, &changed(9_999, None)),
            NOW_MS,
        ),
        case(
            &root,
            "reversed",
            &with_status(&net, &changed(10_000, None)),
            NOW_MS,
        ),
        case(
            &root,
            "reissued",
            &with_status(&net, &changed(10_000, Some((3 << 36) | 2))),
            NOW_MS,
        ),
        case(
            &root,
            "key disputed since the block of the invoice",
            &with_dispute(&net, 4),
            NOW_MS,
        ),
        case(
            &root,
            "key disputed since a later block",
            &with_dispute(&net, 5),
            NOW_MS,
        ),
    ];
    json!({
        "trust_root": envelope,
        "trust_root_of_the_signed_block_itself":
            TrustRootBody::of_genesis(&fresh.2.genesis).sign(&[&fresh.2.authority]),
        "cases": cases,
        "twin_of_the_first": ProofTwin::of(&older),
    })
}

/// A proof whose block is the certified one, in a network of one.
fn tip_proof() -> (Proof, TrustRoot, TestNet) {
    let mut net = TestNet::with_merchant(1);
    let invoice = net.invoice("a");
    net.commit(vec![invoice]);
    let proof = net.prove(3, 0).unwrap();
    assert!(proof.latest.is_none());
    let root = net.trust_root();
    (proof, root, net)
}

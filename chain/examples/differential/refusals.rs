//! Requests that were refused: as a network makes them, changed in one place or another, and signed by
//! the network whatever they hold.

use piao_chain::outcome::transaction_leaf;
use piao_chain::proof::{RefusalProof, SlotProof};
use piao_chain::signature::Signature;
use piao_chain::state::{KeyRole, Leaf, Slot};
use piao_chain::testing::TestNet;
use piao_chain::transaction::SignedTransaction;

use crate::files;
use crate::random::Random;
use crate::roots::World;
use crate::statements::tree_with;

/// A file, what was done to it, and the trust root of its network.
pub(crate) fn changed(world: &World, random: &mut Random) -> (&'static str, Vec<u8>, usize) {
    let home = random.below(world.nets.len());
    let net = &world.nets[home];
    let (height, index) = random.pick(&[(3, 0), (3, 1), (3, 2), (4, 0), (5, 1)]);
    let mut proof = net.refusal(height, index).unwrap();
    let other = net.refusal(5, 0).unwrap();
    // What was issued is refused all the same, by the word of the network.
    let is_signed = !random.once_in(4);
    if is_signed {
        proof.outcome.code = random.pick(&[1407, 1601, 7, 65_535, 0]);
        proof.outcome.effects.clear();
    }
    for _change in 0..random.below(2) {
        change(&mut proof, &other, random);
    }
    if is_signed {
        sign(net, &mut proof);
    }
    for _change in 0..random.below(3) / 2 {
        change(&mut proof, &other, random);
    }
    let file = proof.encode();
    if random.once_in(4) {
        let (_how, file) = files::changed_bytes(file, &other.encode(), random);
        return ("refusal, changed bytes", file, home);
    }
    ("refusal", file, home)
}

fn change(proof: &mut RefusalProof, other: &RefusalProof, random: &mut Random) {
    match random.below(14) {
        0 => proof.outcome.code = random.pick(&[0, 1, 1407, 9999]),
        1 => proof.outcome.evidence.push(i64::MIN),
        2 => proof.outcome.effects.clone_from(&other.outcome.effects),
        3 => proof.index ^= 1,
        4 => proof.path.push(random.bytes()),
        5 => proof.latest = None,
        6 => proof.header = other.header.clone(),
        7 => proof.transaction = other.transaction.clone(),
        8 => proof.key.leaf.account ^= 1,
        9 => proof.key.leaf.role = KeyRole::Admin,
        10 => proof.key.leaf.from_height = random.number(),
        11 => proof.key.leaf.revoked_height = Some(random.number()),
        12 => proof.key.leaf.disputed_since = Some(random.number()),
        _ => proof.transaction = with_signature(&proof.transaction, random),
    }
}

/// The same transaction, signed by somebody else or not at all.
fn with_signature(transaction: &SignedTransaction, random: &mut Random) -> SignedTransaction {
    let signatures = match random.below(3) {
        0 => Vec::new(),
        1 => vec![Signature([7; 64])],
        _ => vec![Signature([7; 64]); 2],
    };
    let bytes = transaction.body_bytes().to_vec();
    SignedTransaction::from_parts(bytes, signatures).unwrap_or_else(|_error| transaction.clone())
}

/// Puts it alone into a block that the network signs, with its key as it stands there.
fn sign(net: &TestNet, proof: &mut RefusalProof) {
    let slot = Slot::key(proof.key.index);
    let leaf = Leaf::Key(proof.key.public_key, proof.key.leaf.clone());
    let tree = tree_with(net, slot, leaf);
    proof.key.path = SlotProof::of(&tree, slot);
    proof.latest = None;
    proof.header = net.tip();
    proof.header.state_root = tree.root();
    proof.header.tx_count = 1;
    proof.header.tx_root = transaction_leaf(&proof.transaction, &proof.outcome);
    (proof.index, proof.path) = (0, Vec::new());
    proof.certificate = net.certify(&proof.header);
}

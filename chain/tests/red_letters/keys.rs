//! Keys come and go; what they signed stays.

use piao_chain::execute::Skipped;
use piao_chain::failure::FailureCode;
use piao_chain::limits::DISPUTE_BLOCKS_MAX;
use piao_chain::signature::SecretKey;
use piao_chain::state::{KeyLeaf, KeyRole, Leaf, Slot, StateView as _};
use piao_chain::testing::{TestNet, key};
use piao_chain::transaction::{Payload, RevokeKey, RotateKey, SignedTransaction};

use crate::{applied, refused};

fn leaf(net: &TestNet, key: &SecretKey) -> KeyLeaf {
    let index = net
        .state
        .key_index(&key.public_key().id())
        .unwrap()
        .unwrap();
    match net.state.leaf(Slot::key(index)).unwrap() {
        Some(Leaf::Key(_key, leaf)) => leaf,
        other => panic!("a bound key, found {other:?}"),
    }
}

fn rotate(net: &mut TestNet, from: &SecretKey, to: &SecretKey) -> SignedTransaction {
    let payload = Payload::RotateKey(RotateKey {
        key: to.public_key(),
        pop: to.prove_possession(&net.genesis.chain_id()),
    });
    net.anchored(1, from, payload)
}

fn revoke(
    net: &mut TestNet,
    (account, signer): (u32, &SecretKey),
    key: &SecretKey,
    since: Option<u64>,
) -> SignedTransaction {
    let payload = Payload::RevokeKey(RevokeKey {
        key: key.public_key().id(),
        compromised_since_height: since,
    });
    net.anchored(account, signer, payload)
}

fn invoice_by(net: &mut TestNet, signer: &SecretKey, order: &str) -> SignedTransaction {
    let body = net.invoice(order).body().clone();
    net.anchored(1, signer, body.payload)
}

/// Why the next block would not hold a transaction.
fn inadmissible(net: &TestNet, transaction: SignedTransaction) -> FailureCode {
    let built = net.build(vec![transaction]);
    match built.skipped.as_slice() {
        [(_id, Skipped::Inadmissible(error))] => error.code,
        other => panic!("one inadmissible transaction, found {other:?}"),
    }
}

#[test]
fn a_rotated_key_signs_to_the_end_of_its_block_and_the_new_one_from_the_next_on() {
    let mut net = TestNet::with_merchant(1);
    let (old, new) = (net.merchant.clone(), key("rotated"));
    let rotation = rotate(&mut net, &old, &new);
    let last = invoice_by(&mut net, &old, "a");
    let outcomes = net.commit(vec![rotation, last]);
    assert!(
        outcomes
            .iter()
            .all(piao_chain::outcome::Outcome::is_applied)
    );
    let height = net.tip().height;
    assert_eq!(leaf(&net, &old).revoked_height, Some(height + 1));
    let bound = leaf(&net, &new);
    assert_eq!(
        (bound.account, bound.role, bound.from_height),
        (1, KeyRole::Issue, height + 1)
    );
    let late = invoice_by(&mut net, &old, "b");
    assert_eq!(inadmissible(&net, late), FailureCode::KeyRevoked);
    let by_new = invoice_by(&mut net, &new, "b");
    applied(&mut net, by_new);
}

#[test]
fn a_rotation_needs_both_keys_and_a_free_one() {
    let mut net = TestNet::with_buyer(1);
    let old = net.merchant.clone();
    let taken = rotate(&mut net, &old, &TestNet::buyer());
    assert_eq!(refused(&mut net, taken).0, FailureCode::KeyAlreadyBound);
    let new = key("rotated");
    let payload = Payload::RotateKey(RotateKey {
        key: new.public_key(),
        pop: old.prove_possession(&net.genesis.chain_id()),
    });
    let unproven = net.anchored(1, &old, payload);
    let error = unproven.check(&net.genesis.chain_id()).unwrap_err();
    assert_eq!(error.code, FailureCode::KeyProofInvalid);
    let foreign = rotate(&mut net, &TestNet::buyer(), &new);
    assert_eq!(inadmissible(&net, foreign), FailureCode::KeyUnknown);
}

#[test]
fn a_key_may_end_itself_but_disputes_nothing() {
    let mut net = TestNet::with_merchant(1);
    let own = net.merchant.clone();
    let dispute = revoke(&mut net, (1, &own), &own, Some(1));
    let error = dispute.check(&net.genesis.chain_id()).unwrap_err();
    assert_eq!(error.code, FailureCode::PermissionDenied);
    let end = revoke(&mut net, (1, &own), &own, None);
    applied(&mut net, end);
    let late = invoice_by(&mut net, &own, "a");
    assert_eq!(inadmissible(&net, late), FailureCode::KeyRevoked);
}

#[test]
fn the_admin_revokes_and_disputes_a_day_back_and_the_authority_further() {
    let mut net = TestNet::with_buyer(1);
    let (issuing, admin) = (net.merchant.clone(), key("admin of 1"));
    let add = net.add_key_of(1, &admin, KeyRole::Admin);
    applied(&mut net, add);
    let foreign = revoke(&mut net, (2, &TestNet::buyer_admin()), &issuing, None);
    assert_eq!(refused(&mut net, foreign).0, FailureCode::KeyUnknown);
    let from = leaf(&net, &issuing).from_height;
    let early = revoke(&mut net, (1, &admin), &issuing, Some(from - 1));
    let (code, evidence) = refused(&mut net, early);
    let next = i64::try_from(net.tip().height).unwrap() + 1;
    let earliest = i64::try_from(from).unwrap();
    assert_eq!(
        (code, evidence),
        (FailureCode::PermissionDenied, vec![earliest, next])
    );
    assert!(net.tip().height < DISPUTE_BLOCKS_MAX);
    let disputed = revoke(&mut net, (1, &admin), &issuing, Some(from + 1));
    applied(&mut net, disputed);
    let revoked = leaf(&net, &issuing);
    assert_eq!(revoked.disputed_since, Some(from + 1));
    assert_eq!(revoked.revoked_height, Some(net.tip().height + 1));
    let again = revoke(&mut net, (1, &admin), &issuing, Some(from + 2));
    assert_eq!(refused(&mut net, again).0, FailureCode::KeyRevoked);
    let authority = net.authority.clone();
    let earlier = revoke(&mut net, (0, &authority), &issuing, Some(from));
    applied(&mut net, earlier);
    let after = leaf(&net, &issuing);
    assert_eq!(after.disputed_since, Some(from));
    assert_eq!(
        after.revoked_height, revoked.revoked_height,
        "the first revocation stands"
    );
}

#[test]
fn an_issuing_key_does_not_revoke_another() {
    let mut net = TestNet::with_merchant(1);
    let (own, other) = (net.merchant.clone(), key("second till"));
    let add = net.add_key_of(1, &other, KeyRole::Issue);
    applied(&mut net, add);
    let revoked = revoke(&mut net, (1, &own), &other, None);
    assert_eq!(inadmissible(&net, revoked), FailureCode::PermissionDenied);
}

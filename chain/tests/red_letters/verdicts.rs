//! What proofs say of invoices that were put right.

use piao_chain::proof::{Finding, Proof, ProofTwin, Reason, Verdict, VerifyOptions, verify};
use piao_chain::testing::{RedWish, TestNet};
use piao_chain::transaction::{Payload, RevokeKey};

use crate::applied;

fn judge(net: &TestNet, proof: &Proof) -> Verdict {
    let bytes = proof.encode();
    assert_eq!(Proof::decode(&bytes).as_ref(), Ok(proof));
    assert_eq!(ProofTwin::of(proof).to_file().as_ref(), Ok(&bytes));
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    verify(&bytes, Some(&net.trust_root()), &options)
}

/// A network whose invoice 1 stands at the returned height.
fn with_invoice() -> (TestNet, u64) {
    let mut net = TestNet::with_buyer(2);
    let invoice = net.invoice("a");
    applied(&mut net, invoice);
    let height = net.tip().height;
    (net, height)
}

#[test]
fn a_proof_of_a_reversed_invoice_names_the_red_letter_and_its_time() {
    let (mut net, height) = with_invoice();
    let before = judge(&net, &net.prove(height, 0).unwrap());
    assert_eq!(
        (before.verdict, before.red_letter),
        (Finding::InForce, None)
    );
    let part = net.red(1, &RedWish::part(4_000));
    applied(&mut net, part);
    let partly = judge(&net, &net.prove(height, 0).unwrap());
    assert_eq!(
        (partly.verdict, partly.reason),
        (Finding::InForce, Reason::PartlyReversed)
    );
    let rest = net.red(1, &RedWish::default());
    applied(&mut net, rest);
    let after = judge(&net, &net.prove(height, 0).unwrap());
    assert_eq!(
        (after.verdict, after.reason),
        (Finding::NotInForce, Reason::Reversed)
    );
    assert_eq!(after.verdict.exit_code(), 9);
    let red = after.red_letter.unwrap();
    assert_eq!(red.number, net.issued(3).effect().number.to_string());
    assert_eq!(red.time, "2026-11-21T10:00:07+08:00");
}

#[test]
fn a_red_letter_has_a_proof_of_its_own_that_names_its_original() {
    let (mut net, _height) = with_invoice();
    let red = net.red(1, &RedWish::part(4_000));
    applied(&mut net, red);
    let verdict = judge(&net, &net.prove(net.tip().height, 0).unwrap());
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (Finding::InForce, Reason::Genuine)
    );
    let original = net.issued(1).effect().number.to_string();
    assert_eq!(verdict.original, Some(original));
    assert_eq!(verdict.totals.unwrap().gross, "-42.40");
}

#[test]
fn both_invoices_of_a_reissue_have_proofs_and_the_original_is_out_of_force() {
    let (mut net, height) = with_invoice();
    let reissue = net.reissue(1, &RedWish::error(), "a");
    applied(&mut net, reissue);
    let at = net.tip().height;
    let old = judge(&net, &net.prove(height, 0).unwrap());
    assert_eq!(
        (old.verdict, old.reason),
        (Finding::NotInForce, Reason::Reissued)
    );
    let (red, new) = (
        net.prove_part(at, 0, 0).unwrap(),
        net.prove_part(at, 0, 1).unwrap(),
    );
    let (red_says, new_says) = (judge(&net, &red), judge(&net, &new));
    assert_eq!(red_says.verdict, Finding::InForce);
    assert_eq!(red_says.original, old.number);
    assert_eq!(
        (new_says.verdict, new_says.original),
        (Finding::InForce, None)
    );
    assert_ne!(red_says.number, new_says.number);
    // A part that the transaction did not issue is no invoice.
    let mut none = new.clone();
    none.part = 2;
    assert_eq!(judge(&net, &none).reason, Reason::NotAnInvoice);
    // The status of one is not that of the other once one of them is touched.
    let touch = net.red(3, &RedWish::part(1));
    applied(&mut net, touch);
    let mut swapped = net.prove_part(at, 0, 1).unwrap();
    assert_eq!(judge(&net, &swapped).reason, Reason::PartlyReversed);
    swapped.part = 0;
    assert_eq!(judge(&net, &swapped).reason, Reason::StatusInvalid);
}

#[test]
fn a_disputed_key_is_told_with_the_height_and_only_of_what_it_signed_since() {
    let (mut net, height) = with_invoice();
    let second = net.invoice("b");
    applied(&mut net, second);
    let authority = net.authority.clone();
    let payload = Payload::RevokeKey(RevokeKey {
        key: net.merchant.public_key().id(),
        compromised_since_height: Some(height + 1),
    });
    let revoke = net.anchored(0, &authority, payload);
    applied(&mut net, revoke);
    let before = judge(&net, &net.prove(height, 0).unwrap());
    assert_eq!(
        (before.verdict, before.reason),
        (Finding::InForce, Reason::Genuine)
    );
    let after = judge(&net, &net.prove(height + 1, 0).unwrap());
    assert_eq!(
        (after.verdict, after.reason),
        (Finding::NotInForce, Reason::KeyDisputed)
    );
    let detail = after
        .checks
        .iter()
        .find(|check| check.name == "signature")
        .unwrap();
    let since = format!("disputed since block {}", height + 1);
    assert!(detail.detail.contains(&since), "{}", detail.detail);
}

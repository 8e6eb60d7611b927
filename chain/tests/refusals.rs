//! Goal: what shows a request to be refused says so as it stands, and with any bit changed, any byte
//! cut or any trust root but its network's it never does.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of the tests: a network in memory makes what is asked"
)]

use piao_chain::proof::{
    Finding, Reason, RefusalVerdict, VerifyOptions, is_refusal, is_statement, verify,
    verify_refusal,
};
use piao_chain::testing::TestNet;

fn net() -> TestNet {
    let mut net = TestNet::with_merchant(2);
    let first = net.invoice("a");
    net.commit(vec![first]);
    let again = net.anchored_invoice("a");
    net.commit(vec![again]);
    net.commit(vec![]);
    net
}

fn judge(net: &TestNet, bytes: &[u8]) -> RefusalVerdict {
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    verify_refusal(bytes, Some(&net.trust_root()), &options)
}

fn file(net: &TestNet) -> Vec<u8> {
    net.refusal(net.tip().height - 1, 0).unwrap().encode()
}

#[test]
fn a_refused_request_is_shown_with_its_code_and_block_and_is_not_in_force() {
    let net = net();
    let verdict = judge(&net, &file(&net));
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (Finding::NotInForce, Reason::Refused)
    );
    assert_eq!(verdict.verdict.exit_code(), 9);
    assert_eq!(verdict.code.as_deref(), Some("E1407"));
    assert_eq!(
        (verdict.account, verdict.asked),
        (Some(1), Some("IssueInvoice"))
    );
    assert_eq!(verdict.refused_at.unwrap().height, net.tip().height - 1);
}

#[test]
fn any_flipped_bit_and_any_cut_shows_nothing() {
    let net = net();
    let whole = file(&net);
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        let verdict = judge(&net, &changed);
        assert_ne!(verdict.reason, Reason::Refused, "byte {at}");
        assert_ne!(verdict.verdict, Finding::InForce, "byte {at}");
        let verdict = judge(&net, &whole[..at]);
        assert_eq!(verdict.verdict, Finding::False, "cut at {at}");
    }
}

#[test]
fn a_reader_of_other_files_decides_nothing_nor_does_one_without_the_networks_trust_root() {
    let net = net();
    let whole = file(&net);
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    assert!(is_refusal(&whole) && !is_statement(&whole) && !is_refusal(&whole[..8]));
    let verdict = verify(&whole, Some(&net.trust_root()), &options);
    assert_eq!(
        (verdict.verdict, verdict.reason),
        (Finding::Undecided, Reason::UnknownVersion)
    );
    let blind = verify_refusal(&whole, None, &options);
    assert_eq!(
        (blind.verdict, blind.reason, blind.code),
        (Finding::Undecided, Reason::NoTrustRoot, None)
    );
    let other = TestNet::new(3).trust_root();
    let foreign = verify_refusal(&whole, Some(&other), &options);
    assert_eq!(foreign.verdict, Finding::Undecided);
}

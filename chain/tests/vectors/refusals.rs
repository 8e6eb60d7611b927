//! Requests that the chain refused, and every way to be wrong in showing it.
//!
//! A case is a whole file. What must be said of it is written here, not computed.

use piao_chain::digest::ChainId;
use piao_chain::proof::{
    RefusalProof, RefusalVerdict, TrustRoot, TrustRootBody, VerifyOptions, verify_refusal,
};
use piao_chain::testing::{NOON_MS, TestNet, key};
use piao_chain::time::BlockTime;
use piao_chain::transaction::{Payload, RotateKey};
use serde_json::{Value, json};

use crate::golden::hexed;

/// The clock of the verifier.
const NOW_MS: u64 = NOON_MS + 65_000;
const DAY_MS: u64 = 86_400_000;

/// A verdict without its sentences.
fn shown(verdict: &RefusalVerdict) -> Value {
    let mut json = serde_json::to_value(verdict).unwrap();
    let checks = verdict.checks.iter();
    json["checks"] = checks
        .map(|check| json!([check.name, check.result]))
        .collect();
    json["exit_code"] = json!(verdict.verdict.exit_code());
    json
}

/// Block 3 holds an invoice; block 4 the same order again and another invoice; block 5 a key that is
/// bound already. What fails was to be kept.
fn net() -> TestNet {
    let mut net = TestNet::with_merchant(4);
    let first = net.invoice("a");
    net.commit(vec![first]);
    let (again, other) = (net.anchored_invoice("a"), net.invoice("b"));
    net.commit(vec![again, other]);
    let merchant = net.merchant.clone();
    let chain_id = net.genesis.chain_id();
    let bound = Payload::RotateKey(RotateKey {
        key: merchant.public_key(),
        pop: merchant.prove_possession(&chain_id),
    });
    let bound = net.anchored(1, &merchant, bound);
    net.commit(vec![bound]);
    net.commit(vec![]);
    net
}

/// Height of the block that holds the same order again.
fn height_of(net: &TestNet, code: u16) -> u64 {
    let found = net.blocks.iter().find(|decided| {
        let mut outcomes = decided.outcomes.iter();
        outcomes.any(|outcome| outcome.code == code)
    });
    found.unwrap().block.header.height
}

struct Cases {
    root: TrustRoot,
    rows: Vec<Value>,
}

impl Cases {
    fn judged(&mut self, name: &str, bytes: &[u8], expected: &str, now_ms: u64) {
        let options = VerifyOptions {
            now: BlockTime::from_ms(now_ms),
            max_age_ms: None,
        };
        let verdict = verify_refusal(bytes, Some(&self.root), &options);
        let reason = serde_json::to_value(verdict.reason).unwrap();
        assert_eq!(reason, expected, "{name}: {:?}", verdict.checks);
        self.rows.push(json!({
            "name": name,
            "now_ms": now_ms,
            "file": hexed(bytes),
            "verdict": shown(&verdict),
        }));
    }

    fn changed(
        &mut self,
        name: &str,
        of: &RefusalProof,
        expected: &str,
        change: impl FnOnce(&mut RefusalProof),
    ) {
        let mut proof = of.clone();
        change(&mut proof);
        self.judged(name, &proof.encode(), expected, NOW_MS);
    }
}

/// SPEC 7.12.
pub(crate) fn refusals() -> Value {
    let net = net();
    let (duplicate, bound) = (height_of(&net, 1407), height_of(&net, 2015));
    let root = net.trust_root();
    let envelope = TrustRootBody::of_genesis(&net.genesis).sign(&[&net.authority]);
    let mut cases = Cases {
        root,
        rows: Vec::new(),
    };
    let proof = net.refusal(duplicate, 0).unwrap();
    assert_eq!(RefusalProof::decode(&proof.encode()).as_ref(), Ok(&proof));
    cases.judged("the same order again", &proof.encode(), "REFUSED", NOW_MS);
    let other = net.refusal(bound, 0).unwrap();
    cases.judged("a key that is bound", &other.encode(), "REFUSED", NOW_MS);
    cases.judged(
        "after a month",
        &proof.encode(),
        "REFUSED",
        NOW_MS + 30 * DAY_MS,
    );
    cases.judged(
        "a slow clock",
        &proof.encode(),
        "CLOCK_BEHIND",
        NOON_MS - DAY_MS,
    );
    cases.judged(
        "after a year",
        &proof.encode(),
        "TRUST_ROOT_STALE",
        NOW_MS + 365 * DAY_MS,
    );
    let applied = net.refusal(duplicate, 1).unwrap();
    cases.judged(
        "an invoice that was issued",
        &applied.encode(),
        "NOT_REFUSED",
        NOW_MS,
    );
    wrong(&mut cases, &proof, &other);
    let invoice = net.prove(duplicate, 0).unwrap().encode();
    cases.judged("a proof of an invoice", &invoice, "UNKNOWN_VERSION", NOW_MS);
    let mut file = proof.encode();
    file.truncate(file.len() - 1);
    cases.judged("cut", &file, "MALFORMED_PROOF", NOW_MS);
    cases.judged(
        "with a status",
        &with_record(&proof, 12),
        "UNKNOWN_RECORD",
        NOW_MS,
    );
    json!({ "trust_root": envelope, "cases": cases.rows })
}

fn wrong(cases: &mut Cases, proof: &RefusalProof, other: &RefusalProof) {
    cases.changed("another code", proof, "INCLUSION_INVALID", |proof| {
        proof.outcome.code = 1601;
    });
    cases.changed(
        "as if it had been applied",
        proof,
        "INCLUSION_INVALID",
        |proof| {
            proof.outcome.code = 0;
        },
    );
    cases.changed("another transaction", proof, "INCLUSION_INVALID", |proof| {
        proof.transaction = other.transaction.clone();
    });
    cases.changed("another block", proof, "HISTORY_INVALID", |proof| {
        proof.header = other.header.clone();
    });
    cases.changed("no later block", proof, "CERTIFICATE_INVALID", |proof| {
        proof.latest = None;
    });
    cases.changed(
        "a signature too few",
        proof,
        "CERTIFICATE_INVALID",
        |proof| {
            proof.certificate.signatures.truncate(2);
        },
    );
    cases.changed("a key of nobody", proof, "KEY_INVALID", |proof| {
        proof.key.public_key = key("nobody").public_key();
    });
    cases.changed("a key that came later", proof, "KEY_INVALID", |proof| {
        proof.key.leaf.from_height += 10;
    });
    cases.changed("of another network", proof, "OTHER_CHAIN", |proof| {
        proof.header.chain_id = ChainId([7; 32]);
    });
}

/// The file with an empty record behind it.
fn with_record(proof: &RefusalProof, kind: u16) -> Vec<u8> {
    let mut file = proof.encode();
    file.extend_from_slice(&kind.to_be_bytes());
    file.extend_from_slice(&0u32.to_be_bytes());
    let length = u32::try_from(file.len() - 14).unwrap();
    file[10..14].copy_from_slice(&length.to_be_bytes());
    file
}

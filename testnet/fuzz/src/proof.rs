//! Proof files: one spelling, one JSON twin, and no file that says something else than the genuine
//! one is ever "in force".

use std::sync::LazyLock;

use piao_chain::proof::{Finding, Proof, ProofTwin, TrustRoot, VerifyOptions, verify};
use piao_chain::testing::{TestNet, sample_document};
use piao_chain::time::BlockTime;

use crate::net::TIP;
use crate::{Seeds, Target};

pub(crate) const TARGET: Target = Target {
    name: "proof",
    run,
    seeds,
    bytes_max: 16 * 1024,
};

static ROOT: LazyLock<TrustRoot> = LazyLock::new(|| TIP.trust_root());
static GENUINE: LazyLock<Vec<Proof>> = LazyLock::new(genuine);

fn run(bytes: &[u8]) {
    let decoded = Proof::decode(bytes);
    if let Ok(proof) = &decoded {
        assert_eq!(proof.encode(), bytes, "another spelling");
        twin_holds(proof, bytes);
    }
    judged(bytes, decoded.ok().as_ref());
    if let Ok(twin) = serde_json::from_slice::<ProofTwin>(bytes)
        && let Ok(file) = twin.to_file()
    {
        let decoded = Proof::decode(&file);
        if let Ok(proof) = &decoded {
            assert_eq!(ProofTwin::of(proof), twin, "another twin of one file");
        }
        judged(&file, decoded.ok().as_ref());
    }
}

fn twin_holds(proof: &Proof, bytes: &[u8]) {
    let twin = ProofTwin::of(proof);
    assert_eq!(twin.to_file().as_deref(), Ok(bytes));
    let json = serde_json::to_vec(&twin).expect("a twin is texts and numbers");
    let read: ProofTwin = serde_json::from_slice(&json).expect("what was written can be read");
    assert_eq!(read, twin);
}

/// Without a trust root nothing is believed; with one, only what the genuine files say.
fn judged(bytes: &[u8], proof: Option<&Proof>) {
    let options = VerifyOptions {
        now: BlockTime::from_ms(TIP.tip().time_ms.saturating_add(1_000)),
        max_age_ms: None,
    };
    let blind = verify(bytes, None, &options);
    let is_believed = |finding: Finding| matches!(finding, Finding::InForce | Finding::NotInForce);
    assert!(!is_believed(blind.verdict), "believed without a trust root");
    let verdict = verify(bytes, Some(&ROOT), &options);
    if !is_believed(verdict.verdict) {
        return;
    }
    let proof = proof.expect("what is believed can be decoded");
    assert!(
        GENUINE.iter().any(|genuine| says_no_more(proof, genuine)),
        "believed, and says something else than the genuine file"
    );
}

/// Whoever hands a proof on may leave out what is optional: the card, shown fields, a signature
/// above the quorum. Everything else is as it was.
fn says_no_more(proof: &Proof, genuine: &Proof) -> bool {
    let mut reduced = genuine.clone();
    if proof.card.is_none() {
        reduced.card = None;
    }
    let kept = |all: &[_], some: &[_]| some.iter().all(|one| all.contains(one));
    if kept(
        &genuine.certificate.signatures,
        &proof.certificate.signatures,
    ) {
        reduced
            .certificate
            .signatures
            .clone_from(&proof.certificate.signatures);
    }
    if proof
        .disclosed
        .iter()
        .all(|field| genuine.disclosed.contains(field))
    {
        reduced.disclosed.clone_from(&proof.disclosed);
    }
    *proof == reduced
}

/// An invoice of the last block, one as of a later block, and a block that holds a refusal.
fn genuine() -> Vec<Proof> {
    let mut later = TestNet::with_merchant(4);
    let block = vec![
        later.invoice("a"),
        later.invoice("b"),
        later.anchored_invoice("b"),
    ];
    later.commit(block);
    let next = later.invoice("c");
    later.commit(vec![next]);
    let mut old = later.prove(3, 1).expect("the block is there");
    old.disclosed = vec![
        sample_document("b")
            .disclose(2, 0)
            .expect("it has that field"),
    ];
    let tip = TIP.prove(3, 0).expect("the block is there");
    let refused = TIP.prove(3, 2).expect("the block is there");
    vec![tip, old, refused]
}

fn seeds() -> Seeds {
    let names = ["tip", "older-with-a-field", "refusal"];
    let mut seeds: Seeds = names
        .into_iter()
        .zip(GENUINE.iter().map(Proof::encode))
        .collect();
    let twin = serde_json::to_vec(&ProofTwin::of(&GENUINE[0]));
    seeds.push(("twin", twin.expect("a twin is texts and numbers")));
    seeds
}

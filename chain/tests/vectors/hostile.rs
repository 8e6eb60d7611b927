//! A proof that holds, and whose texts are hostile: for whoever shows them to people.

use piao_chain::proof::{TrustRootBody, VerifyOptions, verify};
use piao_chain::testing::{NOON_MS, TestNet};
use piao_chain::time::BlockTime;
use serde_json::{Value, json};

use crate::golden::hexed;

/// SPEC 7.8 and 8.3: what a verdict shows is what was written.
pub(crate) fn hostile() -> Value {
    let mut net = TestNet::with_merchant(4);
    let proof = net.prove_hostile(|_| ()).unwrap();
    let now_ms = NOON_MS + 65_000;
    let options = VerifyOptions {
        now: BlockTime::from_ms(now_ms),
        max_age_ms: None,
    };
    let verdict = verify(&proof.encode(), Some(&net.trust_root()), &options);
    let verdict = serde_json::to_value(&verdict).unwrap();
    assert_eq!(verdict["reason"], "GENUINE", "{}", verdict["checks"]);
    json!({
        "trust_root": TrustRootBody::of_genesis(&net.genesis).sign(&[&net.authority]),
        "now_ms": now_ms,
        "file": hexed(proof.encode()),
        "seller": verdict["seller"],
        "shown": verdict["shown"],
    })
}

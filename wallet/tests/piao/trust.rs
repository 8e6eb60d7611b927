//! Trust roots: the first by its fingerprint, later ones by those who vouched for the one before.

use std::fs;

use piao_chain::digest::Digest;
use piao_chain::testing::key;
use serde_json::Value;

use crate::chain::{Chain, HOUR_MS, now_ms};
use crate::process::Home;
use crate::stub::Stub;

fn fingerprint(root: &[u8]) -> String {
    let root: Value = serde_json::from_slice(root).unwrap();
    root["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn a_fetched_trust_root_is_used_only_once_its_fingerprint_was_said() {
    let chain = Chain::fresh();
    let root = chain.trust_root();
    let served = root.clone();
    let stub = Stub::start(move |_| Some((200, "application/json", served.clone())));
    let home = Home::with_node(&stub.url);
    home.write("a.proof", chain.proof().encode());
    home.run(&["trust", "show"]).expect(6);
    let fetched = home.run(&["--json", "trust", "fetch"]).expect(0);
    assert_eq!(fetched.json()["fingerprint"], fingerprint(&root));
    assert!(
        fetched.stderr.contains("not trusted yet"),
        "{}",
        fetched.stderr
    );
    home.run(&["verify", "a.proof"]).expect(6);

    let accept = ["--json", "trust", "accept", "trust-root.json"];
    let run = home.run(&accept).expect(6);
    assert!(run.stderr.contains("--fingerprint"), "{}", run.stderr);
    let with = |said: &str| {
        let mut args = accept.to_vec();
        args.extend(["--fingerprint", said]);
        home.run(&args)
    };
    with(&"0".repeat(64)).expect(6);
    with("short").expect(2);
    home.run(&["verify", "a.proof"]).expect(6);
    with(&fingerprint(&root).to_uppercase()).expect(0);
    home.run(&["verify", "a.proof"]).expect(0);
    let shown = home.run(&["trust", "show"]).expect(0).stdout;
    assert!(shown.contains(&fingerprint(&root)), "{shown}");
    home.run(&["trust", "accept", "missing.json"]).expect(4);
}

#[test]
fn a_successor_is_accepted_by_what_the_one_in_use_says_and_no_other_is() {
    let chain = Chain::fresh();
    let first = chain.trust_root();
    let home = Home::new();
    home.write("first.json", &first);
    let said = fingerprint(&first);
    home.run(&["trust", "accept", "first.json", "--fingerprint", &said])
        .expect(0);
    let mut previous = Digest::default();
    hex::decode_to_slice(&said, &mut previous).unwrap();
    let header = chain.net.tip();
    let next = chain.trust_root_as(|body| {
        body.checkpoint.height = header.height;
        body.checkpoint.block_id = header.id();
        body.previous_fingerprint = Some(previous);
    });
    let strangers = {
        let mut body = piao_chain::proof::TrustRootBody::of_genesis(&chain.net.genesis);
        body.authority_keys = vec![key("stranger").public_key()];
        body.previous_fingerprint = Some(previous);
        serde_json::to_vec(&body.sign(&[&key("stranger")])).unwrap()
    };
    let refused = [
        (
            "not named",
            chain.trust_root_as(|body| body.expires_ms += 1),
        ),
        ("another network", Chain::aged(HOUR_MS).trust_root()),
        (
            "stale",
            chain.trust_root_as(|body| {
                body.expires_ms = now_ms() - 1;
                body.previous_fingerprint = Some(previous);
            }),
        ),
        ("signed by others", strangers),
    ];
    for (why, root) in refused {
        home.write("new.json", root);
        let run = home.run(&["trust", "accept", "new.json"]);
        assert_eq!(run.code, 6, "{why}: {run:?}");
    }
    let used = home.path(".config/piao/trust-root.json");
    assert_eq!(fs::read(&used).unwrap(), first, "none of them is in use");
    home.write("next.json", &next);
    home.run(&["trust", "accept", "next.json"]).expect(0);
    assert_eq!(fs::read(&used).unwrap(), next);
    // Back to an older one only by its fingerprint.
    home.run(&["trust", "accept", "first.json"]).expect(6);
    home.run(&["trust", "accept", "first.json", "--fingerprint", &said])
        .expect(0);
}

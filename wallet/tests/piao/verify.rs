//! Offline verification: every exit code, and a hundred forgeries.

use std::fs;

use piao_chain::proof::ProofTwin;

use crate::chain::{Chain, HOUR_MS, number};
use crate::process::{Home, text};

const DAY_MS: u64 = 24 * HOUR_MS;

/// A home with a trust root and the proof of a fresh invoice.
fn home_of(chain: &Chain) -> Home {
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("a.proof", chain.proof().encode());
    home
}

#[test]
fn a_genuine_proof_is_in_force_and_the_verdict_says_for_when() {
    let chain = Chain::fresh();
    let home = home_of(&chain);
    let run = home
        .run(&["verify", "a.proof", "--trust", "root.json"])
        .expect(0);
    let number = number(&chain.proof());
    let root: serde_json::Value = serde_json::from_slice(&chain.trust_root()).unwrap();
    let expected = [
        number.as_str(),
        root["fingerprint"].as_str().unwrap(),
        "genuine and in force, as of block 3 at ",
        "test network: no legal effect",
        "not checked: fields shown, later changes",
        "武汉市江岸区示例餐饮店",
    ];
    for words in expected {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(run.stdout.contains("+08:00"));
    assert_eq!(run.stderr, "");

    let zh = home
        .run(&["--lang", "zh", "verify", "a.proof", "--trust", "root.json"])
        .expect(0);
    for words in [
        "发票",
        "真实且有效，截至区块 #3",
        "测试网样票，不具税务效力",
        "未检查：所示字段、此后变化",
        "税额计算",
    ] {
        assert!(zh.stdout.contains(words), "{words}: {}", zh.stdout);
    }

    let json = home
        .run(&["--json", "verify", "a.proof", "--trust", "root.json"])
        .expect(0)
        .json();
    assert_eq!(json["verdict"], "in_force");
    assert_eq!(json["reason"], "GENUINE");
    assert_eq!(json["network"], "test");
    assert_eq!(json["number"], number);
    assert_eq!(json["totals"]["gross"], "106.00");
    assert_eq!(json["as_of"]["freshness"], "FRESH");
    assert_eq!(json["subject"], "a.proof");
    assert_eq!(
        json["checks"].as_array().unwrap().last().unwrap()["result"],
        "not_checked"
    );
}

#[test]
fn a_hundred_single_byte_changes_are_never_in_force() {
    let mut chain = Chain::fresh();
    chain.go_on(0);
    let home = home_of(&chain);
    let genuine = chain.proof().encode();
    home.run(&["verify", "a.proof", "--trust", "root.json"])
        .expect(0);
    let step = genuine.len() / 100;
    for change in 0..100 {
        let mut bytes = genuine.clone();
        bytes[change * step] ^= 1 << (change % 8);
        let path = home.write("changed.proof", bytes);
        let run = home.run(&["verify", text(&path), "--trust", "root.json"]);
        assert!(matches!(run.code, 5 | 6), "byte {}: {run:?}", change * step);
    }
}

#[test]
fn without_a_trust_root_nothing_is_decided() {
    let chain = Chain::fresh();
    let home = home_of(&chain);
    let run = home.run(&["--json", "verify", "a.proof"]).expect(6);
    assert_eq!(run.json()["reason"], "NO_TRUST_ROOT");
    // A trust root that was named and cannot be used is never taken for none.
    let run = home
        .run(&["verify", "a.proof", "--trust", "missing.json"])
        .expect(6);
    assert!(run.stderr.contains("missing.json"), "{}", run.stderr);
    home.write(
        "damaged.json",
        String::from_utf8(chain.trust_root())
            .unwrap()
            .replace('a', "b"),
    );
    home.run(&["verify", "a.proof", "--trust", "damaged.json"])
        .expect(6);
    // Another network's root cannot judge this proof.
    home.write("other.json", Chain::aged(DAY_MS).trust_root());
    let run = home
        .run(&["--json", "verify", "a.proof", "--trust", "other.json"])
        .expect(6);
    assert_eq!(run.json()["reason"], "OTHER_CHAIN");
}

#[test]
fn the_default_trust_root_and_the_environment_are_used() {
    let chain = Chain::fresh();
    let home = home_of(&chain);
    let mut with_variable = home.command(&["verify", "a.proof"]);
    with_variable.env("PIAO_TRUST", "root.json");
    crate::process::Run::of(&mut with_variable).expect(0);
    home.write(".config/piao/trust-root.json", chain.trust_root());
    home.run(&["verify", "a.proof"]).expect(0);
}

#[test]
fn what_is_not_there_is_not_found() {
    let chain = Chain::fresh();
    let home = home_of(&chain);
    let run = home
        .run(&["--json", "verify", "no.proof", "--trust", "root.json"])
        .expect(4);
    assert_eq!(run.json()["code"], "FILE_NOT_FOUND");
    assert_eq!(run.json()["exit_code"], 4);
    fs::create_dir(home.path("empty")).unwrap();
    home.run(&["verify", "empty", "--trust", "root.json"])
        .expect(4);
}

#[test]
fn both_forms_of_a_proof_get_the_same_verdict() {
    let chain = Chain::fresh();
    let home = home_of(&chain);
    let mut twin = ProofTwin::of(&chain.proof());
    home.write("a.json", serde_json::to_vec_pretty(&twin).unwrap());
    home.run(&["verify", "a.json", "--trust", "root.json"])
        .expect(0);
    twin.outcome.push_str("00");
    home.write("b.json", serde_json::to_vec(&twin).unwrap());
    home.run(&["verify", "b.json", "--trust", "root.json"])
        .expect(5);
    for not_a_proof in ["", "{", "{}", "hello"] {
        home.write("c.json", not_a_proof);
        let run = home
            .run(&["--json", "verify", "c.json", "--trust", "root.json"])
            .expect(5);
        assert_eq!(run.json()["reason"], "MALFORMED_PROOF", "{not_a_proof:?}");
    }
    home.write("large.proof", vec![0; 1_000_000]);
    home.run(&["verify", "large.proof", "--trust", "root.json"])
        .expect(5);
}

#[test]
fn an_old_proof_counts_only_as_long_as_the_user_says() {
    let mut old = Chain::aged(8 * DAY_MS);
    old.go_on(8 * DAY_MS);
    let home = home_of(&old);
    let run = home
        .run(&["--json", "verify", "a.proof", "--trust", "root.json"])
        .expect(6);
    assert_eq!(run.json()["reason"], "STALE");
    home.run(&[
        "verify",
        "a.proof",
        "--trust",
        "root.json",
        "--max-age",
        "30d",
    ])
    .expect(0);

    let recent = Chain::aged(2 * HOUR_MS);
    let home = home_of(&recent);
    home.run(&["verify", "a.proof", "--trust", "root.json"])
        .expect(0);
    home.run(&[
        "verify",
        "a.proof",
        "--trust",
        "root.json",
        "--max-age",
        "3h",
    ])
    .expect(0);
    let run = home.run(&[
        "--json",
        "verify",
        "a.proof",
        "--trust",
        "root.json",
        "--max-age",
        "1h",
    ]);
    let json = run.expect(6).json();
    assert_eq!(
        (&json["verdict"], &json["reason"]),
        (&"undecided".into(), &"STALE".into())
    );
    home.run(&["verify", "a.proof", "--max-age", "soon"])
        .expect(2);
}

#[test]
fn a_reversed_invoice_is_genuine_and_must_not_be_paid() {
    let mut chain = Chain::fresh();
    let partly = chain.reverse(4_000);
    let home = home_of(&chain);
    home.write("partly.proof", partly.encode());
    let run = home
        .run(&["--json", "verify", "partly.proof", "--trust", "root.json"])
        .expect(0);
    assert_eq!(run.json()["status"], "partly_reversed");
    home.write("reversed.proof", chain.reverse(10_000).encode());
    let run = home
        .run(&["verify", "reversed.proof", "--trust", "root.json"])
        .expect(9);
    assert!(run.stdout.contains("NOT IN FORCE"), "{}", run.stdout);
    let zh = home
        .run(&["--lang=zh", "verify", "reversed.proof", "--trust=root.json"])
        .expect(9);
    assert!(zh.stdout.contains("不再有效"), "{}", zh.stdout);
}

#[test]
fn a_missing_file_among_good_ones_is_not_a_success() {
    let chain = Chain::fresh();
    let home = home_of(&chain);
    let run = home.run(&[
        "--json",
        "verify",
        "a.proof",
        "no.proof",
        "--trust",
        "root.json",
    ]);
    let lines = run.expect(4).lines();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().any(|line| line["verdict"] == "in_force"));
}

#[test]
fn quiet_leaves_the_conclusion_alone() {
    let chain = Chain::fresh();
    let home = home_of(&chain);
    let run = home
        .run(&["--quiet", "verify", "a.proof", "--trust", "root.json"])
        .expect(0);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn inspecting_shows_what_stands_there_and_believes_nothing() {
    let mut chain = Chain::fresh();
    chain.go_on(0);
    let home = home_of(&chain);
    let json = home
        .run(&["--json", "proof", "inspect", "a.proof"])
        .expect(0)
        .json();
    assert_eq!(json["verified"], false);
    assert_eq!(json["height"], 3);
    assert_eq!(json["as_of_height"], 4);
    assert_eq!(json["validators"], 4);
    assert_eq!(json["number"], number(&chain.proof()));
    let human = home.run(&["proof", "inspect", "a.proof"]).expect(0);
    assert!(
        human.stderr.contains("nothing of this is verified"),
        "{}",
        human.stderr
    );
    home.write("b.proof", b"none");
    home.run(&["proof", "inspect", "b.proof"]).expect(5);
    home.run(&["proof", "inspect", "c.proof"]).expect(4);
}

#[test]
fn hostile_texts_of_a_genuine_proof_reach_the_terminal_as_texts_alone() {
    let mut chain = Chain::fresh();
    let proof = chain.hostile();
    let home = home_of(&chain);
    home.write("h.proof", proof.encode());
    let args = ["verify", "h.proof", "--trust", "root.json"];
    let run = home.run(&args).expect(0);
    let allowed = |c: char| c == '\n' || !c.is_control();
    assert!(run.stdout.chars().all(allowed), "{:?}", run.stdout);
    for mark in "\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}\u{3164}\u{fe0f}\u{e0041}\u{2028}".chars() {
        assert!(!run.stdout.contains(mark), "{mark:?}");
    }
    // Nothing takes over: a field is one line of bounded length, and the verdict stands last.
    assert!(run.stdout.lines().count() < 40, "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.chars().count() < 1_000));
    assert!(
        run.stdout.contains("9500 more characters"),
        "{}",
        run.stdout
    );
    let last = run.stdout.lines().last().unwrap();
    assert!(last.starts_with("✓ genuine and in force"), "{last}");
    assert!(
        run.stdout.contains("<img src=x onerror="),
        "it stays readable"
    );

    // Programs get it whole and escaped as JSON escapes.
    let json = home
        .run(&["--json", "verify", "h.proof", "--trust", "root.json"])
        .expect(0);
    assert!(json.stdout.chars().all(allowed), "{:?}", json.stdout);
    let shown = json.json();
    assert_eq!(shown["shown"][4]["value"].as_str().unwrap().len(), 10_000);
    let report = [
        "verify",
        "h.proof",
        "--trust=root.json",
        "--report",
        "r.csv",
    ];
    home.run(&report).expect(0);
    let csv = fs::read_to_string(home.path("r.csv")).unwrap();
    assert!(
        !csv.contains('\u{1b}') && !csv.contains('\u{202e}'),
        "{csv:?}"
    );
}

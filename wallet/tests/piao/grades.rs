//! Each thing that may be the matter with an invoice has its own sentence and its exit code.

use piao_chain::proof::CheckResult;
use piao_chain::signature::SecretKey;
use piao_chain::state::InvoiceLeaf;
use piao_chain::validator::{Validator, ValidatorSet};
use serde_json::Value;

use crate::chain::{Chain, HOUR_MS, RED, now_ms};
use crate::process::Home;

/// What is the matter, and what must be said of it.
struct Grade {
    proof: Vec<u8>,
    trust_root: Vec<u8>,
    exit: i32,
    verdict: &'static str,
    reason: &'static str,
    en: &'static str,
    zh: &'static str,
}

/// A grade of a proof by the plain trust root of its chain.
fn of(chain: &Chain, proof: &piao_chain::proof::Proof) -> Grade {
    Grade {
        proof: proof.encode(),
        trust_root: chain.trust_root(),
        exit: 9,
        verdict: "not_in_force",
        reason: "",
        en: "",
        zh: "",
    }
}

fn undecided() -> [Grade; 3] {
    let chain = Chain::fresh();
    let plain = of(&chain, &chain.proof());
    let other = Grade {
        trust_root: Chain::aged(HOUR_MS).trust_root(),
        reason: "OTHER_CHAIN",
        en: "cannot decide: the proof is of another network than the trust root",
        zh: "无法判断：证明属于另一个网络",
        ..of(&chain, &chain.proof())
    };
    let stale = Grade {
        trust_root: chain.trust_root_as(|body| {
            body.checkpoint.time_ms = now_ms() - 181 * 24 * HOUR_MS;
        }),
        reason: "TRUST_ROOT_STALE",
        en: "cannot decide: the trust root is too old; get a new one",
        zh: "无法判断：信任根已过期，请取新的",
        ..of(&chain, &chain.proof())
    };
    let old_set = Grade {
        trust_root: chain.trust_root_as(|body| {
            let public_key = SecretKey::from_seed(&[9; 32]).public_key();
            let one = Validator {
                public_key,
                power: 1,
            };
            body.checkpoint.validators = ValidatorSet::sorted(vec![one]).unwrap();
        }),
        reason: "UNKNOWN_VALIDATOR_SET",
        en: "cannot decide: the validators are not those of the trust root",
        zh: "无法判断：验证者集合与信任根不符",
        ..plain
    };
    [other, stale, old_set].map(|grade| Grade {
        exit: 6,
        verdict: "undecided",
        ..grade
    })
}

fn decided() -> [Grade; 5] {
    let fresh = Chain::fresh();
    let genuine = Grade {
        exit: 0,
        verdict: "in_force",
        reason: "GENUINE",
        en: "genuine and in force, as of",
        zh: "真实且有效，截至",
        ..of(&fresh, &fresh.proof())
    };
    let mut chain = Chain::fresh();
    let partly = chain.reverse(4_000);
    let partly = Grade {
        exit: 0,
        verdict: "in_force",
        reason: "PARTLY_REVERSED",
        en: "in force: genuine; reversed in part, the last red letter being 26427000000000000077 of",
        zh: "有效：真实，已部分红冲，最近红字发票 26427000000000000077，",
        ..of(&chain, &partly)
    };
    let fully = chain.reverse(10_000);
    let fully = Grade {
        reason: "REVERSED",
        en: "NOT IN FORCE: genuine, but reversed by red letters, the last red letter being \
             26427000000000000077 of 2026-11-21T10:00:00+08:00",
        zh: "不再有效：真实，但已被红冲，最近红字发票 26427000000000000077，2026-11-21T10:00:00+08:00",
        ..of(&chain, &fully)
    };
    let mut chain = Chain::fresh();
    let reissued = chain.become_of(InvoiceLeaf {
        reissued_by: Some(5),
        ..InvoiceLeaf::default()
    });
    let reissued = Grade {
        reason: "REISSUED",
        en: "NOT IN FORCE: genuine, but replaced by another invoice",
        zh: "不再有效：真实，但已被重开",
        ..of(&chain, &reissued)
    };
    let mut chain = Chain::fresh();
    let disputed = chain.dispute();
    let disputed = Grade {
        reason: "KEY_DISPUTED",
        en: "NOT IN FORCE: genuine, but the signing key is disputed",
        zh: "不再有效：真实，但签名密钥有争议",
        ..of(&chain, &disputed)
    };
    [genuine, partly, fully, reissued, disputed]
}

#[test]
fn everything_that_may_be_the_matter_has_its_own_sentence_and_exit_code() {
    let mut sentences = Vec::new();
    for grade in undecided().into_iter().chain(decided()) {
        let home = Home::new();
        home.write("a.proof", &grade.proof);
        home.write("root.json", &grade.trust_root);
        let run = |language: &str, more: &[&str]| {
            let mut args = vec![
                "--lang",
                language,
                "verify",
                "a.proof",
                "--trust",
                "root.json",
            ];
            args.extend(more);
            home.run(&args).expect(grade.exit)
        };
        for (language, sentence) in [("en", grade.en), ("zh", grade.zh)] {
            let said = run(language, &[]).stdout;
            let last = said.lines().last().unwrap().to_owned();
            assert!(last.contains(sentence), "{sentence}: {said}");
            let exit = format!("{}", grade.exit);
            assert!(last.ends_with(&exit), "{said}");
        }
        sentences.push(grade.en);
        let json: Value = run("en", &["--json"]).json();
        assert_eq!(
            (&json["verdict"], &json["reason"]),
            (&grade.verdict.into(), &grade.reason.into())
        );
        let root: Value = serde_json::from_slice(&grade.trust_root).unwrap();
        assert_eq!(json["trust_root"], root["fingerprint"]);
        assert_eq!(json["network"], "test");
        let reversed = grade.reason.ends_with("REVERSED");
        assert_eq!(json["red_letter"]["number"] == RED, reversed, "{json}");
        // What was not looked at is never said to hold.
        let checks = json["checks"].as_array().unwrap();
        let failed = serde_json::to_value(CheckResult::Failed).unwrap();
        let stopped = checks.iter().any(|check| check["result"] == failed);
        assert_eq!(stopped, grade.exit == 6, "{json}");
    }
    sentences.sort_unstable();
    let count = sentences.len();
    sentences.dedup();
    assert_eq!(sentences.len(), count, "no two share a sentence");
}

//! Checking a draft and taking what is suggested.

use piao_api::wire::{CheckReport, Failure, draft};
use piao_chain::fault::Fault;
use piao_chain::invoice::{preflight, sample};
use piao_chain::tax::RuleSet;

use crate::process::Home;
use crate::stub::{Reply, Request, Stub, json};

/// A node that judges as a node does, without a chain.
fn judge(request: &Request) -> Reply {
    let (draft, reading) = draft::read_bytes(&request.body).unwrap();
    let found = preflight(&draft, &sample::desk());
    let mut faults: Vec<Fault> = found.faults;
    draft::join_faults(reading, &mut faults);
    let failures = faults.iter().map(|fault| Failure::from_fault(fault, None));
    let report = CheckReport {
        valid: faults.is_empty(),
        failures: failures.collect(),
        warnings: found.warnings.iter().map(Into::into).collect(),
        totals: found.totals.map(Into::into),
        fee: "0.10".to_owned(),
        rule_set: RuleSet::CURRENT.id,
    };
    json(200, &report)
}

/// Wrong in four places that have a suggestion: order of members and all else must stay.
const WRONG: &str = r#"{
  "remark": "as it was",
  "kind": "general",
  "issuer": "开票人",
  "buyer": {"type": "enterprise", "name": "武汉样例科技有限公司", "tax_id": "91420100 maxh4xgp0h"},
  "lines": [
    {"name": "*生产生活服务*餐费", "class_code": "3070401000000000000",
     "amount": 100, "rate": "0.06", "tax": "7.00"}
  ],
  "totals": {"amount": "100.00", "tax": "6.00", "gross": "106.01"}
}"#;

#[test]
fn every_suggestion_is_taken_and_the_draft_is_printed() {
    let stub = Stub::start(judge);
    let home = Home::with_node(&stub.url);
    home.write("d.json", WRONG);
    home.run(&["invoice", "check", "d.json"]).expect(3);
    let run = home.run(&["invoice", "check", "--fix", "d.json"]).expect(0);
    for words in [
        "\"tax_id\": \"91420100MAXH4XGP0H\"",
        "\"amount\": \"100.00\"",
        "\"tax\": \"6.00\"",
        "\"gross\": \"106.00\"",
        "\"remark\": \"as it was\"",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(run.stdout.starts_with("{\n  \"remark\""), "{}", run.stdout);
    assert!(
        run.stderr.contains("line 1 tax  7.00 → 6.00"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("would be issued"), "{}", run.stderr);
    // What was printed passes as it stands.
    home.write("fixed.json", run.stdout);
    home.run(&["invoice", "check", "fixed.json"]).expect(0);
}

#[test]
fn a_fixed_draft_is_written_where_it_is_asked_for() {
    let stub = Stub::start(judge);
    let home = Home::with_node(&stub.url);
    home.write("d.json", WRONG);
    let args = ["invoice", "check", "d.json", "--fix", "-o", "d.json"];
    let run = home.run(&args).expect(0);
    assert_eq!(run.stdout, "");
    home.run(&["invoice", "check", "d.json"]).expect(0);
    home.run(&["invoice", "check", "d.json", "-o", "x.json"])
        .expect(2);
}

#[test]
fn what_has_no_suggestion_stays_wrong_and_is_listed() {
    let stub = Stub::start(judge);
    let home = Home::with_node(&stub.url);
    let wrong = WRONG.replace("91420100 maxh4xgp0h", "91420100MAXH4XGP0J");
    home.write("d.json", wrong);
    let json = ["--json", "invoice", "check", "--fix", "d.json"];
    let told = home.run(&json).expect(3).json();
    assert_eq!(told["valid"], false);
    assert_eq!(told["failures"].as_array().unwrap().len(), 1);
    assert_eq!(told["failures"][0]["code"], "E1006");
    let fixed = told["fixed"].as_array().unwrap();
    assert!(fixed.iter().any(|fix| fix["pointer"] == "/lines/0/tax"));
    assert!(
        told["draft"]
            .as_str()
            .unwrap()
            .contains("91420100MAXH4XGP0J")
    );
    home.write("d.json", "{");
    let run = home.run(&["invoice", "check", "--fix", "nothing.json"]);
    run.expect(4);
}

//! Requests that the chain refused: asked for, fetched, judged offline, every exit code.

use piao_chain::failure::FailureCode;
use piao_chain::proof::RefusalProof;
use piao_chain::testing::{TestNet, sample_invoice};
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::{FLAG_ANCHOR_FAILURE, Payload};

use crate::chain::{Chain, HOUR_MS, now_ms};
use crate::process::Home;
use crate::stub::{Stub, json, refusal};

const ID: &str = "0123456789abcdef0123456789abcdef";

/// The order of the first invoice once more, refused in block 4.
fn refused(chain: &mut Chain, age_ms: u64) -> RefusalProof {
    let mut invoice = sample_invoice("a");
    let clock_ms = now_ms() - age_ms - 1_000;
    invoice.facts.issued_on = IssueDate::of(BlockTime::from_ms(clock_ms));
    let net = &mut chain.net;
    net.set_clock_ms(clock_ms);
    let key = net.merchant.clone();
    let payload = Payload::IssueInvoice(Box::new(invoice));
    let mut body = net.body(1, &key.public_key(), payload);
    body.flags = FLAG_ANCHOR_FAILURE;
    let outcomes = net.commit(vec![TestNet::sign(body, &key)]);
    assert_eq!(outcomes[0].code, 1407);
    net.refusal(net.tip().height, 0).unwrap()
}

/// A node that refuses, and has a file that shows it.
fn node(file: Vec<u8>) -> Stub {
    Stub::start(move |request| {
        if request.line.ends_with("/proof") {
            return Some((200, "application/vnd.piao.proof", file.clone()));
        }
        if request.line.starts_with("GET /v1/outcomes/") {
            return json(
                200,
                &serde_json::json!({
                    "id": ID, "account": 1, "idempotency_key": "k", "order_ref": "a",
                    "state": "failed", "waiting_for": null, "chance": "not_issued",
                    "possible_until": null, "number": null, "txid": null, "height": null,
                    "attempts": [], "failures": [], "not_before": null, "confirmation": null,
                    "next_action": null, "created_at": "", "updated_at": "",
                    "links": {"self": "", "invoice": null},
                }),
            );
        }
        refusal(FailureCode::DuplicateOrder)
    })
}

#[test]
fn a_refusal_is_asked_for_fetched_inspected_and_judged() {
    let mut chain = Chain::fresh();
    let file = refused(&mut chain, 0).encode();
    let stub = node(file);
    let home = Home::with_node(&stub.url);
    home.write("root.json", chain.trust_root());
    home.write("d.json", "{}");
    let issue = ["invoice", "issue", "d.json", "--anchor-failure"];
    let run = home.run(&issue).expect(3);
    let hint = format!("piao request proof {ID} -o FILE");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    assert!(stub.seen()[0].line.contains("anchor_failure=true"));
    let run = home
        .run(&["request", "proof", ID, "-o", "a.refusal"])
        .expect(0);
    assert!(run.stderr.contains("not verified yet"), "{}", run.stderr);
    let asked = format!("GET /v1/requests/{ID}/proof");
    assert_eq!(stub.seen().last().unwrap().line, asked);

    let verify = ["verify", "a.refusal", "--trust", "root.json"];
    let run = home.run(&verify).expect(9);
    for words in [
        "asked for IssueInvoice",
        "account 1",
        "REFUSED with E1407",
        "nothing was issued for it, in block 4 at ",
        "exit 9",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let zh = home
        .run(&[&["--lang", "zh"], &verify[..]].concat())
        .expect(9);
    assert!(
        zh.stdout.contains("网络拒绝了该请求，没有据此开出发票"),
        "{}",
        zh.stdout
    );
    let said = home
        .run(&[&["--json"], &verify[..]].concat())
        .expect(9)
        .json();
    assert_eq!(
        (&said["statement"], &said["code"]),
        (&"refusal".into(), &"E1407".into())
    );
    assert_eq!(said["refused_at"]["height"], 4);
    home.run(&["verify", "a.refusal"]).expect(6);
    let inspect = ["--json", "proof", "inspect", "a.refusal"];
    let seen = home.run(&inspect).expect(0).json();
    assert_eq!(
        (&seen["verified"], &seen["outcome_code"]),
        (&false.into(), &1407.into())
    );
    assert_eq!(seen["asked"], "IssueInvoice");
}

#[test]
fn an_old_refusal_says_the_same_and_a_changed_one_is_false() {
    let mut chain = Chain::aged(9 * 24 * HOUR_MS);
    let proof = refused(&mut chain, 8 * 24 * HOUR_MS);
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("f/a.refusal", proof.encode());
    home.write("f/b.proof", chain.proof().encode());
    let both = [
        "verify",
        "f",
        "--trust",
        "root.json",
        "--max-age",
        "30d",
        "--report",
        "r.csv",
    ];
    let run = home.run(&both).expect(9);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("1 in force, 1 not in force"), "{said}");
    let csv = std::fs::read_to_string(home.path("r.csv")).unwrap();
    assert!(csv.contains("f/a.refusal,not_in_force,9,REFUSED,"), "{csv}");
    home.run(&["verify", "f/a.refusal", "--trust", "root.json"])
        .expect(9);
    let mut lie = proof;
    lie.outcome.code = 1601;
    home.write("lie.refusal", lie.encode());
    home.run(&["verify", "lie.refusal", "--trust", "root.json"])
        .expect(5);
}

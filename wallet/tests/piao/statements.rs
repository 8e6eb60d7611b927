//! Statements about numbers and accounts: fetched, judged offline, every exit code.

use piao_chain::proof::StatementTwin;
use piao_chain::proof::statement::{AbsenceProof, CompletenessProof};

use crate::chain::{Chain, HOUR_MS, number};
use crate::process::Home;
use crate::stub::Stub;

const DAY_MS: u64 = 24 * HOUR_MS;

/// The number after another.
fn next(number: &str) -> String {
    (number.parse::<u128>().unwrap() + 1).to_string()
}

/// That the number after both invoices of the chain is not issued.
fn absence(chain: &Chain) -> AbsenceProof {
    let next = next(&number(&chain.other_proof()));
    chain.net.absence(next.parse().unwrap()).unwrap()
}

fn list(chain: &Chain) -> CompletenessProof {
    chain.net.completeness(1, 1, None).unwrap()
}

#[test]
fn a_number_that_is_not_issued_is_fetched_and_judged() {
    let chain = Chain::fresh();
    let proof = absence(&chain);
    let (wanted, file) = (proof.number.to_string(), proof.encode());
    let stub = Stub::start(move |_| Some((200, "application/vnd.piao.proof", file.clone())));
    let home = Home::with_node(&stub.url);
    home.write("root.json", chain.trust_root());
    let run = home
        .run(&["proof", "absence", &wanted, "-o", "a.absence"])
        .expect(0);
    assert!(run.stderr.contains("not verified yet"), "{}", run.stderr);
    let asked = format!("GET /v1/invoices/{wanted}/absence");
    assert_eq!(stub.seen()[0].line, asked);

    let run = home
        .run(&[
            "verify",
            "--statements",
            "a.absence",
            "--trust",
            "root.json",
        ])
        .expect(0);
    for words in [
        wanted.as_str(),
        "no invoice of this number is issued, as of block 3 at ",
        "later changes",
        "exit 0",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let zh = [
        "--lang",
        "zh",
        "verify",
        "--statements",
        "a.absence",
        "--trust",
        "root.json",
    ];
    let zh = home.run(&zh).expect(0);
    assert!(
        zh.stdout.contains("没有开具过该号码的发票"),
        "{}",
        zh.stdout
    );
    home.run(&["verify", "--statements", "a.absence"]).expect(6);
    let mut lie = proof;
    lie.number = number(&chain.proof()).parse().unwrap();
    home.write("lie.absence", lie.encode());
    let run = home.run(&["--json", "verify", "lie.absence", "--trust", "root.json"]);
    let json = run.expect(5).json();
    assert_eq!(
        (&json["verdict"], &json["number"]),
        (&"false".into(), &().into())
    );
}

#[test]
fn an_old_absence_counts_up_to_the_age_that_is_allowed() {
    let chain = Chain::aged(8 * DAY_MS);
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("a.absence", absence(&chain).encode());
    home.write("a.list", list(&chain).encode());
    let verify = |more: &[&str]| {
        let asked = [
            "verify",
            "--statements",
            "a.absence",
            "--trust",
            "root.json",
        ];
        let args = [&asked[..], more].concat();
        home.run(&args).code
    };
    assert_eq!(verify(&[]), 6);
    assert_eq!(verify(&["--max-age", "30d"]), 0);
    assert_eq!(verify(&["--max-age", "1h"]), 6);
    // A list is of counters, which no later invoice changes.
    home.run(&[
        "verify",
        "--statements",
        "a.list",
        "--trust",
        "root.json",
        "--max-age",
        "1h",
    ])
    .expect(0);
}

#[test]
fn all_invoices_of_an_account_are_fetched_and_a_missing_one_is_seen() {
    let chain = Chain::fresh();
    let proof = list(&chain);
    let file = proof.encode();
    let stub = Stub::start(move |_| Some((200, "application/vnd.piao.proof", file.clone())));
    let home = Home::with_node(&stub.url);
    home.write("root.json", chain.trust_root());
    let out = ["-o", "a.list"];
    home.run(
        &[
            &["proof", "complete", "1", "--from", "1", "--to", "2"],
            &out[..],
        ]
        .concat(),
    )
    .expect(0);
    home.run(&[&["proof", "complete", "1", "--from-height", "3"], &out[..]].concat())
        .expect(0);
    let mixed = ["proof", "complete", "1", "--from", "2", "--to-height", "3"];
    home.run(&[&mixed[..], &out[..]].concat()).expect(2);
    let asked: Vec<String> = stub
        .seen()
        .into_iter()
        .map(|request| request.line)
        .collect();
    let call = "GET /v1/accounts/1/completeness?";
    assert_eq!(
        asked,
        [format!("{call}from=1&to=2"), format!("{call}from_height=3")]
    );

    let run = home
        .run(&["verify", "--statements", "a.list", "--trust", "root.json"])
        .expect(0);
    let numbers = [number(&chain.proof()), number(&chain.other_proof())];
    for words in [
        numbers[0].as_str(),
        numbers[1].as_str(),
        "account 1 · 91420100MAXH4XGP0H · counters 1–2 · all of blocks 0–3",
        "these are all invoices of the range",
        "each one's own proof says",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let json = home
        .run(&[
            "--json",
            "verify",
            "--statements",
            "a.list",
            "--trust",
            "root.json",
        ])
        .expect(0)
        .json();
    assert_eq!(json["statement"], "completeness");
    assert_eq!(json["invoices"][1]["number"], numbers[1]);
    let mut missing = proof;
    missing.listed.pop();
    home.write("missing.list", missing.encode());
    let both = ["verify", "a.list", "missing.list", "--trust", "root.json"];
    let run = home.run(&both).expect(5);
    assert!(
        run.stdout.contains("the list is not complete"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_statement_of_a_folder_has_a_row_in_the_report_and_is_no_invoice_in_force() {
    let chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("f/a.absence", absence(&chain).encode());
    home.write("f/b.proof", chain.proof().encode());
    let mut cut = list(&chain).encode();
    cut.truncate(100);
    home.write("f/c.list", cut);
    let report = ["verify", "f", "--trust", "root.json", "--report", "r.csv"];
    let run = home.run(&report).expect(5);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(
        said.contains("1 in force, 1 of a statement that holds, 1 false"),
        "{said}"
    );
    let csv = std::fs::read_to_string(home.path("r.csv")).unwrap();
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(rows.len(), 3, "{csv}");
    assert!(
        rows.iter()
            .any(|row| row.starts_with("f/a.absence,holds,6,NOT_ISSUED,")),
        "{csv}"
    );
    assert!(
        rows.iter().any(|row| row.starts_with("f/c.list,false,5,")),
        "{csv}"
    );
}

#[test]
fn nothing_is_paid_on_a_statement_that_nobody_asked_for() {
    let chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("a.absence", absence(&chain).encode());
    home.write("a.list", list(&chain).encode());
    for file in ["a.absence", "a.list"] {
        let run = home
            .run(&["verify", file, "--trust", "root.json"])
            .expect(6);
        let sentence = "This proves no invoice: there is nothing in it to pay or to book.";
        for words in [sentence, "✓ block final", "later changes", "exit 6"] {
            assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
        }
        let zh = ["--lang", "zh", "verify", file, "--trust", "root.json"];
        let zh = home.run(&zh).expect(6);
        let sentence = "本文件不证明任何发票：不能据此付款或入账。";
        assert!(zh.stdout.contains(sentence), "{}", zh.stdout);
        let quiet = ["--quiet", "verify", file, "--trust", "root.json"];
        let quiet = home.run(&quiet).expect(6);
        assert_eq!(quiet.stdout.lines().count(), 1, "{}", quiet.stdout);
        assert!(quiet.stdout.contains("proves no invoice"));

        let json = ["--json", "verify", file, "--trust", "root.json"];
        let json = home.run(&json).expect(6).json();
        assert_eq!(json["verdict"], "holds");
        assert_eq!(json["proves_invoice"], false);
        assert_eq!(json["exit_code"], 6);
        let asked = [
            "--json",
            "verify",
            "--statements",
            file,
            "--trust=root.json",
        ];
        let asked = home.run(&asked).expect(0).json();
        assert_eq!(asked["exit_code"], 0);
        assert_eq!(asked["proves_invoice"], false);
    }
}

#[test]
fn a_folder_is_good_only_if_all_in_it_are_invoices_or_asked_for() {
    let mut chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("f/a.absence", absence(&chain).encode());
    home.write("f/b.proof", chain.proof().encode());
    let verify = |more: &[&str]| {
        let args = [&["verify", "f", "--trust", "root.json"], more].concat();
        home.run(&args).code
    };
    assert_eq!(verify(&[]), 6);
    assert_eq!(verify(&["--statements"]), 0);
    let mut lie = list(&chain);
    lie.listed.pop();
    home.write("f/c.proof", chain.reverse(10_000).encode());
    assert_eq!(verify(&[]), 9, "what is known to be wrong is worse");
    assert_eq!(verify(&["--statements"]), 9);
    home.write("f/d.list", lie.encode());
    assert_eq!(verify(&["--statements"]), 5);
}

#[test]
fn the_json_twin_of_a_statement_is_judged_and_inspected_as_the_file_it_stands_for() {
    let chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    let (absence, list) = (absence(&chain), list(&chain));
    let twins = [
        ("f/a.json", "absence", StatementTwin::of_absence(&absence)),
        (
            "f/b.json",
            "completeness",
            StatementTwin::of_completeness(&list),
        ),
    ];
    for (file, kind, twin) in &twins {
        let text = serde_json::to_string_pretty(twin).unwrap();
        home.write(file, &text);
        let args = [
            "--json",
            "verify",
            "--statements",
            file,
            "--trust=root.json",
        ];
        let json = home.run(&args).expect(0).json();
        assert_eq!(
            (&json["verdict"], &json["statement"]),
            (&"holds".into(), &(*kind).into())
        );
        home.run(&["verify", file, "--trust=root.json"]).expect(6);
        let json = home
            .run(&["--json", "proof", "inspect", file])
            .expect(0)
            .json();
        assert_eq!(json["verified"], false);
        assert_eq!(json["statement"], *kind);
        assert_eq!(json["as_of_height"], 3);
        home.write(
            "damaged.json",
            text.replacen("\"suite\": 1", "\"suite\": 1, \"more\": 1", 1),
        );
        let run = home.run(&["--json", "verify", "damaged.json", "--trust=root.json"]);
        assert_eq!(run.expect(5).json()["reason"], "MALFORMED_PROOF");
    }
    // Both are found in a folder, where nothing says what they are but their members.
    home.run(&["verify", "--statements", "f", "--trust=root.json"])
        .expect(0);

    home.write("a.absence", absence.encode());
    home.write("b.list", list.encode());
    let human = home.run(&["proof", "inspect", "a.absence"]).expect(0);
    assert!(
        human.stdout.contains(&absence.number.to_string()),
        "{}",
        human.stdout
    );
    assert!(
        human.stderr.contains("nothing of this is verified"),
        "{}",
        human.stderr
    );
    let json = home
        .run(&["--json", "proof", "inspect", "b.list"])
        .expect(0)
        .json();
    let numbers = [number(&chain.proof()), number(&chain.other_proof())];
    assert_eq!(json["listed"], serde_json::json!(numbers));
    assert_eq!((&json["account"], &json["from"]), (&1.into(), &1.into()));
    home.write("cut.list", &list.encode()[..99]);
    home.run(&["proof", "inspect", "cut.list"]).expect(5);
}

//! Statements about numbers and accounts: fetched, judged offline, every exit code.

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
        .run(&["verify", "a.absence", "--trust", "root.json"])
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
    home.run(&["verify", "a.absence"]).expect(6);
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
        let args = [&["verify", "a.absence", "--trust", "root.json"], more].concat();
        home.run(&args).code
    };
    assert_eq!(verify(&[]), 6);
    assert_eq!(verify(&["--max-age", "30d"]), 0);
    assert_eq!(verify(&["--max-age", "1h"]), 6);
    // A list is of counters, which no later invoice changes.
    home.run(&[
        "verify",
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
    home.run(
        &[
            &["proof", "complete", "1", "--from", "2", "--to-height", "3"],
            &out[..],
        ]
        .concat(),
    )
    .expect(2);
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
        .run(&["verify", "a.list", "--trust", "root.json"])
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
        .run(&["--json", "verify", "a.list", "--trust", "root.json"])
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
            .any(|row| row.starts_with("f/a.absence,holds,0,NOT_ISSUED,")),
        "{csv}"
    );
    assert!(
        rows.iter().any(|row| row.starts_with("f/c.list,false,5,")),
        "{csv}"
    );
}

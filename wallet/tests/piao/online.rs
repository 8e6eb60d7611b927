//! Verification with a node, which is believed no more than a file.

use crate::chain::{Chain, HOUR_MS, number};
use crate::process::Home;
use crate::stub::Stub;

const DAY_MS: u64 = 24 * HOUR_MS;

/// A node that answers every request for a proof with these bytes.
fn node(proof: Vec<u8>) -> Stub {
    Stub::start(move |_| Some((200, "application/vnd.piao.proof", proof.clone())))
}

fn home_of(chain: &Chain, stub: &Stub) -> Home {
    let home = Home::with_node(&stub.url);
    home.write("root.json", chain.trust_root());
    home
}

#[test]
fn a_number_is_fetched_and_its_proof_judged() {
    let chain = Chain::fresh();
    let stub = node(chain.proof().encode());
    let home = home_of(&chain, &stub);
    let asked = number(&chain.proof());
    let json = home
        .run(&["--json", "verify", &asked, "--trust", "root.json"])
        .expect(0)
        .json();
    assert_eq!(json["subject"], asked);
    assert_eq!(
        stub.seen()[0].line,
        format!("GET /v1/invoices/{asked}/proof")
    );
    home.run(&["verify", &asked]).expect(6);
}

#[test]
fn the_proof_of_another_invoice_does_not_pass_for_the_one_asked_for() {
    let chain = Chain::fresh();
    let stub = node(chain.other_proof().encode());
    let home = home_of(&chain, &stub);
    let asked = number(&chain.proof());
    let run = home
        .run(&["--json", "verify", &asked, "--trust", "root.json"])
        .expect(5);
    assert_eq!(run.json()["code"], "OTHER_INVOICE");
    home.write("a.proof", chain.proof().encode());
    home.run(&["verify", "a.proof", "--online", "--trust", "root.json"])
        .expect(5);
}

#[test]
fn online_finds_the_red_letter_that_came_later() {
    let mut chain = Chain::fresh();
    let before = chain.proof().encode();
    let stub = node(chain.reverse(10_000).encode());
    let home = home_of(&chain, &stub);
    home.write("a.proof", before);
    home.run(&["verify", "a.proof", "--trust", "root.json"])
        .expect(0);
    let run = home.run(&[
        "--json",
        "verify",
        "a.proof",
        "--online",
        "--trust",
        "root.json",
    ]);
    let json = run.expect(9).json();
    assert_eq!(json["verdict"], "in_force");
    assert_eq!(json["online"]["verdict"], "not_in_force");
    let human = home
        .run(&["verify", "a.proof", "--online", "--trust", "root.json"])
        .expect(9);
    assert!(
        human.stdout.contains("the node's proof of today"),
        "{}",
        human.stdout
    );
}

#[test]
fn a_node_that_lags_behind_cannot_undo_a_reversal() {
    let mut chain = Chain::fresh();
    let stub = node(chain.proof().encode());
    let home = home_of(&chain, &stub);
    home.write("a.proof", chain.reverse(10_000).encode());
    let quiet = [
        "--quiet",
        "verify",
        "a.proof",
        "--online",
        "--trust",
        "root.json",
    ];
    let run = home.run(&quiet).expect(9);
    assert!(run.stdout.contains("NOT IN FORCE"), "{}", run.stdout);
}

#[test]
fn online_renews_a_stale_proof() {
    let mut chain = Chain::aged(8 * DAY_MS);
    chain.go_on(8 * DAY_MS);
    let stale = chain.proof().encode();
    chain.go_on(0);
    let stub = node(chain.proof().encode());
    let home = home_of(&chain, &stub);
    home.write("a.proof", stale);
    home.run(&["verify", "a.proof", "--trust", "root.json"])
        .expect(6);
    home.run(&["verify", "a.proof", "--online", "--trust", "root.json"])
        .expect(0);
}

#[test]
fn a_false_proof_from_the_node_is_false() {
    let chain = Chain::fresh();
    let mut forged = chain.proof().encode();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let stub = node(forged);
    let home = home_of(&chain, &stub);
    home.write("a.proof", chain.proof().encode());
    home.run(&["verify", "a.proof", "--online", "--trust", "root.json"])
        .expect(5);
}

#[test]
fn a_node_that_cannot_be_asked_leaves_online_unanswered() {
    let chain = Chain::fresh();
    let home = Home::new();
    home.write("root.json", chain.trust_root());
    home.write("a.proof", chain.proof().encode());
    let args = [
        "--json",
        "verify",
        "a.proof",
        "--online",
        "--trust",
        "root.json",
    ];
    let run = home.run(&args).expect(8);
    assert_eq!(
        run.json()["verdict"],
        "in_force",
        "the offline verdict stands all the same"
    );
    home.run(&["verify", &number(&chain.proof()), "--trust", "root.json"])
        .expect(8);
}

//! Calls that change something: the key is saved first, and every ending says what to do.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use piao_api::wire::{
    Chance, DocumentState, Invoice, InvoiceDocument, InvoiceLinks, InvoiceStatus, IssuedPlace,
    RequestLinks, RequestState, RequestView, TopUp,
};
use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::{preflight, sample};
use piao_chain::time::BlockTime;

use crate::process::{Home, Run};
use crate::stub::{Reply, Request, Stub, json, problem, refusal};

const NUMBER: &str = "26427000000000000001";
const DRAFT: &[u8] = include_bytes!("../../samples/noodles.json");

/// The invoice a node would answer with.
pub(crate) fn invoice() -> Invoice {
    let prepared = preflight(&sample::draft(), &sample::desk())
        .prepared
        .unwrap();
    let place = IssuedPlace {
        number: NUMBER.to_owned(),
        counter: 1,
        invoice_id: "11".repeat(32),
        network: "test".to_owned(),
        account: 1,
        fee: Fen::new(10),
        txid: "22".repeat(32),
        height: 3,
        block_id: "33".repeat(32),
        final_at: BlockTime::from_ms(sample::NOW_MS),
    };
    Invoice {
        document: InvoiceDocument::new(prepared.invoice(), place),
        status: InvoiceStatus::Issued,
        booked: false,
        claim: None,
        reversed_by: Vec::new(),
        red_letter_of: None,
        reissue_of: None,
        changes: None,
        reissued_by: None,
        confirmation: None,
        document_state: DocumentState::Held,
        downloads: 0,
        links: InvoiceLinks::of(NUMBER, &"22".repeat(32)),
    }
}

fn pending(request: &Request) -> RequestView {
    RequestView {
        id: "r1".to_owned(),
        account: 1,
        idempotency_key: request.header("idempotency-key").unwrap().to_owned(),
        order_ref: None,
        state: RequestState::Submitted,
        waiting_for: None,
        chance: Chance::Possible,
        possible_until: None,
        number: None,
        txid: None,
        height: None,
        attempts: Vec::new(),
        failures: Vec::new(),
        not_before: None,
        confirmation: None,
        next_action: None,
        created_at: "2026-11-21T10:00:00+08:00".to_owned(),
        updated_at: "2026-11-21T10:00:00+08:00".to_owned(),
        links: RequestLinks::of("r1", None),
    }
}

fn issue(home: &Home, more: &[&str]) -> Run {
    home.write("noodles.json", DRAFT);
    home.run(&[&["--json", "invoice", "issue", "noodles.json"], more].concat())
}

/// A home, and the path its journal will have, for a stub that starts first.
fn home_and_journal() -> (Home, PathBuf) {
    let home = Home::new();
    let journal = home.path(".local/state/piao/requests.jsonl");
    (home, journal)
}

#[test]
fn the_key_is_on_disk_before_the_request_arrives() {
    let (mut home, journal) = home_and_journal();
    let stub = Stub::start(move |request| {
        let key = request.header("idempotency-key").unwrap();
        let saved = fs::read_to_string(&journal).unwrap();
        assert!(saved.contains(key), "{saved}");
        json(201, &invoice())
    });
    home.node.clone_from(&stub.url);
    let run = issue(&home, &[]).expect(0);
    assert_eq!(run.json()["number"], NUMBER);
    let seen = stub.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].line, "POST /v1/invoices?wait=final");
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    assert_eq!(seen[0].body, DRAFT, "posted untouched");
    let key = seen[0].header("idempotency-key").unwrap();
    assert_eq!(key.len(), 32);
    assert!(key.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(home.journal().contains("\"final\""));
}

#[test]
fn the_same_draft_issued_twice_on_purpose_is_two_requests() {
    let stub = Stub::start(|_| json(201, &invoice()));
    let home = Home::with_node(&stub.url);
    issue(&home, &[]).expect(0);
    let again = issue(&home, &[]).expect(0);
    assert_eq!(again.stderr, "", "nothing to warn of");
    let keys = stub.keys();
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn a_node_that_is_down_means_8_and_how_to_ask_again() {
    let home = Home::new();
    let run = issue(&home, &[]).expect(8);
    let json = run.json();
    assert_eq!(json["code"], "NODE_UNREACHABLE");
    assert_eq!(json["exit_code"], 8);
    let key = json["idempotency_key"].as_str().unwrap();
    assert!(home.journal().contains(key));
    assert!(
        run.stderr.contains(&format!("--idempotency-key {key}")),
        "{}",
        run.stderr
    );

    // The same content again: a new key, and word of the old one.
    let again = issue(&home, &[]).expect(8);
    assert!(
        again.stderr.contains("its outcome is not known"),
        "{}",
        again.stderr
    );
    assert!(
        again.stderr.contains(&format!("--idempotency-key {key}")),
        "{}",
        again.stderr
    );
    assert_ne!(again.json()["idempotency_key"], key);

    // Resumed under its key: no warning of itself.
    let resumed = issue(&home, &["--idempotency-key", key]).expect(8);
    assert_eq!(resumed.json()["idempotency_key"], key);
    let chinese = home.run(&["--lang", "zh", "balance"]).expect(8);
    assert!(chinese.stderr.contains("连不上节点"), "{}", chinese.stderr);
}

#[test]
fn a_lost_answer_is_resumed_under_the_same_key() {
    let (mut home, _) = home_and_journal();
    let stub = Stub::start(|request| {
        let resumed = request.header("idempotency-key") == Some("my-key");
        if resumed { json(201, &invoice()) } else { None }
    });
    home.node.clone_from(&stub.url);
    issue(&home, &[]).expect(8);
    let run = issue(&home, &["--idempotency-key", "my-key"]).expect(0);
    assert!(
        run.stderr.contains("its outcome is not known"),
        "{}",
        run.stderr
    );
}

#[test]
fn every_fault_of_a_refusal_is_shown_with_its_evidence() {
    let stub = Stub::start(|_| {
        problem(&[
            Fault::at(FailureCode::BuyerTaxIdChecksum, "/buyer/tax_id").got("91420100MAXH4XGP0J"),
            Fault::at(FailureCode::LineTaxMismatch, "/lines/0/tax")
                .got("7.00")
                .expected("6.00")
                .tolerance("0.06")
                .suggested("6.00"),
            Fault::at(FailureCode::from_code("E1301").unwrap(), "/lines/1/rate").got("0.07"),
        ])
    });
    let home = Home::with_node(&stub.url);
    let run = issue(&home, &[]).expect(3);
    let json = run.json();
    assert_eq!(json["code"], "E1006");
    assert_eq!(json["failures"].as_array().unwrap().len(), 3);
    let shown = [
        "refused, for 3 reasons",
        "E1006 BUYER_TAX_ID_CHECKSUM  buyer tax id  /buyer/tax_id",
        "E1205 LINE_TAX_MISMATCH  line 1 tax  /lines/0/tax",
        "E1301",
        "/lines/1/rate",
        "got       7.00 → expected 6.00 (±0.06)",
        "suggested 6.00",
        "Take the suggested tax, or leave tax out",
        "r-17",
    ];
    for words in shown {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    let zh = home
        .run(&["--lang", "zh", "invoice", "issue", "noodles.json"])
        .expect(3);
    for words in [
        "共 3 处",
        "实际",
        "应为",
        "第1行 税额",
        "采用 suggested 的税额",
        "购买方税号校验位错误",
    ] {
        assert!(zh.stderr.contains(words), "{words}: {}", zh.stderr);
    }
    assert_eq!(zh.stdout, "");
    // A refusal leaves nothing open.
    let again = issue(&home, &[]).expect(3);
    assert!(
        !again.stderr.contains("its outcome is not known"),
        "{}",
        again.stderr
    );
}

#[test]
fn the_first_failure_decides_the_exit_code() {
    let cases = [
        (FailureCode::FeeBalanceInsufficient, 7),
        (FailureCode::FailureAllowanceUsed, 7),
        (FailureCode::InvoiceNotFound, 4),
        (FailureCode::NotSynced, 8),
        (FailureCode::ReadOnly, 8),
        (FailureCode::Maintenance, 8),
        (FailureCode::Internal, 8),
        (FailureCode::IdempotencyKeyConflict, 3),
    ];
    for (code, exit) in cases {
        let stub = Stub::start(move |_| refusal(code));
        let run = issue(&Home::with_node(&stub.url), &[]).expect(exit);
        assert_eq!(run.json()["code"], code.code());
        let open = run.json()["idempotency_key"].is_string();
        // Maintenance refuses at the door: nothing is under way.
        let may_be = exit == 8 && code != FailureCode::Maintenance;
        assert_eq!(open, may_be, "{code}");
    }
}

#[test]
fn an_invoice_not_final_in_time_is_8_and_accepted_is_enough_when_asked_for() {
    let stub = Stub::start(|request| json(202, &pending(request)));
    let home = Home::with_node(&stub.url);
    let run = issue(&home, &["--timeout", "2", "--account", "7"]).expect(8);
    assert_eq!(run.json()["code"], FailureCode::ConfirmTimeout.code());
    assert_eq!(run.json()["idempotency_key"], stub.keys()[0]);
    assert_eq!(
        stub.seen()[0].line,
        "POST /v1/invoices?wait=final&timeout=2&account=7"
    );
    let run = issue(&home, &["--wait", "accepted"]).expect(0);
    assert_eq!(run.json()["id"], "r1");
    assert_eq!(stub.seen()[1].line, "POST /v1/invoices?wait=accepted");
}

#[test]
fn ctrl_c_ends_the_waiting_with_130_and_the_key() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let stub = Stub::start(move |_| {
        arrived.send(()).unwrap();
        // Held until the program is gone.
        let _done = released.recv_timeout(Duration::from_secs(20));
        None
    });
    let home = Home::with_node(&stub.url);
    home.write("noodles.json", DRAFT);
    let child = home
        .command(&["invoice", "issue", "noodles.json"])
        .spawn()
        .unwrap();
    arrival.recv_timeout(Duration::from_secs(20)).unwrap();
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    release.send(()).unwrap();
    assert_eq!(output.status.code(), Some(130));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains(&format!("--idempotency-key {}", stub.keys()[0])),
        "{stderr}"
    );
}

#[test]
fn a_draft_comes_from_standard_input_too_and_is_bounded() {
    let stub = Stub::start(|_| json(201, &invoice()));
    let home = Home::with_node(&stub.url);
    let draft = home.write("noodles.json", DRAFT);
    let mut piped = home.command(&["invoice", "issue", "-"]);
    piped.stdin(fs::File::open(draft).unwrap());
    Run::of(&mut piped).expect(0);
    assert_eq!(stub.seen()[0].body, DRAFT);
    home.run(&["invoice", "issue", "none.json"]).expect(4);
    home.write("large.json", vec![b' '; 300 * 1024]);
    let run = home
        .run(&["--json", "invoice", "issue", "large.json"])
        .expect(3);
    assert_eq!(run.json()["code"], "E1112");
    assert_eq!(stub.seen().len(), 1, "nothing of these was sent");
}

#[test]
fn nothing_is_sent_when_the_journal_cannot_be_written() {
    let stub = Stub::start(|_| json(201, &invoice()));
    let home = Home::with_node(&stub.url);
    home.write("state", "a file where the directory should be");
    issue(&home, &["--state", "state"]).expect(1);
    assert_eq!(stub.seen().len(), 0);
}

#[test]
fn a_top_up_repeated_is_the_same_request() {
    fn credited(request: &Request) -> Reply {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let top_up = TopUp {
            reference: text("ref"),
            account: 1,
            amount: text("amount"),
            txid: "44".repeat(32),
            height: 5,
            fee_balance: "100.00".to_owned(),
        };
        json(201, &top_up)
    }
    let stub = Stub::start(credited);
    let home = Home::with_node(&stub.url);
    let top_up = |amount: &str, reference: &str| {
        home.run(&["--json", "top-up", amount, "--ref", reference])
            .expect(0)
            .json()
    };
    assert_eq!(top_up("50.00", "bank-1")["amount"], "50.00");
    top_up("50.00", "bank-1");
    top_up("60.00", "bank-1");
    top_up("50.00", "bank-2");
    let keys = stub.keys();
    assert_eq!(keys[0], keys[1]);
    assert_eq!(
        keys.iter().collect::<std::collections::BTreeSet<_>>().len(),
        3
    );
    assert_eq!(home.journal().lines().count(), 8);
    assert!(
        !home.journal().contains("bank-1"),
        "only its digest is kept"
    );

    let down = Home::new();
    let run = down.run(&["top-up", "50.00", "--ref", "x"]).expect(8);
    assert!(
        run.stderr.contains("run the same command again"),
        "{}",
        run.stderr
    );
}

//! Calls that only read.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use piao_api::wire::{Account, CheckReport, Failure, Limits, Page, Totals, WarningItem};
use piao_chain::failure::{FailureCode, WarningCode};
use piao_chain::fault::{Fault, Warning};

use crate::issuing::invoice;
use crate::process::Home;
use crate::stub::{Stub, json, refusal};

const NUMBER: &str = "26427000000000000001";

#[test]
fn a_check_lists_faults_and_warnings_and_exits_like_issuing_would() {
    let fault = |code| Failure::from_fault(&Fault::at(code, "/x").got("1"), None);
    let warning = Warning::at(
        WarningCode::ItemNameWithoutShortName,
        "/lines/0/name",
        "餐费",
    );
    let report = move |failures: Vec<Failure>| CheckReport {
        valid: failures.is_empty(),
        failures,
        warnings: vec![WarningItem::from(&warning)],
        totals: Some(Totals {
            gross: "106.00".to_owned(),
            ..Totals::default()
        }),
        fee: "0.10".to_owned(),
        rule_set: 2,
    };
    let cases = [
        (vec![], 0),
        (vec![fault(FailureCode::LineTaxMismatch)], 3),
        (vec![fault(FailureCode::FeeBalanceInsufficient)], 7),
    ];
    for (failures, exit) in cases {
        let body = report(failures);
        let stub = Stub::start(move |_| json(200, &body));
        let home = Home::with_node(&stub.url);
        home.write("d.json", "{}");
        let run = home.run(&["invoice", "check", "d.json"]).expect(exit);
        assert!(run.stdout.contains("106.00"), "{}", run.stdout);
        assert!(run.stdout.contains("rule set    2"), "{}", run.stdout);
        assert!(run.stderr.contains("W1002"), "{}", run.stderr);
        assert!(!run.stderr.contains('\u{1b}'), "colour is for terminals");
        let run = home
            .run(&["--json", "invoice", "check", "d.json"])
            .expect(exit);
        assert_eq!(run.json()["valid"], exit == 0);
        assert_eq!(stub.seen()[0].line, "POST /v1/invoices/check");
        assert_eq!(home.journal(), "", "a check changes nothing");
    }
}

#[test]
fn an_invoice_is_shown_and_listed() {
    let stub = Stub::start(|request| {
        if request.line.starts_with("GET /v1/invoices?") {
            let page = Page {
                data: vec![invoice()],
                has_more: true,
                next_cursor: Some("c2".to_owned()),
            };
            json(200, &page)
        } else {
            json(200, &invoice())
        }
    });
    let home = Home::with_node(&stub.url);
    let run = home.run(&["invoice", "show", NUMBER]).expect(0);
    for words in [NUMBER, "106.00", "武汉样例科技有限公司"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(run.stderr.contains("no legal effect"));
    let list = [
        "invoice",
        "list",
        "--status",
        "issued",
        "--from",
        "2026-11-01",
        "--limit",
        "10",
    ];
    let run = home.run(&list).expect(0);
    assert!(run.stdout.starts_with(NUMBER), "{}", run.stdout);
    assert!(run.stderr.contains("--cursor c2"), "{}", run.stderr);
    assert_eq!(
        stub.seen()[1].line,
        "GET /v1/invoices?status=issued&from=2026-11-01&limit=10"
    );
    let page = home
        .run(&["--json", "invoice", "list", "-q", "x"])
        .expect(0)
        .json();
    assert_eq!(page["data"][0]["number"], NUMBER);
}

#[test]
fn what_the_node_does_not_have_is_not_found() {
    let stub = Stub::start(|_| refusal(FailureCode::InvoiceNotFound));
    let home = Home::with_node(&stub.url);
    for args in [
        ["invoice", "show", NUMBER].as_slice(),
        &["proof", "get", NUMBER, "-o", "x.proof"],
        &["invoice", "download", NUMBER, "--format", "json"],
        &["verify", NUMBER],
    ] {
        let run = home.run(args).expect(4);
        assert!(
            run.stderr.contains("E1901 INVOICE_NOT_FOUND"),
            "{}",
            run.stderr
        );
    }
    assert!(!home.path("x.proof").exists());
}

#[test]
fn files_are_saved_whole_and_for_their_owner_alone() {
    let stub = Stub::start(|request| {
        let binary = request.header("accept") == Some("application/vnd.piao.proof");
        let body = if binary {
            b"\x89PIAO".to_vec()
        } else {
            b"{\"a\":1}".to_vec()
        };
        Some((200, "application/octet-stream", body))
    });
    let home = Home::with_node(&stub.url);
    let saved = home
        .run(&["--json", "proof", "get", NUMBER, "-o", "a.proof"])
        .expect(0)
        .json();
    assert_eq!(saved["bytes"], 5);
    assert_eq!(fs::read(home.path("a.proof")).unwrap(), b"\x89PIAO");
    home.run(&[
        "proof", "get", NUMBER, "-o", "a.json", "--form", "json", "--show", "all",
    ])
    .expect(0);
    assert_eq!(
        stub.seen()[1].line,
        format!("GET /v1/invoices/{NUMBER}/proof?show=all")
    );
    home.run(&["invoice", "download", NUMBER, "--format", "json"])
        .expect(0);
    let path = home.path(&format!("{NUMBER}.json"));
    assert_eq!(fs::read(&path).unwrap(), b"{\"a\":1}");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    home.run(&["invoice", "download", NUMBER, "--format", "proof"])
        .expect(0);
    assert!(home.path(&format!("{NUMBER}.proof")).exists());
    let piped = home
        .run(&["invoice", "download", NUMBER, "--format=json", "-o", "-"])
        .expect(0);
    assert_eq!(piped.stdout, "{\"a\":1}");
    home.run(&[
        "invoice",
        "download",
        NUMBER,
        "--format=json",
        "-o",
        "no/dir/x",
    ])
    .expect(1);
}

#[test]
fn the_api_key_comes_from_a_file() {
    let account = Account {
        account: 1,
        name: None,
        tax_id: None,
        taxpayer: "general".to_owned(),
        status: "active".to_owned(),
        fee_balance: "50.00".to_owned(),
        reserved: "0.10".to_owned(),
        available: "49.90".to_owned(),
        fee: "0.10".to_owned(),
        can_issue: 499,
        invoices_per_day: Some("12.5".to_owned()),
        days_left: Some(39),
        low: false,
        issued_count: 3,
        height: 9,
    };
    let stub = Stub::start(move |_| json(200, &account));
    let home = Home::with_node(&stub.url);
    home.write("key", "sk_test_1\n");
    let run = home.run(&["--api-key-file", "key", "balance"]).expect(0);
    assert!(run.stdout.contains("499"), "{}", run.stdout);
    assert_eq!(
        stub.seen()[0].header("authorization"),
        Some("Bearer sk_test_1")
    );
    let json = home
        .run(&["--json", "balance", "--account", "1"])
        .expect(0)
        .json();
    assert_eq!(json["can_issue"], 499);
    assert_eq!(stub.seen()[1].header("authorization"), None);
    assert_eq!(stub.seen()[1].line, "GET /v1/account?account=1");
    home.run(&["--api-key-file", "none", "balance"]).expect(2);
}

#[test]
fn limits_say_what_is_used_and_where_there_is_none() {
    let limits = Limits {
        account: 1,
        suspended: false,
        single_invoice: Some("100.00".to_owned()),
        invoices_per_day: None,
        issued_today: None,
        month_quota: "1000000.00".to_owned(),
        month_used: "300.00".to_owned(),
        in_flight: 2,
        height: 9,
    };
    let stub = Stub::start(move |_| json(200, &limits));
    let home = Home::with_node(&stub.url);
    let run = home.run(&["limits"]).expect(0);
    for text in ["open", "100.00", "no limit", "1000000.00", "300.00"] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
    let json = home.run(&["--json", "limits", "--account", "1"]).expect(0);
    assert_eq!(json.json()["invoices_per_day"], serde_json::Value::Null);
    assert_eq!(stub.seen()[1].line, "GET /v1/limits?account=1");
}

#[test]
fn a_reply_of_something_else_is_not_taken_for_a_refusal() {
    let stub = Stub::start(|_| Some((502, "text/html", b"<h1>Bad gateway</h1>".to_vec())));
    let run = Home::with_node(&stub.url)
        .run(&["--json", "balance"])
        .expect(8);
    assert_eq!(run.json()["code"], "NODE_REPLY_UNUSABLE");
}

#[test]
fn the_link_of_an_invoice_is_a_qr_code_on_the_terminal_and_as_a_file() {
    let home = Home::new();
    let number = "26427000000000000001";
    let args = [
        "invoice",
        "qr",
        "--public",
        number,
        "--link",
        "https://fapiao.example.cn/",
    ];
    let drawn = home.run(&args).expect(0);
    let link = format!("https://fapiao.example.cn/i/{number}");
    assert!(drawn.stderr.contains(&link), "{}", drawn.stderr);
    let lines: Vec<_> = drawn.stdout.lines().collect();
    assert!(
        lines
            .iter()
            .all(|line| line.chars().count() == lines.len() * 2 - 1),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("    █▀▀▀▀▀█ "), "{lines:?}");
    let json = home
        .run(&["--json", "invoice", "qr", "--public", number])
        .expect(0)
        .json();
    assert_eq!(json["link"], format!("http://127.0.0.1:9/i/{number}"));
    for (name, start) in [("a.svg", "<svg ".as_bytes()), ("a.png", b"\x89PNG")] {
        home.run(&["invoice", "qr", "--public", number, "-o", name])
            .expect(0);
        assert!(
            fs::read(home.path(name)).unwrap().starts_with(start),
            "{name}"
        );
    }
    home.run(&["invoice", "qr", "--public", number, "-o", "a.jpg"])
        .expect(2);
    let long = format!("https://{}.cn", "x".repeat(100));
    home.run(&["invoice", "qr", "--public", number, "--link", &long])
        .expect(2);
}

#[test]
fn the_owners_link_holds_the_secret_that_the_node_gives_and_nothing_else() {
    let number = "26427000000000000001";
    let secret = "Az0_-9xYAz0_-9xYAz0_-9";
    let path = format!("/i/{number}#{secret}");
    let reply = serde_json::json!({ "number": number, "path": path });
    let stub = Stub::start(move |_| json(200, &reply));
    let home = Home::with_node(&stub.url);
    let args = [
        "--json",
        "invoice",
        "qr",
        number,
        "--link",
        "https://fapiao.example.cn",
    ];
    let shown = home.run(&args).expect(0).json();
    assert_eq!(shown["link"], format!("https://fapiao.example.cn{path}"));
    assert!(shown["version"].as_i64().unwrap() <= 6);
    assert_eq!(
        stub.seen()[0].line,
        format!("GET /v1/invoices/{number}/link")
    );

    for wrong in [
        format!("/i/26427000000000000002#{secret}"),
        format!("/i/{number}"),
        format!("//evil.example/i/{number}#{secret}"),
        format!("/i/{number}#{secret}@evil.example"),
    ] {
        let reply = serde_json::json!({ "number": number, "path": wrong });
        let stub = Stub::start(move |_| json(200, &reply));
        let home = Home::with_node(&stub.url);
        assert_eq!(home.run(&["invoice", "qr", number]).code, 1, "{wrong}");
    }
}

//! Goal: check, issue, replay, conflict, shortage, top-up, and what is left of a request.

use piao_api::client::{IssueOptions, Issued, RequestQuery};
use piao_api::wire::{Chance, InvoiceStatus, RequestState, RequestView, WaitingFor};
use serde_json::{Value, json};

use crate::harness::{Server, draft, draft_of, key, pair, problem, refusal, refused};
use crate::memory::{Network, Options};

const DEFAULT: IssueOptions = IssueOptions {
    account: None,
    accepted_is_enough: false,
    timeout: None,
};

fn finished(issued: Issued) -> (piao_api::wire::Invoice, bool) {
    match issued {
        Issued::Final { invoice, replayed } => (*invoice, replayed),
        Issued::Pending(request) => panic!("still pending: {request:?}"),
    }
}

#[tokio::test]
async fn the_sample_is_issued_and_the_same_key_gives_the_same_invoice() {
    let server = Server::dev().await;
    let client = server.client();
    let first = client
        .issue(draft_of("A-1"), &key("k1"), &DEFAULT)
        .await
        .unwrap();
    let (invoice, replayed) = finished(first);
    assert!(!replayed);
    assert_eq!(invoice.document.counter, 1);
    assert_eq!(invoice.status, InvoiceStatus::Issued);
    assert_eq!(invoice.document.totals.gross, "106.00");
    let again = client
        .issue(draft_of("A-1"), &key("k1"), &DEFAULT)
        .await
        .unwrap();
    assert_eq!(finished(again), (invoice, true));
    let other = client.issue(draft_of("A-2"), &key("k1"), &DEFAULT).await;
    assert_eq!(refused(other), pair(409, "E1408"));
    let second = client
        .issue(draft_of("A-2"), &key("k2"), &DEFAULT)
        .await
        .unwrap();
    assert_eq!(finished(second).0.document.counter, 2);
}

#[tokio::test]
async fn a_replay_is_told_by_status_header_and_location() {
    let server = Server::dev().await;
    for expected in ["false", "true"] {
        let reply = server.post("/v1/invoices", "k1", draft_of("A-1")).await;
        assert_eq!(reply.status(), 201);
        assert_eq!(reply.headers()["idempotent-replayed"], expected);
        let location = reply.headers()["location"].to_str().unwrap().to_owned();
        let invoice: Value = reply.json().await.unwrap();
        assert_eq!(
            location,
            format!("/v1/invoices/{}", invoice["number"].as_str().unwrap())
        );
    }
}

#[tokio::test]
async fn members_of_an_invoice_have_their_published_names() {
    let server = Server::dev().await;
    let reply = server.post("/v1/invoices", "k1", draft_of("A-1")).await;
    let invoice: Value = reply.json().await.unwrap();
    let names = [
        "number",
        "counter",
        "status",
        "booked",
        "claim",
        "kind",
        "seller",
        "buyer",
        "lines",
        "totals",
        "issued_at",
        "txid",
        "height",
        "block_id",
        "final_at",
        "links",
        "reversed_by",
        "reissue_of",
        "reissued_by",
        "downloads",
    ];
    for name in names {
        assert!(invoice.get(name).is_some(), "{name} is missing");
    }
    assert_eq!(invoice["status"], "issued");
    assert_eq!(invoice["buyer"]["type"], "enterprise");
    assert_eq!(invoice["lines"][0]["amount"], "100.00");
    assert_eq!(invoice["lines"][0]["discount"], false);
}

#[tokio::test]
async fn a_key_is_demanded_together_with_every_other_fault() {
    let server = Server::dev().await;
    let mut wrong = draft();
    wrong["lines"][0]["rate"] = json!("0.07");
    let reply = server
        .call(reqwest::Method::POST, "/v1/invoices")
        .header("content-type", "application/json; charset=utf-8")
        .body(wrong.to_string())
        .send()
        .await
        .unwrap();
    let problem = problem(reply).await;
    assert_eq!((problem.status, problem.code.as_str()), (422, "E1101"));
    let named = |code: &str| problem.failures.iter().find(|f| f.code == code).unwrap();
    assert_eq!(named("E1101").pointer, None);
    assert_eq!(
        named("E1101").expected.as_deref(),
        Some("header Idempotency-Key")
    );
    let detail = problem.detail.clone().unwrap();
    assert!(detail.contains("Idempotency-Key"), "{detail}");
    assert_eq!(named("E1301").pointer.as_deref(), Some("/lines/0/rate"));
    assert_eq!(server.backend.kept(), 0);
}

#[tokio::test]
async fn check_and_issue_find_the_same_faults_and_check_keeps_nothing() {
    let server = Server::dev().await;
    let mut wrong = draft();
    wrong["buyer"]["tax_id"] = json!("91420100MAXH4XGP0X");
    wrong["lines"][0]["rate"] = json!("0.07");
    wrong["lines"][0]["tax"] = json!("99.00");
    wrong["surprise"] = json!(1);
    let report = server
        .client()
        .check(wrong.to_string(), None)
        .await
        .unwrap();
    assert!(!report.valid);
    let codes: Vec<_> = report.failures.iter().map(|f| f.code.as_str()).collect();
    for code in ["E1006", "E1104", "E1301"] {
        assert!(codes.contains(&code), "{code} is missing in {codes:?}");
    }
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    assert_eq!(codes, sorted, "faults stand in catalogue order");
    let issued = problem(server.post("/v1/invoices", "k1", wrong.to_string()).await).await;
    assert_eq!(issued.status, 422);
    assert_eq!(issued.failures, report.failures);
    for failure in &issued.failures {
        assert!(!failure.en.is_empty() && !failure.zh.is_empty());
        assert_eq!(
            (failure.retry.as_str(), failure.next_action.as_str()),
            ("FIX", "correct_field")
        );
    }
    assert_eq!(server.backend.kept(), 0);
}

#[tokio::test]
async fn a_good_draft_is_reported_with_totals_and_fee() {
    let server = Server::dev().await;
    let report = server
        .client()
        .check(draft().to_string(), None)
        .await
        .unwrap();
    assert!(report.valid);
    assert_eq!(report.failures, []);
    let totals = report.totals.unwrap();
    assert_eq!(
        (totals.amount.as_str(), totals.tax.as_str()),
        ("100.00", "6.00")
    );
    assert_eq!(report.fee, "0.10");
    assert_eq!(
        server.client().account(None).await.unwrap().fee_balance,
        "50.00"
    );
}

#[tokio::test]
async fn money_as_a_number_is_one_fault_with_the_text_to_send() {
    let server = Server::dev().await;
    let mut wrong = draft();
    wrong["lines"][0]["amount"] = json!(100);
    let report = server
        .client()
        .check(wrong.to_string(), None)
        .await
        .unwrap();
    let of_amount: Vec<_> = report
        .failures
        .iter()
        .filter(|f| f.pointer.as_deref() == Some("/lines/0/amount"))
        .map(|f| (f.code.as_str(), f.suggested.as_deref()))
        .collect();
    assert_eq!(of_amount, [("E1201", Some("100.00"))]);
}

#[tokio::test]
async fn a_short_balance_refuses_and_a_top_up_lets_the_same_call_through() {
    let server = Server::start(Options {
        balance: 5,
        ..Options::default()
    })
    .await;
    let client = server.client();
    let short = problem(server.post("/v1/invoices", "k1", draft_of("A-1")).await).await;
    assert_eq!((short.status, short.code.as_str()), (402, "E1601"));
    assert_eq!(short.failures[0].retry, "TOPUP");
    assert_eq!(short.detail.as_deref(), Some("0.10 short"));
    assert_eq!(server.backend.kept(), 0);
    let top_up = client
        .top_up(None, "20.00", "bank-1", &key("t1"))
        .await
        .unwrap();
    assert_eq!(
        (top_up.amount.as_str(), top_up.fee_balance.as_str()),
        ("20.00", "20.05")
    );
    let again = client
        .top_up(None, "20.00", "bank-1", &key("t1"))
        .await
        .unwrap();
    assert_eq!(again, top_up);
    let other_key = client.top_up(None, "20.00", "bank-1", &key("t2")).await;
    assert_eq!(refused(other_key), pair(409, "E1606"));
    client
        .issue(draft_of("A-1"), &key("k1"), &DEFAULT)
        .await
        .unwrap();
    let account = client.account(Some(1)).await.unwrap();
    assert_eq!(
        (account.fee_balance.as_str(), account.can_issue),
        ("19.95", 199)
    );
    let ledger = client.ledger(None, None).await.unwrap();
    assert_eq!(ledger.data[0].amount, "-0.10");
}

#[tokio::test]
async fn a_short_balance_waits_when_acceptance_is_enough() {
    let server = Server::start(Options {
        balance: 0,
        ..Options::default()
    })
    .await;
    let client = server.client();
    let options = IssueOptions {
        accepted_is_enough: true,
        ..DEFAULT
    };
    let request = match client
        .issue(draft_of("A-1"), &key("k1"), &options)
        .await
        .unwrap()
    {
        Issued::Pending(request) => *request,
        Issued::Final { .. } => panic!("nothing was paid"),
    };
    assert_eq!(request.state, RequestState::Waiting);
    assert_eq!(request.waiting_for, Some(WaitingFor::TopUp));
    assert_eq!(client.request(&request.id).await.unwrap(), request);
    assert_eq!(client.outcome(&key("k1"), None).await.unwrap(), request);
}

#[tokio::test]
async fn an_unanswered_request_is_202_with_the_place_to_ask() {
    let server = Server::start(Options {
        network: Network::Silent,
        ..Options::default()
    })
    .await;
    let reply = server
        .post("/v1/invoices?wait=final&timeout=1", "k1", draft_of("A-1"))
        .await;
    assert_eq!(reply.status(), 202);
    let location = reply.headers()["location"].to_str().unwrap().to_owned();
    let request: RequestView = reply.json().await.unwrap();
    assert_eq!(location, format!("/v1/requests/{}", request.id));
    assert_eq!(request.chance, Chance::Possible);
    let shown: Value = server.get(&location).await.json().await.unwrap();
    assert_eq!(shown["state"], "submitted");
    let sent = server
        .call(reqwest::Method::POST, "/v1/transactions?timeout=1")
        .header("content-type", "application/vnd.piao.transaction")
        .body(vec![1, 2, 3])
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 202);
    let outcome: Value = sent.json().await.unwrap();
    assert_eq!(outcome["state"], "unknown");
}

#[tokio::test]
async fn a_caller_chooses_among_its_accounts() {
    let server = Server::dev().await;
    let for_second = IssueOptions {
        account: Some(2),
        ..DEFAULT
    };
    let unpaid = server
        .client()
        .issue(draft_of("A-1"), &key("k"), &for_second)
        .await;
    assert_eq!(refused(unpaid), pair(402, "E1601"));
    server
        .client()
        .top_up(Some(2), "1.00", "bank-2", &key("t"))
        .await
        .unwrap();
    let issued = server
        .client()
        .issue(draft_of("A-1"), &key("k"), &for_second)
        .await
        .unwrap();
    assert_eq!(finished(issued).0.document.account, 2);
}

#[tokio::test]
async fn a_final_transaction_is_201_and_a_refused_one_a_problem() {
    let server = Server::dev().await;
    // The account of the options is that of a draft; a transaction names its own.
    let for_second = IssueOptions {
        account: Some(2),
        ..DEFAULT
    };
    let outcome = server.client().submit(vec![1], &for_second).await.unwrap();
    assert_eq!(outcome.height, Some(1));
    let refused_bytes = server.client().submit(Vec::new(), &DEFAULT).await;
    assert_eq!(refused(refused_bytes), pair(400, "E2208"));
}

#[tokio::test]
async fn a_wrong_top_up_lists_every_fault() {
    let server = Server::dev().await;
    let cases = [
        (r#"{"amount":50,"ref":"a"}"#, vec!["E1201"]),
        (r#"{"amount":"0.00","ref":"a"}"#, vec!["E1607"]),
        (r#"{"amount":"-1.00","ref":"a"}"#, vec!["E1607"]),
        (r#"{"amount":"1.0","ref":""}"#, vec!["E1101", "E1607"]),
        (r#"{"amont":"1.00"}"#, vec!["E1101", "E1101", "E1104"]),
        (
            r#"{"amount":"1.00","ref":"a","account":"1"}"#,
            vec!["E1111"],
        ),
        (r#"{"amount":"1.00","ref":"a","account":9}"#, vec!["E2013"]),
    ];
    for (body, codes) in cases {
        let problem = problem(server.post("/v1/top-ups", "t1", body).await).await;
        let found: Vec<_> = problem.failures.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(found, codes, "{body}");
    }
    let no_key = server
        .call(reqwest::Method::POST, "/v1/top-ups")
        .json(&json!({"amount": "1.00", "ref": "a"}))
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(no_key).await, pair(422, "E1101"));
}

#[tokio::test]
async fn a_waiting_request_is_listed_corrected_and_given_up_by_its_merchant_alone() {
    let server = Server::start(Options {
        balance: 0,
        ..Options::default()
    })
    .await;
    let client = server.client();
    let options = IssueOptions {
        accepted_is_enough: true,
        ..DEFAULT
    };
    let kept = client.issue(draft_of("A-1"), &key("k1"), &options).await;
    let Issued::Pending(request) = kept.unwrap() else {
        panic!("short of fee it waits");
    };
    let query = RequestQuery {
        state: Some(RequestState::Waiting),
        ..RequestQuery::default()
    };
    let listed = client.requests(&query).await.unwrap().data;
    assert_eq!(listed, [(*request).clone()]);
    let mut wrong = draft();
    wrong["lines"][0]["rate"] = json!("0.07");
    let faulty = client.reissue_request(&request.id, wrong.to_string()).await;
    assert_eq!(faulty.unwrap_err().problem().unwrap().status, 422);
    let view = client.reissue_request(&request.id, draft_of("A-1")).await;
    assert_eq!(view.unwrap().id, request.id);
    assert_eq!(client.retry(&request.id).await.unwrap().id, request.id);
    let view = client.cancel(&request.id).await.unwrap();
    assert_eq!(view.state, RequestState::Cancelled);
    let unknown = client.cancel("no-such-request").await;
    assert_eq!(refused(unknown), pair(404, "E2605"));
    let words = server.get("/v1/requests?state=lost").await;
    assert_eq!(words.status(), 400);
    let form = server.call(
        reqwest::Method::POST,
        &format!("/v1/requests/{}/cancel", request.id),
    );
    assert_eq!(form.send().await.unwrap().status(), 415);
}

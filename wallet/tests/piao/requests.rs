//! `piao request`: reading requests, and what is done with them; what a shell learns.

use piao_api::wire::{
    Attempt, Chance, Confirmation, ConfirmationState, Failure, RequestLinks, RequestState,
    RequestView, WaitingFor,
};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::process::Home;
use crate::stub::{Stub, json, refusal};

const ID: &str = "00112233445566778899aabbccddeeff";

fn view(state: RequestState, code: Option<FailureCode>) -> RequestView {
    RequestView {
        id: ID.to_owned(),
        account: 1,
        idempotency_key: "k1".to_owned(),
        order_ref: Some("POS-7".to_owned()),
        state,
        waiting_for: match code {
            Some(FailureCode::FeeBalanceInsufficient) => Some(WaitingFor::TopUp),
            Some(FailureCode::PoolFull) => Some(WaitingFor::Network),
            _ => None,
        },
        chance: Chance::Possible,
        possible_until: None,
        number: None,
        txid: None,
        height: None,
        attempts: vec![Attempt {
            attempt: 0,
            at: "2026-11-21T10:00:00+08:00".to_owned(),
            txid: None,
            code: code.map(|code| code.code().to_owned()),
        }],
        failures: code
            .map(|code| Failure::from_fault(&Fault::new(code), None))
            .into_iter()
            .collect(),
        not_before: None,
        confirmation: None,
        next_action: code.map(|code| code.next_action().to_owned()),
        created_at: "2026-11-21T10:00:00+08:00".to_owned(),
        updated_at: "2026-11-21T10:00:00+08:00".to_owned(),
        links: RequestLinks::of(ID, None),
    }
}

#[test]
fn a_request_is_shown_with_its_reason_and_what_to_do() {
    let short = view(
        RequestState::Waiting,
        Some(FailureCode::FeeBalanceInsufficient),
    );
    let stub = Stub::start(move |_| json(200, &short));
    let home = Home::with_node(&stub.url);
    let run = home.run(&["request", "show", ID]).expect(0);
    for word in ["waiting (top-up)", "E1601", "top_up", "POS-7"] {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
    let shown = home
        .run(&["--json", "request", "show", ID])
        .expect(0)
        .json();
    assert_eq!(shown["waiting_for"], "top-up");
    assert_eq!(stub.seen()[0].line, format!("GET /v1/requests/{ID}"));
    home.run(&["request", "show", "not-an-id"]).expect(2);
}

#[test]
fn a_retry_says_in_its_exit_code_what_stands_in_the_way() {
    let cases = [
        (RequestState::Final, None, 0),
        (RequestState::Submitted, None, 0),
        (
            RequestState::Waiting,
            Some(FailureCode::FeeBalanceInsufficient),
            7,
        ),
        (RequestState::Waiting, Some(FailureCode::PoolFull), 8),
        (RequestState::Unknown, None, 8),
        (RequestState::Failed, Some(FailureCode::DuplicateOrder), 3),
    ];
    for (state, code, exit) in cases {
        let answer = view(state, code);
        let stub = Stub::start(move |_| json(200, &answer));
        let home = Home::with_node(&stub.url);
        home.run(&["request", "retry", ID]).expect(exit);
        let call = &stub.seen()[0];
        assert_eq!(call.line, format!("POST /v1/requests/{ID}/retry"));
        assert_eq!(call.header("content-type"), Some("application/json"));
    }
}

#[test]
fn a_request_is_listed_corrected_and_given_up() {
    let page = piao_api::wire::Page::last(vec![view(
        RequestState::Failed,
        Some(FailureCode::DuplicateOrder),
    )]);
    let stub = Stub::start(move |_| json(200, &page));
    let home = Home::with_node(&stub.url);
    let run = home
        .run(&["request", "list", "--status", "failed"])
        .expect(0);
    assert!(
        run.stdout.contains(ID) && run.stdout.contains("E1407"),
        "{}",
        run.stdout
    );
    assert_eq!(stub.seen()[0].line, "GET /v1/requests?state=failed");
    home.run(&["request", "list", "--status", "lost"]).expect(2);

    let cancelled = view(RequestState::Cancelled, None);
    let stub = Stub::start(move |_| json(200, &cancelled));
    let home = Home::with_node(&stub.url);
    home.run(&["request", "cancel", ID]).expect(0);
    home.write("corrected.json", "{}");
    home.run(&["request", "reissue", ID, "corrected.json"])
        .expect(0);
    assert_eq!(
        stub.seen()[1].line,
        format!("POST /v1/requests/{ID}/reissue")
    );
    home.run(&["request", "reissue", ID, "missing.json"])
        .expect(4);
}

#[test]
fn what_may_still_become_final_is_not_given_up() {
    let stub = Stub::start(|_| refusal(FailureCode::InFlight));
    let home = Home::with_node(&stub.url);
    let run = home.run(&["request", "cancel", ID]);
    assert!(run.expect(8).stderr.contains("E1409"));
}

#[test]
fn a_request_says_who_is_to_confirm_and_the_other_party_answers() {
    let asked = Confirmation {
        id: "5000000007".to_owned(),
        number: "26310000000000000007".to_owned(),
        state: ConfirmationState::Open,
        reason: "02".to_owned(),
        lines: Vec::new(),
        amount: "10.00".to_owned(),
        proposed_by: 1,
        answered_by: 3,
        proposed_at: "2026-11-21T10:00:00+08:00".to_owned(),
        lapses_at: "2026-11-24T10:00:00+08:00".to_owned(),
    };
    let mut waiting = view(RequestState::Waiting, Some(FailureCode::RedConfirmRequired));
    waiting.waiting_for = Some(WaitingFor::Confirmation);
    waiting.confirmation = Some(asked.clone());
    let stub = Stub::start(move |_| json(200, &waiting));
    let run = Home::with_node(&stub.url)
        .run(&["request", "show", ID])
        .expect(0);
    for words in ["waiting (confirmation)", "account 3", "2026-11-24"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let number = asked.number.clone();
    let said = Confirmation {
        state: ConfirmationState::Refused,
        ..asked
    };
    let stub = Stub::start(move |_| json(201, &said));
    let home = Home::with_node(&stub.url);
    let run = home
        .run(&["invoice", "answer", &number, "--refuse", "--account", "3"])
        .expect(0);
    assert!(run.stdout.contains("refused"), "{}", run.stdout);
    let call = &stub.seen()[0];
    let path = format!("POST /v1/invoices/{number}/red-letters/open/answer?account=3");
    assert_eq!(call.line, path);
    assert_eq!(call.body, br#"{"accept":false}"#);
    home.run(&["invoice", "answer", &number]).expect(2);
    home.run(&["invoice", "answer", &number, "--accept", "--refuse"])
        .expect(2);
}

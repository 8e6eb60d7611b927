//! Several transactions in one request: one outcome each, whatever becomes of the others.

use bytes::Bytes;
use piao_api::client::IssueOptions;
use piao_api::wire::OutcomeState;
use reqwest::{Method, Response};
use serde_json::Value;

use crate::harness::Server;

async fn post(server: &Server, body: Vec<u8>) -> Response {
    server
        .call(Method::POST, "/v1/transactions")
        .header("content-type", "application/vnd.piao.transactions")
        .body(body)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn every_transaction_of_a_batch_gets_its_own_outcome_in_order() {
    let server = Server::dev().await;
    // The backend takes any bytes for a transaction, but not none.
    let batch = [
        Bytes::from_static(b"one"),
        Bytes::new(),
        Bytes::from_static(b"two"),
    ];
    let (client, options) = (server.client(), IssueOptions::default());
    let outcomes = client.submit_all(&batch, &options).await.unwrap();
    let states: Vec<_> = outcomes.iter().map(|outcome| outcome.state).collect();
    let (done, refused) = (OutcomeState::Final, OutcomeState::Refused);
    assert_eq!(states, [done, refused, done]);
    assert_eq!(outcomes[1].code.as_deref(), Some("E2208"));
    assert_eq!(outcomes[1].failures[0].code, "E2208");
    assert!(!outcomes[1].failures[0].next_action.is_empty());
    assert!(outcomes[0].failures.is_empty());
}

#[tokio::test]
async fn a_batch_that_does_not_add_up_is_refused_before_any_of_it_is_looked_at() {
    let server = Server::dev().await;
    let cases: [(&str, Vec<u8>, u16, &str); 4] = [
        ("nothing", Vec::new(), 400, "E1111"),
        ("half a length", vec![0, 0], 400, "E1111"),
        ("more promised than sent", vec![0, 0, 0, 9, 1], 400, "E1111"),
        ("too many", [0, 0, 0, 1, 7].repeat(257), 413, "E1112"),
    ];
    for (name, body, status, code) in cases {
        let refused = post(&server, body).await;
        let got = refused.status().as_u16();
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(
            (got, problem["code"].as_str()),
            (status, Some(code)),
            "{name}"
        );
    }
}

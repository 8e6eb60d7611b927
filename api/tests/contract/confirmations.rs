//! Goal: a proposed red letter is listed to whoever is to answer, and an answer is read strictly.

use piao_api::wire::{Confirmation, ConfirmationState, Page};
use serde_json::json;

use crate::harness::Server;
use crate::memory::PROPOSED;

#[tokio::test]
async fn a_proposed_red_letter_is_listed_and_answered() {
    let server = Server::dev().await;
    let page: Page<Confirmation> = server.get("/v1/red-letters").await.json().await.unwrap();
    assert_eq!(page.data.len(), 1);
    let asked = &page.data[0];
    assert_eq!(
        (asked.number.as_str(), asked.state),
        (PROPOSED, ConfirmationState::Open)
    );
    let path = format!("/v1/invoices/{PROPOSED}/red-letters/{}/answer", asked.id);
    for (accept, state) in [(true, "accepted"), (false, "refused")] {
        let reply = server
            .post(&path, "k", json!({ "accept": accept }).to_string())
            .await;
        assert_eq!(reply.status(), 201);
        let said: serde_json::Value = reply.json().await.unwrap();
        assert_eq!(said["state"], state);
    }
    let cases = [
        (json!({}), "E1101"),
        (json!({ "accept": null }), "E1101"),
        (json!({ "accept": "yes" }), "E1111"),
        (json!({ "accept": true, "why": "" }), "E1104"),
        (json!([]), "E1111"),
    ];
    for (body, code) in cases {
        let reply = server.post(&path, "k", body.to_string()).await;
        let problem: serde_json::Value = reply.json().await.unwrap();
        assert_eq!(problem["code"], code, "{body}");
    }
}

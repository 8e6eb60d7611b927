//! Goal: the link of an invoice opens what stands on its paper, to whoever has it, and to nobody else.

use piao_api::client::{IssueOptions, Issued};
use piao_api::limits::VIEWS_PER_SECOND_MAX;
use reqwest::{Method, Response};
use serde_json::Value;

use crate::harness::{Server, draft_of, key, problem, refused};
use crate::memory::{KEY_SECOND, VIEW_SECRET};

async fn with_invoice() -> (Server, String) {
    let server = Server::dev().await;
    let options = IssueOptions::default();
    let client = server.client();
    let issued = client.issue(draft_of("A-1"), &key("k"), &options).await;
    let Issued::Final { invoice, .. } = issued.unwrap() else {
        panic!("final at once");
    };
    (server, invoice.document.number)
}

async fn view(server: &Server, number: &str, digests: &[&str]) -> Response {
    let mut call = server.call(Method::GET, &format!("/v1/invoices/{number}/view"));
    for digest in digests {
        call = call.header("piao-view", *digest);
    }
    call.send().await.unwrap()
}

#[tokio::test]
async fn who_shows_the_digest_sees_the_paper_and_no_contacts_or_references() {
    let (server, number) = with_invoice().await;
    let reply = view(&server, &number, &["0f".repeat(32).as_str()]).await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["cache-control"], "private, no-store");
    let shown: Value = reply.json().await.unwrap();
    assert_eq!(shown["number"], number);
    assert!(shown["buyer"]["name"].is_string(), "{shown}");
    assert_eq!(shown["totals"]["gross"], "106.00");
    for name in [
        "order_ref",
        "client_ref",
        "tags",
        "payment_refs",
        "txid",
        "fee",
    ] {
        assert!(shown.get(name).is_none(), "{name}");
    }
    for contact in ["phone", "email"] {
        assert!(shown["buyer"][contact].is_null() && shown["seller"][contact].is_null());
    }
}

#[tokio::test]
async fn what_is_wrong_and_what_is_not_there_are_told_alike() {
    let (server, number) = with_invoice().await;
    let right = "0f".repeat(32);
    let wrong = "0e".repeat(32);
    let refused = problem(view(&server, &number, &[&wrong]).await).await;
    let unknown = problem(view(&server, "26310000000000009999", &[&right]).await).await;
    assert_eq!((refused.status, &refused.code), (404, &unknown.code));
    assert_eq!(refused.failures[0].en, unknown.failures[0].en);
    for malformed in [&[][..], &[""], &[&right[1..]], &[&right, &right]] {
        let problem = problem(view(&server, &number, malformed).await).await;
        assert_eq!((problem.status, problem.code.as_str()), (400, "E2606"));
        assert_eq!(problem.failures[0].got, None, "nothing is repeated");
    }
}

#[tokio::test]
async fn only_the_owner_is_told_the_link() {
    let (server, number) = with_invoice().await;
    let link = server.client().view_link(&number).await.unwrap();
    assert_eq!(link.path, format!("/i/{number}#{VIEW_SECRET}"));
    let path = format!("/v1/invoices/{number}/link");
    let other = server.call(Method::GET, &path).bearer_auth(KEY_SECOND);
    assert_eq!(other.send().await.unwrap().status(), 404);
    assert_eq!(
        refused(server.client().view_link("26310000000000009999").await).0,
        404
    );
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    let (server, number) = with_invoice().await;
    let wrong = "0e".repeat(32);
    let mut refusals = 0;
    // Two seconds' worth may come at once; no machine is asked this often within one.
    for _call in 0..4 * VIEWS_PER_SECOND_MAX {
        let reply = view(&server, &number, &[&wrong]).await;
        match reply.status().as_u16() {
            404 => {}
            429 => {
                assert!(reply.headers().contains_key("retry-after"));
                refusals += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert!(refusals > 0, "nobody was told to wait");
    // Other calls have a rate of their own.
    assert_eq!(server.get("/v1/chain").await.status(), 200);
}

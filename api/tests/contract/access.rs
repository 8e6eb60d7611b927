//! Goal: nobody reaches a desk who should not, least of all a web page elsewhere.

use piao_api::client::Client;
use reqwest::Method;

use crate::harness::{Server, draft, pair, refusal, refused};
use crate::memory::{KEY_BOTH, KEY_SECOND, Options};

const DESK_CALLS: [&str; 8] = [
    "/v1/invoices",
    "/v1/invoices/26310000000000000001",
    "/v1/invoices/26310000000000000001/json",
    "/v1/requests/r1",
    "/v1/outcomes/k1",
    "/v1/account",
    "/v1/account/ledger",
    "/v1/limits",
];

#[tokio::test]
async fn a_desk_needs_a_key_and_the_public_calls_need_none() {
    let server = Server::start(Options {
        dev: false,
        ..Options::default()
    })
    .await;
    for path in DESK_CALLS {
        let reply = server.get(path).await;
        assert_eq!(reply.headers()["www-authenticate"], "Bearer realm=\"piao\"");
        assert_eq!(refusal(reply).await, pair(401, "E2010"), "{path}");
    }
    for path in ["/v1/invoices/check", "/v1/invoices", "/v1/top-ups"] {
        let reply = server.post(path, "k", draft().to_string()).await;
        assert_eq!(refusal(reply).await, pair(401, "E2010"), "{path}");
    }
    let public = [
        "/v1/chain",
        "/v1/blocks",
        "/v1/blocks/0",
        "/v1/validators",
        "/v1/trust-root",
        "/v1/checkpoint",
        "/v1/checkpoint/consistency?from=1&to=1",
        "/v1/blocks/0/tlog-proof",
        "/v1/failures",
        "/v1/failures/E1205",
        "/livez",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/",
        "/explorer",
        "/errors",
        "/errors/E1205",
    ];
    for path in public {
        assert_eq!(server.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_key_reaches_its_own_accounts_only() {
    let server = Server::start(Options {
        dev: false,
        ..Options::default()
    })
    .await;
    let both = Client::new(&server.url, Some(KEY_BOTH.to_owned())).unwrap();
    let second = Client::new(&server.url, Some(KEY_SECOND.to_owned())).unwrap();
    assert_eq!(both.account(None).await.unwrap().account, 1);
    assert_eq!(both.account(Some(2)).await.unwrap().account, 2);
    assert_eq!(second.account(None).await.unwrap().account, 2);
    assert_eq!(refused(second.account(Some(1)).await), pair(403, "E2013"));
    assert_eq!(
        refused(second.check(draft().to_string(), Some(1)).await),
        pair(403, "E2013")
    );
    let stranger = Client::new(&server.url, Some("sk_wrong".to_owned())).unwrap();
    assert_eq!(refused(stranger.account(None).await), pair(401, "E2010"));
}

#[tokio::test]
async fn only_a_bearer_key_is_a_key() {
    let server = Server::dev().await;
    let long = format!("Bearer {}", "x".repeat(300));
    for value in [
        "Basic c2tfYm90aDo=",
        "sk_both",
        "Bearer",
        "Bearer ",
        "Bearer sk_both2",
        &long,
    ] {
        let call = server
            .call(Method::GET, "/v1/account")
            .header("authorization", value);
        let reply = call.send().await.unwrap();
        assert_eq!(refusal(reply).await, pair(401, "E2010"), "{value}");
        // A wrong key is told, even where none is needed.
        let proof = "/v1/invoices/26310000000000000001/proof";
        let call = server
            .call(Method::GET, proof)
            .header("authorization", value);
        assert_eq!(call.send().await.unwrap().status(), 401, "{value}");
    }
    let lower = server
        .call(Method::GET, "/v1/account")
        .header("authorization", "bearer sk_both");
    assert_eq!(lower.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_development_node_serves_its_own_machine_without_a_key() {
    let server = Server::dev().await;
    assert_eq!(server.get("/v1/account").await.status(), 200);
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"] {
        let call = server.call(Method::GET, "/v1/account");
        let call = call.header("host", format!("{host}:{}", server.port));
        let call = call.header("origin", format!("http://localhost:{}", server.port));
        assert_eq!(call.send().await.unwrap().status(), 200, "{host}");
    }
}

#[tokio::test]
async fn a_foreign_page_cannot_use_a_development_node() {
    let server = Server::dev().await;
    let port = server.port;
    let other_port = if port == 1 { 2 } else { port - 1 };
    let hosts = [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{other_port}"),
        format!("localhost.evil.example:{port}"),
    ];
    for host in hosts {
        let call = server
            .call(Method::GET, "/v1/account")
            .header("host", &host);
        assert_eq!(
            refusal(call.send().await.unwrap()).await,
            pair(403, "E2013"),
            "{host}"
        );
    }
    let origins = [
        "http://evil.example".to_owned(),
        "null".to_owned(),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{other_port}"),
    ];
    for origin in origins {
        let call = server
            .call(Method::POST, "/v1/invoices")
            .header("origin", &origin);
        let call = call.header("idempotency-key", "k").json(&draft());
        assert_eq!(
            refusal(call.send().await.unwrap()).await,
            pair(403, "E2013"),
            "{origin}"
        );
    }
    let call = server
        .call(Method::GET, "/v1/account")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(
        refusal(call.send().await.unwrap()).await,
        pair(403, "E2013")
    );
    assert_eq!(server.backend.kept(), 0);
}

#[tokio::test]
async fn a_form_cannot_post_a_draft() {
    let server = Server::dev().await;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let call = server
            .call(Method::POST, "/v1/invoices")
            .header("content-type", media_type);
        let call = call
            .header("idempotency-key", "k")
            .body(draft().to_string());
        assert_eq!(
            refusal(call.send().await.unwrap()).await,
            pair(415, "E2603")
        );
    }
    assert_eq!(server.backend.kept(), 0);
}

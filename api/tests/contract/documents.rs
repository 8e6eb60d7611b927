//! Goal: the committed `OpenAPI` document is what the handlers say, and it is complete.
//! Rewrite it with `PIAO_UPDATE_GOLDEN=1 cargo test -p piao-api --all-features`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::Server;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_committed_document_is_current() {
    let document = piao_api::openapi::document();
    if std::env::var_os("PIAO_UPDATE_GOLDEN").is_some() {
        std::fs::write(PATH, &document).unwrap();
    }
    let committed = std::fs::read_to_string(PATH).unwrap();
    assert!(
        committed == document,
        "openapi.json is stale: see the head of this file"
    );
}

#[test]
fn the_document_names_every_call() {
    let document: Value = serde_json::from_str(&piao_api::openapi::document()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let calls = [
        ("post", "/v1/invoices/check"),
        ("post", "/v1/invoices"),
        ("get", "/v1/invoices"),
        ("get", "/v1/invoices/{number}"),
        ("get", "/v1/invoices/{number}/proof"),
        ("get", "/v1/invoices/{number}/absence"),
        ("get", "/v1/accounts/{account}/completeness"),
        ("post", "/v1/proofs/verify"),
        ("get", "/v1/invoices/{number}/link"),
        ("get", "/v1/invoices/{number}/view"),
        ("get", "/v1/invoices/{number}/json"),
        ("get", "/v1/red-letters"),
        ("post", "/v1/invoices/{number}/red-letters/{id}/answer"),
        ("get", "/v1/requests"),
        ("get", "/v1/requests/{id}"),
        ("post", "/v1/requests/{id}/retry"),
        ("post", "/v1/requests/{id}/cancel"),
        ("post", "/v1/requests/{id}/reissue"),
        ("get", "/v1/outcomes/{key}"),
        ("get", "/v1/account"),
        ("get", "/v1/account/ledger"),
        ("get", "/v1/limits"),
        ("post", "/v1/top-ups"),
        ("post", "/v1/transactions"),
        ("get", "/v1/transactions/{txid}"),
        ("get", "/v1/chain"),
        ("get", "/v1/blocks"),
        ("get", "/v1/blocks/{height}"),
        ("get", "/v1/validators"),
        ("get", "/v1/trust-root"),
        ("get", "/v1/checkpoint"),
        ("get", "/v1/checkpoint/consistency"),
        ("get", "/v1/blocks/{height}/tlog-proof"),
        ("get", "/v1/keys/{id}"),
        ("get", "/v1/requests/{id}/proof"),
        ("get", "/v1/failures"),
        ("get", "/v1/failures/{code}"),
        ("get", "/v1/rules"),
        ("get", "/livez"),
        ("get", "/readyz"),
        ("get", "/metrics"),
    ];
    for (method, path) in calls {
        assert!(
            document["paths"][path][method].is_object(),
            "{method} {path}"
        );
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in [
        "Problem",
        "Invoice",
        "InvoiceDraft",
        "RequestView",
        "Outcome",
        "CheckReport",
    ] {
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[test]
fn every_call_has_a_name_of_its_own_and_a_problem_reply() {
    let document: Value = serde_json::from_str(&piao_api::openapi::document()).unwrap();
    let mut names = BTreeSet::new();
    for path in document["paths"].as_object().unwrap().values() {
        for call in path.as_object().unwrap().values() {
            let name = call["operationId"].as_str().unwrap().to_owned();
            let problem = &call["responses"]["default"]["content"]["application/problem+json"];
            assert_eq!(
                problem["schema"]["$ref"], "#/components/schemas/Problem",
                "{name}"
            );
            assert!(names.insert(name.clone()), "{name} twice");
        }
    }
    assert_eq!(names.len(), 47);
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document: Value = serde_json::from_str(&piao_api::openapi::document()).unwrap();
    let mut open = vec![&document];
    let mut references = 0;
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(target)) = members.get("$ref") {
                    let pointer = target.trim_start_matches('#');
                    assert!(document.pointer(pointer).is_some(), "{target}");
                    references += 1;
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(references > 50, "{references}");
}

#[tokio::test]
async fn the_committed_document_is_served() {
    let server = Server::dev().await;
    let served = server.get("/openapi.json").await;
    assert_eq!(served.headers()["content-type"], "application/json");
    assert_eq!(served.text().await.unwrap(), piao_api::openapi::COMMITTED);
}

//! Goal: nonsense of every kind gets its refusal, costs little, and harms nobody; what people typed
//! never becomes part of a page.

use piao_api::client::IssueOptions;

use crate::hostile_requests;
use crate::process::{Node, draft, final_invoice, key};
use crate::wire::{exchange, get, post};

/// What a node may use, in MiB.
pub(crate) const MEMORY_MIB_MAX: u64 = 300;

/// Nothing of what happened shows in the log as a panic, and memory stayed within its bound.
pub(crate) fn assert_unharmed(node: &Node) {
    let log = node.log();
    assert!(!log.contains("panicked"), "{log}");
    let peak = node.memory_peak_mib();
    assert!(peak <= MEMORY_MIB_MAX, "{peak} MiB");
}

#[tokio::test]
async fn every_hostile_request_gets_its_refusal_and_harms_nobody() {
    let node = Node::fresh();
    let address = node.address();
    let rows = hostile_requests::all(&address);
    assert!(rows.len() >= 100, "{}", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let reply = exchange(&address, &row.bytes, row.cut);
        if (reply.status(), reply.code()) != (row.status, row.code) {
            let name = row.name;
            wrong.push(format!("{name}: {} {}", reply.status(), reply.code()));
        }
        if reply.status() >= 400 {
            let problem = reply.header("content-type") == Some("application/problem+json");
            let id = reply.header("x-request-id").is_some();
            assert!(problem && id, "{}: {}", row.name, reply.text);
        }
        assert!(reply.text.len() < 512 * 1024, "{}", row.name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let issued = node
        .client
        .issue(draft(|_| ()), &key("after"), &IssueOptions::default())
        .await;
    assert_eq!(final_invoice(issued.unwrap()).document.counter, 1);
    let account = node.client.account(Some(1)).await.unwrap();
    assert_eq!(account.fee_balance, "999.90", "nothing else was charged");
    assert_unharmed(&node);
}

#[tokio::test]
async fn the_same_bodies_cut_anywhere_are_refused_or_answered() {
    let node = Node::fresh();
    let address = node.address();
    let whole = draft(|_| ());
    // Every cut before a character of more than one byte included; seeded by nothing but the text.
    for end in (0..whole.len()).step_by(7) {
        let body = String::from_utf8_lossy(&whole.as_bytes()[..end]).into_owned();
        let reply = post(&address, "/v1/invoices/check", "", &body);
        assert_eq!((reply.status(), reply.code()), (400, "E1111"), "{end}");
    }
    assert_unharmed(&node);
}

const PAYLOADS: [&str; 5] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "=HYPERLINK(\"http://evil.example\")",
    "{{7*7}}${7*7}",
];

#[tokio::test]
async fn what_people_type_is_never_part_of_a_page() {
    let node = Node::fresh();
    let address = node.address();
    for (n, payload) in PAYLOADS.into_iter().enumerate() {
        let typed = draft(|draft| {
            for member in ["order_ref", "remark", "issuer", "client_ref"] {
                draft[member] = payload.into();
            }
            draft["buyer"]["name"] = payload.into();
            draft["buyer"]["address"] = payload.into();
            draft["lines"][0]["name"] = payload.into();
            draft["lines"][0]["unit"] = payload.into();
        });
        // Whether it is taken is the rules' matter; either way the reply is JSON, never a page.
        let line = format!("Idempotency-Key: typed-{n}\r\n");
        let reply = post(&address, "/v1/invoices", &line, &typed);
        let kind = reply.header("content-type").unwrap();
        assert!(kind.starts_with("application/"), "{kind}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
    let encoded =
        |payload: &str| -> String { payload.bytes().map(|byte| format!("%{byte:02x}")).collect() };
    let mut pages = vec!["/".to_owned(), "/explorer".to_owned(), "/errors".to_owned()];
    for payload in PAYLOADS {
        let payload = encoded(payload);
        pages.push(format!("/errors/{payload}"));
        pages.push(format!("/explorer/{payload}"));
        pages.push(format!("/explorer/tx/{payload}"));
        pages.push(format!("/explorer?before={payload}"));
        pages.push(format!("/?lang={payload}"));
        pages.push(format!("/{payload}"));
    }
    let height = node.client.chain().await.unwrap().height;
    pages.extend((0..=height).map(|height| format!("/explorer/{height}")));
    for page in pages {
        let text = format!(
            "GET {page} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
        );
        let reply = exchange(&address, text.as_bytes(), false);
        let kind = reply.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("text/html"), "{page}: {kind}");
        for raw in ["<script>alert", "<img src=x"] {
            assert!(!reply.text.contains(raw), "{page}: {}", reply.text);
        }
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'self'"), "{policy}");
    }
    assert_eq!(get(&address, "/livez").status(), 200);
    assert_unharmed(&node);
}

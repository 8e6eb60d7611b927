//! Goal: everything that is read: invoices, proofs, the chain, the catalogue, operations.

use piao_api::backend::{ProofForm, Show};
use piao_api::client::{Client, InvoiceQuery, IssueOptions};
use piao_api::wire::{Invoice, Page};
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Server, draft_of, key, pair, refusal, refused};
use crate::memory::Options;

/// A server with `count` issued invoices.
async fn with_invoices(count: u32) -> Server {
    let server = Server::dev().await;
    for index in 1..=count {
        let name = format!("A-{index}");
        let options = IssueOptions::default();
        server
            .client()
            .issue(draft_of(&name), &key(&name), &options)
            .await
            .unwrap();
    }
    server
}

async fn numbers(client: &Client, query: &InvoiceQuery) -> Page<String> {
    let page = client.invoices(query).await.unwrap();
    let number = |invoice: Invoice| invoice.document.number;
    Page {
        data: page.data.into_iter().map(number).collect(),
        has_more: page.has_more,
        next_cursor: page.next_cursor,
    }
}

#[tokio::test]
async fn a_list_is_read_page_by_page_without_gaps() {
    let server = with_invoices(5).await;
    let client = server.client();
    let all = numbers(&client, &InvoiceQuery::default()).await;
    assert_eq!(
        (all.data.len(), all.has_more, all.next_cursor),
        (5, false, None)
    );
    let mut query = InvoiceQuery {
        limit: Some(2),
        ..InvoiceQuery::default()
    };
    let mut read = Vec::new();
    for _ in 0..3 {
        let page = numbers(&client, &query).await;
        read.extend(page.data);
        query.cursor = page.next_cursor;
    }
    assert_eq!(read, all.data);
    assert_eq!(query.cursor, None);
    let foreign = InvoiceQuery {
        cursor: Some("x".to_owned()),
        ..InvoiceQuery::default()
    };
    assert_eq!(refused(client.invoices(&foreign).await), pair(400, "E2606"));
}

#[tokio::test]
async fn a_list_is_filtered() {
    let server = with_invoices(3).await;
    let by_order = InvoiceQuery {
        order_ref: Some("A-2".to_owned()),
        ..InvoiceQuery::default()
    };
    let found = server.client().invoices(&by_order).await.unwrap();
    assert_eq!(found.data.len(), 1);
    assert_eq!(found.data[0].document.order_ref.as_deref(), Some("A-2"));
    // Empty parameters mean no condition.
    let page: Value = server
        .get("/v1/invoices?status=&from=&to=&q=&order_ref=&limit=&cursor=")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(3));
    let wrong = "/v1/invoices?status=lost&from=yesterday&limit=201&limits=3";
    let problem = crate::harness::problem(server.get(wrong).await).await;
    let pointers: Vec<_> = problem
        .failures
        .iter()
        .filter_map(|f| f.pointer.as_deref())
        .collect();
    assert_eq!(pointers, ["/from", "/limit", "/limits", "/status"]);
}

#[tokio::test]
async fn an_invoice_is_shown_to_its_own_merchant_only() {
    let server = with_invoices(1).await;
    let client = server.client();
    let number = numbers(&client, &InvoiceQuery::default())
        .await
        .data
        .remove(0);
    assert_eq!(
        client.invoice(&number).await.unwrap().document.number,
        number
    );
    assert_eq!(
        refused(client.invoice("26310999999999999999").await),
        pair(404, "E1901")
    );
    assert_eq!(refused(client.invoice("123").await), pair(422, "E1401"));
    let other = Client::new(&server.url, Some(crate::memory::KEY_SECOND.to_owned())).unwrap();
    assert_eq!(refused(other.invoice(&number).await), pair(404, "E1901"));
    let as_second = server
        .get(&format!("/v1/invoices/{number}?account=2"))
        .await;
    assert_eq!(refusal(as_second).await, pair(404, "E1901"));
}

#[tokio::test]
async fn a_proof_comes_in_two_forms_with_a_strong_tag() {
    let server = with_invoices(1).await;
    let client = server.client();
    let number = numbers(&client, &InvoiceQuery::default())
        .await
        .data
        .remove(0);
    let binary = client
        .proof(&number, ProofForm::Binary, &Show::Nothing)
        .await
        .unwrap();
    assert!(binary.bytes.starts_with(b"Binary Nothing"));
    assert_eq!(binary.etag.as_deref(), Some("\"Binary-7\""));
    let path = format!("/v1/invoices/{number}/proof");
    let json = server
        .call(Method::GET, &path)
        .header("accept", "application/json")
        .send();
    let json = json.await.unwrap();
    assert_eq!(
        json.headers()["content-type"],
        "application/vnd.piao.proof+json"
    );
    assert_eq!(json.headers()["cache-control"], "public, no-cache");
    let again = server
        .call(Method::GET, &path)
        .header("if-none-match", "\"Binary-7\"");
    let again = again.send().await.unwrap();
    assert_eq!(again.status(), 304);
    assert_eq!(again.bytes().await.unwrap().len(), 0);
    let part = server
        .call(Method::GET, &path)
        .header("range", "bytes=0-5")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), "Binary");
    let picture = server
        .call(Method::GET, &path)
        .header("accept", "image/png")
        .send();
    assert_eq!(refusal(picture.await.unwrap()).await, pair(406, "E1906"));
}

#[tokio::test]
async fn fields_are_disclosed_only_to_a_caller_with_a_key() {
    let server = Server::start(Options {
        dev: false,
        ..Options::default()
    })
    .await;
    let client = server.client();
    client
        .issue(draft_of("A-1"), &key("k"), &IssueOptions::default())
        .await
        .unwrap();
    let number = numbers(&client, &InvoiceQuery::default())
        .await
        .data
        .remove(0);
    let path = format!("/v1/invoices/{number}/proof");
    assert_eq!(server.get(&path).await.status(), 200);
    assert_eq!(
        refusal(server.get(&format!("{path}?show=all")).await).await,
        pair(401, "E2010")
    );
    let show = Show::Fields(vec!["buyer_name".to_owned(), "remark".to_owned()]);
    let shown = client
        .proof(&number, ProofForm::Binary, &show)
        .await
        .unwrap();
    assert!(
        shown
            .bytes
            .starts_with(b"Binary Fields([\"buyer_name\", \"remark\"])")
    );
}

#[tokio::test]
async fn the_document_is_a_file_of_unchanging_bytes() {
    let server = with_invoices(1).await;
    let number = numbers(&server.client(), &InvoiceQuery::default())
        .await
        .data
        .remove(0);
    let reply = server.get(&format!("/v1/invoices/{number}/json")).await;
    assert_eq!(reply.headers()["cache-control"], "private, no-store");
    let name = format!("attachment; filename=\"{number}.json\"");
    assert_eq!(reply.headers()["content-disposition"], name.as_str());
    let bytes = reply.bytes().await.unwrap();
    assert_eq!(server.client().invoice_json(&number).await.unwrap(), bytes);
    let pdf = server.get(&format!("/v1/invoices/{number}/pdf")).await;
    assert_eq!(refusal(pdf).await, pair(406, "E1906"));
    let nothing = server.get(&format!("/v1/invoices/{number}/nothing")).await;
    assert_eq!(refusal(nothing).await, pair(404, "E2601"));
}

#[tokio::test]
async fn the_chain_is_public() {
    let server = with_invoices(3).await;
    let client = Client::new(&server.url, None).unwrap();
    let chain = client.chain().await.unwrap();
    assert_eq!((chain.height, chain.network.as_str()), (3, "test"));
    let page = client.blocks(None, 2).await.unwrap();
    let heights: Vec<_> = page.data.iter().map(|block| block.height).collect();
    assert_eq!(
        (heights, page.next_cursor.as_deref()),
        (vec![3, 2], Some("2"))
    );
    let rest = client.blocks(Some(2), 200).await.unwrap();
    assert_eq!(
        (rest.data.len(), rest.has_more, rest.next_cursor),
        (2, false, None)
    );
    let block = client.block(3).await.unwrap();
    let outcome = client
        .transaction(&block.transactions[0].txid)
        .await
        .unwrap();
    assert_eq!(outcome.effects[0].counter, 3);
    assert_eq!(refused(client.block(4).await), pair(404, "E2605"));
    assert_eq!(
        refused(client.transaction(&"0".repeat(64)).await),
        pair(404, "E2605")
    );
    assert_eq!(refused(client.transaction("xyz").await), pair(400, "E2606"));
    assert_eq!(client.validators().await.unwrap().total_power, 1);
    assert_eq!(client.trust_root().await.unwrap(), "{ \"trust\": 1 }\n");
}

#[tokio::test]
async fn a_block_may_be_kept_for_ever() {
    let server = with_invoices(1).await;
    let reply = server.get("/v1/blocks/1").await;
    assert_eq!(
        reply.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    let etag = reply.headers()["etag"].to_str().unwrap().to_owned();
    assert!(etag.starts_with('"') && etag.len() == 66, "{etag}");
    let known = server
        .call(Method::GET, "/v1/blocks/1")
        .header("if-none-match", etag);
    assert_eq!(known.send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn the_catalogue_lists_every_code() {
    let server = Server::dev().await;
    let client = Client::new(&server.url, None).unwrap();
    let catalogue = client.failures().await.unwrap();
    assert_eq!(
        catalogue.data.len(),
        piao_chain::failure::FailureCode::ALL.len()
    );
    let entry = client.failure("E1205").await.unwrap();
    assert_eq!(client.failure("line_tax_mismatch").await.unwrap(), entry);
    let line = &entry.entry;
    assert_eq!((line.http, line.status.as_str()), (422, "implemented"));
    assert_eq!(refused(client.failure("E0000").await), pair(404, "E2605"));
}

#[tokio::test]
async fn health_says_what_is_missing() {
    let server = Server::start(Options {
        synced: false,
        ..Options::default()
    })
    .await;
    let live = server.get("/livez").await;
    assert_eq!(
        (live.status().as_u16(), live.text().await.unwrap().as_str()),
        (200, "ok\n")
    );
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status(), 503);
    assert_eq!(ready.text().await.unwrap(), "not ready\n");
    let readiness = server.client().readiness().await.unwrap();
    assert!(!readiness.ready);
    assert_eq!(readiness.checks[0].name, "synced");
    let metrics = server.get("/metrics").await;
    assert_eq!(
        metrics.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert!(
        metrics
            .text()
            .await
            .unwrap()
            .starts_with("piao_block_height ")
    );
    assert_eq!(Server::dev().await.get("/readyz").await.status(), 200);
}

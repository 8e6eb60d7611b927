//! Issuing: numbers, counters, keys, fees.

use piao_api::client::IssueOptions;
use piao_api::wire::LedgerKind;

use crate::process::{Node, draft, final_invoice, key};

fn options(account: u32) -> IssueOptions {
    IssueOptions {
        account: Some(account),
        ..IssueOptions::default()
    }
}

#[tokio::test]
async fn numbers_have_twenty_digits_and_counters_have_no_gaps() {
    let node = Node::fresh();
    for counter in 1..=3 {
        let key = key(&format!("k{counter}"));
        let issued = node.client.issue(draft(|_| ()), &key, &options(1)).await;
        let invoice = final_invoice(issued.unwrap()).document;
        assert_eq!(invoice.number.len(), 20);
        assert!(invoice.number.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(invoice.counter, counter);
        assert_eq!(invoice.totals.gross, "106.00");
        assert_eq!(invoice.network, "test");
        assert_eq!(invoice.lines.len(), 1);
    }
}

#[tokio::test]
async fn a_key_gives_the_same_invoice_for_ever_and_no_other_draft() {
    let mut node = Node::fresh();
    let first = node
        .client
        .issue(draft(|_| ()), &key("same"), &options(1))
        .await;
    let first = final_invoice(first.unwrap());
    for _time in 0..2 {
        let again = node
            .client
            .issue(draft(|_| ()), &key("same"), &options(1))
            .await;
        assert_eq!(final_invoice(again.unwrap()).document, first.document);
        let other = draft(|draft| draft["lines"][0]["unit_price"] = "101.00".into());
        let refused = node.client.issue(other, &key("same"), &options(1)).await;
        let error = refused.unwrap_err();
        let problem = error.problem().unwrap();
        assert_eq!((problem.status, problem.code.as_str()), (409, "E1408"));
        // The second round asks a node that has forgotten everything but its disk.
        if node.data.exists() {
            assert!(node.terminate().success());
            node.restart();
        }
    }
    let account = node.client.account(Some(1)).await.unwrap();
    assert_eq!(
        (account.issued_count, account.fee_balance.as_str()),
        (1, "999.90")
    );
}

#[tokio::test]
async fn an_order_has_one_invoice_whatever_the_key() {
    let node = Node::fresh();
    let order = |text: &'static str| draft(move |draft| draft["order_ref"] = text.into());
    let first = node
        .client
        .issue(order("POS-1"), &key("a"), &options(1))
        .await;
    final_invoice(first.unwrap());
    let error = node
        .client
        .issue(order("POS-1"), &key("b"), &options(1))
        .await;
    assert_eq!(error.unwrap_err().problem().unwrap().code, "E1407");
    let other = node
        .client
        .issue(order("POS-2"), &key("b"), &options(1))
        .await;
    assert_eq!(final_invoice(other.unwrap()).document.counter, 2);
}

#[tokio::test]
async fn many_calls_with_one_key_issue_one_invoice() {
    let node = Node::fresh();
    let mut tasks = Vec::new();
    for _call in 0..60 {
        let client = node.client.clone();
        tasks.push(tokio::spawn(async move {
            client
                .issue(draft(|_| ()), &key("crowd"), &options(1))
                .await
        }));
    }
    let mut numbers = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(issued) => numbers.push(final_invoice(issued).document.number),
            Err(error) => assert_eq!(error.problem().unwrap().code, "E1409"),
        }
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 1);
    assert_eq!(node.client.account(Some(1)).await.unwrap().issued_count, 1);
}

#[tokio::test]
async fn without_fees_the_shortfall_is_named_and_after_a_top_up_the_same_call_goes_through() {
    let node = Node::fresh();
    // Account 3 is registered and was never credited.
    let error = node
        .client
        .issue(draft(|_| ()), &key("poor"), &options(3))
        .await;
    let error = error.unwrap_err();
    let problem = error.problem().unwrap();
    assert_eq!((problem.status, problem.code.as_str()), (402, "E1601"));
    let failure = &problem.failures[0];
    assert_eq!(failure.got.as_deref(), Some("0.00"));
    assert_eq!(failure.expected.as_deref(), Some("0.10"));
    assert!(failure.suggested.as_deref().unwrap().contains("0.10"));

    let top_up = node
        .client
        .top_up(Some(3), "0.10", "payment 1", &key("t1"))
        .await
        .unwrap();
    assert_eq!(top_up.fee_balance, "0.10");
    let issued = node
        .client
        .issue(draft(|_| ()), &key("poor"), &options(3))
        .await;
    assert_eq!(final_invoice(issued.unwrap()).document.counter, 1);
    assert_eq!(
        node.client.account(Some(3)).await.unwrap().fee_balance,
        "0.00"
    );

    let again = node
        .client
        .top_up(Some(3), "0.10", "payment 1", &key("t1"))
        .await
        .unwrap();
    assert_eq!(again.txid, top_up.txid);
    let twice = node
        .client
        .top_up(Some(3), "0.10", "payment 1", &key("t2"))
        .await;
    assert_eq!(twice.unwrap_err().problem().unwrap().code, "E1606");
    let ledger = node.client.ledger(Some(3), None).await.unwrap();
    let rows: Vec<_> = ledger
        .data
        .iter()
        .map(|entry| {
            let (amount, reserved) = (entry.amount.as_str(), entry.reserved.as_str());
            (entry.kind, amount, reserved, entry.balance.as_str())
        })
        .collect();
    // Held back when it was signed, captured by its block.
    let expected = [
        (LedgerKind::IssueFee, "-0.10", "-0.10", "0.00"),
        (LedgerKind::Reserve, "0.00", "0.10", "0.10"),
        (LedgerKind::TopUp, "0.10", "0.00", "0.10"),
    ];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn a_list_shows_the_newest_first_and_goes_on_at_its_cursor() {
    use piao_api::client::InvoiceQuery;
    let node = Node::fresh();
    for n in 1..=5 {
        let order = draft(|draft| draft["order_ref"] = format!("order {n}").into());
        let issued = node
            .client
            .issue(order, &key(&format!("k{n}")), &options(1))
            .await;
        final_invoice(issued.unwrap());
    }
    let mut query = InvoiceQuery {
        limit: Some(2),
        ..InvoiceQuery::default()
    };
    let mut counters = Vec::new();
    loop {
        let page = node.client.invoices(&query).await.unwrap();
        counters.extend(page.data.iter().map(|invoice| invoice.document.counter));
        assert!(counters.len() <= 5, "{counters:?}");
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(counters, [5, 4, 3, 2, 1]);
    let one = InvoiceQuery {
        order_ref: Some("order 3".into()),
        ..InvoiceQuery::default()
    };
    let page = node.client.invoices(&one).await.unwrap();
    assert_eq!(page.data.len(), 1);
}

#[tokio::test]
async fn counters_are_served_and_the_node_goes_on_issuing() {
    let node = Node::fresh();
    for counter in 1..=2 {
        let key = key(&format!("k{counter}"));
        let issued = node.client.issue(draft(|_| ()), &key, &options(1)).await;
        assert_eq!(final_invoice(issued.unwrap()).document.counter, counter);
        let text = crate::process::get(node.client.base_url(), "/metrics");
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        assert!(text.contains("\npiao_height "), "{text}");
        assert!(text.contains("piao_transactions_total"), "{text}");
    }
    let alive = crate::process::get(node.client.base_url(), "/livez");
    assert!(alive.starts_with("HTTP/1.1 200"), "{alive}");
}

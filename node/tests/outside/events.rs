//! Events, from outside: what happened is told once, in order, under numbers that stay, only to
//! whoever may know, and a warning comes before the first refusal.

use std::time::Duration;

use bytes::Bytes;
use piao_api::client::{Client, EventStream, IssueOptions, RedPart};
use piao_api::wire::{Event, OutcomeState, RequestState};
use piao_chain::genesis::Genesis;
use piao_chain::transaction::{
    Payload, SUITE, SetFeeSchedule, SignedTransaction, TransactionBody, VERSION,
};

use crate::members::until;
use crate::process::{Node, command, draft, final_invoice, key, now};
use crate::rule_sets::authority;

/// An event that has not come by then does not come.
const COMES_WITHIN: Duration = Duration::from_secs(20);

/// The sample merchant's 1 000.00 pay for eleven invoices at this fee, and not for twelve.
const FEE_FEN: u32 = 9_000;

fn order(name: &str) -> String {
    draft(|draft| draft["order_ref"] = name.into())
}

/// Every event of account 1 and for everybody, page by page.
async fn all(client: &Client, limit: u32) -> Vec<Event> {
    let (mut after, mut events) = (0, Vec::new());
    loop {
        let page = client.events(Some(1), after, limit).await.unwrap();
        assert!(page.data.len() <= usize::try_from(limit).unwrap());
        events.extend(page.data);
        assert!(page.next_after > after || !page.has_more, "it goes on");
        after = page.next_after;
        if !page.has_more {
            return events;
        }
    }
}

fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

async fn issue(node: &Node, name: &str) -> String {
    let options = IssueOptions::default();
    let issued = node.client.issue(order(name), &key(name), &options).await;
    final_invoice(issued.unwrap()).document.number
}

async fn next(stream: &mut EventStream) -> Event {
    let next = tokio::time::timeout(COMES_WITHIN, stream.next()).await;
    next.expect("nothing came").unwrap().expect("it ended")
}

/// Has every invoice cost so much from two blocks on.
async fn set_fee(node: &Node, issue_fen: u32) {
    let genesis = Genesis::decode(&std::fs::read(node.data.join("genesis")).unwrap()).unwrap();
    let authority = authority();
    let height = node.client.chain().await.unwrap().height;
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id: genesis.chain_id(),
        account: 0,
        signers: vec![authority.public_key().id()],
        idem: [9; 16],
        valid_until_ms: now().ms() + 600_000,
        fee_max_fen: 0,
        flags: 0,
        payload: Payload::SetFeeSchedule(SetFeeSchedule {
            issue_fen,
            failure_fen: 0,
            from_height: height + 2,
        }),
    };
    let bytes = SignedTransaction::sign(body, &[&authority]);
    let bytes = Bytes::from(bytes.unwrap().encode());
    let outcome = node.client.submit(bytes, &IssueOptions::default()).await;
    assert_eq!(outcome.unwrap().state, OutcomeState::Final);
}

#[tokio::test]
async fn an_invoice_and_its_red_letter_are_told_in_order_and_under_numbers_that_stay() {
    let mut node = Node::fresh();
    let number = issue(&node, "POS-1").await;
    let options = IssueOptions::default();
    let parts = [RedPart {
        line: 1,
        amount: "10.00".to_owned(),
    }];
    let name = key("r");
    let red = node
        .client
        .red_letter(&number, ("02", &parts), &name, &options);
    let red = final_invoice(red.await.unwrap()).document.number;
    until(async || all(&node.client, 200).await.len() >= 4).await;
    let events = all(&node.client, 1).await;
    let expected = [
        "request.final",
        "invoice.issued",
        "request.final",
        "invoice.reversed",
    ];
    assert_eq!(kinds(&events), expected);
    assert!(events.is_sorted_by(|a, b| a.seq < b.seq));
    assert_eq!(events[0].data["number"], number.as_str());
    assert_eq!(
        (events[1].subject.as_str(), events[1].account),
        (number.as_str(), 1)
    );
    assert_eq!(events[3].subject, number);
    assert_eq!(events[3].data["red_number"], red.as_str());
    let request = node.client.request(&events[0].subject).await.unwrap();
    assert_eq!(request.state, RequestState::Final);
    let text = serde_json::to_string(&events).unwrap();
    for private in ["POS-1", "示例", "餐费", "91420100MAXH4XGP0H"] {
        assert!(!text.contains(private), "{private}: {text}");
    }
    // Another account of the same desk has done nothing, and hears nothing of this.
    let other = node.client.events(Some(2), 0, 50).await.unwrap();
    assert_eq!(other.data, []);
    let foreign = node.client.events(Some(9), 0, 50).await.unwrap_err();
    assert_eq!(foreign.problem().unwrap().code, "E2013");
    node.kill();
    node.restart();
    assert_eq!(all(&node.client, 3).await, events);
}

#[tokio::test]
async fn a_stream_tells_what_happens_and_goes_on_after_its_last_event() {
    let node = Node::fresh();
    let mut stream = node.client.event_stream(None, 0).await.unwrap();
    let first = issue(&node, "a").await;
    let done = next(&mut stream).await;
    assert_eq!((done.kind.as_str(), done.version), ("request.final", 1));
    assert_eq!(done.data["number"], first.as_str());
    // It breaks between the two events of one record.
    let after = stream.after();
    assert_eq!(after, done.seq);
    drop(stream);
    let second = issue(&node, "b").await;
    let mut stream = node.client.event_stream(Some(1), after).await.unwrap();
    let mut seen = Vec::new();
    for _event in 0..3 {
        seen.push(next(&mut stream).await);
    }
    assert_eq!(
        kinds(&seen),
        ["invoice.issued", "request.final", "invoice.issued"]
    );
    assert_eq!(seen[0].subject, first);
    assert_eq!(seen[2].subject, second);
}

#[tokio::test]
async fn a_node_with_listeners_still_ends_in_time() {
    let mut node = Node::fresh();
    let mut streams = Vec::new();
    for _nth in 0..8 {
        streams.push(node.client.event_stream(None, 0).await.unwrap());
    }
    let began = std::time::Instant::now();
    assert!(node.terminate().success());
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_balance_that_runs_out_is_told_once_before_the_first_refusal_and_again_after_a_top_up() {
    let mut node = Node::fresh();
    set_fee(&node, FEE_FEN).await;
    until(async || node.client.account(Some(1)).await.unwrap().fee == "90.00").await;
    let warnings = async |node: &Node| {
        let mut events = all(&node.client, 200).await;
        events.retain(|event| event.kind.starts_with("balance."));
        events
    };
    assert_eq!(node.client.account(Some(1)).await.unwrap().can_issue, 11);
    issue(&node, "0").await;
    assert_eq!(warnings(&node).await, [], "ten are left");
    let mut refused = None;
    for nth in 1..20 {
        let name = format!("{nth}");
        let options = IssueOptions::default();
        let issued = node.client.issue(order(&name), &key(&name), &options).await;
        let told = warnings(&node).await;
        assert_eq!(kinds(&told), ["balance.low"], "after invoice {nth}");
        assert_eq!(told[0].data["can_issue"], 9);
        if let Err(error) = issued {
            refused = Some((nth, error));
            break;
        }
    }
    let (nth, error) = refused.unwrap();
    assert_eq!((nth, error.problem().unwrap().status), (11, 402));
    node.kill();
    node.restart();
    let client = node.client.clone();
    client
        .top_up(Some(1), "1000.00", "more", &key("more"))
        .await
        .unwrap();
    until(async || warnings(&node).await.len() == 2).await;
    for nth in 20..22 {
        issue(&node, &format!("{nth}")).await;
    }
    until(async || warnings(&node).await.len() == 3).await;
    let told = warnings(&node).await;
    assert_eq!(
        kinds(&told),
        ["balance.low", "balance.restored", "balance.low"]
    );
}

#[tokio::test]
async fn a_balance_that_falls_at_once_is_told_before_the_refusal_also_where_nobody_asked_for_it() {
    let node = Node::fresh_as(|data| {
        let file = data.with_extension("toml");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "low_balance_invoices = 0\n").unwrap();
        let mut command = command(data);
        command.arg("--config").arg(file);
        command
    });
    set_fee(&node, 200_000).await;
    until(async || node.client.account(Some(1)).await.unwrap().can_issue == 0).await;
    assert_eq!(all(&node.client, 50).await, [], "nobody was refused yet");
    let options = IssueOptions::default();
    let refused = node.client.issue(order("a"), &key("a"), &options).await;
    assert_eq!(refused.unwrap_err().problem().unwrap().code, "E1601");
    assert_eq!(kinds(&all(&node.client, 50).await), ["balance.low"]);
}

#[tokio::test]
async fn what_waits_and_what_fails_is_told_with_its_code() {
    let node = Node::fresh();
    set_fee(&node, 200_000).await;
    until(async || node.client.account(Some(1)).await.unwrap().can_issue == 0).await;
    let accepted = IssueOptions {
        account: Some(1),
        accepted_is_enough: true,
        ..IssueOptions::default()
    };
    let kept = node.client.issue(order("a"), &key("a"), &accepted).await;
    drop(kept.unwrap());
    let view = node.client.outcome(&key("a"), Some(1)).await.unwrap();
    node.client.cancel(&view.id).await.unwrap();
    let events = all(&node.client, 50).await;
    assert_eq!(
        kinds(&events),
        ["balance.low", "request.waiting", "request.cancelled"]
    );
    assert_eq!(events[1].subject, view.id);
    assert_eq!(events[1].data["code"], "E1601");
    assert_eq!(events[1].data["waiting_for"], "top-up");
}

//! The outbox, from outside: what was accepted is brought to its end, whatever comes between, and
//! whoever asks again with the key ends in the one true outcome.

use std::io::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use piao_api::client::{Client, IssueOptions, Issued, RequestQuery};
use piao_api::wire::{OutcomeState, RequestState, RequestView, WaitingFor};
use piao_chain::genesis::Genesis;
use piao_chain::transaction::{
    Payload, SUITE, SetFeeSchedule, SignedTransaction, TransactionBody, VERSION,
};

use piao_node::crash_point::OUTBOX_POINTS;

use crate::members::{Members, until};
use crate::process::{Node, command, draft, final_invoice, key, now};
use crate::rule_sets::authority;

/// An invoice costs so much that the sample merchant's 1 000.00 pay for one and not for two.
const DEAR_FEN: u32 = 60_000;

/// Starts of a node that is to die, before it is up once.
const STARTS_MAX: usize = 10;
/// Requests that are accepted while nobody votes.
const QUEUED: usize = 2_000;

/// What the queue may take to become final once the network is back.
const ALL_FINAL_WITHIN: Duration = Duration::from_secs(60);

fn accepted() -> IssueOptions {
    IssueOptions {
        account: Some(1),
        accepted_is_enough: true,
        ..IssueOptions::default()
    }
}

fn order(name: &str) -> String {
    draft(|draft| draft["order_ref"] = name.into())
}

fn pending(issued: Issued) -> RequestView {
    match issued {
        Issued::Pending(view) => *view,
        Issued::Final { invoice, .. } => panic!("final: {invoice:?}"),
    }
}

async fn is(client: &Client, name: &str, state: RequestState) -> bool {
    let view = client.outcome(&key(name), Some(1)).await;
    view.is_ok_and(|view| view.state == state)
}

/// Has every invoice cost so much from two blocks on.
async fn set_fee(node: &Node, nth: u8, issue_fen: u32) {
    let genesis = Genesis::decode(&std::fs::read(node.data.join("genesis")).unwrap()).unwrap();
    let authority = authority();
    let height = node.client.chain().await.unwrap().height;
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id: genesis.chain_id(),
        account: 0,
        signers: vec![authority.public_key().id()],
        idem: [nth; 16],
        valid_until_ms: now().ms() + 600_000,
        fee_max_fen: 0,
        flags: 0,
        payload: Payload::SetFeeSchedule(SetFeeSchedule {
            issue_fen,
            failure_fen: 0,
            from_height: height + 2,
        }),
    };
    let bytes = SignedTransaction::sign(body, &[&authority])
        .unwrap()
        .encode();
    let outcome = node.client.submit(Bytes::from(bytes), &accepted()).await;
    let state = outcome.unwrap().state;
    assert!(matches!(state, OutcomeState::Final | OutcomeState::Unknown));
    until(async || node.client.chain().await.unwrap().height > height).await;
}

/// A network whose first merchant has paid for one invoice and can't pay for another.
async fn poor() -> Node {
    let node = Node::fresh();
    set_fee(&node, 1, DEAR_FEN).await;
    let issued = node
        .client
        .issue(order("first"), &key("first"), &IssueOptions::default())
        .await;
    final_invoice(issued.unwrap());
    node
}

#[tokio::test]
async fn what_waits_for_a_top_up_goes_out_by_itself_also_across_a_kill() {
    let mut node = poor().await;
    let refused = node
        .client
        .issue(order("a"), &key("a"), &IssueOptions::default())
        .await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.problem().unwrap().status, 402);
    assert!(
        node.client.outcome(&key("a"), Some(1)).await.is_err(),
        "nothing is kept"
    );
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        let view = pending(
            node.client
                .issue(order(name), &key(name), &accepted())
                .await
                .unwrap(),
        );
        assert_eq!(view.state, RequestState::Waiting);
        assert_eq!(view.waiting_for, Some(WaitingFor::TopUp));
        assert_eq!(view.failures[0].code, "E1601");
        ids.push(view.id);
    }
    node.kill();
    node.restart();
    let client = &node.client;
    let view = client.request(&ids[0]).await.unwrap();
    assert_eq!(view.waiting_for, Some(WaitingFor::TopUp), "{view:?}");
    // Enough for one: the older goes out, the other waits on.
    client
        .top_up(Some(1), "250.00", "one", &key("one"))
        .await
        .unwrap();
    until(async || is(client, "a", RequestState::Final).await).await;
    assert!(is(client, "b", RequestState::Waiting).await);
    client
        .top_up(Some(1), "600.00", "two", &key("two"))
        .await
        .unwrap();
    until(async || is(client, "b", RequestState::Final).await).await;
    let account = client.account(Some(1)).await.unwrap();
    assert_eq!(
        (account.issued_count, account.reserved.as_str()),
        (3, "0.00")
    );
    assert_eq!(account.fee_balance, "50.00");
    let replayed = client
        .issue(order("a"), &key("a"), &IssueOptions::default())
        .await;
    let number = final_invoice(replayed.unwrap()).document.number;
    assert_eq!(client.request(&ids[0]).await.unwrap().number, Some(number));
}

#[tokio::test]
async fn a_waiting_request_is_listed_corrected_cancelled_and_retried() {
    let node = poor().await;
    let client = &node.client;
    let wrong = pending(
        client
            .issue(order("a"), &key("a"), &accepted())
            .await
            .unwrap(),
    );
    let listed = RequestQuery {
        state: Some(RequestState::Waiting),
        ..RequestQuery::default()
    };
    let page = client.requests(&listed).await.unwrap();
    assert_eq!(page.data.len(), 1);
    assert_eq!(page.data[0].id, wrong.id);
    let refused = client.reissue_request(
        &wrong.id,
        draft(|draft| {
            draft["lines"][0]["rate"] = "0.07".into();
        }),
    );
    let refused = refused.await.unwrap_err();
    assert_eq!(refused.problem().unwrap().status, 422, "{refused}");
    let corrected = draft(|draft| draft["lines"][0]["unit_price"] = "99.00".into());
    let view = client.reissue_request(&wrong.id, corrected).await.unwrap();
    assert_eq!(
        (view.id.as_str(), view.state),
        (wrong.id.as_str(), RequestState::Waiting)
    );
    let view = client.cancel(&wrong.id).await.unwrap();
    assert_eq!(view.state, RequestState::Cancelled);
    client
        .top_up(Some(1), "1000.00", "more", &key("more"))
        .await
        .unwrap();
    let late = client
        .issue(order("b"), &key("b"), &IssueOptions::default())
        .await;
    final_invoice(late.unwrap());
    assert!(
        is(client, "a", RequestState::Cancelled).await,
        "given up is given up"
    );
    client.retry(&wrong.id).await.unwrap();
    until(async || is(client, "a", RequestState::Final).await).await;
    let view = client.request(&wrong.id).await.unwrap();
    let invoice = client.invoice(&view.number.unwrap()).await.unwrap();
    assert_eq!(invoice.document.order_ref.as_deref(), Some("a"));
    assert_eq!(invoice.document.totals.amount, "99.00");
    let refused = client.cancel(&wrong.id).await.unwrap_err();
    assert_eq!(refused.problem().unwrap().code, "E1407");
}

#[tokio::test]
async fn a_page_elsewhere_can_not_have_a_request_retried_or_given_up() {
    let node = poor().await;
    let view = pending(
        node.client
            .issue(order("a"), &key("a"), &accepted())
            .await
            .unwrap(),
    );
    for verb in ["retry", "cancel"] {
        let address = node.address();
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "POST /v1/requests/{}/{verb} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
            view.id
        )
        .unwrap();
        let mut reply = String::new();
        std::io::Read::read_to_string(&mut stream, &mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 415 "), "{reply}");
    }
    assert!(is(&node.client, "a", RequestState::Waiting).await);
}

/// A caller who hangs up: the request is sent, or a part of it, and nothing is read.
fn send_and_hang_up(address: &str, name: &str, part: usize) {
    let body = order(name);
    let text = format!(
        "POST /v1/invoices HTTP/1.1\r\nHost: {address}\r\nIdempotency-Key: {name}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let cut = text.len() * part / 4;
    stream.write_all(&text.as_bytes()[..cut]).unwrap();
}

/// Starts a node anew that is to die at a point. What is open, or was on its way when it was told to
/// end, is taken on at the start and may have it die before anybody asks: then once more.
async fn dying_at(node: &mut Node, point: &str, names: &[String]) -> Node {
    for _start in 0..STARTS_MAX {
        for name in names {
            let client = node.client.clone();
            until(async || {
                match client.outcome(&key(name), None).await {
                    Ok(view) => view.state == RequestState::Final,
                    // What was cut off may never have come.
                    Err(error) => error.problem().is_some_and(|one| one.status == 404),
                }
            })
            .await;
        }
        let data = node.data.clone();
        assert!(node.terminate().success());
        let mut dying = command(&data);
        dying.env("PIAO_CRASH_AT", point);
        match Node::try_start(&data, dying) {
            Ok(there) => return there,
            Err(log) => assert!(log.contains(point), "{log}"),
        }
        node.restart();
    }
    panic!("{point}: it always died before it was ready");
}

#[tokio::test]
async fn a_reply_that_is_cut_anywhere_ends_in_the_one_true_outcome_when_asked_again() {
    let mut node = Node::fresh();
    let mut names = Vec::new();
    for part in 0..=4 {
        let name = format!("hung-up-{part}");
        send_and_hang_up(&node.address(), &name, part);
        names.push(name);
    }
    // The node dies in the middle: before and after it is on disk, before and after the block.
    let points = [
        "desk.reserved",
        "desk.saved",
        "desk.before-release",
        "ledger.built",
        "journal.record-synced",
        "ledger.before-told",
        "desk.before-answer",
    ];
    for point in points {
        let there = dying_at(&mut node, point, &names).await;
        let issued = there
            .client
            .issue(order(point), &key(point), &IssueOptions::default())
            .await;
        assert!(issued.is_err(), "{point}: it died before it answered");
        drop(there);
        node.restart();
        names.push(point.to_owned());
    }
    let mut numbers = std::collections::BTreeSet::new();
    for name in &names {
        for _time in 0..2 {
            let issued = node
                .client
                .issue(order(name), &key(name), &IssueOptions::default())
                .await;
            numbers.insert(final_invoice(issued.unwrap()).document.number);
        }
        let view = node.client.outcome(&key(name), None).await.unwrap();
        assert!(numbers.contains(&view.number.unwrap()), "{name}");
    }
    assert_eq!(numbers.len(), names.len());
    let account = node.client.account(Some(1)).await.unwrap();
    assert_eq!(usize::try_from(account.issued_count).unwrap(), names.len());
}

/// Has a node die at a point of the outbox while something is done to a request, and starts it again.
async fn dies_while<T>(node: &mut Node, point: &str, done: impl AsyncFnOnce(&Client) -> T) {
    let data = node.data.clone();
    assert!(node.terminate().success());
    let mut dying = command(&data);
    dying.env("PIAO_CRASH_AT", point);
    let there = Node::start(&data, dying);
    done(&there.client).await;
    until(async || there.log().contains(&format!("crash point {point}"))).await;
    drop(there);
    node.restart();
}

#[tokio::test]
async fn a_node_that_dies_at_a_step_of_a_waiting_request_takes_it_up_where_it_stands() {
    let points: Vec<&str> = OUTBOX_POINTS.iter().map(|point| point.name).collect();
    assert_eq!(
        points,
        ["outbox.kept", "outbox.stepped"],
        "each has its part here"
    );
    let mut node = poor().await;
    // It dies with the request on disk and before anybody is told: asked again, it is the same one.
    dies_while(&mut node, points[0], async |client| {
        let told = client.issue(order("a"), &key("a"), &accepted()).await;
        assert!(told.is_err(), "{told:?}");
    })
    .await;
    let found = node.client.outcome(&key("a"), Some(1)).await.unwrap();
    assert_eq!(found.waiting_for, Some(WaitingFor::TopUp), "{found:?}");
    let asked = node.client.issue(order("a"), &key("a"), &accepted()).await;
    assert_eq!(pending(asked.unwrap()).id, found.id);
    // It dies with another one given up on disk: given up it is.
    let other = node.client.issue(order("b"), &key("b"), &accepted()).await;
    let other = pending(other.unwrap()).id;
    dies_while(&mut node, points[1], async |client| {
        let told = client.cancel(&other).await;
        assert!(told.is_err(), "{told:?}");
    })
    .await;
    let client = &node.client;
    assert_eq!(
        client.cancel(&other).await.unwrap().state,
        RequestState::Cancelled
    );
    client
        .top_up(Some(1), "5000.00", "much", &key("much"))
        .await
        .unwrap();
    until(async || is(client, "a", RequestState::Final).await).await;
    assert!(is(client, "b", RequestState::Cancelled).await);
    assert_eq!(client.account(Some(1)).await.unwrap().issued_count, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_calls_with_one_key_while_short_of_fee_end_in_one_invoice() {
    let node = poor().await;
    let mut calls = Vec::new();
    for _call in 0..100 {
        let client = node.client.clone();
        calls.push(tokio::spawn(async move {
            client.issue(order("one"), &key("one"), &accepted()).await
        }));
    }
    let mut ids = std::collections::BTreeSet::new();
    for call in calls {
        match call.await.unwrap() {
            Ok(issued) => drop(ids.insert(pending(issued).id)),
            Err(error) => assert_eq!(error.problem().unwrap().code, "E1409", "{error}"),
        }
    }
    assert_eq!(ids.len(), 1, "one request");
    let client = &node.client;
    client
        .top_up(Some(1), "5000.00", "much", &key("much"))
        .await
        .unwrap();
    until(async || is(client, "one", RequestState::Final).await).await;
    assert_eq!(client.account(Some(1)).await.unwrap().issued_count, 2);
}

#[tokio::test]
async fn a_key_still_gives_its_invoice_when_the_chain_has_forgotten_the_replay_guard() {
    let few = |data: &std::path::Path, offset: &str| {
        let mut command: Command = command(data);
        // Runs of replay guards fill, and are forgotten once their windows are past.
        command
            .env("PIAO_CRASH_RUN_KEYS", "8")
            .args(["--clock-offset", offset]);
        command
    };
    let mut node = Node::fresh_as(|data| few(data, "0s"));
    let issue = async |node: &Node, name: &str| {
        let draft = draft(|draft| draft["remark"] = name.into());
        let issued = node
            .client
            .issue(draft, &key(name), &IssueOptions::default())
            .await;
        final_invoice(issued.unwrap()).document.number
    };
    let first = issue(&node, "first").await;
    for nth in 0..20 {
        issue(&node, &format!("more-{nth}")).await;
    }
    for offset in ["30m", "60m", "90m"] {
        let data = node.data.clone();
        assert!(node.terminate().success());
        let folder = node.take_folder();
        node = Node::start(&data, few(&data, offset));
        node.give_folder(folder);
        for nth in 0..20 {
            issue(&node, &format!("{offset}-{nth}")).await;
        }
    }
    let count = node.client.account(Some(1)).await.unwrap().issued_count;
    assert_eq!(issue(&node, "first").await, first);
    assert_eq!(
        node.client.account(Some(1)).await.unwrap().issued_count,
        count
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_while_nobody_votes_is_final_once_the_network_is_back() {
    let mut members = Members::up(4, 0).await;
    for at in 0..4 {
        members.kill(at);
    }
    for nth in 0..QUEUED {
        if nth == QUEUED / 3 || nth == 2 * QUEUED / 3 {
            members.kill(4);
            members.start(4);
        }
        let name = format!("q{nth}");
        let desk = &members.desk().client;
        pending(
            desk.issue(order(&name), &key(&name), &accepted())
                .await
                .unwrap(),
        );
    }
    members.kill(4);
    members.start(4);
    let desk = members.desk().client.clone();
    let page = desk.requests(&RequestQuery::default()).await.unwrap();
    assert!(
        page.data
            .iter()
            .all(|view| view.state != RequestState::Final)
    );
    for at in 0..4 {
        members.start(at);
    }
    let begun = Instant::now();
    let issued = async || {
        desk.account(Some(1))
            .await
            .map_or(0, |account| account.issued_count)
    };
    let all = u64::try_from(QUEUED).unwrap();
    until(async || issued().await >= all).await;
    assert!(begun.elapsed() < ALL_FINAL_WITHIN, "{:?}", begun.elapsed());
    let mut numbers = std::collections::BTreeSet::new();
    for nth in 0..QUEUED {
        let view = desk
            .outcome(&key(&format!("q{nth}")), Some(1))
            .await
            .unwrap();
        assert_eq!(view.state, RequestState::Final, "{view:?}");
        numbers.insert(view.number.unwrap());
    }
    assert_eq!(numbers.len(), QUEUED);
    assert_eq!(issued().await, all, "each once");
}

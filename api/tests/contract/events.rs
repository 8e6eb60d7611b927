//! Goal: whoever listens hears its own accounts, misses nothing, and never holds up others.

use std::time::Duration;

use piao_api::caller::Caller;
use piao_api::limits::EVENT_STREAMS_MAX;
use piao_api::wire::{Event, EventPage};
use reqwest::Method;
use serde_json::json;

use crate::harness::{DEADLINE, Server, pair, refusal, refused};
use crate::memory::{KEY_SECOND, Options};

/// Events that the memory's node has to tell, each of another account in turn.
const TOLD: u64 = 7;

/// What the memory's node tells: events 1 to 7, of accounts 1 and 2 in turn.
pub(crate) fn told(caller: &Caller, after: u64, limit: u32) -> EventPage {
    let event = |seq: u64| Event {
        seq,
        at: "2026-11-21T10:00:00+08:00".to_owned(),
        kind: "balance.low".to_owned(),
        version: 1,
        account: if seq % 2 == 1 { 1 } else { 2 },
        subject: "1".to_owned(),
        data: json!({ "can_issue": seq }),
    };
    let all = (after + 1..=TOLD).map(event);
    let mut own = all.filter(|event| caller.owns(event.account));
    let data: Vec<Event> = own.by_ref().take(usize::try_from(limit).unwrap()).collect();
    let has_more = own.next().is_some();
    let last = data.last().map_or(TOLD, |event| event.seq);
    EventPage {
        data,
        has_more,
        next_after: if has_more { last } else { TOLD.max(after) },
    }
}

fn numbers(page: &EventPage) -> Vec<u64> {
    page.data.iter().map(|event| event.seq).collect()
}

#[tokio::test]
async fn events_come_by_pages_of_the_callers_accounts_alone() {
    let server = Server::dev().await;
    let client = server.client();
    let page = client.events(None, 2, 3).await.unwrap();
    assert_eq!((numbers(&page), page.has_more), (vec![3, 4, 5], true));
    let rest = client.events(None, page.next_after, 3).await.unwrap();
    assert_eq!((numbers(&rest), rest.has_more), (vec![6, 7], false));
    let second = client.events(Some(2), 0, 50).await.unwrap();
    assert_eq!(numbers(&second), [2, 4, 6]);
    let foreign = client.events(Some(3), 0, 50).await;
    assert_eq!(refused(foreign), pair(403, "E2013"));
    for query in ["after=x", "after=-1", "limit=0", "limit=201", "since=1"] {
        let reply = server.get(&format!("/v1/events?{query}")).await;
        assert_eq!(refusal(reply).await, pair(400, "E2606"), "{query}");
    }
}

#[tokio::test]
async fn nobody_without_a_key_hears_anything() {
    let options = Options {
        dev: false,
        ..Options::default()
    };
    let server = Server::start(options).await;
    for path in ["/v1/events", "/v1/events/stream"] {
        assert_eq!(
            refusal(server.get(path).await).await,
            pair(401, "E2010"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_stream_begins_after_the_last_event_that_was_heard_and_has_frames_of_the_standard() {
    let server = Server::dev().await;
    let call = server.call(Method::GET, "/v1/events/stream?after=1");
    let call = call.header("authorization", format!("Bearer {KEY_SECOND}"));
    let mut reply = call.header("last-event-id", "4").send().await.unwrap();
    assert_eq!(reply.headers()["content-type"], "text/event-stream");
    assert_eq!(reply.headers()["cache-control"], "no-store");
    let first = reply.chunk().await.unwrap().unwrap();
    let text = String::from_utf8(first.to_vec()).unwrap();
    let expected = "retry: 1000\n\nid: 6\nevent: balance.low\ndata: {\"seq\":6,";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.ends_with("}\n\n"), "{text}");
    let wrong = server.call(Method::GET, "/v1/events/stream");
    let wrong = wrong.header("last-event-id", "x").send().await.unwrap();
    assert_eq!(refusal(wrong).await, pair(400, "E2606"));
}

#[tokio::test]
async fn streams_are_bounded_and_a_listener_who_goes_makes_room() {
    let server = Server::dev().await;
    let client = server.client();
    let mut streams = Vec::new();
    for _nth in 0..EVENT_STREAMS_MAX {
        streams.push(client.event_stream(None, 0).await.unwrap());
    }
    let one_more = client.event_stream(None, 0).await;
    assert_eq!(refused(one_more), pair(503, "E2607"));
    // Others are served all the while.
    client.chain().await.unwrap();
    drop(streams.pop());
    let freed = async {
        while client.event_stream(None, 0).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, freed).await.unwrap();
}

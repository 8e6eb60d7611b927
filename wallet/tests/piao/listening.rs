//! `piao listen` and `piao announcements`: what happens and what is announced, for scripts.

use std::sync::Mutex;

use piao_api::wire::{Announcement, AnnouncementState, Event, EventPage, Page};
use piao_chain::failure::FailureCode;
use serde_json::json;

use crate::process::Home;
use crate::stub::{Reply, Stub, json, refusal};

fn told(seq: u64) -> Reply {
    let event = Event {
        seq,
        at: "2026-11-21T10:00:00+08:00".to_owned(),
        kind: "request.final".to_owned(),
        version: 1,
        account: 1,
        subject: "00112233445566778899aabbccddeeff".to_owned(),
        data: json!({ "number": "26427000000000000001" }),
    };
    let data = serde_json::to_string(&event).unwrap();
    let text = format!("retry: 1000\n\nid: {seq}\nevent: request.final\ndata: {data}\n\n");
    Some((200, "text/event-stream", text.into_bytes()))
}

#[test]
fn a_stream_that_ends_or_breaks_is_opened_anew_after_the_last_event() {
    let opened = Mutex::new(0);
    let stub = Stub::start(move |request| {
        if !request.line.starts_with("GET /v1/events/stream") {
            let page = EventPage {
                data: Vec::new(),
                has_more: false,
                next_after: 7,
            };
            return json(200, &page);
        }
        let mut opened = opened.lock().unwrap();
        *opened += 1;
        match *opened {
            1 => told(11),
            2 => None,
            3 => told(15),
            _ => refusal(FailureCode::PermissionDenied),
        }
    });
    let home = Home::with_node(&stub.url);
    let run = home.run(&["listen", "--account", "1"]).expect(3);
    let numbers: Vec<u64> = run
        .stdout
        .lines()
        .filter_map(|line| {
            let event: Event = serde_json::from_str(line).ok()?;
            Some(event.seq)
        })
        .collect();
    assert_eq!(numbers, [11, 15], "{run:?}");
    let seen = stub.seen();
    let after: Vec<_> = seen
        .iter()
        .filter_map(|request| request.header("last-event-id"))
        .collect();
    assert_eq!(after, ["7", "11", "11", "15"]);
    let streams = seen.iter().skip(1);
    assert!(
        streams
            .into_iter()
            .all(|one| one.line.ends_with("?account=1")),
        "{seen:?}"
    );
}

#[test]
fn announced_maintenance_is_listed_with_its_state_and_reason() {
    let announcement = Announcement {
        id: 3,
        reason: "upgrade".to_owned(),
        zh: "系统升级".to_owned(),
        en: "Programs are being upgraded".to_owned(),
        from: "2026-11-21T22:00:00+08:00".to_owned(),
        until: "2026-11-22T02:00:00+08:00".to_owned(),
        announced_at: "2026-11-20T10:00:00+08:00".to_owned(),
        ended_at: None,
        state: AnnouncementState::Announced,
    };
    let page = Page::last(vec![announcement]);
    let stub = Stub::start(move |_| json(200, &page));
    let home = Home::with_node(&stub.url);
    let run = home.run(&["announcements"]).expect(0);
    for word in ["3", "announced", "2026-11-21T22:00:00+08:00", "upgraded"] {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
    let run = home.run(&["--json", "announcements"]).expect(0);
    assert_eq!(run.json()["data"][0]["state"], "announced");
    assert_eq!(stub.seen()[0].line, "GET /v1/announcements");
}

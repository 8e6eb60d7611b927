//! Events: the desk journal's records as what happened, for whoever listens.
//!
//! Guards: the number of an event follows from that of its record, so it is the same after a restart
//! and a rebuild; only what is synced is told, so no number is ever used for something else; nothing
//! of a draft, a party or a key the caller chose stands in one.

use std::time::Duration;

use piao_api::backend::Refusal;
use piao_api::wire::{Event, EventPage, WaitingFor};
use piao_chain::failure::FailureCode;
use piao_chain::transaction::Payload;
use serde_json::{Value, json};

use super::Desk;
use super::outbox::waits_for;
use super::records::refusal_of;
use super::store::{
    DeskHeaderBody, Notice, NoticeKind, RequestId, Resolution, Resolved, Step, StepKind,
};
use crate::backend::time_text;
use crate::ledger::Place;

/// Numbers of events for each record; no record tells more.
const EVENTS_PER_RECORD: u64 = 4;

/// Records read for one page; a page may be short, or empty, and say that there is more.
const RECORDS_PER_PAGE_MAX: u64 = 2_000;

/// Records that come close together are told of together.
const TOGETHER: Duration = Duration::from_millis(20);

impl Desk {
    /// Makes what was recorded up to now durable, so that it can be told.
    pub(crate) async fn sync_records(&self) -> Result<(), Refusal> {
        let synced = self.store.sync().await;
        synced.map_err(|error| refusal_of(&error))
    }

    /// Resolves when there are records whose events have higher numbers.
    pub(crate) async fn wait_for_records(&self, after: u64) {
        let mut records = self.store.watch_records();
        let next = record_after(after);
        // It never closes while the desk is there.
        drop(records.wait_for(|count| *count > next).await);
        tokio::time::sleep(TOGETHER).await;
    }

    /// Events with higher numbers than `after`, of accounts a caller may see, oldest first. Call
    /// [`Self::sync_records`] before. Blocks for the disk.
    pub(crate) fn events(
        &self,
        owns: &dyn Fn(u32) -> bool,
        after: u64,
        limit: u32,
    ) -> Result<EventPage, Refusal> {
        let count = *self.store.watch_records().borrow();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let first = record_after(after);
        let end = count.min(first.saturating_add(RECORDS_PER_PAGE_MAX));
        let mut data = Vec::new();
        let mut next_after = after;
        for seq in first..end {
            for event in self.events_of(seq)? {
                if event.seq <= after || !(event.account == 0 || owns(event.account)) {
                    continue;
                }
                if data.len() >= limit {
                    return Ok(EventPage {
                        data,
                        has_more: true,
                        next_after,
                    });
                }
                next_after = event.seq;
                data.push(event);
            }
            next_after = next_after.max(number(seq, EVENTS_PER_RECORD - 1));
        }
        Ok(EventPage {
            data,
            has_more: end < count,
            next_after,
        })
    }

    /// What a record tells, in order.
    fn events_of(&self, seq: u64) -> Result<Vec<Event>, Refusal> {
        let header = self.store.read_header(seq);
        Ok(match header.map_err(|error| refusal_of(&error))? {
            DeskHeaderBody::Kept(kept) => {
                let data = waiting(kept.code, kept.not_before_ms);
                let id = kept.request_id;
                vec![of_request(
                    seq,
                    (kept.account, &id),
                    "waiting",
                    kept.at_ms,
                    data,
                )]
            }
            DeskHeaderBody::Step(step) => self.of_step(seq, &step),
            DeskHeaderBody::Resolved(resolved) => self.of_resolved(seq, &resolved)?,
            DeskHeaderBody::Notice(notice) => vec![of_notice(seq, &notice)],
            DeskHeaderBody::Accepted(_)
            | DeskHeaderBody::TopUp(_)
            | DeskHeaderBody::Card { .. }
            | DeskHeaderBody::Downloaded(_) => Vec::new(),
        })
    }

    fn account_of(&self, id: &RequestId) -> Option<u32> {
        self.index().by_id(id).map(|(key, _entry)| key.0)
    }

    fn of_step(&self, seq: u64, step: &Step) -> Vec<Event> {
        let Some(account) = self.account_of(&step.request_id) else {
            return Vec::new();
        };
        let (what, data) = match &step.kind {
            StepKind::Waiting {
                code,
                not_before_ms,
            } => ("waiting", waiting(*code, *not_before_ms)),
            StepKind::Failed { codes } => {
                let codes: Vec<String> = codes.iter().copied().map(code_text).collect();
                ("failed", json!({ "codes": codes }))
            }
            StepKind::Cancelled => ("cancelled", json!({})),
            StepKind::Retried | StepKind::Proposed(_) | StepKind::Withdrawn => return Vec::new(),
        };
        let request = (account, &step.request_id);
        vec![of_request(seq, request, what, step.at_ms, data)]
    }

    fn of_resolved(&self, seq: u64, resolved: &Resolved) -> Result<Vec<Event>, Refusal> {
        let Some(account) = self.account_of(&resolved.request_id) else {
            return Ok(Vec::new());
        };
        let request = (account, &resolved.request_id);
        let at_ms = resolved.at_ms;
        let place = match resolved.resolution {
            Resolution::Final { height, index } => Place { height, index },
            Resolution::Failed { code } => {
                let data = json!({ "codes": [code_text(code)] });
                return Ok(vec![of_request(seq, request, "failed", at_ms, data)]);
            }
        };
        let gone = || Refusal::of(FailureCode::StoreCorrupt);
        let committed = self.block_at(place.height)?;
        let at = usize::try_from(place.index).map_err(|_source| gone())?;
        let transaction = committed.block.transactions.get(at).ok_or_else(gone)?;
        let outcome = committed.outcomes.get(at).ok_or_else(gone)?;
        let numbers: Vec<&str> = outcome
            .effects
            .iter()
            .map(|effect| effect.number.as_str())
            .collect();
        let height = place.height;
        let data = json!({ "number": numbers.last(), "height": height });
        let mut events = vec![of_request(seq, request, "final", at_ms, data)];
        let mut add = |what: &str, subject: &str, data: Value| {
            let part = u64::try_from(events.len()).unwrap_or_default();
            events.push(Event {
                seq: number(seq, part),
                kind: format!("invoice.{what}"),
                subject: subject.to_owned(),
                ..event(account, at_ms, data)
            });
        };
        let request_id = hex::encode(resolved.request_id);
        let red = match &transaction.body().payload {
            Payload::IssueRedLetter(red) => Some(&red.original),
            Payload::ReissueInvoice(both) => Some(&both.red.original),
            _ => None,
        };
        let mut numbers = numbers.into_iter();
        if let (Some(original), Some(red_number)) = (red, numbers.clone().next()) {
            let replaced_by = numbers.clone().nth(1);
            let data = json!({
                "request": request_id, "red_number": red_number, "replaced_by": replaced_by,
                "height": height,
            });
            add("reversed", original.as_str(), data);
            numbers.next();
        }
        for issued in numbers.take(1) {
            add(
                "issued",
                issued,
                json!({ "request": request_id, "height": height }),
            );
        }
        Ok(events)
    }
}

/// The record that the first event after a number may belong to.
const fn record_after(after: u64) -> u64 {
    // The last number of a record leads to the next one.
    (after.saturating_add(1) / EVENTS_PER_RECORD).saturating_sub(1)
}

/// The number of a record's event: from 4 on, four for each record.
const fn number(record: u64, part: u64) -> u64 {
    record
        .saturating_add(1)
        .saturating_mul(EVENTS_PER_RECORD)
        .saturating_add(part)
}

fn code_text(number: u16) -> String {
    FailureCode::from_number(number)
        .map_or_else(|| format!("E{number}"), |code| code.code().to_owned())
}

fn waiting(code: u16, not_before_ms: u64) -> Value {
    let cause = FailureCode::from_number(code).and_then(waits_for);
    json!({
        "code": code_text(code),
        "waiting_for": cause.map(WaitingFor::as_str),
        "not_before": (not_before_ms > 0).then(|| time_text(not_before_ms)),
    })
}

/// An event without number, type and subject.
fn event(account: u32, at_ms: u64, data: Value) -> Event {
    Event {
        seq: 0,
        at: time_text(at_ms),
        kind: String::new(),
        version: 1,
        account,
        subject: String::new(),
        data,
    }
}

fn of_request(
    seq: u64,
    (account, id): (u32, &RequestId),
    what: &str,
    at_ms: u64,
    data: Value,
) -> Event {
    Event {
        seq: number(seq, 0),
        kind: format!("request.{what}"),
        subject: hex::encode(id),
        ..event(account, at_ms, data)
    }
}

fn of_notice(seq: u64, notice: &Notice) -> Event {
    let balance = |can_issue: u64| (notice.account, json!({ "can_issue": can_issue }));
    let (kind, (subject, data)) = match notice.kind {
        NoticeKind::BalanceLow { can_issue } => ("balance.low", balance(can_issue)),
        NoticeKind::BalanceRestored { can_issue } => ("balance.restored", balance(can_issue)),
        NoticeKind::Published {
            announcement,
            from_ms,
            until_ms,
        } => {
            let span = json!({ "from": time_text(from_ms), "until": time_text(until_ms) });
            ("announcement.published", (announcement, span))
        }
        NoticeKind::Ended { announcement } => ("announcement.ended", (announcement, json!({}))),
    };
    Event {
        seq: number(seq, 0),
        kind: kind.to_owned(),
        subject: subject.to_string(),
        ..event(notice.account, notice.at_ms, data)
    }
}

#[cfg(test)]
mod events_tests {
    use super::*;

    #[test]
    fn numbers_ascend_with_records_and_lead_back_to_them() {
        let mut last = 0;
        for record in 0..5 {
            for part in 0..EVENTS_PER_RECORD {
                let now = number(record, part);
                assert!(now > last, "{record} {part}");
                assert_eq!(record_after(now - 1), record, "the one before leads here");
                last = now;
            }
        }
        assert_eq!(record_after(0), 0);
        assert_eq!(record_after(number(7, EVENTS_PER_RECORD - 1)), 8);
        assert_eq!(record_after(number(7, 1)), 7, "a cut record is read again");
    }
}

//! The records of what the chain does not tell: a request that is kept unsigned, and its steps.

use piao_api::backend::Refusal;
use piao_chain::failure::FailureCode;
use piao_chain::time::{BlockTime, IssueDate};

use super::super::Desk;
use super::super::ask::Ask;
use super::super::in_flight::AccountKey;
use super::super::index::Entry;
use super::super::records::refusal_of;
use super::super::store::{self, DeskRecord, Private, Step, StepKind};
use super::stage::Stage;

/// Failure codes of one step that are kept.
const CODES_MAX: usize = 16;

impl Desk {
    /// Keeps a request that is refused for a reason that ends by itself. Synced when this returns.
    ///
    /// # Errors
    /// [`FailureCode::PoolFull`] when too many wait; the store's.
    pub(in crate::desk) async fn keep(
        &self,
        key: &AccountKey,
        ask: &Ask,
        known: Option<&Entry>,
        refusal: &Refusal,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let (code, not_before_ms) = (refusal.code(), not_before_of(refusal, now));
        let entry = match known {
            Some(entry) if self.ask_of(entry.seq)?.as_ref() == Some(ask) => {
                let kind = StepKind::Waiting {
                    code: code.number(),
                    not_before_ms,
                };
                return self.step(key, entry, kind, Synced::Yes).await;
            }
            known => known,
        };
        if self.jobs.is_full(key.0) {
            return Err(Refusal::of(FailureCode::PoolFull));
        }
        let (id, attempt) = match entry {
            Some(entry) => (entry.id, entry.next_attempt()),
            None => (new_id()?, 0),
        };
        let bytes = ask.encode().map_err(Refusal::of)?;
        let kept = store::Kept {
            request_id: id,
            account: key.0,
            key: key.1.clone(),
            attempt,
            code: code.number(),
            not_before_ms,
            at_ms: now.ms(),
        };
        let record = DeskRecord::Kept {
            kept: kept.clone(),
            draft: Private::Open(bytes),
        };
        let seq = self.store.append(record).await;
        let seq = seq.map_err(|error| refusal_of(&error))?;
        crash_point!("outbox.kept");
        let entry = kept_entry(entry, &kept, seq);
        self.jobs.put(key.0, &entry, not_before_ms);
        self.index().add(key.clone(), entry);
        self.jobs.nudge();
        Ok(())
    }

    /// Records a step of a request and takes it. Nothing that was signed for it may become final.
    pub(in crate::desk) async fn step(
        &self,
        key: &AccountKey,
        entry: &Entry,
        kind: StepKind,
        synced: Synced,
    ) -> Result<(), Refusal> {
        let mut next = entry.clone();
        let step = Step {
            request_id: entry.id,
            kind,
            at_ms: self.chain.clock().now().ms(),
        };
        next.apply(&step);
        if (next.txid, &next.stage, next.proposed) == (entry.txid, &entry.stage, entry.proposed) {
            // It stands there already: a record would say nothing.
            return Ok(());
        }
        let record = DeskRecord::Step(step);
        let kept = match synced {
            Synced::Yes => self.store.append(record).await.map(|_seq| ()),
            Synced::Soon => self.store.append_unsynced(record),
        };
        kept.map_err(|error| refusal_of(&error))?;
        crash_point!("outbox.stepped");
        let due_ms = match &next.stage {
            Stage::Waiting { not_before_ms, .. } => *not_before_ms,
            _ => 0,
        };
        self.jobs.put(key.0, &next, due_ms);
        self.index().replace(next);
        Ok(())
    }
}

/// Whether a step must be durable before anybody is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Synced {
    /// It must: after a crash nobody would find it out again.
    Yes,
    /// It is found out again by trying.
    Soon,
}

/// A name for a new request.
pub(in crate::desk) fn new_id() -> Result<[u8; 16], Refusal> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_source| Refusal::of(FailureCode::Internal))?;
    Ok(id)
}

/// The entry of a request that is kept unsigned, as the record tells it.
pub(in crate::desk) fn kept_entry(known: Option<&Entry>, kept: &store::Kept, seq: u64) -> Entry {
    let tries = known.map_or_else(Vec::new, |known| {
        let mut known = known.clone();
        known.end_try();
        known.tries
    });
    Entry {
        id: kept.request_id,
        born: known.map_or(seq, |known| known.born),
        seq,
        attempt: kept.attempt,
        idem: [0; 16],
        txid: None,
        fee_fen: 0,
        valid_until_ms: 0,
        noted: false,
        anchored: known.is_some_and(|known| known.anchored),
        dropped: None,
        place: None,
        stage: Stage::Waiting {
            code: FailureCode::from_number(kept.code).unwrap_or(FailureCode::Internal),
            not_before_ms: kept.not_before_ms,
        },
        // What came of an earlier one says nothing of what is asked for anew.
        proposed: known
            .filter(|known| known.is_open())
            .and_then(|known| known.proposed),
        tries,
        created_at_ms: known.map_or(kept.at_ms, |known| known.created_at_ms),
        at_ms: kept.at_ms,
        downloads: 0,
    }
}

/// The codes of a refusal, each once, as they are recorded.
pub(super) fn codes_of(refusal: &Refusal) -> Vec<u16> {
    let mut codes = Vec::new();
    for fault in &refusal.faults {
        let number = fault.code.number();
        if !codes.contains(&number) && codes.len() < CODES_MAX {
            codes.push(number);
        }
    }
    codes
}

/// When a refusal is worth another try, in ms since 1970; 0 when that is not known beforehand.
pub(in crate::desk) fn not_before_of(refusal: &Refusal, now: BlockTime) -> u64 {
    let of_fault = |fault: &piao_chain::fault::Fault| match fault.code {
        FailureCode::QuotaMonthExceeded => next_month(now),
        _ => fault.not_before.map_or(0, BlockTime::ms),
    };
    let of_faults = refusal.faults.iter().map(of_fault).max();
    let of_all = refusal.not_before.map_or(0, BlockTime::ms);
    of_faults.unwrap_or_default().max(of_all)
}

/// When the quota of the next month begins in China, in ms since 1970; 0 after the year 9999.
fn next_month(now: BlockTime) -> u64 {
    let Some((year, month, _day)) = IssueDate::of(now).calendar() else {
        return 0;
    };
    let (year, month) = if month >= 12 {
        (year.saturating_add(1), 1)
    } else {
        (year, u16::from(month).saturating_add(1))
    };
    IssueDate::from_calendar(year, month, 1).map_or(0, |day| day.begins().ms())
}

#[cfg(test)]
mod keep_tests {
    use super::*;

    #[test]
    fn the_quota_of_the_next_month_begins_at_midnight_in_china() {
        let at = |text: &str| BlockTime::parse_rfc3339(text).unwrap();
        for (now, next) in [
            ("2026-11-21T10:00:00+08:00", "2026-12-01T00:00:00+08:00"),
            ("2026-12-31T23:59:59+08:00", "2027-01-01T00:00:00+08:00"),
            ("2026-11-30T16:00:00Z", "2027-01-01T00:00:00+08:00"),
        ] {
            assert_eq!(next_month(at(now)), at(next).ms(), "{now}");
        }
    }
}

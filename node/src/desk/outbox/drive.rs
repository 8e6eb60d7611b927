//! The task that takes requests on: when a block comes, when a cause ends, else after a pause.
//!
//! Guards: no request waits for another one's trouble; a pass is bounded and gives way; whoever
//! works on a key keeps it for himself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use piao_api::backend::Refusal;
use piao_api::wire::WaitingFor;
use piao_chain::failure::FailureCode;
use piao_chain::time::BlockTime;

use super::super::Desk;
use super::super::ask::Ask;
use super::super::elsewhere::Done;
use super::super::in_flight::{AccountKey, Turn};
use super::super::index::Entry;
use super::super::outcome::Standing;
use super::super::records::refusal_of;
use super::super::store::{DeskRecord, Resolution, Resolved, StepKind};
use super::jobs::{Age, Job};
use super::keep::{Synced, codes_of, not_before_of};
use super::stage::{passes, waits_for};
use crate::ledger::Place;

/// Time between two passes at least: blocks may come faster.
const PASS_EVERY_MIN: Duration = Duration::from_millis(50);

/// Time between two passes at most, whatever is told.
const PASS_EVERY_MAX: Duration = Duration::from_secs(5);

/// Requests taken on in one pass; the others follow in the next one.
const PASS_MAX: usize = 256;

/// Answers of other parties looked for after a block; the others are found when their pause is over.
const ANSWERS_MAX: usize = 1_024;

/// How long a request that is in the pool is left there before it is looked at without a block, in
/// ms.
const REST_MS: u64 = 2_000;

/// What became of a request that was taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Forwarded {
    /// It is with the network, or at its end, or somebody else works on it.
    On,
    /// It waits on; for what.
    Waits(Option<WaitingFor>),
}

impl Desk {
    /// Takes requests on for as long as the node runs.
    pub async fn run_outbox(self: Arc<Self>) {
        let mut heights = self.chain.watch_height();
        loop {
            heights.borrow_and_update();
            self.pass().await;
            tokio::time::sleep(PASS_EVERY_MIN).await;
            let now_ms = self.now().ms();
            let due_ms = self.jobs.next_due_ms().unwrap_or(u64::MAX);
            let pause = Duration::from_millis(due_ms.saturating_sub(now_ms)).min(PASS_EVERY_MAX);
            tokio::select! {
                changed = heights.changed() => if changed.is_err() { return },
                () = self.jobs.nudged() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Looks at every request once and takes on those that can go on.
    pub(in crate::desk) async fn pass(self: &Arc<Self>) {
        self.wake_by_causes();
        self.wake_answered();
        self.tell_announcements();
        for account in self.accounts() {
            self.tell_balance(account).await;
        }
        let now_ms = self.now().ms();
        let mut taken = 0usize;
        // Accounts whose next request was refused for their fees: the others would be, too.
        let mut short = BTreeSet::new();
        for (age, job) in self.jobs.all() {
            if taken >= PASS_MAX {
                self.jobs.nudge();
                return;
            }
            let is_due = job.due_ms <= now_ms;
            let for_top_up = job.waits == Some(WaitingFor::TopUp);
            let is_short = short.contains(&age.0) && job.txid.is_none() && for_top_up;
            if is_short || !self.wants_work(age, &job, now_ms) {
                continue;
            }
            let Some(key) = self.key_of(&job) else {
                self.jobs.close(age.0, age.1);
                continue;
            };
            taken += 1;
            if self.forward(&key, is_due).await == Forwarded::Waits(Some(WaitingFor::TopUp)) {
                short.insert(age.0);
            }
        }
    }

    /// Whether a request is to be taken on now; one that waits in the pool is well where it is.
    fn wants_work(&self, age: Age, job: &Job, now_ms: u64) -> bool {
        let is_due = job.due_ms <= now_ms;
        let Some(txid) = &job.txid else {
            return is_due;
        };
        let is_in_pool = self.admission.pool().contains(txid);
        if is_in_pool && is_due {
            self.jobs.rest(age, now_ms.saturating_add(REST_MS));
        }
        !is_in_pool
    }

    /// The time by which requests are judged and put off: the node's clock, unless the chain is
    /// ahead of it.
    pub(in crate::desk) fn now(&self) -> BlockTime {
        let tip_ms = self.chain.tip().header.time_ms;
        BlockTime::from_ms(self.chain.clock().now().ms().max(tip_ms))
    }

    fn key_of(&self, job: &Job) -> Option<AccountKey> {
        let index = self.index();
        index.by_id(&job.id).map(|(key, _entry)| key.clone())
    }

    /// Wakes what waited for the other party's answer and has it, or will have none.
    fn wake_answered(&self) {
        let waiting = self.jobs.unanswered(self.chain.height(), ANSWERS_MAX);
        for (age, index) in waiting {
            if self.is_answered(index) {
                self.jobs.wake(age);
            }
        }
    }

    /// Takes one request on: notes what the chain says of it, hands what is signed in again, or
    /// signs the next attempt. `is_due` is false where only the chain is to be asked.
    pub(in crate::desk) async fn forward(
        self: &Arc<Self>,
        key: &AccountKey,
        is_due: bool,
    ) -> Forwarded {
        let Turn::Mine(_claim) = self.in_flight.claim(key.clone()) else {
            return Forwarded::On;
        };
        let Ok(entry) = self.entry(key) else {
            return Forwarded::On;
        };
        let age = (key.0, entry.born);
        match self.standing(key.0, &entry) {
            Ok(Standing::Final(place)) => {
                // Where the writer is busy it is noted with the next block.
                let _noted = self.note_final(key, &entry, place);
                Forwarded::On
            }
            Ok(Standing::Possible) if is_due => self.hand_in_again(key, &entry),
            Ok(Standing::Possible) => Forwarded::On,
            Ok(Standing::Never(_)) if entry.anchored && self.end_anchored(key, &entry).await => {
                Forwarded::On
            }
            Ok(Standing::Never(_)) if entry.is_to_withdraw() => self.take_back(key, &entry).await,
            Ok(Standing::Never(_)) if self.is_unanswered(&entry) => {
                let waits = Some(WaitingFor::Confirmation);
                self.jobs.put_off(age, self.now().ms(), 0, waits);
                Forwarded::Waits(waits)
            }
            Ok(Standing::Never(_)) if entry.is_open() => self.sign_anew(key, &entry).await,
            Ok(Standing::Never(_)) => {
                self.jobs.close(age.0, age.1);
                Forwarded::On
            }
            // What can't be read now is left for later and holds up nobody.
            Err(_unreadable) => {
                let now_ms = self.now().ms();
                self.jobs.put_off(age, now_ms, 0, None);
                Forwarded::Waits(None)
            }
        }
    }

    /// Remembers that a request is final, also for a time when the chain forgot its replay guard.
    pub(in crate::desk) fn note_final(
        &self,
        key: &AccountKey,
        entry: &Entry,
        place: Place,
    ) -> Result<(), Refusal> {
        // Several come by at once: whoever called, and the outbox.
        let is_new = {
            let mut index = self.index();
            index.by_id_mut(&entry.id).is_none_or(|(_key, entry)| {
                entry.place = Some(place);
                !core::mem::replace(&mut entry.noted, true)
            })
        };
        if !is_new {
            self.jobs.close(key.0, entry.born);
            return Ok(());
        }
        let resolved = DeskRecord::Resolved(Resolved {
            request_id: entry.id,
            resolution: Resolution::Final {
                height: place.height,
                index: place.index,
            },
            at_ms: self.chain.clock().now().ms(),
        });
        if let Err(error) = self.store.append_unsynced(resolved) {
            if let Some((_key, entry)) = self.index().by_id_mut(&entry.id) {
                entry.noted = false;
            }
            return Err(refusal_of(&error));
        }
        self.jobs.close(key.0, entry.born);
        Ok(())
    }

    /// Hands what is signed to the mempool again; it is the same transaction, so nothing is issued
    /// twice.
    fn hand_in_again(&self, key: &AccountKey, entry: &Entry) -> Forwarded {
        let now = self.now();
        let admitted = self
            .transaction_of(entry.seq)
            .map_err(|refusal| refusal.faults)
            .and_then(|transaction| self.admission.admit(transaction, false));
        let dropped = match admitted {
            Ok(_admitted) => None,
            Err(faults) => faults.into_iter().next(),
        };
        let code = dropped.as_ref().map(|fault| fault.code);
        if let Some((_key, entry)) = self.index().by_id_mut(&entry.id) {
            entry.dropped = code.map(FailureCode::number);
        }
        let not_before_ms = dropped.map_or(0, |fault| not_before_of(&Refusal::new(fault), now));
        // Not beyond its window: then the next attempt is due.
        let not_before_ms = not_before_ms.min(entry.valid_until_ms.saturating_add(1));
        let waits = code.and_then(waits_for);
        self.jobs
            .put_off((key.0, entry.born), now.ms(), not_before_ms, waits);
        match code {
            None => Forwarded::On,
            Some(_code) => Forwarded::Waits(waits),
        }
    }

    /// Signs the next attempt. What was signed before can't become final any more.
    async fn sign_anew(self: &Arc<Self>, key: &AccountKey, entry: &Entry) -> Forwarded {
        let refusal = match self.ask_of(entry.seq) {
            Ok(Some(ask)) => match self.accept_alone(key, &ask, Some(entry.clone())).await {
                Ok(Done::Here) => return Forwarded::On,
                Ok(Done::Elsewhere(place)) => {
                    // Where the writer is busy it is found again.
                    let _noted = self.note_final(key, entry, place);
                    return Forwarded::On;
                }
                Err(refusal) => self.ask_other_party(key, &ask, refusal).await,
            },
            // Erased: there is nothing left that could be issued.
            Ok(None) => Refusal::of(FailureCode::ResourceNotFound),
            Err(refusal) => refusal,
        };
        // It may rest on a confirmation since.
        let entry = &self.entry(key).unwrap_or_else(|_gone| entry.clone());
        let now = self.now();
        let waits = waits_for(refusal.code());
        let not_before_ms = not_before_of(&refusal, now);
        let (kind, synced) = if passes(&refusal.faults) || is_own_trouble(refusal.code()) {
            let kind = StepKind::Waiting {
                code: refusal.code().number(),
                not_before_ms,
            };
            (kind, Synced::Soon)
        } else {
            let codes = codes_of(&refusal);
            (StepKind::Failed { codes }, Synced::Yes)
        };
        let tries = self.jobs.tries((key.0, entry.born));
        if let Err(refusal) = self.step(key, entry, kind, synced).await {
            tracing::warn!(code = %refusal.code(), "a step of a request is not recorded yet");
        }
        self.jobs.set_tries((key.0, entry.born), tries);
        self.jobs
            .put_off((key.0, entry.born), now.ms(), not_before_ms, waits);
        Forwarded::Waits(waits)
    }

    /// Asks the other party where only its confirmation is missing; why the request can't go on.
    async fn ask_other_party(&self, key: &AccountKey, ask: &Ask, refusal: Refusal) -> Refusal {
        let Ask::Correction(correction) = ask else {
            return refusal;
        };
        if refusal.code() != FailureCode::RedConfirmRequired {
            return refusal;
        }
        match self.propose(key, correction).await {
            Ok(()) => refusal,
            Err(refusal) => refusal,
        }
    }

    /// Takes back what was proposed for a request that was given up.
    async fn take_back(&self, key: &AccountKey, entry: &Entry) -> Forwarded {
        let age = (key.0, entry.born);
        match self.withdraw(key, entry) {
            Ok(true) => {
                let step = self.step(key, entry, StepKind::Withdrawn, Synced::Yes);
                if step.await.is_ok() {
                    return Forwarded::On;
                }
            }
            Ok(false) => {}
            Err(refusal) => {
                tracing::warn!(code = %refusal.code(), "a proposal is not taken back yet");
            }
        }
        self.jobs.put_off(age, self.now().ms(), 0, None);
        Forwarded::Waits(None)
    }
}

/// Whether a refusal says nothing of the request, only that this node can't judge it now.
const fn is_own_trouble(code: FailureCode) -> bool {
    matches!(
        code,
        FailureCode::Internal | FailureCode::StoreCorrupt | FailureCode::InFlight
    )
}

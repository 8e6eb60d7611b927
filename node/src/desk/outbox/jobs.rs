//! The requests that are not at their end.
//!
//! Guards: their number is bounded, of each account and in all; of one account the oldest comes
//! first; waking one never blocks.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use piao_api::wire::WaitingFor;
use piao_chain::digest::TransactionId;
use tokio::sync::Notify;

use super::super::index::{Entry, RequestId};
use super::causes::Room;
use super::stage::pause_ms;

/// Requests of one account that may wait; one more is refused.
pub(super) const OPEN_PER_ACCOUNT_MAX: usize = 20_000;

/// Requests that may wait in all.
pub(super) const OPEN_MAX: usize = 100_000;

/// Account and first record: the order in which requests go out.
pub(super) type Age = (u32, u64);

/// A request that is not at its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// Its name.
    pub(super) id: RequestId,
    /// What is signed for it.
    pub(super) txid: Option<TransactionId>,
    /// Tries since something changed for it.
    pub(super) tries: u32,
    /// What it waits for.
    pub(super) waits: Option<WaitingFor>,
    /// The invoice whose proposed red letter it waits for an answer to: its issuance index.
    pub(super) proposal: Option<u64>,
    /// Not tried again before, by the node's clock in ms since 1970.
    pub(super) due_ms: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub(in crate::desk) struct Jobs {
    open: Mutex<Open>,
    nudge: Notify,
}

#[derive(Debug, Default)]
struct Open {
    jobs: BTreeMap<Age, Job>,
    in_account: HashMap<u32, usize>,
    /// What each account could spend when it was last asked, in fen.
    available_fen: BTreeMap<u32, i64>,
    /// Height at which answers were looked for last.
    asked_at: u64,
    /// What each account might issue when it was last asked.
    rooms: BTreeMap<u32, Room>,
    /// The announced maintenance that lasted when it was last asked.
    maintenance: Option<u32>,
    /// Whether the disk was nearly full when it was last asked.
    disk_is_low: bool,
}

impl Open {
    /// Has everything tried at once that waits for a cause and is not signed, of one account or all.
    fn wake(&mut self, account: Option<u32>, cause: WaitingFor) {
        let accounts = account.map_or((0, u32::MAX), |account| (account, account));
        for (_age, job) in self
            .jobs
            .range_mut((accounts.0, 0)..=(accounts.1, u64::MAX))
        {
            if job.waits == Some(cause) {
                job.due_ms = 0;
                job.tries = 0;
            }
        }
    }
}

impl Jobs {
    /// Whether no more may be kept for an account.
    pub(super) fn is_full(&self, account: u32) -> bool {
        let open = self.lock();
        let of_account = open.in_account.get(&account).copied().unwrap_or_default();
        of_account >= OPEN_PER_ACCOUNT_MAX || open.jobs.len() >= OPEN_MAX
    }

    /// How many there are.
    pub(in crate::desk) fn len(&self) -> usize {
        self.lock().jobs.len()
    }

    /// Takes up a request as it stands now, due at a time; one at its end is left alone from now on.
    pub(in crate::desk) fn put(&self, account: u32, entry: &Entry, due_ms: u64) {
        if !entry.is_open() {
            self.close(account, entry.born);
            return;
        }
        let mut open = self.lock();
        let job = Job {
            id: entry.id,
            txid: entry.txid,
            tries: 0,
            waits: entry.cause(),
            proposal: entry.proposed.map(|proposed| proposed.index),
            due_ms,
        };
        if open.jobs.insert((account, entry.born), job).is_none() {
            let count = open.in_account.entry(account).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Whether a request is among them.
    pub(in crate::desk) fn has(&self, account: u32, born: u64) -> bool {
        self.lock().jobs.contains_key(&(account, born))
    }

    /// A request has come to its end.
    pub(in crate::desk) fn close(&self, account: u32, born: u64) {
        let mut open = self.lock();
        if open.jobs.remove(&(account, born)).is_none() {
            return;
        }
        if let Some(count) = open.in_account.get_mut(&account) {
            *count = count.saturating_sub(1);
        }
    }

    /// Puts the next try off: a pause longer than the one before, but not before a time.
    pub(super) fn put_off(
        &self,
        age: Age,
        now_ms: u64,
        not_before_ms: u64,
        waits: Option<WaitingFor>,
    ) {
        if let Some(job) = self.lock().jobs.get_mut(&age) {
            let seed = job
                .id
                .first_chunk()
                .map_or(0, |bytes| u64::from_be_bytes(*bytes));
            let pause = pause_ms(job.tries, seed);
            job.tries = job.tries.saturating_add(1);
            job.due_ms = not_before_ms.max(now_ms.saturating_add(pause));
            job.waits = waits;
        }
    }

    /// Tries since something changed for a request.
    pub(super) fn tries(&self, age: Age) -> u32 {
        self.lock().jobs.get(&age).map_or(0, |job| job.tries)
    }

    /// Goes on counting tries where a step has begun anew.
    pub(super) fn set_tries(&self, age: Age, tries: u32) {
        if let Some(job) = self.lock().jobs.get_mut(&age) {
            job.tries = tries;
        }
    }

    /// Leaves a request that is well where it is until a time.
    pub(super) fn rest(&self, age: Age, until_ms: u64) {
        if let Some(job) = self.lock().jobs.get_mut(&age) {
            job.due_ms = until_ms;
        }
    }

    /// Every request, oldest first within its account.
    pub(super) fn all(&self) -> Vec<(Age, Job)> {
        let open = self.lock();
        open.jobs.iter().map(|(age, job)| (*age, *job)).collect()
    }

    /// Notes what an account can spend; if that is more than before and pays for an invoice, what
    /// waits for a top-up of it is tried at once.
    pub(super) fn note_available(&self, account: u32, available_fen: i64, fee_fen: i64) {
        let mut open = self.lock();
        let before = open.available_fen.insert(account, available_fen);
        if available_fen < fee_fen || before.is_some_and(|before| before >= available_fen) {
            return;
        }
        open.wake(Some(account), WaitingFor::TopUp);
    }

    /// Notes what an account may issue; if any of it is more than before, what waits for a limit of
    /// it is tried at once.
    pub(super) fn note_room(&self, account: u32, room: Room) {
        let mut open = self.lock();
        let before = open.rooms.insert(account, room);
        if before.is_some_and(|before| room.is_wider_than(before)) {
            open.wake(Some(account), WaitingFor::Limit);
        }
    }

    /// Notes which announced maintenance lasts; where another one or none does, what waits for the
    /// end of maintenance is tried at once.
    pub(super) fn note_maintenance(&self, lasts: Option<u32>) {
        let mut open = self.lock();
        let before = std::mem::replace(&mut open.maintenance, lasts);
        if before.is_some() && before != lasts {
            open.wake(None, WaitingFor::Maintenance);
        }
    }

    /// Notes whether the disk is nearly full; once it is not any more, what waits for that is tried
    /// at once.
    pub(super) fn note_disk(&self, is_low: bool) {
        let mut open = self.lock();
        let was_low = std::mem::replace(&mut open.disk_is_low, is_low);
        if was_low && !is_low {
            open.wake(None, WaitingFor::Network);
        }
    }

    /// Requests that wait for the other party's answer, oldest first, at most so many, with the
    /// issuance index of their invoice. None when that was asked at this height already.
    pub(super) fn unanswered(&self, height: u64, most: usize) -> Vec<(Age, u64)> {
        let mut open = self.lock();
        if std::mem::replace(&mut open.asked_at, height) == height {
            return Vec::new();
        }
        let jobs = open
            .jobs
            .iter()
            .filter(|(_age, job)| job.txid.is_none() && job.waits != Some(WaitingFor::TopUp));
        jobs.filter_map(|(age, job)| Some((*age, job.proposal?)))
            .take(most)
            .collect()
    }

    /// Has a request tried at once.
    pub(super) fn wake(&self, age: Age) {
        if let Some(job) = self.lock().jobs.get_mut(&age) {
            job.due_ms = 0;
            job.tries = 0;
        }
    }

    /// When the next one is due.
    pub(super) fn next_due_ms(&self) -> Option<u64> {
        let open = self.lock();
        open.jobs.values().map(|job| job.due_ms).min()
    }

    /// Has the outbox look at its requests now.
    pub(in crate::desk) fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Resolves after a nudge.
    pub(super) async fn nudged(&self) {
        self.nudge.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod jobs_tests {
    use super::super::keep::kept_entry;
    use super::*;
    use crate::desk::store::Kept;

    fn entry(born: u64) -> Entry {
        let mut request_id = [0; 16];
        request_id[..8].copy_from_slice(&born.to_be_bytes());
        let kept = Kept {
            request_id,
            account: 1,
            key: String::new(),
            attempt: 0,
            code: 1601,
            not_before_ms: 0,
            at_ms: 0,
        };
        kept_entry(None, &kept, born)
    }

    #[test]
    fn no_more_are_kept_for_an_account_than_the_bound_says() {
        let jobs = Jobs::default();
        for born in 0..u64::try_from(OPEN_PER_ACCOUNT_MAX).unwrap() {
            assert!(!jobs.is_full(1));
            jobs.put(1, &entry(born), 0);
        }
        assert!(jobs.is_full(1));
        assert!(!jobs.is_full(2));
        jobs.close(1, 7);
        assert!(!jobs.is_full(1));
    }

    #[test]
    fn a_top_up_wakes_what_waits_for_it_once() {
        let jobs = Jobs::default();
        jobs.put(1, &entry(3), 0);
        jobs.put_off((1, 3), 1_000, 0, Some(WaitingFor::TopUp));
        assert!(jobs.next_due_ms().unwrap() > 1_000);
        jobs.note_available(1, 9, 10);
        assert!(jobs.next_due_ms().unwrap() > 1_000, "not enough");
        jobs.note_available(1, 19, 10);
        assert_eq!(jobs.next_due_ms(), Some(0));
        jobs.put_off((1, 3), 1_000, 0, Some(WaitingFor::TopUp));
        jobs.note_available(1, 19, 10);
        assert!(jobs.next_due_ms().unwrap() > 1_000, "nothing new");
    }

    #[test]
    fn the_end_of_maintenance_wakes_what_waits_for_it_and_nothing_else() {
        let jobs = Jobs::default();
        jobs.put(1, &entry(3), 0);
        jobs.put(2, &entry(4), 0);
        jobs.note_maintenance(Some(7));
        jobs.put_off((1, 3), 1_000, 90_000, Some(WaitingFor::Maintenance));
        jobs.put_off((2, 4), 1_000, 80_000, Some(WaitingFor::Limit));
        jobs.note_maintenance(Some(7));
        assert_eq!(jobs.next_due_ms(), Some(80_000), "it lasts");
        jobs.note_maintenance(None);
        assert_eq!(jobs.next_due_ms(), Some(0));
        let due: Vec<u64> = jobs.all().iter().map(|(_age, job)| job.due_ms).collect();
        assert_eq!(due, [0, 80_000]);
    }

    #[test]
    fn a_wider_limit_wakes_what_waits_for_it_and_a_narrower_one_does_not() {
        let jobs = Jobs::default();
        jobs.put(1, &entry(3), 0);
        let room = |month_fen| Room {
            month_fen,
            ..Room::default()
        };
        jobs.note_room(1, room(10));
        jobs.put_off((1, 3), 1_000, 90_000, Some(WaitingFor::Limit));
        jobs.note_room(1, room(9));
        assert_eq!(jobs.next_due_ms(), Some(90_000));
        jobs.note_room(1, room(11));
        assert_eq!(jobs.next_due_ms(), Some(0));
    }

    #[test]
    fn room_on_the_disk_wakes_what_waits_for_it() {
        let jobs = Jobs::default();
        jobs.put(1, &entry(3), 0);
        jobs.put_off((1, 3), 1_000, 90_000, Some(WaitingFor::Network));
        jobs.note_disk(false);
        assert_eq!(jobs.next_due_ms(), Some(90_000), "nothing has changed");
        jobs.note_disk(true);
        jobs.note_disk(false);
        assert_eq!(jobs.next_due_ms(), Some(0));
    }
}

//! The open connections: what each is doing, since when, and which one goes when others need room.
//!
//! Guards: idle, slow and stuck peers are bounded in number and in time, and never keep a caller
//! out: when every seat is taken, the connection that does nothing for longest is closed, those
//! that never sent a request first.

use core::net::IpAddr;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::bounds::Bounds;
use crate::rate_limit::network_of;

/// When all seats are taken, one of so many is freed at once, so that a flood of connections does
/// not cost a search for each.
const FREE_ONE_IN: usize = 64;

/// How long a new connection waits for a seat that is being freed.
const FREED_WITHIN: Duration = Duration::from_millis(500);

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing: before a request.
    Idle,
    /// A head is coming.
    Head,
    /// A call is being served, or its reply sent.
    Call,
    /// The body of a call is coming.
    Body,
}

/// What a connection is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// To go at once.
    Leave,
    /// To say that the head took too long, and go.
    TooLate,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Whether a call has been served.
    served: bool,
    /// Whether the reply has been handed over whole; it may still have to be sent.
    replied: bool,
    /// Since when the peer has not taken what is there for it: all of it, and anything of it.
    stuck: Option<(Instant, Instant)>,
    told: Option<Told>,
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    /// What to tell the connection now.
    fn verdict(&self, now: Instant, bounds: &Bounds) -> Option<Told> {
        let over = |since: Instant, bound: Duration| now.saturating_duration_since(since) >= bound;
        if let Some((first, last)) = self.stuck
            && (over(first, bounds.reply_timeout) || over(last, bounds.stall_timeout))
        {
            return Some(Told::Leave);
        }
        match self.phase {
            Phase::Idle if over(self.since, bounds.idle_timeout) => Some(Told::Leave),
            Phase::Head if over(self.since, bounds.head_timeout) => Some(Told::TooLate),
            // A call and its body have their own time limits.
            Phase::Idle | Phase::Head | Phase::Call | Phase::Body => None,
        }
    }

    /// Who goes first when there is no room: the lowest. Whoever is being served stays.
    fn rank(&self) -> Option<(u8, Instant)> {
        let class = match (self.phase, self.served) {
            _ if self.told.is_some() => return None,
            (Phase::Call, _) => return None,
            (Phase::Idle | Phase::Head, false) => 0,
            (Phase::Idle | Phase::Head, true) => 1,
            (Phase::Body, _) => 2,
        };
        Some((class, self.since))
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Seat {
    state: Mutex<State>,
    told: Notify,
}

impl Seat {
    fn new() -> Self {
        let state = State {
            phase: Phase::Idle,
            since: Instant::now(),
            served: false,
            replied: false,
            stuck: None,
            told: None,
        };
        Self {
            state: Mutex::new(state),
            told: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes came.
    pub(super) fn hears(&self) {
        let mut state = self.state();
        if state.phase == Phase::Idle {
            state.enter(Phase::Head);
        }
    }

    /// A call has been understood, or its body has come.
    pub(crate) fn is_called(&self) {
        let mut state = self.state();
        state.replied = false;
        if state.told == Some(Told::TooLate) {
            // The last byte of the head came just in time.
            state.told = None;
        }
        state.enter(Phase::Call);
    }

    /// The body of the call is being read.
    pub(crate) fn reads_body(&self) {
        self.state().enter(Phase::Body);
    }

    /// The reply was handed over whole.
    pub(super) fn has_replied(&self) {
        self.state().replied = true;
    }

    /// The peer takes nothing now.
    pub(super) fn is_stuck(&self) {
        let now = Instant::now();
        self.state().stuck.get_or_insert((now, now));
    }

    /// The peer took something.
    pub(super) fn moves(&self) {
        if let Some((_first, last)) = &mut self.state().stuck {
            *last = Instant::now();
        }
    }

    /// The peer took all there was.
    pub(super) fn is_through(&self) {
        let mut state = self.state();
        state.stuck = None;
        if state.replied {
            state.replied = false;
            state.served = true;
            state.enter(Phase::Idle);
        }
    }

    /// Whether the head that is coming took too long.
    pub(super) fn is_late(&self) -> bool {
        let state = self.state();
        state.phase == Phase::Head && state.told == Some(Told::TooLate)
    }

    fn tell(&self, what: Told) {
        self.state().told = Some(what);
        self.told.notify_one();
    }

    /// Resolves when the connection is told something.
    pub(super) async fn told(&self) -> Told {
        loop {
            self.told.notified().await;
            if let Some(told) = self.state().told {
                return told;
            }
        }
    }
}

/// All connections of a server.
#[derive(Debug)]
pub(super) struct Seats {
    bounds: Bounds,
    free: Arc<Semaphore>,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    seats: BTreeMap<u64, (IpAddr, Arc<Seat>)>,
    by_address: BTreeMap<IpAddr, usize>,
}

/// A seat that somebody has; free again when dropped.
#[derive(Debug)]
pub(super) struct Seated {
    all: Arc<Seats>,
    number: u64,
    pub(super) seat: Arc<Seat>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Seated {
    fn drop(&mut self) {
        let mut taken = self.all.taken();
        let Some((network, _seat)) = taken.seats.remove(&self.number) else {
            return;
        };
        let left = taken.by_address.get_mut(&network).map(|count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == Some(0) {
            taken.by_address.remove(&network);
        }
    }
}

impl Seats {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            free: Arc::new(Semaphore::new(bounds.connections)),
            taken: Mutex::default(),
        }
    }

    /// A seat for a connection from this address; `None` when there is none for it.
    pub(super) async fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seated> {
        let network = network_of(address);
        if !address.to_canonical().is_loopback() && self.is_crowded(network) {
            // One of its own goes instead; the count is over its bound until that has gone.
            if self.free_some(1, Some(network)) == 0 {
                return None;
            }
        }
        let place = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(place) => place,
            Err(_none_free) => {
                if self.free_some(self.bounds.connections / FREE_ONE_IN + 1, None) == 0 {
                    return None;
                }
                let freed = Arc::clone(&self.free).acquire_owned();
                tokio::time::timeout(FREED_WITHIN, freed).await.ok()?.ok()?
            }
        };
        let seat = Arc::new(Seat::new());
        let mut taken = self.taken();
        let number = taken.next;
        taken.next += 1;
        taken.seats.insert(number, (network, Arc::clone(&seat)));
        *taken.by_address.entry(network).or_default() += 1;
        drop(taken);
        Some(Seated {
            all: Arc::clone(self),
            number,
            seat,
            _place: place,
        })
    }

    /// Tells connections that are over one of their times to go.
    pub(super) fn sweep(&self) {
        let now = Instant::now();
        let taken = self.taken();
        for (_network, seat) in taken.seats.values() {
            let verdict = seat.state().verdict(now, &self.bounds);
            if let Some(what) = verdict {
                seat.tell(what);
            }
        }
    }

    /// How often to sweep so that no time is overrun by much.
    pub(super) fn sweep_every(&self) -> Duration {
        let bounds = &self.bounds;
        let shortest = bounds
            .idle_timeout
            .min(bounds.head_timeout)
            .min(bounds.stall_timeout)
            .min(bounds.reply_timeout);
        (shortest / 8).clamp(Duration::from_millis(5), Duration::from_secs(1))
    }

    /// Tells up to so many connections to go; how many are going, those told before included.
    pub(super) fn free_some(&self, count: usize, of: Option<IpAddr>) -> usize {
        let taken = self.taken();
        let mut going = 0;
        let mut idle = Vec::new();
        for (network, seat) in taken.seats.values() {
            if of.is_some_and(|of| of != *network) {
                continue;
            }
            let state = seat.state();
            match state.rank() {
                Some(rank) => idle.push((rank, Arc::clone(seat))),
                None if state.told == Some(Told::Leave) => going += 1,
                None => {}
            }
        }
        drop(taken);
        if going > 0 {
            return going;
        }
        idle.sort_by_key(|(rank, _seat)| *rank);
        for (_rank, seat) in idle.iter().take(count) {
            seat.tell(Told::Leave);
        }
        idle.len().min(count)
    }

    /// Resolves when every connection has gone.
    pub(super) async fn all_free(&self) {
        let all = u32::try_from(self.bounds.connections).unwrap_or(u32::MAX);
        // It is never closed.
        drop(self.free.acquire_many(all).await);
    }

    fn is_crowded(&self, network: IpAddr) -> bool {
        let taken = self.taken();
        let count = taken.by_address.get(&network).copied().unwrap_or(0);
        count >= self.bounds.connections_per_address
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(core::net::Ipv4Addr::LOCALHOST);

    fn seats(bounds: Bounds) -> Arc<Seats> {
        Arc::new(Seats::new(bounds))
    }

    #[tokio::test]
    async fn the_one_that_never_called_goes_first_and_whoever_is_served_stays() {
        let seats = seats(Bounds {
            connections: 3,
            ..Bounds::default()
        });
        let idle = seats.take(HERE).await.unwrap();
        idle.seat.is_called();
        idle.seat.has_replied();
        idle.seat.is_through();
        let fresh = seats.take(HERE).await.unwrap();
        let busy = seats.take(HERE).await.unwrap();
        busy.seat.is_called();
        let newcomer = tokio::spawn({
            let seats = Arc::clone(&seats);
            async move { seats.take(HERE).await }
        });
        assert_eq!(fresh.seat.told().await, Told::Leave);
        drop(fresh);
        let newcomer = newcomer.await.unwrap().expect("a seat was freed");
        newcomer.seat.is_called();
        assert_eq!(seats.free_some(1, None), 1);
        assert_eq!(idle.seat.told().await, Told::Leave);
        drop(idle);
        let third = seats.take(HERE).await.unwrap();
        third.seat.is_called();
        assert!(seats.take(HERE).await.is_none(), "all are being served");
    }

    #[tokio::test]
    async fn one_address_has_a_bounded_share_and_loopback_has_all() {
        let seats = seats(Bounds {
            connections_per_address: 1,
            ..Bounds::default()
        });
        let elsewhere = IpAddr::from([10, 0, 0, 1]);
        let first = seats.take(elsewhere).await.unwrap();
        first.seat.is_called();
        assert!(seats.take(elsewhere).await.is_none());
        assert!(seats.take(IpAddr::from([10, 0, 0, 2])).await.is_some());
        let _two = (
            seats.take(HERE).await.unwrap(),
            seats.take(HERE).await.unwrap(),
        );
        drop(first);
        assert!(seats.take(elsewhere).await.is_some());
    }

    #[tokio::test]
    async fn times_are_judged_by_what_the_connection_does() {
        let seats = seats(Bounds::default());
        let taken = seats.take(HERE).await.unwrap();
        let seat = &taken.seat;
        let bounds = &seats.bounds;
        let judge = |after: Duration| seat.state().verdict(Instant::now() + after, bounds);
        assert_eq!(judge(bounds.head_timeout), None);
        assert_eq!(judge(bounds.idle_timeout), Some(Told::Leave));
        seat.hears();
        assert_eq!(judge(bounds.head_timeout), Some(Told::TooLate));
        seat.is_called();
        assert_eq!(judge(bounds.idle_timeout), None);
        seat.is_stuck();
        assert_eq!(judge(bounds.stall_timeout), Some(Told::Leave));
        seat.is_through();
        assert_eq!(
            judge(bounds.reply_timeout),
            None,
            "the call is still served"
        );
        seat.has_replied();
        seat.is_through();
        assert_eq!(judge(bounds.idle_timeout), Some(Told::Leave));
    }
}

//! How often one caller may call: a token bucket for each, in its compact form of one time stamp.
//!
//! Guards: a caller over its rate or with too many calls in flight is refused with E1506 and told
//! how long to wait; it can't take places or time from others. The table of callers is bounded.

use core::net::{IpAddr, Ipv6Addr};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::{BUSY_RETRY_AFTER, CALLERS_MAX, RATE_WINDOW, VIEWS_PER_SECOND_MAX};

/// When the table is full, one of so many entries is forgotten at once.
const FORGET_ONE_IN: usize = 16;

/// Who calls, as far as rates go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CallerId {
    /// The holder of an API key, by the name it has in logs.
    Key(String),
    /// Nobody known: the address, for IPv6 the /64 it lies in.
    Address(IpAddr),
}

impl CallerId {
    /// The caller behind an address.
    pub(crate) fn of_address(address: IpAddr) -> Self {
        Self::Address(network_of(address))
    }
}

/// The address, for IPv6 the /64 it lies in: one host has all of that.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        four @ IpAddr::V4(_) => four,
    }
}

/// What a call counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Everything else.
    Call,
    /// A raw transaction.
    Transaction,
    /// A document opened by its link.
    View,
}

/// A rate and what is left of it, as `RateLimit` and `RateLimit-Policy` say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    name: &'static str,
    window_calls: u64,
    left: u64,
    full_in: Duration,
}

impl Quota {
    /// `RateLimit`: calls left, and seconds until all are there again.
    pub(crate) fn left(&self) -> String {
        let seconds = self.full_in.as_secs() + u64::from(self.full_in.subsec_nanos() > 0);
        format!("\"{}\";r={};t={seconds}", self.name, self.left)
    }

    /// `RateLimit-Policy`: calls in a window of so many seconds.
    pub(crate) fn policy(&self) -> String {
        let window = RATE_WINDOW.as_secs();
        format!("\"{}\";q={};w={window}", self.name, self.window_calls)
    }
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// How long to wait.
    pub(crate) wait: Duration,
    /// The rate, if it is the rate that is exceeded.
    pub(crate) quota: Option<Quota>,
}

/// What is remembered of a caller. Times count from the start of the table.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    calls_full_at: Duration,
    transactions_full_at: Duration,
    views_full_at: Duration,
    last_call_at: Duration,
    in_flight: usize,
}

impl Usage {
    /// Whether forgetting it changes nothing.
    fn is_idle(&self, now: Duration) -> bool {
        let full_at = self.calls_full_at.max(self.transactions_full_at);
        self.in_flight == 0 && full_at.max(self.views_full_at) <= now
    }
}

/// Every caller of late.
#[derive(Debug)]
pub(crate) struct Callers {
    start: Instant,
    calls_per_second: u32,
    transactions_per_second: u32,
    in_flight_max: usize,
    callers_max: usize,
    usage: Mutex<BTreeMap<CallerId, Usage>>,
}

/// A call in flight; its end is counted when it is dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    callers: Arc<Callers>,
    id: CallerId,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(usage) = self.callers.lock().get_mut(&self.id) {
            usage.in_flight = usage.in_flight.saturating_sub(1);
        }
    }
}

impl Callers {
    /// Nobody yet. A rate of 0 sets no limit.
    pub(crate) fn new(
        calls_per_second: u32,
        transactions_per_second: u32,
        in_flight_max: usize,
    ) -> Self {
        Self {
            start: Instant::now(),
            calls_per_second,
            transactions_per_second,
            in_flight_max,
            callers_max: CALLERS_MAX,
            usage: Mutex::default(),
        }
    }

    /// Charges so many of a kind to their caller: all of them, or none.
    pub(crate) fn charge(
        &self,
        id: &CallerId,
        kind: Kind,
        count: u32,
    ) -> Result<Option<Quota>, TooMany> {
        self.charge_at(id, kind, count, self.start.elapsed())
    }

    fn charge_at(
        &self,
        id: &CallerId,
        kind: Kind,
        count: u32,
        now: Duration,
    ) -> Result<Option<Quota>, TooMany> {
        let (name, per_second) = match kind {
            Kind::Call => ("calls", self.calls_per_second),
            Kind::Transaction => ("transactions", self.transactions_per_second),
            Kind::View => ("views", VIEWS_PER_SECOND_MAX),
        };
        let Some(each) = Duration::from_secs(1).checked_div(per_second) else {
            return Ok(None);
        };
        let mut all = self.lock();
        let usage = self.entry(&mut all, id, now);
        let full_at = match kind {
            Kind::Call => &mut usage.calls_full_at,
            Kind::Transaction => &mut usage.transactions_full_at,
            Kind::View => &mut usage.views_full_at,
        };
        let next = (*full_at)
            .max(now)
            .saturating_add(each.saturating_mul(count));
        let ahead = next.saturating_sub(now);
        let fits = ahead <= RATE_WINDOW.max(each.saturating_mul(count));
        if fits {
            *full_at = next;
        }
        let full_in = full_at.saturating_sub(now);
        drop(all);
        let room = RATE_WINDOW.saturating_sub(full_in).as_nanos();
        let left = room.checked_div(each.as_nanos()).unwrap_or(0);
        let window_calls = u64::from(per_second).saturating_mul(RATE_WINDOW.as_secs());
        let quota = Quota {
            name,
            window_calls,
            left: u64::try_from(left).unwrap_or(u64::MAX),
            full_in,
        };
        if fits {
            Ok(Some(quota))
        } else {
            Err(TooMany {
                wait: ahead.saturating_sub(RATE_WINDOW),
                quota: Some(quota),
            })
        }
    }

    /// Counts a call of this caller as in flight until the result is dropped.
    pub(crate) fn enter(self: &Arc<Self>, id: &CallerId) -> Result<InFlight, TooMany> {
        let now = self.start.elapsed();
        let mut all = self.lock();
        let usage = self.entry(&mut all, id, now);
        if usage.in_flight >= self.in_flight_max {
            return Err(TooMany {
                wait: BUSY_RETRY_AFTER,
                quota: None,
            });
        }
        usage.in_flight += 1;
        Ok(InFlight {
            callers: Arc::clone(self),
            id: id.clone(),
        })
    }

    /// The caller's usage; room is made for a new one.
    fn entry<'a>(
        &self,
        all: &'a mut BTreeMap<CallerId, Usage>,
        id: &CallerId,
        now: Duration,
    ) -> &'a mut Usage {
        if all.len() >= self.callers_max && !all.contains_key(id) {
            all.retain(|_id, usage| !usage.is_idle(now));
            if all.len() >= self.callers_max {
                forget_oldest(all, self.callers_max / FORGET_ONE_IN + 1);
            }
        }
        let usage = all.entry(id.clone()).or_default();
        usage.last_call_at = now;
        usage
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CallerId, Usage>> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets callers with nothing in flight, those who called last longest ago first.
fn forget_oldest(all: &mut BTreeMap<CallerId, Usage>, count: usize) {
    let mut idle: Vec<_> = all
        .iter()
        .filter(|(_id, usage)| usage.in_flight == 0)
        .map(|(id, usage)| (usage.last_call_at, id.clone()))
        .collect();
    idle.sort_unstable();
    for (_last_call_at, id) in idle.into_iter().take(count) {
        all.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn address(last: u8) -> CallerId {
        CallerId::of_address(IpAddr::from([10, 0, 0, last]))
    }

    #[test]
    fn a_caller_spends_two_seconds_of_its_rate_at_once_and_then_its_rate() {
        let callers = Callers::new(5, 0, 1);
        let (me, other) = (address(1), address(2));
        for left in (0..10).rev() {
            let quota = callers
                .charge_at(&me, Kind::Call, 1, SECOND)
                .unwrap()
                .unwrap();
            assert_eq!(quota.left, left);
        }
        let refused = callers.charge_at(&me, Kind::Call, 1, SECOND).unwrap_err();
        assert_eq!(refused.wait, Duration::from_millis(200));
        let quota = refused.quota.unwrap();
        assert_eq!(quota.left(), "\"calls\";r=0;t=2");
        assert_eq!(quota.policy(), "\"calls\";q=10;w=2");
        assert!(callers.charge_at(&other, Kind::Call, 1, SECOND).is_ok());
        let later = SECOND + refused.wait;
        assert!(callers.charge_at(&me, Kind::Call, 1, later).is_ok());
        assert!(callers.charge_at(&me, Kind::Call, 1, later).is_err());
    }

    #[test]
    fn raw_transactions_have_a_rate_of_their_own_and_zero_is_no_limit() {
        let callers = Callers::new(1, 0, 1);
        let me = address(1);
        for _call in 0..100 {
            assert_eq!(
                callers.charge_at(&me, Kind::Transaction, 1, SECOND),
                Ok(None)
            );
        }
        assert!(callers.charge_at(&me, Kind::Call, 1, SECOND).is_ok());
    }

    #[test]
    fn a_rate_below_one_call_in_two_seconds_does_not_exist_so_one_call_always_fits() {
        let callers = Callers::new(1, 1, 1);
        assert!(
            callers
                .charge_at(&address(1), Kind::Call, 1, SECOND)
                .is_ok()
        );
    }

    #[test]
    fn calls_in_flight_are_bounded_and_their_end_makes_room() {
        let callers = Arc::new(Callers::new(1, 1, 2));
        let first = callers.enter(&address(1)).unwrap();
        let _second = callers.enter(&address(1)).unwrap();
        assert!(callers.enter(&address(1)).is_err());
        assert!(callers.enter(&address(2)).is_ok());
        drop(first);
        assert!(callers.enter(&address(1)).is_ok());
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_oldest_but_nobody_in_flight() {
        let mut callers = Callers::new(1, 1, 2);
        callers.callers_max = 32;
        let callers = Arc::new(callers);
        let busy = callers.enter(&address(0)).unwrap();
        for last in 1..=255 {
            // All at one time: nobody's bucket fills again.
            callers
                .charge_at(&address(last), Kind::Call, 1, SECOND)
                .unwrap();
            assert!(callers.lock().len() <= 32);
        }
        assert!(callers.lock().contains_key(&address(0)));
        assert!(callers.lock().contains_key(&address(255)));
        assert!(!callers.lock().contains_key(&address(1)));
        drop(busy);
        // Later all buckets are full again: nothing is worth remembering.
        callers
            .charge_at(
                &CallerId::Key("k".into()),
                Kind::Call,
                1,
                Duration::from_secs(60),
            )
            .unwrap();
        assert!(callers.lock().len() <= 32);
    }

    #[test]
    fn an_ipv6_network_is_one_caller_and_a_mapped_address_is_its_ipv4_self() {
        let of = |text: &str| CallerId::of_address(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}

//! How far the others are and what their clocks say, by their own word.
//!
//! Members tell their height and time now and then. It is for people, for the watchdog of a stuck
//! sync and for warnings; nothing is decided by it, so a lie costs a wrong line on a page and no
//! more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use libp2p::PeerId;

/// Bytes of an announcement: version, height, time.
const ANNOUNCEMENT_BYTES: usize = 1 + 2 * 8;
/// Version of the announcement.
const VERSION: u8 = 2;
/// An announcement is forgotten after this: five were missed.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(10);
/// Behind by one is what a follower always is for a moment.
const BEHIND_MIN: u64 = 2;

/// What a member says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announcement {
    /// Height of its tip.
    pub(super) height: u64,
    /// Its clock, in ms.
    pub(super) time_ms: u64,
}

impl Announcement {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.height.to_be_bytes());
        bytes.extend_from_slice(&self.time_ms.to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes = <[u8; ANNOUNCEMENT_BYTES]>::try_from(bytes).ok()?;
        let [VERSION, rest @ ..] = bytes else {
            return None;
        };
        let ([height, time_ms], []) = rest.as_chunks::<8>() else {
            return None;
        };
        Some(Self {
            height: u64::from_be_bytes(*height),
            time_ms: u64::from_be_bytes(*time_ms),
        })
    }
}

/// What one member told last.
#[derive(Clone, Copy, Debug)]
struct Told {
    height: u64,
    /// Its clock minus ours, in ms.
    ahead_ms: i64,
    at: Instant,
}

/// What the members have told.
#[derive(Debug, Default)]
pub struct Tips {
    told: Mutex<HashMap<PeerId, Told>>,
}

impl Tips {
    /// Notes what a member told, by our clock then; `false` for bytes that are no announcement.
    pub(super) fn note(&self, member: PeerId, bytes: &[u8], (now, our_ms): (Instant, u64)) -> bool {
        let Some(announced) = Announcement::decode(bytes) else {
            return false;
        };
        let told = Told {
            height: announced.height,
            ahead_ms: i64::try_from(announced.time_ms)
                .unwrap_or(i64::MAX)
                .saturating_sub_unsigned(our_ms),
            at: now,
        };
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(member, told);
        true
    }

    /// The height that at least half of those who spoke lately have reached; `None` when nobody
    /// spoke.
    #[must_use]
    pub fn network_height(&self, now: Instant) -> Option<u64> {
        self.middle(now, |told| told.height)
    }

    /// How far the others' clocks are ahead of ours, in ms: the middle of those who spoke lately.
    #[must_use]
    pub fn clocks_ahead_ms(&self, now: Instant) -> Option<i64> {
        self.middle(now, |told| told.ahead_ms)
    }

    /// Where the network is, when a node at this height is behind it.
    #[must_use]
    pub fn ahead_of(&self, height: u64, now: Instant) -> Option<u64> {
        let network = self.network_height(now)?;
        (network >= height.saturating_add(BEHIND_MIN)).then_some(network)
    }

    fn middle<T: Ord + Copy>(&self, now: Instant, of: impl Fn(&Told) -> T) -> Option<T> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |at: Instant| now.saturating_duration_since(at) < FORGOTTEN_AFTER;
        let fresh = told.values().filter(|told| is_fresh(told.at));
        let mut all: Vec<T> = fresh.map(of).collect();
        drop(told);
        all.sort_unstable();
        let middle = all.len().checked_sub(1)? / 2;
        all.get(middle).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Our clock in these tests.
    const OURS_MS: u64 = 1_790_000_000_000;

    fn says(height: u64, time_ms: u64) -> Vec<u8> {
        Announcement { height, time_ms }.encode()
    }

    #[test]
    fn a_minority_that_lies_moves_nothing() {
        let (tips, now) = (Tips::default(), Instant::now());
        let at = (now, OURS_MS);
        assert_eq!(tips.network_height(now), None);
        assert_eq!(tips.clocks_ahead_ms(now), None);
        for height in [100, 101, 102] {
            assert!(tips.note(PeerId::random(), &says(height, OURS_MS + height), at));
        }
        assert_eq!(tips.network_height(now), Some(101));
        tips.note(PeerId::random(), &says(u64::MAX, u64::MAX), at);
        assert_eq!(tips.network_height(now), Some(101));
        assert_eq!(tips.clocks_ahead_ms(now), Some(101));
        assert_eq!(tips.ahead_of(99, now), Some(101));
        assert_eq!(tips.ahead_of(100, now), None, "one behind is no delay");
        assert_eq!(tips.network_height(now + FORGOTTEN_AFTER), None);
    }

    #[test]
    fn a_clock_that_is_off_is_seen_whichever_way() {
        let (tips, now) = (Tips::default(), Instant::now());
        for (ours, theirs) in [(OURS_MS, OURS_MS - 120_000), (0, u64::MAX), (u64::MAX, 0)] {
            let member = PeerId::random();
            assert!(tips.note(member, &says(1, theirs), (now, ours)));
            tips.told.lock().unwrap().retain(|id, _told| *id == member);
            let ahead = tips.clocks_ahead_ms(now).unwrap();
            assert_eq!(ahead > 0, theirs > ours);
        }
    }

    #[test]
    fn only_an_announcement_is_one() {
        let (tips, at) = (Tips::default(), (Instant::now(), OURS_MS));
        let peer = PeerId::random();
        let good = says(7, OURS_MS);
        assert!(tips.note(peer, &good, at));
        let mut other = good.clone();
        other[0] = 1;
        let (longer, shorter) = ([good.as_slice(), &[0]].concat(), &good[..16]);
        for bad in [shorter, &longer, &other, &[]] {
            assert!(!tips.note(peer, bad, at));
        }
    }
}

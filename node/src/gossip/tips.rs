//! How far the others are, by their own word.
//!
//! Members tell their height now and then. It is for people and for the watchdog of a stuck sync;
//! nothing is decided by it, so a lie costs a wrong line on a page and no more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use libp2p::PeerId;

/// Bytes of an announcement: version and height.
const ANNOUNCEMENT_BYTES: usize = 1 + 8;
/// Version of the announcement.
const VERSION: u8 = 1;
/// An announcement is forgotten after this: five were missed.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(10);
/// Behind by one is what a follower always is for a moment.
const BEHIND_MIN: u64 = 2;

/// The heights the members have told.
#[derive(Debug, Default)]
pub struct Tips {
    told: Mutex<HashMap<PeerId, (u64, Instant)>>,
}

impl Tips {
    /// Encodes the own height.
    pub(super) fn encode(height: u64) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&height.to_be_bytes());
        bytes
    }

    /// Notes what a member told; `false` for bytes that are no announcement.
    pub(super) fn note(&self, member: PeerId, bytes: &[u8], now: Instant) -> bool {
        let Ok(bytes) = <[u8; ANNOUNCEMENT_BYTES]>::try_from(bytes) else {
            return false;
        };
        let [VERSION, height @ ..] = bytes else {
            return false;
        };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(member, (u64::from_be_bytes(height), now));
        true
    }

    /// The height that at least half of those who spoke lately have reached; `None` when nobody
    /// spoke.
    #[must_use]
    pub fn network_height(&self, now: Instant) -> Option<u64> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |at: Instant| now.saturating_duration_since(at) < FORGOTTEN_AFTER;
        let mut heights: Vec<u64> = told
            .values()
            .filter(|(_height, at)| fresh(*at))
            .map(|(height, _at)| *height)
            .collect();
        drop(told);
        heights.sort_unstable();
        let middle = heights.len().checked_sub(1)? / 2;
        heights.get(middle).copied()
    }

    /// Where the network is, when a node at this height is behind it.
    #[must_use]
    pub fn ahead_of(&self, height: u64, now: Instant) -> Option<u64> {
        let network = self.network_height(now)?;
        (network >= height.saturating_add(BEHIND_MIN)).then_some(network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minority_that_lies_moves_nothing() {
        let (tips, now) = (Tips::default(), Instant::now());
        assert_eq!(tips.network_height(now), None);
        for height in [100, 101, 102] {
            assert!(tips.note(PeerId::random(), &Tips::encode(height), now));
        }
        assert_eq!(tips.network_height(now), Some(101));
        tips.note(PeerId::random(), &Tips::encode(u64::MAX), now);
        assert_eq!(tips.network_height(now), Some(101));
        assert_eq!(tips.ahead_of(99, now), Some(101));
        assert_eq!(tips.ahead_of(100, now), None, "one behind is no delay");
        assert_eq!(tips.network_height(now + FORGOTTEN_AFTER), None);
    }

    #[test]
    fn only_an_announcement_is_one() {
        let (tips, now, peer) = (Tips::default(), Instant::now(), PeerId::random());
        let good = Tips::encode(7);
        assert!(tips.note(peer, &good, now));
        let mut other = good.clone();
        other[0] = 2;
        for bad in [&good[..8], &[good.as_slice(), &[0]].concat(), &other, &[]] {
            assert!(!tips.note(peer, bad, now));
        }
    }
}

//! The members as peers: who may connect, who is connected, how much each has sent.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use libp2p::{Multiaddr, PeerId};

/// Batches a second that one peer may send, over [`RATE_WINDOW`]: above what a node can judge.
const BATCHES_PER_SECOND_MAX: f64 = 500.0;
/// Bytes a second, likewise.
const BYTES_PER_SECOND_MAX: f64 = 16.0 * 1024.0 * 1024.0;
/// How long a peer may send at that rate at once.
const RATE_WINDOW: f64 = 2.0;
/// A peer whose batches were refused so often in a row is sent away.
const REFUSALS_MAX: u32 = 8;
/// How long it stays away.
const AWAY: Duration = Duration::from_secs(60);

/// Two sides that dial each other at once end up with two connections within this time.
const BOTH_DIALLED_WITHIN: Duration = Duration::from_secs(5);

/// What a new connection of a member means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It was not connected.
    First,
    /// Both sides dialled at once.
    Beside,
    /// It was connected for long, as far as we know, and dials: it has started anew, or lost the other
    /// connection, and the loss has not come to our notice.
    Anew,
}

/// A member.
#[derive(Debug)]
struct Peer {
    address: Multiaddr,
    connections: u32,
    /// When it was first connected, while it is.
    since: Instant,
    batches: f64,
    bytes: f64,
    counted_at: Instant,
    refusals: u32,
    away_until: Option<Instant>,
}

/// All members but ourselves.
#[derive(Debug)]
pub(super) struct Peers {
    known: HashMap<PeerId, Peer>,
}

impl Peers {
    pub(super) fn new(
        members: impl IntoIterator<Item = (PeerId, Multiaddr)>,
        now: Instant,
    ) -> Self {
        let peer = |address| Peer {
            address,
            connections: 0,
            since: now,
            batches: BATCHES_PER_SECOND_MAX * RATE_WINDOW,
            bytes: BYTES_PER_SECOND_MAX * RATE_WINDOW,
            counted_at: now,
            refusals: 0,
            away_until: None,
        };
        let known = members.into_iter().map(|(id, address)| (id, peer(address)));
        Self {
            known: known.collect(),
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = PeerId> {
        self.known.keys().copied()
    }

    /// Members with a connection.
    pub(super) fn connected(&self) -> usize {
        self.known
            .values()
            .filter(|peer| peer.connections > 0)
            .count()
    }

    /// Notes a new connection, and what it means.
    pub(super) fn came(&mut self, id: &PeerId, now: Instant) -> Came {
        let Some(peer) = self.known.get_mut(id) else {
            return Came::Beside;
        };
        peer.connections = peer.connections.saturating_add(1);
        if peer.connections == 1 {
            peer.since = now;
            return Came::First;
        }
        if now.saturating_duration_since(peer.since) > BOTH_DIALLED_WITHIN {
            Came::Anew
        } else {
            Came::Beside
        }
    }

    /// Notes a lost connection; whether the peer has another.
    pub(super) fn went(&mut self, id: &PeerId) -> bool {
        let Some(peer) = self.known.get_mut(id) else {
            return false;
        };
        peer.connections = peer.connections.saturating_sub(1);
        peer.connections > 0
    }

    /// Members to dial: without a connection, and not sent away.
    pub(super) fn to_dial(&self, now: Instant) -> Vec<(PeerId, Multiaddr)> {
        let free = |peer: &Peer| peer.away_until.is_none_or(|until| until <= now);
        self.known
            .iter()
            .filter(|(_id, peer)| peer.connections == 0 && free(peer))
            .map(|(id, peer)| (*id, peer.address.clone()))
            .collect()
    }

    /// Charges a peer for a batch; `false` when it has sent more than it may.
    pub(super) fn charge(&mut self, id: &PeerId, bytes: usize, now: Instant) -> bool {
        let Some(peer) = self.known.get_mut(id) else {
            return false;
        };
        let passed = now.saturating_duration_since(peer.counted_at).as_secs_f64();
        peer.counted_at = now;
        let fill = |left: f64, rate: f64| (left + passed * rate).min(rate * RATE_WINDOW);
        peer.batches = fill(peer.batches, BATCHES_PER_SECOND_MAX);
        peer.bytes = fill(peer.bytes, BYTES_PER_SECOND_MAX);
        let bytes = u32::try_from(bytes).map_or(f64::from(u32::MAX), f64::from);
        if peer.batches < 1.0 || peer.bytes < bytes {
            return false;
        }
        peer.batches -= 1.0;
        peer.bytes -= bytes;
        true
    }

    /// Notes that a batch was good.
    pub(super) fn behaved(&mut self, id: &PeerId) {
        if let Some(peer) = self.known.get_mut(id) {
            peer.refusals = 0;
        }
    }

    /// Notes that a batch was none an honest node sends; whether the peer is to be sent away.
    pub(super) fn misbehaved(&mut self, id: &PeerId, now: Instant) -> bool {
        let Some(peer) = self.known.get_mut(id) else {
            return true;
        };
        peer.refusals = peer.refusals.saturating_add(1);
        if peer.refusals < REFUSALS_MAX {
            return false;
        }
        peer.refusals = 0;
        peer.away_until = Some(now + AWAY);
        true
    }

    /// Peers whose time away is over, each named once.
    pub(super) fn returning(&mut self, now: Instant) -> Vec<PeerId> {
        let over = |peer: &mut Peer| peer.away_until.take_if(|until| *until <= now).is_some();
        let back = self
            .known
            .iter_mut()
            .filter_map(|(id, peer)| over(peer).then_some(*id));
        back.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers() -> (Peers, PeerId, Instant) {
        let (id, now) = (PeerId::random(), Instant::now());
        let address: Multiaddr = "/ip4/127.0.0.1/tcp/1".parse().unwrap();
        (Peers::new([(id, address)], now), id, now)
    }

    #[test]
    fn a_peer_that_sends_too_much_is_let_go_until_time_has_passed() {
        let (mut peers, id, now) = peers();
        let mut taken = 0;
        while peers.charge(&id, 1_000, now) {
            taken += 1;
        }
        assert_eq!(taken, 1_000);
        assert!(peers.charge(&id, 1_000, now + Duration::from_secs(1)));
        assert!(!peers.charge(&PeerId::random(), 1, now), "no member");
    }

    #[test]
    fn a_peer_that_forges_is_sent_away_and_may_return() {
        let (mut peers, id, now) = peers();
        for _refusal in 1..REFUSALS_MAX {
            assert!(!peers.misbehaved(&id, now));
        }
        peers.behaved(&id);
        for _refusal in 1..REFUSALS_MAX {
            assert!(!peers.misbehaved(&id, now));
        }
        assert!(peers.misbehaved(&id, now));
        assert!(peers.to_dial(now).is_empty());
        assert!(peers.returning(now).is_empty());
        assert_eq!(peers.returning(now + AWAY), [id]);
        assert_eq!(peers.to_dial(now + AWAY).len(), 1);
    }

    #[test]
    fn connections_are_counted_by_peer() {
        let (mut peers, id, now) = peers();
        assert_eq!(peers.came(&id, now), Came::First);
        assert_eq!(peers.came(&id, now), Came::Beside);
        assert!(peers.went(&id));
        assert_eq!((peers.connected(), peers.to_dial(now).len()), (1, 0));
        assert!(!peers.went(&id));
        assert_eq!((peers.connected(), peers.to_dial(now).len()), (0, 1));
    }

    #[test]
    fn a_member_that_dials_though_it_is_connected_has_started_anew() {
        let (mut peers, id, now) = peers();
        let later = now + BOTH_DIALLED_WITHIN + Duration::from_millis(1);
        assert_eq!(peers.came(&id, now), Came::First);
        assert_eq!(peers.came(&id, later), Came::Anew);
        assert!(peers.went(&id) && !peers.went(&id));
        assert_eq!(peers.came(&id, later), Came::First);
        assert_eq!(peers.came(&id, later), Came::Beside);
    }
}

//! Progress of a node that is behind, and the watchdog of a sync that is stuck.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::clock_watch::ClockWatch;
use super::consensus::StartAgain;
use crate::gossip::Tips;
use crate::ledger::ChainView;

/// How often the height is looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// A node that is behind and has not moved for so long is stuck: a request of the engine's sync
/// takes a tenth of it, and is asked of another peer then.
const STUCK_AFTER: Duration = Duration::from_secs(60);

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Level with the others, or moving.
    Fine,
    /// Behind, and not moving for too long.
    Stuck,
}

/// Watches the height of a node that may be behind.
#[derive(Debug)]
pub(super) struct CatchUp {
    /// Height and moment at which it was first seen to be behind.
    behind: Option<(u64, Instant)>,
    moved: (u64, Instant),
    told: Option<Instant>,
}

impl CatchUp {
    pub(super) fn new(height: u64, now: Instant) -> Self {
        Self {
            behind: None,
            moved: (height, now),
            told: None,
        }
    }

    /// Looks at the own height and the network's, if it is ahead.
    pub(super) fn look(&mut self, height: u64, ahead: Option<u64>, now: Instant) -> Look {
        if height != self.moved.0 {
            self.moved = (height, now);
        }
        let Some(network) = ahead else {
            if let Some((from, since)) = self.behind.take() {
                let seconds = now.saturating_duration_since(since).as_secs();
                tracing::info!(
                    height,
                    blocks = height.saturating_sub(from),
                    seconds,
                    "caught up"
                );
            }
            // A node that is level is not stuck, however long nothing happens.
            self.moved = (height, now);
            return Look::Fine;
        };
        let (from, since) = *self.behind.get_or_insert((height, now));
        let due = |at: Instant| now.saturating_duration_since(at) >= TELL_EVERY;
        if self.told.is_none_or(due) {
            self.told = Some(now);
            let left = eta(
                height.saturating_sub(from),
                now.saturating_duration_since(since),
                network.saturating_sub(height),
            );
            let left = left.map_or_else(|| "unknown".to_owned(), |seconds| format!("{seconds} s"));
            tracing::info!(height, of = network, %left, "catching up");
        }
        if now.saturating_duration_since(self.moved.1) < STUCK_AFTER {
            return Look::Fine;
        }
        // From here on it is given as much time again.
        self.moved = (height, now);
        Look::Stuck
    }
}

/// Seconds left, at the rate so far.
fn eta(done: u64, took: Duration, left: u64) -> Option<u64> {
    let done = u128::from(done);
    let ms = took
        .as_millis()
        .checked_mul(u128::from(left))?
        .checked_div(done)?;
    u64::try_from(ms.div_ceil(1_000)).ok()
}

/// Looks until a sync is stuck, and says so: the node then starts anew, which connects and asks anew.
pub(super) async fn watch(chain: Arc<ChainView>, tips: Arc<Tips>, again: mpsc::Sender<StartAgain>) {
    let mut catch_up = CatchUp::new(chain.height(), Instant::now());
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut clock = ClockWatch::default();
    loop {
        ticks.tick().await;
        let (height, now) = (chain.height(), Instant::now());
        clock.look(tips.clocks_ahead_ms(now));
        if catch_up.look(height, tips.ahead_of(height, now), now) == Look::Stuck {
            tracing::warn!(height, "behind and stuck: the node starts anew");
            // Nobody listens any more when the node is stopping.
            let _heard = again.send(StartAgain::Stuck).await;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_behind_and_does_not_move_is_stuck_once_in_a_while() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut watched = CatchUp::new(5, start);
        assert_eq!(watched.look(5, Some(100), at(1)), Look::Fine);
        assert_eq!(watched.look(6, Some(100), at(50)), Look::Fine);
        assert_eq!(watched.look(6, Some(100), at(109)), Look::Fine);
        assert_eq!(watched.look(6, Some(100), at(110)), Look::Stuck);
        assert_eq!(
            watched.look(6, Some(100), at(111)),
            Look::Fine,
            "given time"
        );
        assert_eq!(watched.look(6, None, at(300)), Look::Fine, "level");
        assert_eq!(watched.look(6, Some(9), at(301)), Look::Fine, "behind anew");
    }

    #[test]
    fn the_time_left_follows_from_the_rate_so_far() {
        assert_eq!(eta(100, Duration::from_secs(10), 200), Some(20));
        assert_eq!(eta(0, Duration::from_secs(10), 200), None);
        assert_eq!(eta(u64::MAX, Duration::from_secs(1), u64::MAX), Some(1));
    }
}

//! Looking on while the run goes: which block each node says is at its tip, and what its process
//! uses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::fleet::Fleet;
use crate::crash::lock;
use crate::process::Usage;

/// How often a node is looked at.
const EVERY: Duration = Duration::from_millis(250);
/// A node that does not answer by then is asked again at the next look.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What was seen of a node.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Peak {
    /// Bytes in memory, at most.
    pub(crate) rss_bytes: u64,
    /// Open descriptors, at most.
    pub(crate) descriptors: usize,
    /// Height at the last answer.
    pub(crate) height: u64,
    /// The highest it ever said.
    pub(crate) top: u64,
}

/// Time without a new height that is told of: several rounds.
const STALL_MIN: Duration = Duration::from_secs(2);
/// Stalls that are kept.
const STALLS_MAX: usize = 256;

/// A time in which no node had a new height.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Stall {
    /// From the start of the load.
    pub(crate) at_s: f64,
    pub(crate) for_s: f64,
    /// The height that lasted.
    pub(crate) height: u64,
}

/// How the chain grows.
#[derive(Debug)]
pub(crate) struct Growth {
    began: Instant,
    top: (u64, Instant),
    stalls: Vec<Stall>,
}

impl Growth {
    fn new(now: Instant) -> Self {
        Self {
            began: now,
            top: (0, now),
            stalls: Vec::new(),
        }
    }

    /// Notes a height that a node has.
    fn note(&mut self, height: u64, now: Instant) {
        let (top, since) = self.top;
        if height <= top {
            return;
        }
        self.top = (height, now);
        let lasted = now.saturating_duration_since(since);
        if lasted >= STALL_MIN && self.stalls.len() < STALLS_MAX {
            let at = since.saturating_duration_since(self.began);
            self.stalls.push(Stall {
                at_s: at.as_secs_f64(),
                for_s: lasted.as_secs_f64(),
                height: top,
            });
        }
    }

    /// The load begins now: what was before does not count.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.began = now;
        self.top.1 = now;
        self.stalls.clear();
    }

    /// The highest that any node has said.
    pub(crate) fn height(&self) -> u64 {
        self.top.0
    }

    /// Every stall so far.
    pub(crate) fn stalls(&self) -> Vec<Stall> {
        self.stalls.clone()
    }
}

/// What was seen so far.
#[derive(Debug)]
pub(crate) struct Seen {
    /// By height: block ids that nodes said are there, with who said so first.
    pub(crate) history: BTreeMap<u64, BTreeMap<String, usize>>,
    /// By node.
    pub(crate) peaks: Vec<Peak>,
    pub(crate) growth: Growth,
}

/// Somebody who looks on until dropped.
pub(crate) struct Watcher {
    seen: Arc<Mutex<Seen>>,
    _tasks: JoinSet<()>,
}

impl Watcher {
    /// Starts looking at every node.
    pub(crate) fn start(fleet: &Arc<Fleet>) -> Self {
        let seen = Arc::new(Mutex::new(Seen {
            history: BTreeMap::new(),
            peaks: vec![Peak::default(); fleet.len()],
            growth: Growth::new(Instant::now()),
        }));
        let mut tasks = JoinSet::new();
        for at in 0..fleet.len() {
            tasks.spawn(look_on(Arc::clone(fleet), at, Arc::clone(&seen)));
        }
        Self {
            seen,
            _tasks: tasks,
        }
    }

    /// Does something with what was seen so far.
    pub(crate) fn with<T>(&self, what: impl FnOnce(&mut Seen) -> T) -> T {
        what(&mut lock(&self.seen))
    }
}

async fn look_on(fleet: Arc<Fleet>, at: usize, seen: Arc<Mutex<Seen>>) {
    let Some(client) = fleet.clients.get(at).cloned() else {
        return;
    };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(pid) = fleet.pid(at) else {
            continue;
        };
        let usage = Usage::of(pid);
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd"));
        let descriptors = descriptors.map_or(0, Iterator::count);
        let answer = timeout(ANSWER_WITHIN, client.chain()).await;
        let mut seen = lock(&seen);
        if let Some(peak) = seen.peaks.get_mut(at) {
            peak.rss_bytes = peak.rss_bytes.max(usage.rss_peak_bytes);
            peak.descriptors = peak.descriptors.max(descriptors);
        }
        if let Ok(Ok(tip)) = answer {
            if let Some(peak) = seen.peaks.get_mut(at) {
                peak.height = tip.height;
                peak.top = peak.top.max(tip.height);
            }
            seen.growth.note(tip.height, Instant::now());
            let ids = seen.history.entry(tip.height).or_default();
            ids.entry(tip.block_id).or_insert(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_is_a_time_without_a_new_height() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut growth = Growth::new(start);
        growth.note(5, at(9_000));
        growth.begin(at(10_000));
        growth.note(6, at(11_000));
        growth.note(6, at(13_500));
        growth.note(7, at(14_000));
        growth.note(9, at(14_100));
        let expected = Stall {
            at_s: 1.0,
            for_s: 3.0,
            height: 6,
        };
        assert_eq!(growth.stalls(), [expected]);
    }
}

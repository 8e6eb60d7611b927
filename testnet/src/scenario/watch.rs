//! Looking on while the run goes: which block each node says is at its tip, and what its process
//! uses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

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

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// By height: block ids that nodes said are there, with who said so first.
    pub(crate) history: BTreeMap<u64, BTreeMap<String, usize>>,
    /// By node.
    pub(crate) peaks: Vec<Peak>,
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
    pub(crate) fn with<T>(&self, what: impl FnOnce(&Seen) -> T) -> T {
        what(&lock(&self.seen))
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
            let ids = seen.history.entry(tip.height).or_default();
            ids.entry(tip.block_id).or_insert(at);
        }
    }
}

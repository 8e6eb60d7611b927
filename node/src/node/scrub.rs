//! Checks, while the node runs, what its start believed: old segments of the journal, and full runs
//! of the state store.
//!
//! Guards: a start reads only the journal's end and the newest runs, so damage further back is
//! looked for here. What is found turns the node red and is named in one line; records that hold are
//! still served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::health::Health;
use crate::journal::JournalReader;
use crate::ledger::ChainView;
use crate::storage::StateCache;

/// Rest after a piece of the state, in times of what the piece took: a quarter of one core at most.
const REST: u32 = 3;

/// No rest is longer, however long a slow disk took.
const REST_MAX: Duration = Duration::from_millis(200);

/// Checks under way; dropping it ends them.
#[derive(Debug)]
pub(super) struct Scrub {
    stop: Arc<AtomicBool>,
    state: Option<JoinHandle<()>>,
}

impl Scrub {
    /// Starts checking what was not read when journal and state were opened.
    pub(super) fn start(chain: &ChainView, health: &Arc<Health>) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (reader, stopped) = (chain.reader().clone(), Arc::clone(&stop));
        let of_journal = Arc::clone(health);
        std::thread::Builder::new()
            .name("journal-scrub".into())
            .spawn(move || journal(&reader, &stopped, &of_journal))?;
        let of_state = Arc::clone(health);
        let cache = chain.cache().clone();
        cache.on_damage(move |line| {
            tracing::error!(error = line, "the state is damaged");
            of_state.mark_broken(line.to_owned());
        });
        let stopped = Arc::clone(&stop);
        let state = std::thread::Builder::new()
            .name("state-scrub".into())
            .spawn(move || state(&cache, &stopped))?;
        Ok(Self {
            stop,
            state: Some(state),
        })
    }
}

fn journal(reader: &JournalReader, stopped: &AtomicBool, health: &Health) {
    match reader.verify(stopped) {
        Ok(verified) => tracing::debug!(?verified, "old segments of the journal hold"),
        Err(error) => {
            tracing::error!(%error, "the journal is damaged");
            health.mark_broken(error.to_string());
        }
    }
}

fn state(cache: &StateCache, stopped: &AtomicBool) {
    let mut began = Instant::now();
    let mut go_on = || {
        let rest = began.elapsed().saturating_mul(REST).min(REST_MAX);
        if !stopped.load(Ordering::Relaxed) {
            std::thread::park_timeout(rest);
        }
        began = Instant::now();
        !stopped.load(Ordering::Relaxed)
    };
    match cache.verify(&mut go_on) {
        Ok(verified) => tracing::debug!(?verified, "full runs of the state hold"),
        // Damage has been told to who listens.
        Err(error) => tracing::error!(%error, "the check of the state ended"),
    }
}

impl Drop for Scrub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // It holds the state, which is to be closed next; it ends within a piece of work.
        if let Some(state) = self.state.take() {
            state.thread().unpark();
            if state.join().is_err() {
                tracing::error!("the thread that checks the state panicked");
            }
        }
    }
}

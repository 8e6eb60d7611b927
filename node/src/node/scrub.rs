//! Checks the old segments of the journal while the node runs.
//!
//! Guards: a start reads only the journal's end, so damage further back is looked for here. What is
//! found turns the node red and is named in one line; records that hold are still served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::health::Health;
use crate::journal::JournalReader;

/// A check under way; dropping it ends it.
#[derive(Debug)]
pub(super) struct Scrub {
    stop: Arc<AtomicBool>,
}

impl Scrub {
    /// Starts checking what was not read when the journal was opened.
    pub(super) fn start(reader: JournalReader, health: Arc<Health>) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::Builder::new()
            .name("journal-scrub".into())
            .spawn(move || match reader.verify(&stopped) {
                Ok(verified) => tracing::debug!(?verified, "old segments of the journal hold"),
                Err(error) => {
                    tracing::error!(%error, "the journal is damaged");
                    health.mark_broken(error.to_string());
                }
            })?;
        Ok(Self { stop })
    }
}

impl Drop for Scrub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

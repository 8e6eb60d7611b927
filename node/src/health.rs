//! How the node is: what readiness rests on, and whether it still takes work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use piao_api::backend::Refusal;
use piao_api::wire::{Readiness, ReadinessCheck};
use piao_chain::failure::FailureCode;
use piao_chain::state::{Leaf, Slot, StateView as _};

use crate::disk_space::DiskSpace;
use crate::gossip::Tips;
use crate::ledger::ChainView;
use crate::mempool::Admission;
use crate::node::{complaint, is_off};

/// After this long without a block an idle chain is not alive: a heartbeat and a half.
const SILENCE_MS_MAX: u64 = 90_000;

/// Bytes in a MiB.
const MIB: u64 = 1024 * 1024;

/// What a caller is told to wait while the node stops.
const RETRY_AFTER_STOP: Duration = Duration::from_secs(5);

/// What a caller is told to wait while the disk is full.
const RETRY_AFTER_FULL: Duration = Duration::from_secs(10);

/// Health of a running node.
#[derive(Debug)]
pub struct Health {
    chain: Arc<ChainView>,
    admission: Arc<Admission>,
    disk: Arc<DiskSpace>,
    /// What the other members say, where there are others.
    tips: Option<Arc<Tips>>,
    stopping: AtomicBool,
    broken: Mutex<Option<String>>,
    render_metrics: fn() -> String,
}

impl Health {
    /// A healthy node.
    #[must_use]
    pub fn new(
        chain: Arc<ChainView>,
        admission: Arc<Admission>,
        disk: Arc<DiskSpace>,
        tips: Option<Arc<Tips>>,
        render_metrics: fn() -> String,
    ) -> Self {
        Self {
            chain,
            admission,
            disk,
            tips,
            stopping: AtomicBool::new(false),
            broken: Mutex::default(),
            render_metrics,
        }
    }

    /// From now on no new work is taken.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Whether no new work is taken because the node ends.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// A part has ended that the node can't do without.
    pub fn mark_broken(&self, why: String) {
        let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get_or_insert(why);
    }

    /// Refuses work while the node can't promise anything.
    ///
    /// # Errors
    /// [`FailureCode::ReadOnly`] while stopping, [`FailureCode::StoreCorrupt`] when broken,
    /// [`FailureCode::StorageFull`] while the disk is nearly full.
    pub fn refuse_unless_issuing(&self) -> Result<(), Refusal> {
        if self.broken_reason().is_some() {
            return Err(Refusal::of(FailureCode::StoreCorrupt));
        }
        if self.stopping.load(Ordering::Acquire) {
            let refusal = Refusal::of(FailureCode::ReadOnly);
            return Err(refusal.retry_after(RETRY_AFTER_STOP));
        }
        if self.disk.is_low() {
            let refusal = Refusal::of(FailureCode::StorageFull);
            return Err(refusal.retry_after(RETRY_AFTER_FULL));
        }
        Ok(())
    }

    /// What readiness rests on.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let tip = self.chain.tip();
        let (height, tip_ms) = (tip.header.height, tip.header.time_ms);
        drop(tip);
        let age_ms = self.chain.clock().now().ms().saturating_sub(tip_ms);
        let waiting = self.admission.pool().len();
        let broken = self.broken_reason();
        let stopping = self.stopping.load(Ordering::Acquire);
        let check = |name: &str, ok: bool, detail: String| ReadinessCheck {
            name: name.to_owned(),
            ok,
            detail,
        };
        let mut checks = vec![
            check(
                "storage",
                broken.is_none(),
                broken.unwrap_or_else(|| "no part has failed".to_owned()),
            ),
            check(
                "chain",
                height == 0 || age_ms <= SILENCE_MS_MAX,
                format!("height {height}, {} s old", age_ms / 1_000),
            ),
            check(
                "disk",
                !self.disk.is_low(),
                format!(
                    "{} MiB free, {} MiB wanted",
                    self.disk.free_bytes() / MIB,
                    self.disk.free_bytes_min() / MIB
                ),
            ),
            check(
                "accepting",
                !stopping,
                format!("{waiting} transactions wait"),
            ),
        ];
        if let Some(tips) = &self.tips {
            // Nobody who could tell is no fault of this clock.
            let ahead_ms = tips.clocks_ahead_ms(Instant::now()).unwrap_or(0);
            let off = is_off(ahead_ms);
            let detail = if off {
                complaint(ahead_ms)
            } else {
                "as the other members'".to_owned()
            };
            checks.push(check("clock", !off, detail));
        }
        Readiness {
            ready: checks.iter().all(|check| check.ok),
            checks,
        }
    }

    /// Counters as text.
    #[must_use]
    pub fn metrics(&self) -> String {
        let height = self.chain.height();
        let (transactions, bytes) = {
            let pool = self.admission.pool();
            (pool.len(), pool.bytes())
        };
        crate::metrics::observe(height, transactions, bytes);
        crate::metrics::observe_disk(self.disk.free_bytes());
        if let Ok(Some(Leaf::Totals(totals))) = self.chain.cache().leaf(Slot::TOTALS) {
            crate::metrics::observe_totals(&totals);
        }
        (self.render_metrics)()
    }

    fn broken_reason(&self) -> Option<String> {
        self.broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

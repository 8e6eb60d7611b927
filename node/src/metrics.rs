//! The node's counters: every name once, with its unit. Never a label with an id.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

const BLOCKS: &str = "piao_blocks_total";
const TRANSACTIONS: &str = "piao_transactions_total";
const COMMIT_SECONDS: &str = "piao_journal_commit_seconds";
const HEIGHT: &str = "piao_height";
const POOL_TRANSACTIONS: &str = "piao_mempool_transactions";
const POOL_BYTES: &str = "piao_mempool_bytes";

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts counting. Without it, counters go nowhere and [`render`] is empty.
pub fn install() {
    let Ok(handle) = PrometheusBuilder::new().install_recorder() else {
        // Somebody in this process counts already.
        return;
    };
    metrics::describe_counter!(BLOCKS, "Blocks committed by this node.");
    metrics::describe_counter!(TRANSACTIONS, "Transactions in committed blocks.");
    metrics::describe_histogram!(
        COMMIT_SECONDS,
        metrics::Unit::Seconds,
        "Time to write and sync a decided block."
    );
    metrics::describe_gauge!(HEIGHT, "Height of the tip.");
    metrics::describe_gauge!(POOL_TRANSACTIONS, "Transactions waiting for a block.");
    metrics::describe_gauge!(
        POOL_BYTES,
        metrics::Unit::Bytes,
        "Bytes of transactions waiting for a block."
    );
    RECORDER.get_or_init(|| handle);
}

/// Everything counted so far, in the Prometheus text format.
#[must_use]
pub fn render() -> String {
    RECORDER
        .get()
        .map(PrometheusHandle::render)
        .unwrap_or_default()
}

/// A block was synced.
pub(crate) fn block_committed(transactions: usize, took: Duration) {
    counter!(BLOCKS).increment(1);
    counter!(TRANSACTIONS).increment(u64::try_from(transactions).unwrap_or(u64::MAX));
    histogram!(COMMIT_SECONDS).record(took.as_secs_f64());
}

/// Levels at the moment of asking.
pub(crate) fn observe(height: u64, pool_transactions: usize, pool_bytes: usize) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; heights and sizes stay far below 2^52"
    )]
    let float = |number: u64| number as f64;
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    gauge!(HEIGHT).set(float(height));
    gauge!(POOL_TRANSACTIONS).set(float(wide(pool_transactions)));
    gauge!(POOL_BYTES).set(float(wide(pool_bytes)));
}

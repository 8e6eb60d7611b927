//! The node's counters: every name once, with its unit. Never a label with an id.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use piao_chain::state::Totals;

const BLOCKS: &str = "piao_blocks_total";
const TRANSACTIONS: &str = "piao_transactions_total";
const COMMIT_SECONDS: &str = "piao_journal_commit_seconds";
const HEIGHT: &str = "piao_height";
const POOL_TRANSACTIONS: &str = "piao_mempool_transactions";
const POOL_BYTES: &str = "piao_mempool_bytes";
const DISK_FREE_BYTES: &str = "piao_disk_free_bytes";
const FEES_MINTED: &str = "piao_fees_minted_fen";
const FEES_COLLECTED: &str = "piao_fees_collected_fen";
const INVOICES: &str = "piao_invoices_issued";

/// Samples of a histogram wait in memory until somebody collects them. Nobody may ever ask for the
/// metrics, so the node collects after this many blocks itself.
const UPKEEP_BLOCKS: u64 = 1_000;

/// Upper bounds of the buckets of every histogram of seconds: from a fast disk's sync to a second.
const SECONDS_BUCKETS: [f64; 11] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0,
];

/// Blocks since the start, for [`UPKEEP_BLOCKS`].
static BLOCKS_SEEN: AtomicU64 = AtomicU64::new(0);

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts counting. Without it, counters go nowhere and [`render`] is empty.
///
/// # Panics
/// Never: the buckets are fixed.
pub fn install() {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)
        .expect("there are buckets");
    let Ok(handle) = builder.install_recorder() else {
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
    metrics::describe_gauge!(
        DISK_FREE_BYTES,
        metrics::Unit::Bytes,
        "Bytes free on the disk of the data directory."
    );
    metrics::describe_gauge!(FEES_MINTED, "Fees ever credited to all accounts, in fen.");
    metrics::describe_gauge!(FEES_COLLECTED, "Fees ever collected, in fen.");
    metrics::describe_gauge!(INVOICES, "Invoices ever issued on the chain.");
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
    let seen = BLOCKS_SEEN.fetch_add(1, Ordering::Relaxed);
    if seen.is_multiple_of(UPKEEP_BLOCKS)
        && let Some(recorder) = RECORDER.get()
    {
        recorder.run_upkeep();
    }
}

/// Room on the disk when it was last measured.
pub(crate) fn observe_disk(free_bytes: u64) {
    gauge!(DISK_FREE_BYTES).set(float(free_bytes));
}

/// The chain's own totals at its tip. What was minted is what accounts hold and what was collected.
pub(crate) fn observe_totals(totals: &Totals) {
    gauge!(FEES_MINTED).set(float(totals.minted_fen.unsigned_abs()));
    gauge!(FEES_COLLECTED).set(float(totals.collected_fen.unsigned_abs()));
    gauge!(INVOICES).set(float(totals.issued_count));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; exact up to 2^53, which is 90 000 000 000 000 yuan in fen"
)]
fn float(number: u64) -> f64 {
    number as f64
}

/// Levels at the moment of asking.
pub(crate) fn observe(height: u64, pool_transactions: usize, pool_bytes: usize) {
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    gauge!(HEIGHT).set(float(height));
    gauge!(POOL_TRANSACTIONS).set(float(wide(pool_transactions)));
    gauge!(POOL_BYTES).set(float(wide(pool_bytes)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown_under_its_name_with_buckets() {
        install();
        block_committed(3, Duration::from_millis(4));
        observe(7, 2, 900);
        observe_totals(&Totals {
            minted_fen: 200_000,
            collected_fen: 30,
            issued_count: 3,
            ..Totals::default()
        });
        let text = render();
        for line in [
            "# TYPE piao_blocks_total counter",
            "piao_journal_commit_seconds_bucket{le=\"0.005\"}",
            "piao_height 7",
            "piao_mempool_bytes 900",
            "piao_fees_minted_fen 200000",
            "piao_fees_collected_fen 30",
            "piao_invoices_issued 3",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}

//! Several validators on this machine, measured: how soon they are up, what an invoice takes when
//! nothing else goes on, how many become final, and what each node uses.

use std::sync::Arc;
use std::time::Duration;

use piao_api::client::Client;
use piao_api::idempotency::IdempotencyKey;
use serde::Serialize;

use crate::bench::{BenchError, BenchOptions, chain_id, now, other, program};
use crate::invoices::{merchant_key, signed};
use crate::latency::Latencies;
use crate::load::{TENTHS, Work, drive};
use crate::local::Running;
use crate::machine;
use crate::process::{Usage, bytes_below};

/// Seed of the network: its keys guard nothing.
const SEED: u64 = 1;
/// Top-up that pays for any number of invoices.
const TOP_UP: &str = "1000000.00";
/// How long the nodes are left alone before their memory is read.
const REST: Duration = Duration::from_secs(2);

/// What was measured. `per_node` figures are of the node that used most.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NetworkFigures {
    pub(crate) validators: u16,
    pub(crate) clients: usize,
    pub(crate) batch: usize,
    pub(crate) ready_ms: f64,
    pub(crate) invoices: usize,
    pub(crate) refused: usize,
    pub(crate) refusals: Vec<String>,
    pub(crate) final_per_second: f64,
    pub(crate) first_tenth_per_second: f64,
    pub(crate) last_tenth_per_second: f64,
    pub(crate) load_p50_ms: f64,
    pub(crate) load_p99_ms: f64,
    pub(crate) idle_p50_ms: f64,
    pub(crate) idle_p99_ms: f64,
    pub(crate) blocks: u64,
    pub(crate) cpu_us_per_invoice_all_nodes: f64,
    pub(crate) idle_rss_mib_per_node: f64,
    pub(crate) rss_peak_mib_per_node: f64,
    pub(crate) disk_bytes_per_invoice_and_node: f64,
    pub(crate) cores: usize,
    pub(crate) verify_per_second: f64,
    pub(crate) sync_per_second: f64,
    pub(crate) final_over_verify: f64,
}

/// Runs the benchmark with raw transactions, submitted at the merchant's node.
pub(crate) async fn run(
    options: &BenchOptions,
    validators: u16,
) -> Result<NetworkFigures, BenchError> {
    let mut folder = tempfile::Builder::new()
        .prefix("piao-bench-")
        .tempdir_in(&options.dir)?;
    folder.disable_cleanup(options.keep);
    let limits = machine::measure(folder.path())?;
    let dir = folder.path().canonicalize()?.join("network");
    let piaod = program(options.piaod.as_ref())?;
    let network = Running::up(&piaod, &dir, validators, SEED).await?;
    let Some((desk, desk_seed)) = network.desk(SEED) else {
        return Err(other("no node issues"));
    };
    let client = Client::new(&desk.url(), None)?;
    let chain_id = chain_id(&client.chain().await?.chain_id)?;
    let key = IdempotencyKey::parse("bench-top-up").map_err(|_fault| other("a key"))?;
    client.top_up(Some(1), TOP_UP, "bench", &key).await?;
    tokio::time::sleep(REST).await;
    let idle_rss = most(&network.usages(), |usage| usage.rss_bytes);

    let idle_count = u64::try_from(options.idle).unwrap_or(u64::MAX);
    let load_count = u64::try_from(options.invoices).unwrap_or(u64::MAX);
    let work = |numbers, batch| {
        let all = signed(&merchant_key(desk_seed), chain_id, now(), numbers);
        Work::Raw(Arc::new(all), batch)
    };
    let idle = drive(&client, &work(0..idle_count, 1), 1).await;
    let load = work(
        idle_count..idle_count.saturating_add(load_count),
        options.batch,
    );
    let (disk_before, before) = (bytes_below(&dir)?, network.usages());
    let height_before = client.chain().await?.height;
    let loaded = drive(&client, &load, options.clients).await;
    let (after, height_after) = (network.usages(), client.chain().await?.height);
    let nodes = after.len();
    let ready_after = network.ready_after;
    network.down().await?;
    let disk_after = bytes_below(&dir)?;

    let issued = loaded.done.len();
    let idle = Latencies::new(idle.done.iter().map(|done| done.took).collect());
    let under_load = Latencies::new(loaded.done.iter().map(|done| done.took).collect());
    let final_per_second = float(issued) / loaded.took.as_secs_f64();
    let cpu = |usages: &[Usage]| usages.iter().map(|usage| usage.cpu_seconds).sum::<f64>();
    let per_invoice = |total: f64| total / float(issued.max(1));
    let disk = float(usize::try_from(disk_after.saturating_sub(disk_before)).unwrap_or(usize::MAX));
    Ok(NetworkFigures {
        validators,
        clients: options.clients,
        batch: options.batch,
        ready_ms: ready_after.as_secs_f64() * 1e3,
        invoices: issued,
        refused: loaded.refused_count,
        refusals: loaded.refused.clone(),
        final_per_second,
        first_tenth_per_second: loaded.rate(0),
        last_tenth_per_second: loaded.rate(TENTHS - 1),
        load_p50_ms: under_load.per_mille_ms(500),
        load_p99_ms: under_load.per_mille_ms(990),
        idle_p50_ms: idle.per_mille_ms(500),
        idle_p99_ms: idle.per_mille_ms(990),
        blocks: height_after.saturating_sub(height_before),
        cpu_us_per_invoice_all_nodes: per_invoice((cpu(&after) - cpu(&before)) * 1e6),
        idle_rss_mib_per_node: idle_rss,
        rss_peak_mib_per_node: most(&after, |usage| usage.rss_peak_bytes),
        disk_bytes_per_invoice_and_node: per_invoice(disk) / float(nodes.max(1)),
        cores: limits.cores,
        verify_per_second: limits.verify_per_second,
        sync_per_second: limits.sync_per_second,
        final_over_verify: final_per_second / limits.verify_per_second,
    })
}

/// The most any node has, in MiB.
fn most(usages: &[Usage], bytes: fn(&Usage) -> u64) -> f64 {
    let most = usages.iter().map(bytes).max().unwrap_or(0);
    float(usize::try_from(most).unwrap_or(usize::MAX)) / (1024.0 * 1024.0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures of a benchmark stay far below 2^52"
)]
fn float(count: usize) -> f64 {
    count as f64
}

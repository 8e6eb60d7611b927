//! One validator, measured: idle latency, throughput under load, cost per invoice, sample proofs,
//! and the machine's own limits in the same run.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use piao_api::client::{Client, ClientError};
use piao_api::idempotency::IdempotencyKey;
use piao_chain::digest::ChainId;
use piao_chain::time::BlockTime;
use serde::Serialize;

use crate::cli::Via;
use crate::invoices::{merchant_key, signed};
use crate::latency::Latencies;
use crate::load::{TENTHS, Work, drive};
use crate::local::LocalError;
use crate::machine;
use crate::process::{Node, ProcessError, bytes_below};
use crate::proofs;

/// Seed of the benchmark's network: its keys guard nothing.
const SEED: u64 = 1;

/// Top-up that pays for any number of invoices.
const TOP_UP: &str = "1000000.00";

/// What to measure.
#[derive(Clone, Debug)]
pub(crate) struct BenchOptions {
    pub(crate) invoices: usize,
    pub(crate) idle: usize,
    pub(crate) clients: usize,
    pub(crate) via: Via,
    pub(crate) batch: usize,
    pub(crate) proofs: usize,
    pub(crate) dir: PathBuf,
    pub(crate) keep: bool,
    pub(crate) piaod: Option<PathBuf>,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) via: String,
    pub(crate) clients: usize,
    pub(crate) batch: usize,
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
    pub(crate) cpu_us_per_invoice: f64,
    pub(crate) rss_peak_mib: f64,
    pub(crate) ready_after_kill_ms: f64,
    pub(crate) rss_after_restart_mib: f64,
    pub(crate) disk_bytes_per_invoice: f64,
    pub(crate) transaction_bytes: usize,
    pub(crate) blocks: u64,
    pub(crate) proofs_good: usize,
    pub(crate) proofs_checked: usize,
    pub(crate) cores: usize,
    pub(crate) verify_per_second: f64,
    pub(crate) sync_per_second: f64,
    pub(crate) final_over_verify: f64,
    pub(crate) final_over_sync: f64,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("the node refused: {0}")]
    Client(#[from] ClientError),
    #[error(transparent)]
    Local(#[from] LocalError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Other(String),
}

/// Runs the benchmark.
pub(crate) async fn run(options: &BenchOptions) -> Result<Figures, BenchError> {
    let mut folder = tempfile::Builder::new()
        .prefix("piao-bench-")
        .tempdir_in(&options.dir)?;
    folder.disable_cleanup(options.keep);
    let limits = machine::measure(folder.path())?;
    let program = program(options.piaod.as_ref())?;
    let data = folder.path().join("node");
    let node = Node::start(&program, &data, SEED).await?;
    let client = Client::new(node.url(), None)?;
    let chain = client.chain().await?;
    let chain_id = chain_id(&chain.chain_id)?;
    let key = IdempotencyKey::parse("bench-top-up").map_err(|_fault| other("a key"))?;
    client.top_up(Some(1), TOP_UP, "bench", &key).await?;

    let idle_count = u64::try_from(options.idle).unwrap_or(u64::MAX);
    let load_count = u64::try_from(options.invoices).unwrap_or(u64::MAX);
    let idle = work(options.via, chain_id, 0..idle_count, 1);
    let idle = drive(&client, &idle, 1).await;
    let numbers = idle_count..idle_count.saturating_add(load_count);
    let load = work(options.via, chain_id, numbers, options.batch);
    let transaction_bytes = load.transaction_bytes();
    let (disk_before, before) = (bytes_below(&data)?, node.usage());
    let height_before = client.chain().await?.height;
    let loaded = drive(&client, &load, options.clients).await;
    let (after, height_after) = (node.usage(), client.chain().await?.height);

    node.kill().await?;
    let restarted = restart(&program, &data, &sample(&loaded.done, options.proofs)).await?;
    let disk_after = bytes_below(&data)?;

    let issued = loaded.done.len();
    let per_invoice = |total: f64| total / float(issued.max(1));
    let final_per_second = float(issued) / loaded.took.as_secs_f64();
    let idle = Latencies::new(idle.done.iter().map(|done| done.took).collect());
    let under_load = Latencies::new(loaded.done.iter().map(|done| done.took).collect());
    if idle.len() + under_load.len() == 0 {
        return Err(other(loaded.refused.join("; ")));
    }
    Ok(Figures {
        via: format!("{:?}", options.via).to_lowercase(),
        clients: options.clients,
        batch: load.batch(),
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
        cpu_us_per_invoice: per_invoice((after.cpu_seconds - before.cpu_seconds) * 1e6),
        rss_peak_mib: wide(after.rss_peak_bytes) / (1024.0 * 1024.0),
        ready_after_kill_ms: restarted.ready_after.as_secs_f64() * 1e3,
        rss_after_restart_mib: wide(restarted.rss_peak_bytes) / (1024.0 * 1024.0),
        disk_bytes_per_invoice: per_invoice(wide(disk_after.saturating_sub(disk_before))),
        transaction_bytes,
        blocks: height_after.saturating_sub(height_before),
        proofs_good: restarted.proofs_good,
        proofs_checked: restarted.proofs_checked,
        cores: limits.cores,
        verify_per_second: limits.verify_per_second,
        sync_per_second: limits.sync_per_second,
        final_over_verify: final_per_second / limits.verify_per_second,
        final_over_sync: final_per_second / limits.sync_per_second,
    })
}

/// What is sent: signed beforehand where that is not measured.
fn work(via: Via, chain_id: ChainId, numbers: std::ops::Range<u64>, batch: usize) -> Work {
    match via {
        Via::Raw => {
            let all = signed(&merchant_key(SEED), chain_id, now(), numbers);
            Work::Raw(Arc::new(all), batch)
        }
        Via::Http => Work::Drafts(numbers),
    }
}

/// What a node did that was started again after it was killed.
struct Restarted {
    ready_after: Duration,
    rss_peak_bytes: u64,
    proofs_good: usize,
    proofs_checked: usize,
}

/// The worst restart there is: nothing was closed. The proofs come from what it finds.
async fn restart(program: &Path, data: &Path, numbers: &[String]) -> Result<Restarted, BenchError> {
    let killed = Instant::now();
    let node = Node::start(program, data, SEED).await?;
    let ready_after = killed.elapsed();
    let client = Client::new(node.url(), None)?;
    let proofs_good = proofs::check(&client, numbers, now()).await;
    let proofs_good = proofs_good.map_err(other)?;
    let rss_peak_bytes = node.usage().rss_peak_bytes;
    node.stop().await?;
    Ok(Restarted {
        ready_after,
        rss_peak_bytes,
        proofs_good,
        proofs_checked: numbers.len(),
    })
}

/// The node's program: the one asked for, or the one beside this program.
pub(crate) fn program(named: Option<&PathBuf>) -> Result<PathBuf, BenchError> {
    if let Some(program) = named {
        return Ok(program.clone());
    }
    let own = std::env::current_exe()?;
    let beside = own.parent().unwrap_or_else(|| Path::new(".")).join("piaod");
    if beside.exists() {
        Ok(beside)
    } else {
        Err(other(
            "piaod is not beside piao-testnet; name it with --piaod",
        ))
    }
}

/// Numbers spread evenly over what was issued.
fn sample(done: &[crate::load::Done], count: usize) -> Vec<String> {
    let step = (done.len() / count.max(1)).max(1);
    let spread = done.iter().step_by(step).take(count);
    spread.map(|done| done.number.clone()).collect()
}

pub(crate) fn chain_id(text: &str) -> Result<ChainId, BenchError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_source| other("the chain id is no digest"))?;
    Ok(ChainId(bytes))
}

pub(crate) fn now() -> BlockTime {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = elapsed.map_or(0, |elapsed| elapsed.as_millis());
    BlockTime::from_ms(u64::try_from(ms).unwrap_or(u64::MAX))
}

pub(crate) fn other(what: impl Into<String>) -> BenchError {
    BenchError::Other(what.into())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a benchmark stay far below 2^52"
)]
fn float(count: usize) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sizes of a benchmark stay far below 2^52"
)]
fn wide(bytes: u64) -> f64 {
    bytes as f64
}

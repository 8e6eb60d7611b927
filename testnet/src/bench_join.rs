//! A node that comes late, measured: how long until it is level with a network that has made many
//! blocks, and whether it goes on where it was when it is killed on the way.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use piao_api::client::Client;
use piao_api::idempotency::IdempotencyKey;
use serde::Serialize;
use tokio::time::sleep;

use crate::bench::{BenchError, BenchOptions, chain_id, now, other, program};
use crate::invoices::{merchant_key, signed};
use crate::load::{Work, drive};
use crate::local::Running;

/// Seed of the network: its keys guard nothing.
const SEED: u64 = 1;
/// Top-up that pays for any number of invoices.
const TOP_UP: &str = "1000000.00";
/// Members that come late: one undisturbed, one killed half-way.
const LATE: u16 = 2;
/// How often a height that nobody announces is asked for.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// How long a late member may take at most.
const LEVEL_WITHIN: Duration = Duration::from_secs(600);
/// Transactions in one request, at most.
const BATCH_MAX: usize = 256;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JoinFigures {
    validators: u16,
    height: u64,
    invoices: usize,
    refused: usize,
    level_seconds: f64,
    blocks_per_second: f64,
    invoices_per_second: f64,
    killed_at_height: u64,
    went_on_from_height: u64,
    level_seconds_when_killed: f64,
}

/// Runs it.
pub(crate) async fn run(
    options: &BenchOptions,
    validators: u16,
    height: u64,
) -> Result<JoinFigures, BenchError> {
    let mut folder = tempfile::Builder::new()
        .prefix("piao-join-")
        .tempdir_in(&options.dir)?;
    folder.disable_cleanup(options.keep);
    let dir = folder.path().canonicalize()?.join("network");
    let piaod = program(options.piaod.as_ref())?;
    let mut network = Running::up_with(&piaod, &dir, (validators, LATE), SEED).await?;
    let (invoices, refused, reached) = fill(&network, options.invoices, height).await?;
    let first = usize::from(validators).saturating_add(1);

    let began = Instant::now();
    network.start_late(&piaod, first)?;
    level(&network, first, reached).await?;
    let level_seconds = began.elapsed().as_secs_f64();

    let second = first.saturating_add(1);
    let killed = kill_half_way(&mut network, &piaod, second, reached).await?;
    network.down().await?;
    let blocks = u32::try_from(reached).map_or(f64::MAX, f64::from);
    let issued = u32::try_from(invoices).map_or(f64::MAX, f64::from);
    Ok(JoinFigures {
        validators,
        height: reached,
        invoices,
        refused,
        level_seconds,
        blocks_per_second: blocks / level_seconds,
        invoices_per_second: issued / level_seconds,
        killed_at_height: killed.at,
        went_on_from_height: killed.from,
        level_seconds_when_killed: killed.seconds,
    })
}

/// Issues so many invoices in at least so many blocks: one request at a time, one block each. Returns
/// how many were issued, how many not, and the height.
async fn fill(
    network: &Running,
    invoices: usize,
    height: u64,
) -> Result<(usize, usize, u64), BenchError> {
    let Some((desk, desk_seed)) = network.desk(SEED) else {
        return Err(other("no node issues"));
    };
    let client = Client::new(&desk.url(), None)?;
    let chain_id = chain_id(&client.chain().await?.chain_id)?;
    let key = IdempotencyKey::parse("join-top-up").map_err(|_fault| other("a key"))?;
    client.top_up(Some(1), TOP_UP, "join", &key).await?;
    let blocks = usize::try_from(height).unwrap_or(usize::MAX).max(1);
    let batch = invoices.div_ceil(blocks).clamp(1, BATCH_MAX);
    let numbers = 0..u64::try_from(invoices).unwrap_or(u64::MAX);
    let all = signed(&merchant_key(desk_seed), chain_id, now(), numbers);
    let loaded = drive(&client, &Work::Raw(Arc::new(all), batch), 1).await;
    let reached = client.chain().await?.height;
    Ok((loaded.done.len(), loaded.refused_count, reached))
}

/// Waits until a member has reached a height.
async fn level(network: &Running, at: usize, height: u64) -> Result<(), BenchError> {
    wait_for(network, at, |now| now >= height).await.map(drop)
}

/// What became of a member that was killed on its way.
struct Killed {
    at: u64,
    from: u64,
    seconds: f64,
}

async fn kill_half_way(
    network: &mut Running,
    piaod: &Path,
    at: usize,
    height: u64,
) -> Result<Killed, BenchError> {
    let began = Instant::now();
    network.start_late(piaod, at)?;
    let killed_at = wait_for(network, at, |now| now >= height / 2).await?;
    network.kill_last().await?;
    network.start_late(piaod, at)?;
    let from = wait_for(network, at, |_now| true).await?;
    level(network, at, height).await?;
    Ok(Killed {
        at: killed_at,
        from,
        seconds: began.elapsed().as_secs_f64(),
    })
}

/// The first height of a member that is enough.
async fn wait_for(
    network: &Running,
    at: usize,
    is_enough: impl Fn(u64) -> bool,
) -> Result<u64, BenchError> {
    let entry = network.layout.nodes.get(at);
    let entry = entry.ok_or_else(|| other("no such member"))?;
    let client = Client::new(&entry.url(), None)?;
    let deadline = Instant::now() + LEVEL_WITHIN;
    loop {
        if let Ok(chain) = client.chain().await
            && is_enough(chain.height)
        {
            return Ok(chain.height);
        }
        if Instant::now() >= deadline {
            return Err(other("a late member did not come level"));
        }
        sleep(ASK_EVERY).await;
    }
}

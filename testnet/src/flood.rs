//! Overload: many more callers than the node can serve, and beside them one healthy client, timed.
//!
//! The flood speaks HTTP by hand, so that it costs the machine little beside the node, and never
//! waits for anything to become final: it offers work as fast as it is refused or taken. What is
//! offered is counted in invoices, of which a batch holds many, and what is taken by what the chain
//! issued.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use piao_api::client::{Client, IssueOptions, Issued};
use piao_api::idempotency::IdempotencyKey;
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bench::{BenchError, chain_id, now, other, program};
use crate::invoices::{draft, merchant_key, signed};
use crate::latency::Latencies;
use crate::process::Node;

/// Seed of the network: its keys guard nothing.
const SEED: u64 = 1;
/// Top-up that pays for any number of invoices.
const TOP_UP: &str = "1000000.00";
/// Transactions signed beforehand, more than a node takes in a minute; the flood begins again from
/// the first when all were offered, as callers do that were refused.
const SIGNED_MAX: u64 = 600_000;
/// Transactions of one batch.
const BATCH: usize = 64;
/// The healthy client calls this often.
const HEALTHY_EVERY: Duration = Duration::from_millis(100);
/// A reply that takes longer counts as none.
const REPLY_WITHIN: Duration = Duration::from_secs(40);
/// Bytes of a reply that are kept to find its end.
const REPLY_BYTES_MAX: usize = 256 * 1024;

/// What to do.
#[derive(Clone, Debug)]
pub(crate) struct FloodOptions {
    pub(crate) seconds: u64,
    pub(crate) clients: usize,
    pub(crate) dir: PathBuf,
    pub(crate) piaod: Option<PathBuf>,
}

/// What was seen.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Flooded {
    pub(crate) seconds: f64,
    pub(crate) clients: usize,
    pub(crate) calls_per_second: f64,
    pub(crate) invoices_offered_per_second: f64,
    pub(crate) invoices_taken_per_second: f64,
    pub(crate) offered_over_taken: f64,
    pub(crate) statuses: BTreeMap<u16, u64>,
    pub(crate) refused_without_wait: u64,
    pub(crate) healthy_calls: usize,
    pub(crate) healthy_failed: Vec<String>,
    pub(crate) healthy_p50_ms: f64,
    pub(crate) healthy_p99_ms: f64,
    pub(crate) healthy_max_ms: f64,
    pub(crate) rss_peak_mib: f64,
    pub(crate) height: u64,
    pub(crate) panics: usize,
}

/// The node when it is over.
struct After {
    height: u64,
    issued: u64,
    rss_peak_bytes: u64,
    log: String,
}

/// What the flooding clients share.
struct Flood {
    address: String,
    offers: Vec<Offer>,
    next: AtomicUsize,
    over: AtomicBool,
    seen: Mutex<Seen>,
}

/// One call, and how many invoices it wants issued.
struct Offer {
    request: Bytes,
    invoices: u64,
}

#[derive(Debug, Default)]
struct Seen {
    statuses: BTreeMap<u16, u64>,
    invoices: u64,
    without_wait: u64,
}

/// Runs it.
pub(crate) async fn run(options: &FloodOptions) -> Result<Flooded, BenchError> {
    let folder = tempfile::Builder::new()
        .prefix("piao-flood-")
        .tempdir_in(&options.dir)?;
    let data = folder.path().join("node");
    let node = Node::start(&program(options.piaod.as_ref())?, &data, SEED).await?;
    let api_key = std::fs::read_to_string(data.join("api-key"))?;
    let client = Client::new(node.url(), Some(api_key.trim().to_owned()))?;
    let key = IdempotencyKey::parse("flood-top-up").map_err(|_fault| other("a key"))?;
    client.top_up(Some(1), TOP_UP, "flood", &key).await?;
    let address = node.url().trim_start_matches("http://").to_owned();
    let chain = chain_id(&client.chain().await?.chain_id)?;
    let raw = signed(&merchant_key(SEED), chain, now(), 0..SIGNED_MAX);
    let issued_before = client.account(Some(1)).await?.issued_count;
    let flood = Arc::new(Flood {
        offers: offers(&address, &raw),
        address,
        next: AtomicUsize::new(0),
        over: AtomicBool::new(false),
        seen: Mutex::default(),
    });
    let began = Instant::now();
    let flooders: Vec<_> = (0..options.clients)
        .map(|_client| tokio::spawn(offer(Arc::clone(&flood))))
        .collect();
    let healthy = be_healthy(&client, began + Duration::from_secs(options.seconds)).await;
    let took = began.elapsed().as_secs_f64();
    flood.over.store(true, Ordering::Relaxed);
    for flooder in flooders {
        flooder.abort();
    }
    let height = client.chain().await?.height;
    let issued = client.account(Some(1)).await?.issued_count;
    let rss_peak_bytes = node.usage().rss_peak_bytes;
    node.stop().await?;
    let after = After {
        height,
        issued: issued.saturating_sub(issued_before),
        rss_peak_bytes,
        log: std::fs::read_to_string(data.with_extension("log"))?,
    };
    let seen = std::mem::take(&mut *flood.seen.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(report(options, took, &seen, healthy, &after))
}

fn report(
    options: &FloodOptions,
    took: f64,
    seen: &Seen,
    (latencies, failed): (Vec<Duration>, Vec<String>),
    after: &After,
) -> Flooded {
    let calls: u64 = seen.statuses.values().sum();
    let (offered, taken) = (float(seen.invoices) / took, float(after.issued) / took);
    let latencies = Latencies::new(latencies);
    Flooded {
        seconds: took,
        clients: options.clients,
        calls_per_second: float(calls) / took,
        invoices_offered_per_second: offered,
        invoices_taken_per_second: taken,
        offered_over_taken: offered / taken.max(1.0),
        statuses: seen.statuses.clone(),
        refused_without_wait: seen.without_wait,
        healthy_calls: latencies.len(),
        healthy_failed: failed,
        healthy_p50_ms: latencies.per_mille_ms(500),
        healthy_p99_ms: latencies.per_mille_ms(990),
        healthy_max_ms: latencies.per_mille_ms(1_000),
        rss_peak_mib: float(after.rss_peak_bytes) / (1024.0 * 1024.0),
        height: after.height,
        panics: after.log.matches("panicked").count(),
    }
}

/// What is offered: batches that need not be final, drafts to issue without waiting, and drafts to
/// check, in turn.
fn offers(address: &str, raw: &[Bytes]) -> Vec<Offer> {
    let mut all = Vec::new();
    for (number, batch) in raw.chunks(BATCH).enumerate() {
        let path = "/v1/transactions?wait=accepted";
        let kind = "application/vnd.piao.transactions";
        all.push(Offer {
            request: request(address, path, kind, "", &framed(batch)),
            invoices: u64::try_from(batch.len()).unwrap_or(0),
        });
        let body = draft(u64::try_from(number).unwrap_or(0));
        let key = format!("Idempotency-Key: flood-{number}\r\n");
        let (path, json) = ("/v1/invoices?wait=accepted", "application/json");
        all.push(Offer {
            request: request(address, path, json, &key, &body),
            invoices: 1,
        });
        all.push(Offer {
            request: request(address, "/v1/invoices/check", json, "", &body),
            invoices: 0,
        });
    }
    all
}

/// Transactions in one body, each behind its length.
fn framed(batch: &[Bytes]) -> Vec<u8> {
    let mut body = Vec::new();
    for transaction in batch {
        let length = u32::try_from(transaction.len()).unwrap_or(u32::MAX);
        body.extend_from_slice(&length.to_be_bytes());
        body.extend_from_slice(transaction);
    }
    body
}

fn request(address: &str, path: &str, kind: &str, lines: &str, body: &[u8]) -> Bytes {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\n{lines}\r\n",
        body.len()
    );
    Bytes::from([head.as_bytes(), body].concat())
}

/// Offers work until the flood is over, on a new connection whenever the node closes one.
async fn offer(flood: Arc<Flood>) {
    while !flood.over.load(Ordering::Relaxed) {
        let Ok(mut stream) = TcpStream::connect(&flood.address).await else {
            // Connecting is refused when the node's queue is full: let it work.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let mut buffer = Vec::new();
        while !flood.over.load(Ordering::Relaxed) {
            let at = flood.next.fetch_add(1, Ordering::Relaxed) % flood.offers.len().max(1);
            let Some(offer) = flood.offers.get(at) else {
                return;
            };
            if stream.write_all(&offer.request).await.is_err() {
                break;
            }
            let reply = tokio::time::timeout(REPLY_WITHIN, reply(&mut stream, &mut buffer)).await;
            let Ok(Some((status, has_wait))) = reply else {
                break;
            };
            let mut seen = flood.seen.lock().unwrap_or_else(PoisonError::into_inner);
            *seen.statuses.entry(status).or_default() += 1;
            seen.invoices += offer.invoices;
            seen.without_wait += u64::from(matches!(status, 429 | 503 | 507) && !has_wait);
        }
    }
}

/// Reads one reply: its status, and whether it says how long to wait. `None` at its early end.
async fn reply(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(u16, bool)> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await.ok()? == 0 || buffer.len() > REPLY_BYTES_MAX {
            return None;
        }
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = core::str::from_utf8(buffer.get(..end)?).ok()?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))?;
        let whole = end.checked_add(4)?.checked_add(length.parse().ok()?)?;
        if buffer.len() >= whole {
            let status = head.get(9..12)?.parse().ok()?;
            return Some((status, head.contains("\r\nretry-after: ")));
        }
    }
}

/// Issues with an API key, so as a caller of its own, ten times a second, each final, until the end.
async fn be_healthy(client: &Client, end: Instant) -> (Vec<Duration>, Vec<String>) {
    let (mut latencies, mut failed) = (Vec::new(), Vec::new());
    let mut ticks = tokio::time::interval(HEALTHY_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let options = IssueOptions {
        account: Some(1),
        ..IssueOptions::default()
    };
    let mut number = u64::MAX / 2;
    while Instant::now() < end {
        ticks.tick().await;
        number += 1;
        let Ok(key) = IdempotencyKey::parse(&format!("healthy-{number}")) else {
            continue;
        };
        let sent = Instant::now();
        match client.issue(draft(number), &key, &options).await {
            Ok(Issued::Final { .. }) => latencies.push(sent.elapsed()),
            Ok(Issued::Pending(_)) => failed.push("not final in time".to_owned()),
            Err(error) => failed.push(error.to_string()),
        }
    }
    (latencies, failed)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a minute stay far below 2^52"
)]
fn float(count: u64) -> f64 {
    count as f64
}

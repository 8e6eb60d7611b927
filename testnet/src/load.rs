//! Driving a node: so many requests in flight, each timed from sent to final.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use piao_api::client::{Client, ClientError, IssueOptions, Issued};
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire::{Outcome, OutcomeState};

use crate::invoices::draft;

/// What a request gave.
#[derive(Debug)]
pub(crate) struct Done {
    /// From the start of the load to final.
    at: Duration,
    /// From sent to final.
    pub(crate) took: Duration,
    /// The number issued.
    pub(crate) number: String,
}

/// What a load gave.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// Requests that became final.
    pub(crate) done: Vec<Done>,
    /// What the others were told, the first few.
    pub(crate) refused: Vec<String>,
    /// How many were not issued.
    pub(crate) refused_count: usize,
    /// From the first sent to the last final.
    pub(crate) took: Duration,
}

/// Into how many equal parts a load is cut, to see whether it slows down as the chain grows.
pub(crate) const TENTHS: usize = 10;

impl Loaded {
    /// Invoices a second in one part of the load, counted by when they became final.
    pub(crate) fn rate(&self, tenth: usize) -> f64 {
        let mut ends: Vec<Duration> = self.done.iter().map(|done| done.at).collect();
        ends.sort_unstable();
        let edge = |part: usize| (ends.len() * part / TENTHS).checked_sub(1);
        let when = |at: Option<usize>| at.and_then(|at| ends.get(at)).copied().unwrap_or_default();
        let (from, to) = (edge(tenth), edge(tenth + 1));
        let took = when(to).saturating_sub(when(from)).as_secs_f64();
        let count = to.map_or(0, |to| to + 1) - from.map_or(0, |from| from + 1);
        u32::try_from(count).map_or(0.0, f64::from) / took.max(f64::EPSILON)
    }
}

/// Refusals kept for the report.
const REFUSALS_KEPT: usize = 3;

/// What to send.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// These transactions, so many in one request.
    Raw(Arc<Vec<Bytes>>, usize),
    /// Drafts with these numbers.
    Drafts(std::ops::Range<u64>),
}

impl Work {
    fn len(&self) -> usize {
        match self {
            Self::Raw(all, _batch) => all.len(),
            Self::Drafts(numbers) => {
                usize::try_from(numbers.end.saturating_sub(numbers.start)).unwrap_or(usize::MAX)
            }
        }
    }

    /// Bytes of a transaction; 0 for drafts.
    pub(crate) fn transaction_bytes(&self) -> usize {
        match self {
            Self::Raw(all, _batch) => all.first().map_or(0, Bytes::len),
            Self::Drafts(_) => 0,
        }
    }

    /// How many go into one request.
    pub(crate) fn batch(&self) -> usize {
        match self {
            Self::Raw(_all, batch) => *batch,
            Self::Drafts(_) => 1,
        }
    }
}

/// Sends everything, so many at once.
pub(crate) async fn drive(client: &Client, work: &Work, clients: usize) -> Loaded {
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut tasks = Vec::new();
    for _client in 0..clients.clamp(1, work.len().max(1)) {
        let (client, work, next) = (client.clone(), work.clone(), Arc::clone(&next));
        tasks.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let at = next.fetch_add(work.batch(), Ordering::Relaxed);
                if at >= work.len() {
                    return mine;
                }
                let sent = Instant::now();
                let results = send(&client, &work, at).await;
                let (at, took) = (started.elapsed(), sent.elapsed());
                let done = |number| Done { at, took, number };
                mine.extend(results.into_iter().map(|result| result.map(done)));
            }
        }));
    }
    let mut loaded = Loaded::default();
    for task in tasks {
        for result in task.await.unwrap_or_default() {
            match result {
                Ok(done) => loaded.done.push(done),
                Err(why) => {
                    loaded.refused_count += 1;
                    if loaded.refused.len() < REFUSALS_KEPT {
                        loaded.refused.push(why);
                    }
                }
            }
        }
    }
    loaded.took = started.elapsed();
    loaded
}

/// One request: the numbers it issued.
async fn send(client: &Client, work: &Work, at: usize) -> Vec<Result<String, String>> {
    let options = IssueOptions {
        timeout: Some(Duration::from_secs(30)),
        ..IssueOptions::default()
    };
    match work {
        Work::Raw(all, 1) => {
            let bytes = all.get(at).cloned().unwrap_or_default();
            let outcome = client.submit(bytes, &options).await;
            vec![outcome.map_err(|error| text(&error)).and_then(number)]
        }
        Work::Raw(all, batch) => {
            let end = at.saturating_add(*batch).min(all.len());
            let batch = all.get(at..end).unwrap_or_default();
            match client.submit_all(batch, &options).await {
                Ok(outcomes) => outcomes.into_iter().map(number).collect(),
                Err(error) => vec![Err(text(&error)); batch.len()],
            }
        }
        Work::Drafts(numbers) => {
            let number = numbers.start + u64::try_from(at).unwrap_or(0);
            vec![issue(client, number, &options).await]
        }
    }
}

/// The number that an outcome issued.
fn number(outcome: Outcome) -> Result<String, String> {
    match (
        outcome.state,
        outcome.code,
        outcome.effects.into_iter().next(),
    ) {
        (OutcomeState::Final, None, Some(effect)) => Ok(effect.number),
        (OutcomeState::Unknown, ..) => Err("not final in time".to_owned()),
        (_, code, _) => Err(code.unwrap_or_else(|| "no effect".to_owned())),
    }
}

async fn issue(client: &Client, number: u64, options: &IssueOptions) -> Result<String, String> {
    let key = IdempotencyKey::parse(&format!("bench-{number}"))
        .map_err(|fault| fault.code.code().to_owned())?;
    let issued = client.issue(draft(number), &key, options).await;
    match issued.map_err(|error| text(&error))? {
        Issued::Final { invoice, .. } => Ok(invoice.document.number),
        Issued::Pending(_) => Err("not final in time".to_owned()),
    }
}

fn text(error: &ClientError) -> String {
    error.to_string()
}

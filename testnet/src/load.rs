//! Driving a node: so many requests in flight, each timed from sent to final.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use piao_api::client::{Client, ClientError, IssueOptions, Issued};
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire::OutcomeState;

use crate::invoices::draft;

/// What a request gave.
#[derive(Debug)]
pub(crate) struct Done {
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

/// Refusals kept for the report.
const REFUSALS_KEPT: usize = 3;

/// What to send.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// These transactions.
    Raw(Arc<Vec<Bytes>>),
    /// Drafts with these numbers.
    Drafts(std::ops::Range<u64>),
}

impl Work {
    fn len(&self) -> usize {
        match self {
            Self::Raw(all) => all.len(),
            Self::Drafts(numbers) => {
                usize::try_from(numbers.end.saturating_sub(numbers.start)).unwrap_or(usize::MAX)
            }
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
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= work.len() {
                    return mine;
                }
                let sent = Instant::now();
                let result = send(&client, &work, at).await;
                mine.push(result.map(|number| Done {
                    took: sent.elapsed(),
                    number,
                }));
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

async fn send(client: &Client, work: &Work, at: usize) -> Result<String, String> {
    let options = IssueOptions {
        timeout: Some(Duration::from_secs(30)),
        ..IssueOptions::default()
    };
    match work {
        Work::Raw(all) => {
            let bytes = all.get(at).cloned().unwrap_or_default();
            let outcome = client
                .submit(bytes, &options)
                .await
                .map_err(|error| text(&error))?;
            if outcome.state != OutcomeState::Final {
                return Err("not final in time".to_owned());
            }
            match (outcome.code, outcome.effects.into_iter().next()) {
                (None, Some(effect)) => Ok(effect.number),
                (code, _) => Err(code.unwrap_or_else(|| "no effect".to_owned())),
            }
        }
        Work::Drafts(numbers) => {
            let number = numbers.start + u64::try_from(at).unwrap_or(0);
            let key = IdempotencyKey::parse(&format!("bench-{number}"))
                .map_err(|fault| fault.code.code().to_owned())?;
            let issued = client.issue(draft(number), &key, &options).await;
            match issued.map_err(|error| text(&error))? {
                Issued::Final { invoice, .. } => Ok(invoice.document.number),
                Issued::Pending(_) => Err("not final in time".to_owned()),
            }
        }
    }
}

fn text(error: &ClientError) -> String {
    error.to_string()
}

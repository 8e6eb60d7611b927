//! After the healing: what became of calls without an answer that tells.
//!
//! First the desk is only asked: a request it has kept resolves itself. Only what it never got is
//! sent again, with the same key.

use std::time::Duration;

use piao_api::client::{Client, ClientError, Issued};
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire::RequestState;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::load::Desk;
use crate::crash::{Entry, KEY_CONFLICT, lock};

/// Calls in flight while settling.
const AT_ONCE: usize = 8;
/// Whatever is not known by then stays unknown, which breaks a promise.
const SETTLED_WITHIN: Duration = Duration::from_secs(180);
/// How often the desk is asked.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// How the calls without an answer ended.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Settled {
    /// Calls without an answer that tells.
    pub(crate) in_doubt: usize,
    /// The desk brought them to an end by itself.
    pub(crate) by_themselves: usize,
    /// The desk had never got them: they were sent again.
    pub(crate) sent_again: usize,
    /// They failed for good, and nothing was issued.
    pub(crate) failed: usize,
    /// What became of them was not known in time, a line each.
    pub(crate) unknown: Vec<String>,
}

enum End {
    ByItself,
    SentAgain,
    Failed,
    Unknown(String),
}

/// Settles everything in doubt.
pub(crate) async fn settle(desk: &Desk) -> Settled {
    let doubted: Vec<(String, Entry)> = {
        let promises = lock(&desk.promises);
        let doubted = promises
            .entries()
            .filter(|(_key, entry)| entry.is_in_doubt());
        doubted
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect()
    };
    let mut settled = Settled {
        in_doubt: doubted.len(),
        ..Settled::default()
    };
    let deadline = Instant::now() + SETTLED_WITHIN;
    let mut tasks = JoinSet::new();
    for (key, entry) in doubted {
        if tasks.len() >= AT_ONCE {
            note(&mut settled, tasks.join_next().await);
        }
        let desk = desk.clone();
        tasks.spawn(async move { settle_one(&desk, &key, &entry, deadline).await });
    }
    while let Some(done) = tasks.join_next().await {
        note(&mut settled, Some(done));
    }
    settled
}

fn note(settled: &mut Settled, done: Option<Result<End, tokio::task::JoinError>>) {
    match done {
        Some(Ok(End::ByItself)) => settled.by_themselves += 1,
        Some(Ok(End::SentAgain)) => settled.sent_again += 1,
        Some(Ok(End::Failed)) => settled.failed += 1,
        Some(Ok(End::Unknown(line))) => settled.unknown.push(line),
        Some(Err(error)) => settled.unknown.push(error.to_string()),
        None => {}
    }
}

async fn settle_one(desk: &Desk, key: &str, entry: &Entry, deadline: Instant) -> End {
    let Ok(idempotency_key) = IdempotencyKey::parse(key) else {
        return End::Unknown(format!("{key} is no idempotency key"));
    };
    let mut is_resent = false;
    let mut last = String::new();
    while Instant::now() < deadline {
        match state(&desk.client, &idempotency_key, entry.account).await {
            Ok(Some(RequestState::Final)) => {
                if is_told(desk, key, entry).await {
                    return if is_resent {
                        End::SentAgain
                    } else {
                        End::ByItself
                    };
                }
                "final, but no call is answered with it".clone_into(&mut last);
            }
            Ok(Some(RequestState::Failed)) => {
                lock(&desk.promises).settled(key);
                return End::Failed;
            }
            Ok(Some(state)) => last = format!("{state:?}"),
            // Never got there.
            Ok(None) => {
                is_resent = true;
                let price = entry.prices.first().copied().unwrap_or(1);
                desk.issue(entry.account, key, price).await;
            }
            Err(error) => last = error.to_string(),
        }
        sleep(ASK_EVERY).await;
    }
    End::Unknown(format!(
        "key {key}: still not known after {SETTLED_WITHIN:?}: {last}"
    ))
}

/// Where a request stands; `None` when the desk knows none of that key.
async fn state(
    client: &Client,
    key: &IdempotencyKey,
    account: u32,
) -> Result<Option<RequestState>, ClientError> {
    match client.outcome(key, Some(account)).await {
        Ok(view) => Ok(Some(view.state)),
        Err(ClientError::Refused { status: 404, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Asks with each draft of the key until one is answered with its invoice, which the ledger notes.
async fn is_told(desk: &Desk, key: &str, entry: &Entry) -> bool {
    for price in &entry.prices {
        match desk.said(entry.account, key, *price).await {
            Ok(Issued::Final { .. }) => {
                lock(&desk.promises).settled(key);
                return true;
            }
            Err(ClientError::Refused { problem, .. }) if problem.code == KEY_CONFLICT => {}
            Ok(Issued::Pending(_)) | Err(_) => return false,
        }
    }
    false
}

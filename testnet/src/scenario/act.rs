//! Doing what was planned, each event in a task of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use piao_api::client::{Client, IssueOptions};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::fleet::Fleet;
use super::plan::{Act, Event};
use super::{ScenarioError, other};
use crate::invoices::draft;
use crate::local::signal;

/// An event that takes longer than planned by this hangs.
const LATE_MAX: Duration = Duration::from_secs(300);
/// Bytes of what a flood sends as a transaction.
const GARBAGE_BYTES: usize = 512;

/// An event as it happened.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Happened {
    /// Seconds from the start of the load until it began.
    began_s: f64,
    /// Until it was over.
    ended_s: f64,
    /// What was planned.
    #[serde(flatten)]
    event: Event,
    /// Calls made by a flood.
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<u64>,
    /// Why it could not be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

impl Happened {
    /// What was done.
    pub(crate) fn act(&self) -> &Act {
        &self.event.act
    }
}

/// Does every event at its time; what happened, when all are over.
pub(crate) async fn perform(
    fleet: &Arc<Fleet>,
    events: Vec<Event>,
    began: Instant,
) -> Result<Vec<Happened>, ScenarioError> {
    let last = events.iter().map(|event| event.until).max();
    let mut tasks = JoinSet::new();
    for (id, event) in events.into_iter().enumerate() {
        let fleet = Arc::clone(fleet);
        tasks.spawn(async move {
            sleep_until(began + event.at).await;
            let at = began.elapsed();
            let done = act(&fleet, id, &event, began + event.until).await;
            let failed = done.as_ref().err().map(ToString::to_string);
            if let Some(line) = &failed {
                fleet.fault(line.clone());
            }
            Happened {
                began_s: at.as_secs_f64(),
                ended_s: began.elapsed().as_secs_f64(),
                event,
                calls: done.ok().flatten(),
                failed,
            }
        });
    }
    let mut happened = Vec::new();
    let deadline = began + last.unwrap_or_default() + LATE_MAX;
    let all = async {
        while let Some(done) = tasks.join_next().await {
            happened.push(done.map_err(|error| other(error.to_string()))?);
        }
        Ok::<(), ScenarioError>(())
    };
    let late = |_elapsed| {
        other(format!(
            "the steps are not over {LATE_MAX:?} after their time"
        ))
    };
    tokio::time::timeout_at(deadline, all)
        .await
        .map_err(late)??;
    happened.sort_by_key(|one| one.event.at);
    Ok(happened)
}

async fn act(
    fleet: &Arc<Fleet>,
    id: usize,
    event: &Event,
    until: Instant,
) -> Result<Option<u64>, ScenarioError> {
    let nodes = match &event.act {
        Act::Links { links, weather } => {
            fleet.proxy.apply(id, links.clone(), *weather);
            sleep_until(until).await;
            fleet.proxy.lift(id);
            return Ok(None);
        }
        Act::Flood { nodes, clients } => {
            let mut calls = 0;
            for client in nodes.iter().filter_map(|at| fleet.clients.get(*at)) {
                calls += flood(client, *clients, until).await;
            }
            return Ok(Some(calls));
        }
        Act::Down { nodes, .. }
        | Act::Pause { nodes }
        | Act::Clock { nodes, .. }
        | Act::Wipe { nodes }
        | Act::Join { nodes } => nodes,
    };
    let mut tasks = JoinSet::new();
    for at in nodes {
        tasks.spawn(act_on(Arc::clone(fleet), *at, event.act.clone(), until));
    }
    let mut result = Ok(None);
    while let Some(done) = tasks.join_next().await {
        let done = done.map_err(|error| other(error.to_string()));
        if let Err(error) = done.and_then(|done| done) {
            result = Err(error);
        }
    }
    result
}

/// Does it to one node.
async fn act_on(
    fleet: Arc<Fleet>,
    at: usize,
    act: Act,
    until: Instant,
) -> Result<(), ScenarioError> {
    let mut node = fleet.hold(at).await?;
    match act {
        Act::Down { kill, .. } => {
            if kill {
                node.kill().await?;
            } else {
                node.terminate().await?;
            }
            sleep_until(until).await;
            node.start().await
        }
        Act::Pause { .. } => {
            let Some(pid) = node.pid() else {
                return Ok(());
            };
            signal(pid, "STOP").await?;
            sleep_until(until).await;
            Ok(signal(pid, "CONT").await?)
        }
        Act::Clock { offset, .. } => {
            node.terminate().await?;
            node.set_clock(Some(offset));
            node.start().await?;
            sleep_until(until).await;
            node.terminate().await?;
            node.set_clock(None);
            node.start().await
        }
        Act::Wipe { .. } => {
            node.kill().await?;
            node.wipe()?;
            node.start().await
        }
        Act::Join { .. } => node.start().await,
        Act::Links { .. } | Act::Flood { .. } => Ok(()),
    }
}

/// Many callers with work that issues nothing: drafts to check, and bytes that are no transaction.
async fn flood(client: &Client, clients: usize, until: Instant) -> u64 {
    let is_over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for number in 0..clients {
        let (client, is_over) = (client.clone(), Arc::clone(&is_over));
        tasks.spawn(async move {
            let mut calls = 0u64;
            let number = u64::try_from(number).unwrap_or(0);
            while !is_over.load(Ordering::Relaxed) {
                if calls.is_multiple_of(2) {
                    drop(client.check(draft(number), Some(1)).await);
                } else {
                    let garbage = Bytes::from(vec![0xa5; GARBAGE_BYTES]);
                    drop(client.submit(garbage, &IssueOptions::default()).await);
                }
                calls += 1;
            }
            calls
        });
    }
    sleep_until(until).await;
    is_over.store(true, Ordering::Relaxed);
    let mut calls = 0;
    while let Some(done) = tasks.join_next().await {
        calls += done.unwrap_or(0);
    }
    calls
}

//! Death at every system call of one invoice: for each kind of thread at its first call, at its
//! second, and so on until an invoice gets through.

use std::collections::BTreeMap;
use std::time::Duration;

use piao_api::client::Client;

use super::check::Depth;
use super::load::{issue, lock};
use super::node::Node;
use super::strace::{Strace, calls_by_thread, is_there, threads};
use super::world::{Setting, World};
use super::{CrashError, other};

/// Calls of one kind of thread that are died at, at most.
const CALLS_MAX: usize = 96;

/// Threads that work behind an answer get as much time to make their calls.
const BEHIND: Duration = Duration::from_millis(30);

/// Dies at every call of every kind of thread.
pub(crate) async fn run(setting: &Setting) -> Result<World, CrashError> {
    if !is_there().await {
        return Err(other("strace is not installed; apt-get install strace"));
    }
    let mut world = World::new(setting).await?;
    let kinds = count(&mut world, setting).await?;
    if world.is_broken() {
        return Ok(world);
    }
    for (name, counted) in kinds {
        let died = die_at_each(&mut world, &name).await?;
        if world.is_broken() {
            return Ok(world);
        }
        let note = format!("thread {name:<16} {counted} calls for one invoice, died at {died}");
        world.figures.notes.push(note);
    }
    world.last_look().await?;
    Ok(world)
}

/// How many calls each kind of thread makes for one invoice.
async fn count(
    world: &mut World,
    setting: &Setting,
) -> Result<BTreeMap<String, usize>, CrashError> {
    let mut kinds = BTreeMap::new();
    let Some((node, client)) = world.start().await? else {
        return Ok(kinds);
    };
    let pid = node.pid().ok_or_else(|| other("the node is gone"))?;
    one_invoice(world, &client, "warm-up").await;
    let file = tempfile::NamedTempFile::new_in(&setting.dir)?;
    let strace = Strace::watch(pid, file.path()).await?;
    one_invoice(world, &client, "counted").await;
    tokio::time::sleep(BEHIND).await;
    let names = threads(pid)?;
    strace.end().await?;
    let text = std::fs::read_to_string(file.path())?;
    for (thread, calls) in calls_by_thread(&text) {
        let name = names.get(&thread).cloned().unwrap_or_default();
        *kinds.entry(name).or_insert(0) += calls;
    }
    node.kill().await?;
    if kinds.is_empty() {
        return Err(other("strace saw no call of the node"));
    }
    Ok(kinds)
}

/// Dies at the first call of a kind of thread, the second, and so on; how often it died.
async fn die_at_each(world: &mut World, name: &str) -> Result<usize, CrashError> {
    for nth in 1..=CALLS_MAX {
        let Some((mut node, client)) = world.start().await? else {
            return Ok(nth - 1);
        };
        world.check(&client, Depth::New).await?;
        if world.is_broken() {
            let line = format!("that was thread {name}, before call {}", nth - 1);
            lock(&world.promises).breach(line);
            return Ok(nth - 1);
        }
        let is_through = get_through(world, &mut node, &client, name, nth).await?;
        node.kill().await?;
        if is_through {
            return Ok(nth - 1);
        }
        world.figures.crashes += 1;
    }
    Ok(CALLS_MAX)
}

/// Whether an invoice was issued without any thread of that name coming to its n-th call.
async fn get_through(
    world: &mut World,
    node: &mut Node,
    client: &Client,
    name: &str,
    nth: usize,
) -> Result<bool, CrashError> {
    let pid = node.pid().ok_or_else(|| other("the node is gone"))?;
    let chosen: Vec<u32> = threads(pid)?
        .into_iter()
        .filter(|(_thread, of)| of == name)
        .map(|(thread, _name)| thread)
        .collect();
    if chosen.is_empty() {
        return Ok(true);
    }
    let strace = Strace::kill_at(&chosen, nth).await?;
    one_invoice(world, client, &format!("{name}-{nth}")).await;
    tokio::time::sleep(BEHIND).await;
    let is_dead = node.is_dead()?;
    strace.end().await?;
    Ok(!is_dead)
}

/// One invoice; what is said of it stands in the ledger of promises.
async fn one_invoice(world: &mut World, client: &Client, key: &str) {
    let key: String = key
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    drop(issue(client, &world.promises, 1, &format!("s-{key}"), 100).await);
}

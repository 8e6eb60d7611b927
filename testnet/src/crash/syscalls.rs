//! Death at every system call of one invoice: for each thread and each kind of call at the first, at
//! the second, and so on until invoices get through.

use std::collections::BTreeMap;
use std::time::Duration;

use piao_api::client::Client;

use super::check::Depth;
use super::load::{issue, lock};
use super::node::Node;
use super::strace::{Strace, calls_by_thread, is_there, threads};
use super::world::{Setting, World};
use super::{CrashError, other};

/// Calls of one kind and thread that are died at, at most.
const CALLS_MAX: usize = 96;

/// Invoices in a row that must get through before there is no further call.
const THROUGH_WANTED: usize = 2;

/// Threads that work behind an answer get as much time to make their calls.
const BEHIND: Duration = Duration::from_millis(30);

/// Dies at every call of every kind of thread.
pub(crate) async fn run(setting: &Setting) -> Result<World, CrashError> {
    if !is_there().await {
        return Err(other("strace is not installed; apt-get install strace"));
    }
    let mut world = World::new(setting).await?;
    let targets = count(&mut world, setting).await?;
    if world.is_broken() {
        return Ok(world);
    }
    for (target, counted) in targets {
        let died = die_at_each(&mut world, &target).await?;
        if world.is_broken() {
            return Ok(world);
        }
        let Target { name, place, call } = target;
        let note = format!("{name:<14} {place} {call:<15} {counted} calls, died at {died}");
        world.figures.notes.push(note);
    }
    world.last_look().await?;
    Ok(world)
}

/// A thread, found again in another run by its name and its place among those of that name in the
/// order of their making; and a kind of call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    name: String,
    place: usize,
    call: String,
}

/// How many calls each thread makes for one invoice.
async fn count(
    world: &mut World,
    setting: &Setting,
) -> Result<BTreeMap<Target, usize>, CrashError> {
    let mut targets = BTreeMap::new();
    let Some((node, client)) = world.start().await? else {
        return Ok(targets);
    };
    let pid = node.pid().ok_or_else(|| other("the node is gone"))?;
    one_invoice(world, &client, "warm-up").await;
    let file = tempfile::NamedTempFile::new_in(&setting.dir)?;
    let strace = Strace::watch(pid, file.path()).await?;
    one_invoice(world, &client, "counted").await;
    tokio::time::sleep(BEHIND).await;
    let places = places(pid)?;
    strace.end().await?;
    let text = std::fs::read_to_string(file.path())?;
    for ((thread, call), count) in calls_by_thread(&text) {
        if let Some((name, place)) = places.get(&thread).cloned() {
            targets.insert(Target { name, place, call }, count);
        }
    }
    node.kill().await?;
    if targets.is_empty() {
        return Err(other("strace saw no call of the node"));
    }
    Ok(targets)
}

/// The threads of a process, each with its bare name and its place among those of that name.
fn places(pid: u32) -> Result<BTreeMap<u32, (String, usize)>, CrashError> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut places = BTreeMap::new();
    for (thread, name) in threads(pid)? {
        // Threads of one pool differ in a number at the end.
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        let next = seen.entry(bare.to_owned()).or_insert(0);
        places.insert(thread, (bare.to_owned(), *next));
        *next += 1;
    }
    Ok(places)
}

/// Dies at the first call of a thread, the second, and so on; how often it died. Work moves between
/// the threads of a pool, so one invoice that gets through does not tell yet.
async fn die_at_each(world: &mut World, target: &Target) -> Result<usize, CrashError> {
    let (mut died, mut through) = (0, 0);
    for nth in 1..=CALLS_MAX {
        let started = world.start().await?;
        if let Some((_node, client)) = &started {
            world.check(client, Depth::New).await?;
        }
        let Some((mut node, client)) = started.filter(|_started| !world.is_broken()) else {
            let line = format!("that was {target:?}, before call {}", nth - 1);
            lock(&world.promises).breach(line);
            return Ok(died);
        };
        let is_through = get_through(world, &mut node, &client, target, nth).await?;
        node.kill().await?;
        if is_through {
            through += 1;
        } else {
            (died, through) = (died + 1, 0);
            world.figures.crashes += 1;
        }
        if through == THROUGH_WANTED {
            break;
        }
    }
    Ok(died)
}

/// Whether an invoice was issued without the thread coming to its n-th call.
async fn get_through(
    world: &mut World,
    node: &mut Node,
    client: &Client,
    target: &Target,
    nth: usize,
) -> Result<bool, CrashError> {
    let pid = node.pid().ok_or_else(|| other("the node is gone"))?;
    let wanted = (target.name.clone(), target.place);
    let places = places(pid)?;
    let thread = places.iter().find(|(_thread, place)| **place == wanted);
    let Some((thread, _place)) = thread else {
        return Ok(true);
    };
    let strace = Strace::kill_at(*thread, &target.call, nth).await?;
    let Target { name, place, call } = target;
    one_invoice(world, client, &format!("{name}-{place}-{call}-{nth}")).await;
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

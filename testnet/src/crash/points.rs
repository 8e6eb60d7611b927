//! Every named crash point of the node: it dies there, is started again, and is looked at.
//!
//! A point that is never reached fails the run: it guards nothing.

use std::process::ExitStatus;

use tokio::process::Command;

use super::check::Depth;
use super::load::lock;
use super::node::{Launch, Start, was_killed};
use super::world::{Setting, World};
use super::{CrashError, other};

/// Where the node is to die.
const CRASH_AT: &str = "PIAO_CRASH_AT";

/// Bytes of a segment, for nodes built with crash points; others keep to theirs.
pub(crate) const SEGMENT_BYTES: &str = "PIAO_CRASH_SEGMENT_BYTES";

/// Keys of a run of the state store, for nodes built with crash points.
const RUN_KEYS: &str = "PIAO_CRASH_RUN_KEYS";

/// Small enough for runs to fill within a few blocks.
const RUN_SIZE: usize = 8;

/// Small enough for a segment to roll within a few blocks.
const SEGMENT_SIZE: u64 = 8 * 1024;

/// Clients of the load under which points are reached, and its calls.
const CLIENTS: usize = 4;
const CALLS: u64 = 28;

/// A point that is passed often is died at again, at most at this passing.
const NTH_MAX: u64 = 12;

/// What is done to have a point reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Start, load, stop.
    Usual,
    /// The same after the state store has lost its marker, which makes it be rebuilt.
    Rebuild,
    /// A first start in an empty folder.
    First,
}

/// Dies once at every point, and `again` times more at a later passing of it.
pub(crate) async fn run(setting: &Setting, again: usize) -> Result<World, CrashError> {
    let names = names(setting).await?;
    let mut world = World::new(setting).await?;
    let small = (SEGMENT_BYTES, SEGMENT_SIZE.to_string());
    world.launch.environment.push(small);
    let small = (RUN_KEYS, RUN_SIZE.to_string());
    world.launch.environment.push(small);
    let mut missed = Vec::new();
    for name in &names {
        let mut reached = None;
        for way in [Way::Usual, Way::Rebuild, Way::First] {
            if reached.is_none() && die_at(&mut world, setting, way, name, 1).await? {
                reached = Some(way);
            }
            if world.is_broken() {
                let line = format!("that was crash point {name}, {way:?}");
                lock(&world.promises).breach(line);
                return Ok(world);
            }
        }
        match reached {
            None => missed.push(name.as_str()),
            Some(Way::Usual) => {
                for _time in 0..again {
                    let nth = 2 + world.dice.below(NTH_MAX - 1);
                    die_at(&mut world, setting, Way::Usual, name, nth).await?;
                }
            }
            Some(Way::Rebuild | Way::First) => {}
        }
    }
    if !missed.is_empty() {
        let line = format!("crash points never reached: {}", missed.join(", "));
        lock(&world.promises).breach(line);
    }
    let reached = names.len() - missed.len();
    let note = format!("points           {reached} of {} reached", names.len());
    world.figures.notes.push(note);
    world.last_look().await?;
    Ok(world)
}

/// The points this node was built with.
async fn names(setting: &Setting) -> Result<Vec<String>, CrashError> {
    let asked = Command::new(&setting.program)
        .args(["version", "--json"])
        .output()
        .await?;
    let version: serde_json::Value =
        serde_json::from_slice(&asked.stdout).map_err(|error| other(error.to_string()))?;
    let names = version["crash_points"].as_array().map(|names| {
        let names = names.iter().filter_map(serde_json::Value::as_str);
        names.map(str::to_owned).collect()
    });
    names.ok_or_else(|| {
        other("this piaod has no crash points; build it with --features piao-node/crash-points")
    })
}

/// Has the node die at a point and looks at what is left; whether the point was reached.
async fn die_at(
    world: &mut World,
    setting: &Setting,
    way: Way,
    name: &str,
    nth: u64,
) -> Result<bool, CrashError> {
    let mut launch = world.launch.clone();
    launch.environment.push((CRASH_AT, format!("{name}:{nth}")));
    match way {
        Way::First => return die_at_first_start(world, setting, launch, name).await,
        Way::Rebuild => std::fs::remove_file(launch.data.join("state").join("marker"))?,
        Way::Usual => {}
    }
    let before = launch.log_text().len();
    let status = use_until_dead(world, &launch).await?;
    let reached = died_there(&launch, before, status, name);
    if reached {
        world.figures.crashes += 1;
    } else if was_killed(status) || !status.success() {
        let words = launch.last_words();
        lock(&world.promises).breach(format!("the node ended by itself ({status}): {words}"));
    }
    if let Some((node, client)) = world.start().await? {
        world.check(&client, Depth::New).await?;
        // Not in order: the next start finds what a kill leaves.
        node.kill().await?;
    }
    Ok(reached)
}

/// Starts, loads and stops a node that may die anywhere on that way.
async fn use_until_dead(world: &mut World, launch: &Launch) -> Result<ExitStatus, CrashError> {
    let node = match launch.start().await? {
        Start::Died(status) => return Ok(status),
        Start::Ready(node) => node,
    };
    let client = piao_api::client::Client::new(node.url(), None)?;
    let load = world.load(&client, CLIENTS, CALLS);
    world.top_up(&client).await?;
    load.wait_for(CALLS).await?;
    load.end().await?;
    node.terminate().await
}

fn died_there(launch: &Launch, before: usize, status: ExitStatus, name: &str) -> bool {
    let log = launch.log_text();
    let said = log.get(before..).unwrap_or_default();
    let line = format!("crash point {name}");
    was_killed(status) && said.lines().any(|said| said == line)
}

/// A first start that dies, and a second one that must come to a working network.
async fn die_at_first_start(
    world: &mut World,
    setting: &Setting,
    mut launch: Launch,
    name: &str,
) -> Result<bool, CrashError> {
    let folder = tempfile::Builder::new()
        .prefix("piao-crash-first-")
        .tempdir_in(&setting.dir)?;
    launch.data = folder.path().join("data");
    launch.log = folder.path().join("piaod.log");
    let status = match launch.start().await? {
        Start::Died(status) => status,
        Start::Ready(node) => node.terminate().await?,
    };
    let reached = died_there(&launch, 0, status, name);
    if !reached {
        return Ok(false);
    }
    world.figures.crashes += 1;
    launch
        .environment
        .retain(|(variable, _value)| *variable != CRASH_AT);
    let mut second = World::on(launch, setting.seed).await?;
    if let Some((node, client)) = second.start().await? {
        let load = second.load(&client, CLIENTS, CALLS);
        load.wait_for(CALLS).await?;
        load.end().await?;
        second.check(&client, Depth::All).await?;
        node.kill().await?;
    }
    let (broken, _figures) = second.finish();
    let mut promises = lock(&world.promises);
    for line in broken {
        promises.breach(line);
    }
    Ok(true)
}

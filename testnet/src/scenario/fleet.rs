//! All nodes of a run, and the proxy between them.
//!
//! Each node has a members.json of its own, in which the others stand with ports of the proxy.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use piao_api::client::Client;
use serde_json::Value;
use tokio::sync::Mutex;

use super::format::{Scenario, Vices};
use super::process::{Launch, Process};
use super::proxy::{Lane, Protocol, Proxy};
use super::{ScenarioError, other};
use crate::crash::{Dice, lock};
use crate::local::{Layout, NodeEntry, make_network};

/// What a wiped validator has lost.
const MEMORY: [&str; 4] = ["blocks", "state", "wal", "desk"];
/// Ports are looked for from here on: below those that the system gives to whoever connects, so that
/// nobody takes the port of a node that is down.
const PORTS_FROM: u16 = 12_000;
/// Up to here.
const PORTS_TO: u16 = 31_000;
/// Places that are tried.
const PORT_TRIES: usize = 64;

/// The programs that nodes run.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// A node.
    pub(crate) piaod: PathBuf,
    /// One that breaks the rules.
    pub(crate) byzantine: PathBuf,
}

/// The nodes of a run.
pub(crate) struct Fleet {
    pub(crate) layout: Layout,
    pub(crate) proxy: Proxy,
    /// One client a node, in the order of the layout.
    pub(crate) clients: Vec<Client>,
    slots: Vec<Mutex<Slot>>,
    /// The process of each node while it runs, else 0.
    pids: Vec<AtomicU32>,
    /// What each does that none should.
    pub(crate) vices: Vec<Option<Vices>>,
    /// What went wrong with a process, a line each.
    faults: StdMutex<Vec<String>>,
}

/// One node.
struct Slot {
    launch: Launch,
    process: Option<Process>,
    starts: Vec<Duration>,
}

impl Fleet {
    /// Makes the network and everything between its nodes; starts none.
    pub(crate) async fn make(
        programs: &Programs,
        dir: &Path,
        scenario: &Scenario,
        seed: u64,
    ) -> Result<Self, ScenarioError> {
        let (validators, merchants) = (scenario.validators, scenario.merchants);
        let count = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let sizes = (count(validators), count(merchants));
        let base = base_port(sizes.0.saturating_add(sizes.1))?;
        let layout = Layout::plan(dir, sizes, Some(base))?;
        make_network(&programs.piaod, &layout, Some(seed)).await?;
        let targets = lanes(&layout);
        let proxy = Proxy::open(&targets, seed).await;
        let proxy = proxy.map_err(ScenarioError::io(Path::new("the proxy")))?;
        for at in 0..layout.nodes.len() {
            redirect(&layout, &proxy, at)?;
        }
        let launch = |at: usize, node: &NodeEntry| {
            let vices = scenario.byzantine.get(at).copied().flatten();
            let program = match vices {
                Some(_) => &programs.byzantine,
                None => &programs.piaod,
            };
            Launch {
                program: program.clone(),
                before: vices.map_or_else(Vec::new, |vices| vices.arguments(node_seed(seed, at))),
                name: node.name.clone(),
                data: layout.data(node),
                log: layout.log(node),
                listen: format!("127.0.0.1:{}", node.http),
                clock: None,
            }
        };
        let slot = |(at, node)| {
            Mutex::new(Slot {
                launch: launch(at, node),
                process: None,
                starts: Vec::new(),
            })
        };
        let clients: Result<Vec<_>, _> = layout
            .nodes
            .iter()
            .map(|node| Client::new(&node.url(), None))
            .collect();
        Ok(Self {
            slots: layout.nodes.iter().enumerate().map(slot).collect(),
            pids: layout.nodes.iter().map(|_node| AtomicU32::new(0)).collect(),
            clients: clients?,
            layout,
            proxy,
            vices: scenario.byzantine.clone(),
            faults: StdMutex::default(),
        })
    }

    /// Whether a node keeps the rules.
    pub(crate) fn is_honest(&self, at: usize) -> bool {
        !matches!(self.vices.get(at), Some(Some(_)))
    }

    /// The clients of those that do.
    pub(crate) fn honest(&self) -> Vec<&Client> {
        let all = self.clients.iter().enumerate();
        all.filter(|(at, _client)| self.is_honest(*at))
            .map(|(_at, client)| client)
            .collect()
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The process of a node that runs.
    pub(crate) fn pid(&self, at: usize) -> Option<u32> {
        let pid = self.pids.get(at)?.load(Ordering::Relaxed);
        (pid != 0).then_some(pid)
    }

    /// Notes what went wrong with a process.
    pub(crate) fn fault(&self, line: String) {
        lock(&self.faults).push(line);
    }

    /// What went wrong with processes so far.
    pub(crate) fn faults(&self) -> Vec<String> {
        lock(&self.faults).clone()
    }

    /// How long each start of a node took.
    pub(crate) async fn starts(&self, at: usize) -> Vec<Duration> {
        match self.slots.get(at) {
            Some(slot) => slot.lock().await.starts.clone(),
            None => Vec::new(),
        }
    }

    /// Holds a node, so that only one thing is done to it at a time.
    pub(crate) async fn hold(&self, at: usize) -> Result<Held<'_>, ScenarioError> {
        let slot = self.slots.get(at);
        let slot = slot.ok_or_else(|| other(format!("there is no node {at}")))?;
        let pid = self.pids.get(at);
        Ok(Held {
            slot: slot.lock().await,
            pid: pid.ok_or_else(|| other(format!("there is no node {at}")))?,
        })
    }

    /// Whether nodes that should run have ended by themselves; each is a fault.
    pub(crate) async fn check_alive(&self) {
        for slot in &self.slots {
            let mut slot = slot.lock().await;
            let name = slot.launch.name.clone();
            let ended = slot.process.as_mut().and_then(Process::ended);
            if let Some(status) = ended {
                self.fault(format!("{name} ended by itself: {status}"));
                slot.process = None;
            }
        }
    }
}

/// A node in hand.
pub(crate) struct Held<'a> {
    slot: tokio::sync::MutexGuard<'a, Slot>,
    pid: &'a AtomicU32,
}

impl Held<'_> {
    /// Starts it unless it runs.
    pub(crate) async fn start(&mut self) -> Result<(), ScenarioError> {
        if self.slot.process.is_some() {
            return Ok(());
        }
        let process = self.slot.launch.start().await?;
        self.pid.store(process.pid, Ordering::Relaxed);
        self.slot.starts.push(process.ready_after);
        self.slot.process = Some(process);
        Ok(())
    }

    /// SIGKILL, if it runs.
    pub(crate) async fn kill(&mut self) -> Result<(), ScenarioError> {
        self.pid.store(0, Ordering::Relaxed);
        match self.slot.process.take() {
            Some(process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// SIGTERM, if it runs; it must end well.
    pub(crate) async fn terminate(&mut self) -> Result<(), ScenarioError> {
        self.pid.store(0, Ordering::Relaxed);
        let Some(process) = self.slot.process.take() else {
            return Ok(());
        };
        let status = process.terminate().await?;
        if status.success() {
            return Ok(());
        }
        let name = &self.slot.launch.name;
        Err(other(format!("{name}, told to stop, ended with {status}")))
    }

    /// Its process, if it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.slot.process.as_ref().map(|process| process.pid)
    }

    /// The clock of its next start.
    pub(crate) fn set_clock(&mut self, offset: Option<String>) {
        self.slot.launch.clock = offset;
    }

    /// Removes everything but the keys; it must not run.
    pub(crate) fn wipe(&self) -> Result<(), ScenarioError> {
        for name in MEMORY {
            let path = self.slot.launch.data.join(name);
            match std::fs::remove_dir_all(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(ScenarioError::io(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The seed of a node's own dice.
fn node_seed(seed: u64, at: usize) -> u64 {
    Dice::new(seed, u64::try_from(at).unwrap_or(0)).next()
}

/// Every lane between two nodes, with where it leads.
fn lanes(layout: &Layout) -> BTreeMap<Lane, SocketAddr> {
    let mut lanes = BTreeMap::new();
    for from in 0..layout.nodes.len() {
        for (to, node) in layout.nodes.iter().enumerate() {
            for (protocol, port) in [
                (Protocol::Consensus, node.consensus),
                (Protocol::Gossip, node.gossip),
            ] {
                if from != to {
                    let lane = Lane { from, to, protocol };
                    lanes.insert(lane, SocketAddr::from(([127, 0, 0, 1], port)));
                }
            }
        }
    }
    lanes
}

/// Writes the members as one node is to see them.
fn redirect(layout: &Layout, proxy: &Proxy, at: usize) -> Result<(), ScenarioError> {
    let Some(node) = layout.nodes.get(at) else {
        return Ok(());
    };
    let path: PathBuf = layout.data(node).join("members.json");
    let text = std::fs::read(&path).map_err(ScenarioError::io(&path))?;
    let unreadable = |what: String| other(format!("{}: {what}", path.display()));
    let mut list: Value =
        serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
    let members = list.get_mut("members").and_then(Value::as_array_mut);
    let members = members.ok_or_else(|| unreadable("it names no members".to_owned()))?;
    for member in members {
        let moniker = member.get("moniker").and_then(Value::as_str);
        let place = layout
            .nodes
            .iter()
            .position(|node| Some(node.name.as_str()) == moniker);
        let to = place.ok_or_else(|| unreadable("a member that is no node".to_owned()))?;
        for (key, protocol) in [
            ("consensus", Protocol::Consensus),
            ("gossip", Protocol::Gossip),
        ] {
            // A node's own addresses are where it listens.
            let from = at;
            if let Some(port) = proxy.port(Lane { from, to, protocol }) {
                member[key] = Value::from(format!("/ip4/127.0.0.1/tcp/{port}"));
            }
        }
    }
    let text = serde_json::to_string_pretty(&list).map_err(|error| other(error.to_string()))?;
    std::fs::write(&path, text).map_err(ScenarioError::io(&path))
}

/// A port from which on as many are free as so many nodes need.
fn base_port(nodes: u16) -> Result<u16, ScenarioError> {
    let count = nodes.saturating_mul(3);
    let room = u64::from(PORTS_TO - PORTS_FROM - count.min(1_000));
    // Two runs at once must not look in the same place first.
    let mut dice = Dice::new(u64::from(std::process::id()), 1);
    for _try in 0..PORT_TRIES {
        let base = PORTS_FROM + u16::try_from(dice.below(room)).unwrap_or(0);
        let held: Result<Vec<_>, _> = (base..base + count)
            .map(|port| TcpListener::bind(("127.0.0.1", port)))
            .collect();
        if held.is_ok() {
            return Ok(base);
        }
    }
    Err(other(format!(
        "no {count} free ports between {PORTS_FROM} and {PORTS_TO}"
    )))
}

//! What `DIR/network.json` says: every node with its addresses and its process.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::LocalError;

/// Version of the file.
const VERSION: u32 = 1;
/// Ports of one node: HTTP, consensus, gossip.
const PORTS_PER_NODE: u16 = 3;

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NodeRole {
    /// Votes.
    Validator,
    /// Follows, and serves a desk.
    Merchant,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NodeEntry {
    /// Its name and that of its data directory.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) role: NodeRole,
    /// Port of its HTTP door.
    pub(crate) http: u16,
    /// Port of its consensus.
    pub(crate) consensus: u16,
    /// Port of its transaction gossip.
    pub(crate) gossip: u16,
    /// Its process, while it is up.
    pub(crate) pid: Option<u32>,
}

impl NodeEntry {
    /// Where it serves.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http)
    }
}

/// The network of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Layout {
    version: u32,
    /// Every node: validators, then merchants. The first merchant's node holds the authority.
    pub(crate) nodes: Vec<NodeEntry>,
    /// Where it lies.
    #[serde(skip)]
    pub(crate) dir: PathBuf,
}

impl Layout {
    /// Plans a network: names and ports, from a base port on or as the system hands them out.
    pub(crate) fn plan(
        dir: &Path,
        (validators, merchants): (u16, u16),
        base_port: Option<u16>,
    ) -> Result<Self, LocalError> {
        let count = validators.saturating_add(merchants);
        let mut ports = match base_port {
            Some(base) => from_base(base, count)?,
            None => free_ports(count)?,
        }
        .into_iter();
        let mut nodes = Vec::new();
        let names = (1..=validators).map(|n| (format!("validator-{n}"), NodeRole::Validator));
        let names =
            names.chain((1..=merchants).map(|n| (format!("merchant-{n}"), NodeRole::Merchant)));
        for (name, role) in names {
            let mut port = || ports.next().unwrap_or_default();
            nodes.push(NodeEntry {
                name,
                role,
                http: port(),
                consensus: port(),
                gossip: port(),
                pid: None,
            });
        }
        Ok(Self {
            version: VERSION,
            nodes,
            dir: dir.to_owned(),
        })
    }

    /// The network that lies in a folder; `None` when there is none.
    pub(crate) fn find(dir: &Path) -> Result<Option<Self>, LocalError> {
        let path = dir.join("network.json");
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(LocalError::Io { path, source }),
        };
        let unreadable = |what: String| LocalError::Unreadable {
            path: path.clone(),
            what,
        };
        let mut layout: Self =
            serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
        if layout.version != VERSION {
            let what = format!("it was made by another version ({})", layout.version);
            return Err(unreadable(what));
        }
        dir.clone_into(&mut layout.dir);
        Ok(Some(layout))
    }

    /// The network that must lie in a folder.
    pub(crate) fn read(dir: &Path) -> Result<Self, LocalError> {
        Self::find(dir)?.ok_or_else(|| LocalError::NoNetwork(dir.to_owned()))
    }

    /// Writes the file, at once or not at all.
    pub(crate) fn write(&self) -> Result<(), LocalError> {
        let path = self.dir.join("network.json");
        let beside = self.dir.join("network.json.new");
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| LocalError::Other(error.to_string()))?;
        std::fs::write(&beside, text).map_err(LocalError::io(&beside))?;
        std::fs::rename(&beside, &path).map_err(LocalError::io(&path))
    }

    /// Folder of the files that all nodes share.
    pub(crate) fn shared(&self) -> PathBuf {
        self.dir.join("network")
    }

    /// Data directory of a node.
    pub(crate) fn data(&self, node: &NodeEntry) -> PathBuf {
        self.dir.join(&node.name)
    }

    /// Log of a node.
    pub(crate) fn log(&self, node: &NodeEntry) -> PathBuf {
        self.dir.join(format!("{}.log", node.name))
    }

    /// The node that holds the authority and the sample merchants.
    pub(crate) fn faucet(&self) -> Option<&NodeEntry> {
        let mut nodes = self.nodes.iter();
        nodes.find(|node| node.role == NodeRole::Merchant)
    }

    /// Nodes whose recorded process is alive and is one of ours.
    pub(crate) fn alive(&self) -> Vec<&NodeEntry> {
        let all = self.nodes.iter();
        all.filter(|node| node.pid.is_some_and(|pid| is_ours(pid, &self.data(node))))
            .collect()
    }
}

/// Whether a process is a `piaod` on a data directory. Ids are used again by the system, so a
/// number alone says nothing.
pub(crate) fn is_ours(pid: u32, data: &Path) -> bool {
    let Ok(command) = std::fs::read(format!("/proc/{pid}/cmdline")) else {
        return false;
    };
    let wanted = data.as_os_str().as_encoded_bytes();
    let mut words = command.split(|byte| *byte == 0);
    let program = words.next().unwrap_or_default();
    program.ends_with(b"piaod") && words.any(|word| word == wanted)
}

fn from_base(base: u16, nodes: u16) -> Result<Vec<u16>, LocalError> {
    let count = nodes.saturating_mul(PORTS_PER_NODE);
    let last = base.checked_add(count);
    let last = last.ok_or_else(|| LocalError::Other(format!("no {count} ports from {base} on")))?;
    Ok((base..last).collect())
}

/// Ports that are free now, all different: each is held until all are found.
fn free_ports(nodes: u16) -> Result<Vec<u16>, LocalError> {
    let no_port = |error: std::io::Error| LocalError::Other(format!("no free port: {error}"));
    let count = nodes.saturating_mul(PORTS_PER_NODE);
    let held: Result<Vec<_>, _> = (0..count)
        .map(|_port| TcpListener::bind("127.0.0.1:0"))
        .collect();
    let held = held.map_err(no_port)?;
    let ports: Result<Vec<_>, _> = held
        .iter()
        .map(|listener| listener.local_addr().map(|address| address.port()))
        .collect();
    ports.map_err(no_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_gives_every_node_three_ports_of_its_own() {
        let dir = Path::new("somewhere");
        for base in [None, Some(30_000)] {
            let layout = Layout::plan(dir, (4, 1), base).unwrap();
            let ports: std::collections::BTreeSet<u16> = layout
                .nodes
                .iter()
                .flat_map(|node| [node.http, node.consensus, node.gossip])
                .collect();
            assert_eq!(ports.len(), 15);
            assert_eq!(layout.faucet().unwrap().name, "merchant-1");
        }
        assert!(Layout::plan(dir, (4, 1), Some(65_530)).is_err());
    }

    #[test]
    fn a_network_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Layout::find(folder.path()).unwrap().is_none());
        assert!(Layout::read(folder.path()).is_err());
        let mut layout = Layout::plan(folder.path(), (1, 1), None).unwrap();
        layout.nodes[0].pid = Some(1);
        layout.write().unwrap();
        assert_eq!(Layout::read(folder.path()).unwrap(), layout);
        assert!(layout.alive().is_empty(), "process 1 is not a node of ours");
        std::fs::write(folder.path().join("network.json"), "{}").unwrap();
        assert!(Layout::read(folder.path()).is_err());
    }
}

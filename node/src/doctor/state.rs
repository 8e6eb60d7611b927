//! The state store: whether the next start makes it again, and with `--deep` every value of it.
//!
//! Guards: its files are never opened; a copy in a folder of its own is, and where the program is
//! known in a process of its own, because torn files may end the process that opens them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use piao_chain::digest::{ChainId, Digest};
use piao_chain::genesis::Genesis;
use serde::{Deserialize, Serialize};

use super::Options;
use super::finding::{Finding, Severity, WayOut};
use super::language::Text;
use crate::config::Settings;
use crate::journal::Inspection;
use crate::storage::{self, StoreError};

/// What a copy of the state was found to hold, as it passes between processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Probed {
    /// Everything in it holds.
    Holds {
        /// Height it is at; `None` when empty.
        height: Option<u64>,
        /// Root of its slot tree, in hex.
        root: String,
    },
    /// A value or a sum does not hold: a start refuses it.
    Corrupt(String),
    /// It does not open: a start makes it again.
    Unopened(String),
}

/// What the state was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Examined {
    /// Not looked at, or there is nothing to compare.
    Unknown,
    /// It is at this height with this root, in hex.
    At(u64, String),
}

impl Examined {
    pub(super) const fn height(&self) -> Option<u64> {
        match self {
            Self::Unknown => None,
            Self::At(height, _root) => Some(*height),
        }
    }
}

pub(super) fn examine(
    settings: &Settings,
    genesis: &Genesis,
    options: &Options,
    findings: &mut Vec<Finding>,
) -> Examined {
    let dir = settings.data.join("state");
    let chain_id = genesis.chain_id();
    let finding = |severity, what| Finding::new(severity, "state", what).file(&dir);
    match storage::reason_to_rebuild(&dir, &chain_id) {
        Ok(None) => {}
        Ok(Some(reason)) => {
            let reason = Text::of(reason);
            let what = Text::new(
                format!(
                    "the next start makes it again from the journal: {}",
                    reason.en
                ),
                format!("下次启动将由区块日志重建：{}", reason.zh),
            );
            findings.push(finding(Severity::Note, what).way(WayOut::Start));
            return Examined::Unknown;
        }
        Err(error) => {
            let text = error.to_string();
            let what = Text::new(text.clone(), text);
            findings.push(finding(Severity::Damage, what).way(WayOut::Reindex));
            return Examined::Unknown;
        }
    }
    if !options.deep {
        return Examined::Unknown;
    }
    match examine_copy(&dir, &chain_id, options) {
        Ok(Probed::Holds {
            height: Some(height),
            root,
        }) => Examined::At(height, root),
        Ok(Probed::Holds { height: None, .. }) => Examined::Unknown,
        Ok(Probed::Corrupt(text)) => {
            let what = Text::new(text.clone(), format!("状态库校验失败：{text}"));
            findings.push(finding(Severity::Damage, what).way(WayOut::Reindex));
            Examined::Unknown
        }
        Ok(Probed::Unopened(text)) => {
            let what = Text::new(
                format!("it does not open: {text}"),
                format!("无法打开：{text}"),
            );
            let finding = finding(Severity::Damage, what);
            findings.push(finding.way(WayOut::Reindex).way(WayOut::Start));
            Examined::Unknown
        }
        Err(error) => {
            let what = Text::new(
                format!("it could not be examined: {error}"),
                format!("无法检查：{error}"),
            );
            findings.push(finding(Severity::Warning, what));
            Examined::Unknown
        }
    }
}

/// Compares the state with the journal, when both are whole.
pub(super) fn compare(
    settings: &Settings,
    is_alone: bool,
    state: Examined,
    blocks: &Inspection,
    root: Option<Digest>,
    findings: &mut Vec<Finding>,
) {
    let Examined::At(height, found) = state else {
        return;
    };
    let dir = settings.data.join("state");
    let tip = blocks.tip;
    let finding = |what| Finding::new(Severity::Damage, "state", what).file(&dir);
    if height > tip {
        let what = Text::new(
            format!(
                "it is at height {height}, but the block journal ends at {tip}: the journal lost its tail"
            ),
            format!("它在高度 {height}，而区块日志止于 {tip}：区块日志丢失了尾部"),
        );
        let folder = settings.data.join("blocks");
        let mut found = finding(what).way(WayOut::PutBack(vec![folder]));
        if is_alone {
            let from = tip.saturating_add(1);
            found = found.way(WayOut::AcceptLoss { from, to: height });
        }
        findings.push(found);
    } else if root.is_some_and(|root| hex::encode(root) != found) {
        let what = Text::new(
            format!("its root at height {height} is not the block's"),
            format!("高度 {height} 的状态根与区块不符"),
        );
        findings.push(finding(what).way(WayOut::Reindex));
    }
}

/// A folder that is removed again.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let path = std::env::temp_dir().join(format!("piaod-doctor-{}", hex::encode(random)));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a copy of the state was left behind");
        }
    }
}

fn examine_copy(dir: &Path, chain_id: &ChainId, options: &Options) -> Result<Probed, String> {
    let scratch = Scratch::new().map_err(|error| error.to_string())?;
    let copy = scratch.0.join("state");
    storage::copy(dir, &copy).map_err(|error| error.to_string())?;
    let Some(program) = &options.program else {
        return Ok(probe_here(&copy, chain_id));
    };
    let output = Command::new(program)
        .arg("probe-state")
        .arg(&copy)
        .arg(chain_id.to_string())
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    // A process that ended without a word is one that the files ended.
    Ok(
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_source| {
            Probed::Unopened("the process that opened a copy of it ended".to_owned())
        }),
    )
}

fn probe_here(copy: &Path, chain_id: &ChainId) -> Probed {
    match storage::examine_copy(copy, chain_id) {
        Ok(found) => Probed::Holds {
            height: found.tip.map(|tip| tip.height),
            root: hex::encode(found.root),
        },
        Err(error @ StoreError::Corrupt { .. }) => Probed::Corrupt(error.to_string()),
        Err(error) => Probed::Unopened(error.to_string()),
    }
}

/// What the hidden verb `probe-state` prints about a copy of the state: one line of JSON.
///
/// # Errors
/// When the chain id is no 32 bytes of hex.
pub fn probe(copy: &Path, chain_id: &str) -> Result<String, std::io::Error> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(chain_id, &mut bytes).map_err(std::io::Error::other)?;
    let probed = probe_here(copy, &ChainId(bytes));
    serde_json::to_string(&probed).map_err(std::io::Error::other)
}

//! `piao-testnet run SCENARIO.toml`: a network of real nodes is broken on purpose, healed, and held
//! against what it promised.
//!
//! All connections between nodes go through a proxy in this process, which cuts, stalls, delays and
//! loses. Every choice follows from the seed; the moments at which signals land do not, so a failed
//! run keeps its data directory. Guards the invariants I1 to I10; see `checks`.

mod act;
mod byzantine;
mod canary;
mod checks;
mod cli;
mod evidence;
mod fleet;
mod format;
mod load;
mod logs;
mod observe;
mod plan;
mod process;
mod proxy;
mod report;
mod run;
mod settle;
mod watch;
mod world;

use std::path::{Path, PathBuf};

use piao_api::client::ClientError;

use crate::crash::CrashError;
use crate::local::LocalError;

pub(crate) use cli::{RunArgs, run};
pub(crate) use format::duration;

/// Why a run came to no good end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScenarioError {
    /// The file is no scenario.
    #[error("{}: {what}", path.display())]
    Format {
        /// Which.
        path: PathBuf,
        /// Why, with the line.
        what: String,
    },
    /// Invariants were broken; each is on stderr.
    #[error("{count} invariants broken; the data is in {}; again with: {again}", data.display())]
    Broken {
        /// How many.
        count: usize,
        /// Where the data was left.
        data: PathBuf,
        /// The command that runs it again.
        again: String,
    },
    /// The network could not be made or driven.
    #[error("{what} (the data is in {})", data.display())]
    Failed {
        /// Why.
        what: String,
        /// Where the data was left.
        data: PathBuf,
    },
    /// A file.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The network of a folder.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// The ledger of promises.
    #[error(transparent)]
    Crash(#[from] CrashError),
    /// A call to a node.
    #[error("a node refused: {0}")]
    Client(#[from] ClientError),
    /// Whatever else, in one line.
    #[error("{0}")]
    Other(String),
}

impl ScenarioError {
    /// An error at a path.
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// A failure in one line.
fn other(what: impl Into<String>) -> ScenarioError {
    ScenarioError::Other(what.into())
}

//! Why a verb of a local network failed; each text is one line.

use std::path::{Path, PathBuf};

use piao_api::client::ClientError;

/// Why it failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocalError {
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The description of the network is not one.
    #[error("{}: {what}; remove the folder to begin anew", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// There is no network.
    #[error("{} holds no network: `piao-testnet up --dir {}` makes one", .0.display(), .0.display())]
    NoNetwork(PathBuf),
    /// It runs already.
    #[error("the network in {} is up already: `piao-testnet down --dir {}` stops it", .0.display(), .0.display())]
    IsUp(PathBuf),
    /// A step of the ceremony failed.
    #[error("{what}: {said}")]
    Piaod {
        /// What was to be done.
        what: String,
        /// What `piaod` said.
        said: String,
    },
    /// A node did not get ready.
    #[error("{name} was not ready within {seconds} s: {said} (its log: {})", log.display())]
    NotReady {
        /// Which.
        name: String,
        /// How long was waited.
        seconds: u64,
        /// The last line of its log.
        said: String,
        /// Its log.
        log: PathBuf,
    },
    /// A node ended by itself.
    #[error("{name} ended by itself: {said} (its log: {})", log.display())]
    Ended {
        /// Which.
        name: String,
        /// The last line of its log.
        said: String,
        /// Its log.
        log: PathBuf,
    },
    /// A node did not stop.
    #[error("{name} (process {pid}) did not stop within {seconds} s")]
    NotStopped {
        /// Which.
        name: String,
        /// Its process.
        pid: u32,
        /// How long was waited.
        seconds: u64,
    },
    /// A snapshot that is there, or is not.
    #[error("{0}")]
    Snapshot(String),
    /// A call to a node.
    #[error("{0}")]
    Client(#[from] ClientError),
    /// Whatever else.
    #[error("{0}")]
    Other(String),
}

impl LocalError {
    /// An error at a path.
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

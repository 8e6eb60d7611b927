//! Why a node is no member of a network. Each text is one line for the operator.

use std::path::{Path, PathBuf};

use piao_chain::genesis::GenesisError;
use piao_chain::proof::TrustRootError;
use piao_chain::validator::ValidatorSetError;

use crate::keys::{KeyringError, UnlockError};

/// Why a network can't be made, joined or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// Keys.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The unlock secret.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// Genesis is gone, and blocks that follow from it are here.
    #[error(
        "{path} is missing, but there are blocks that follow from it: put back a copy of it",
        path = .0.display()
    )]
    GenesisMissing(PathBuf),
    /// Genesis does not decode.
    #[error("{path}: {source}; put back a copy of it", path = path.display())]
    Genesis {
        /// The file.
        path: PathBuf,
        /// Why.
        source: GenesisError,
    },
    /// A file can't be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is there and is not what its name says.
    #[error("{path}: {what}; put back a copy of it", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The validators are no set.
    #[error(transparent)]
    Validators(#[from] ValidatorSetError),
    /// The system has no randomness to give.
    #[error("the system gives no randomness: {0}")]
    Randomness(getrandom::Error),
    /// JSON could not be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// There is a node in the directory already.
    #[error("{} holds a node already; give another --data", .0.display())]
    NotEmpty(PathBuf),
    /// There is no node in the directory.
    #[error("{} holds no node: run `piaod init --data {}` first", .0.display(), .0.display())]
    NoNode(PathBuf),
    /// A role that goes with test networks only.
    #[error("sample merchants go with a test network only")]
    SampleOnProduction,
    /// The members do not make a network.
    #[error("these members make no network: {0}")]
    Members(String),
    /// A member does not hold the key it names.
    #[error("member {0} does not prove that it holds its validator key")]
    NotHolder(String),
    /// The data belongs to another network.
    #[error(
        "{data} belongs to network {ours}, and this is network {theirs}: join it with another --data",
        data = data.display()
    )]
    OtherNetwork {
        /// The data directory.
        data: PathBuf,
        /// Chain id of the data.
        ours: String,
        /// Chain id of what was to be joined.
        theirs: String,
    },
    /// The trust root is of another network, or is not signed.
    #[error("{path}: {source}", path = path.display())]
    TrustRoot {
        /// The file.
        path: PathBuf,
        /// Why.
        source: TrustRootError,
    },
    /// The validator key is in neither genesis nor the list of members.
    #[error(
        "validator key {key} is no member's of this network: {members} does not name it; use the \
         key that was introduced, or have the authority add this one",
        members = members.display()
    )]
    UnknownValidator {
        /// Id of the key.
        key: String,
        /// The list.
        members: PathBuf,
    },
    /// The key that was to sign is not of the authority.
    #[error("key {0} is not one of the authority of this network")]
    NotAuthority(String),
}

impl NetworkError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn unreadable(path: &Path, what: &dyn core::fmt::Display) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            what: what.to_string(),
        }
    }
}

//! Why a node did not start, or ended: one line each, with the way out where there is one.

use crate::desk::store::DeskStoreError;
use crate::dev::{BootstrapError, DevError};
use crate::journal::JournalError;
use crate::storage::{RecoverError, StoreError};

/// Why a node did not start, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The development network.
    #[error(transparent)]
    Dev(#[from] DevError),
    /// Its first blocks.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// There is no network in the data directory.
    #[error("{0} holds no network; `piaod dev --data {0}` makes a development network")]
    NoNetwork(String),
    /// The block journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Recovery of the state.
    #[error(transparent)]
    Recover(#[from] RecoverError),
    /// The state store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The desk's store.
    #[error(transparent)]
    DeskStore(#[from] DeskStoreError),
    /// The engine's log is ahead of the journal: the journal lost its tail.
    #[error(
        "the engine's log is at height {wal} but the journal ends at {tip}: the journal lost its \
         last blocks; put back the newest copy of the blocks folder, this node must not vote"
    )]
    TailLost {
        /// Height in the engine's log.
        wal: u64,
        /// Height of the journal.
        tip: u64,
    },
    /// The engine's log can't be read.
    #[error(transparent)]
    Wal(#[from] piao_engine::WalError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] piao_engine::EngineError),
    /// The port is taken, or no address.
    #[error("can't listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// A part ended by itself.
    #[error("{part} ended: {reason}")]
    Ended {
        /// Which.
        part: &'static str,
        /// Why.
        reason: String,
    },
    /// A thread could not be started, or a signal not be listened to.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

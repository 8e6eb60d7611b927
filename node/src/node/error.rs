//! Why a node did not start, or ended: one line each, with the way out where there is one.

use std::path::PathBuf;

use super::loss::{BlocksDamaged, Heights, TailLost};
use crate::desk::store::DeskStoreError;
use crate::dev::BootstrapError;
use crate::gossip::GossipError;
use crate::journal::JournalError;
use crate::merchants::MerchantError;
use crate::network::NetworkError;
use crate::storage::{RecoverError, StoreError};

/// Why a node did not start, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The development network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The merchants this node issues for.
    #[error(transparent)]
    Merchants(#[from] MerchantError),
    /// Transaction gossip.
    #[error(transparent)]
    Gossip(#[from] GossipError),
    /// Its first blocks.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// There is no network in the data directory.
    #[error("{0} holds no network; `piaod dev --data {0}` makes a development network")]
    NoNetwork(String),
    /// The block journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal's blocks do not come to what was decided, though every record holds.
    #[error(
        "{error}; `piaod doctor --deep --data {data}` says more, a copy of {data}/blocks put back helps",
        data = data.display()
    )]
    Recover {
        /// Why.
        error: Box<RecoverError>,
        /// The data directory.
        data: PathBuf,
    },
    /// The state store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The desk's store.
    #[error(transparent)]
    DeskStore(#[from] DeskStoreError),
    /// The block journal is damaged where it was acknowledged.
    #[error("{0}")]
    BlocksDamaged(Box<BlocksDamaged>),
    /// Something remembers heights that the journal does not have.
    #[error("{0}")]
    TailLost(Box<TailLost>),
    /// What this node signed last can't be read.
    #[error(
        "the engine's log {path} is damaged ({what}): what this node signed at height {next} is not \
         known and it must not vote; put back a copy of that file, or go on without it with \
         `piaod run --data {data} --accept-loss`",
        path = path.display(), data = data.display()
    )]
    WalDamaged {
        /// The log.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// The height above the journal's tip.
        next: u64,
        /// The data directory.
        data: PathBuf,
    },
    /// Another process votes with this validator's key.
    #[error(
        "another process votes with this node's validator key: this one has stopped, because two of \
         them could sign twice; stop that one, or give this node a key of its own"
    )]
    SecondProcess,
    /// The journal is of another network than genesis.
    #[error("{error}; if {genesis} was changed, put back a copy of it", genesis = genesis.display())]
    OtherChain {
        /// What the journal says.
        error: Box<JournalError>,
        /// The genesis file.
        genesis: PathBuf,
    },
    /// A rule set that the network put in force, or will, is not known to this version.
    #[error(
        "rule set {id} is in force from height {from_height} on and this version does not know it: \
         it must neither vote nor issue; upgrade it"
    )]
    RuleSetUnknown {
        /// Its number.
        id: u16,
        /// First height at which it is in force.
        from_height: u64,
    },
    /// The state's files can't be used.
    #[error(
        "{error}; `piaod reindex --data {data}` makes the state again from the journal",
        data = data.display()
    )]
    State {
        /// Why.
        error: Box<StoreError>,
        /// The data directory.
        data: PathBuf,
    },
    /// `--accept-loss` where nothing is lost.
    #[error(
        "nothing is lost in {0}, so there is nothing to accept: start without --accept-loss, or \
         the next damage would be accepted unseen"
    )]
    NothingLost(String),
    /// `--accept-loss` on a network where others vote.
    #[error(
        "{lost} can't be given up here: {validators} validators vote on this network, and this one \
         could sign twice; put back the newest copy of {data}/blocks",
        data = data.display()
    )]
    LossNeedsPeers {
        /// What is lost.
        lost: Heights,
        /// How many vote.
        validators: usize,
        /// The data directory.
        data: PathBuf,
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

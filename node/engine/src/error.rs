//! Why an engine does not start, and how a running one ends.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why an engine did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Not of the form `/ip4/…/tcp/…` or `/ip6/…/tcp/…`, with `/p2p/…` after it for a peer.
    /// Names are refused: addresses behind a DNS lookup are an attack surface we do without.
    #[error("{0:?} is not an address like /ip4/192.0.2.1/tcp/26656")]
    Address(String),
    /// The port is taken, or the address is not one of this machine.
    #[error("cannot listen on {address}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// More than a block may ever have, or nothing.
    #[error("{0} is not a possible bound for a block body")]
    BlockBytes(usize),
    /// The network key is not usable.
    #[error("the network key is not usable")]
    NetworkKey,
    /// The engine refused its parts; the text is the engine's.
    #[error("the consensus engine does not start: {0}")]
    Build(String),
    /// The engine started but did not get as far as listening.
    #[error("the consensus engine did not become ready within {0} s")]
    NotReady(u64),
}

/// How an engine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// [`Engine::shutdown`](crate::Engine::shutdown) was called.
    Shutdown,
    /// An actor of the engine failed; starting the process again is safe.
    Failed,
    /// The engine stopped itself because going on could mean signing twice: a write-ahead log that
    /// cannot be written or has a damaged entry. An operator must look before a restart.
    SafetyHang,
    /// The host dropped an answer or its end of the channel.
    HostGone,
}

/// Why the write-ahead log could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalError {
    /// The file cannot be read.
    #[error("cannot read the write-ahead log {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Larger than any log of one height.
    #[error("the write-ahead log has {0} bytes, more than one height can write")]
    TooLarge(u64),
    /// Its head is damaged.
    #[error("the write-ahead log is damaged: {0}")]
    Damaged(#[source] std::io::Error),
}

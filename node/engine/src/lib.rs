//! The consensus engine of a Piao node behind plain channels.
//!
//! This is the only package that names Malachite (`node/decisions/0001-consensus-engine.md`), and
//! nothing of it appears here: the node gives an [`EngineConfig`] and a channel, and answers
//! [`HostRequest`]s. What the engine decides are block ids; bodies, execution, storage and the
//! mempool are the host's.
//!
//! A network of one validator runs the same code with a set of one: nothing is streamed, because
//! nobody else votes. The engine then logs an error for each message that no peer hears;
//! [`is_no_peers_event`] lets a subscriber drop it.
//!
//! ```text
//!  start ─► Start ─► ┌ Undecided ─► Build | Check… ─► Commit ─► Next ┐
//!                    └───────────────◄── parked until work ◄─────────┘
//! ```
#![forbid(unsafe_code)]

mod address;
mod app;
#[cfg(feature = "byzantine")]
pub mod byzantine;
mod codec;
mod config;
mod context;
mod engine;
mod error;
#[cfg(feature = "testing")]
pub mod fuzzing;
mod host;
mod log_filter;
mod parts;
mod signed;
mod signer;
mod supervisor;
#[cfg(test)]
mod testing;
mod wal;
mod wal_mend;

pub use config::{EngineConfig, SYNC_BATCH_MAX, Timeouts};
pub use engine::{Engine, start};
pub use error::{Closed, EngineError, WalError};
pub use host::{
    Answer, BodySource, BuiltBlock, Checked, HeightStart, HostRequest, Misconduct, UndecidedBlock,
};
pub use log_filter::{LOG_FILTER_QUIET, is_no_peers_event};
pub use signed::SignedPrecommits;
pub use wal::{WalSummary, inspect_wal};
pub use wal_mend::{Mended, mend_wal, wal_to_mend};

//! The Piao node: everything with a socket, a disk or a clock.
//!
//! A block is decided by the engine, executed by `chain`, written to the journal and synced, then
//! applied to the state store, then told to whoever waits. Nothing is called final before the sync.

#![forbid(unsafe_code)]

#[macro_use]
pub mod crash_point;

pub mod backend;
#[cfg(feature = "byzantine")]
pub mod byzantine;
pub mod cli;
pub mod clock;
pub mod config;
pub mod consensus;
pub mod descriptors;
pub mod desk;
pub mod dev;
pub mod disk_space;
pub mod doctor;
pub mod gossip;
pub mod health;
pub mod journal;
pub mod keys;
pub mod ledger;
mod maintenance;
pub mod mempool;
pub mod merchants;
pub mod metrics;
pub mod network;
pub mod node;
pub mod storage;
pub mod telemetry;
pub mod verbs;

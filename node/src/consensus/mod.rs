//! Between the engine and the ledger: answers what the engine asks.

mod host;
mod parking;

pub use host::{Host, HostConfig};

//! Between the engine and the ledger: answers what the engine asks.

mod host;
mod parking;
mod witness;

pub use host::{Host, HostConfig};
pub use witness::Witness;

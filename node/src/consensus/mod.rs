//! Between the engine and the ledger: answers what the engine asks.

mod evidence;
mod host;
mod parking;
mod reporter;
mod witness;

pub use host::{Host, HostConfig};
pub use reporter::{Found, Reporter};
pub use witness::Witness;

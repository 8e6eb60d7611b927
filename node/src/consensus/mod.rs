//! Between the engine and the ledger: answers what the engine asks.

mod evidence;
mod host;
mod own_votes;
mod parking;
mod reporter;
mod witness;

pub use host::{Host, HostConfig};
pub use own_votes::OwnVotes;
pub use reporter::{Found, Reporter};
pub use witness::Witness;

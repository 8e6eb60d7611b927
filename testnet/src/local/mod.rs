//! A network of several nodes on this machine: real `piaod` processes, each with a data directory
//! of its own, made by the same ceremony as a network of strangers' machines.
//!
//! ```text
//!  DIR/network.json        who there is, with addresses and process ids
//!  DIR/network/            genesis, members.json, trust-root.json
//!  DIR/validator-1/ …      data directories; logs beside them
//!  DIR/snapshots/NAME/     copies of all of it
//! ```

mod banner;
mod dashboard;
mod error;
mod layout;
mod load;
mod make;
mod nodes;
mod rate;
mod running;
mod snapshot;
mod status;
mod verbs;

pub(crate) use error::LocalError;
pub(crate) use layout::{Layout, NodeEntry};
pub(crate) use make::make as make_network;
pub(crate) use nodes::{last_line, signal};
pub(crate) use running::Running;
pub(crate) use verbs::{LocalVerb, run};

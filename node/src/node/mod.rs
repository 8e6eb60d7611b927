//! Wiring: build the parts, start the tasks, stop them in order.
//!
//! Guards: when any part ends by itself the node ends too, with one line; it never lives on half
//! dead.

mod desk;
mod engine;
mod error;
mod open;
mod running;
mod scrub;

pub use error::NodeError;
pub use open::{Mode, reindex};
pub use running::Running;

//! Wiring: build the parts, start the tasks, stop them in order.
//!
//! Guards: when any part ends by itself the node ends too, with one line; it never lives on half
//! dead.

mod accept_loss;
mod addresses;
mod catch_up;
mod clock_watch;
mod consensus;
mod desk;
mod engine;
mod error;
mod loss;
mod open;
mod progress;
mod running;
mod samples;
mod scrub;
mod vote_memory;

pub(crate) use clock_watch::{complaint, is_off};
pub(crate) use engine::{WalVerdict, judge_wal, wal_path};
pub use error::NodeError;
pub use loss::{BlocksDamaged, Heights, TailLost};
pub use open::{Me, Mode, OnLoss, Opened, Reindexed, reindex};
pub use progress::Progress;
pub use running::{Running, Stopped};

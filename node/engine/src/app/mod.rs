//! The message loop between the engine and the host.
//!
//! One task owns all state. The engine's connector waits inline for most answers, so those requests
//! are put to the host and awaited here; only the two it does not wait for, the commit of a block
//! and the start of the next height, run beside the loop, because the second may be parked for a
//! minute. An answer to the engine is never dropped while the host lives, with one exception that
//! the engine is made for: a proposer that cannot build lets the round time out.

mod height;
mod judge;
mod proposal;
mod run;
mod sync;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use run::{App, AppParts, Ended};

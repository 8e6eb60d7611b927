//! The chain as this node has it: one writer, many readers.
//!
//! A single thread builds, checks and commits blocks; everybody else reads through [`ChainView`],
//! which always shows the state after one committed block.

mod command;
mod finality;
mod links;
mod recent;
mod refused;
#[cfg(test)]
mod tests;
mod tip;
mod view;
mod writer;

pub use command::{Command, LedgerHandle};
pub use finality::{FinalOutcome, Finality, FinalityWatch, Settled};
pub use recent::Place;
pub use tip::{Tip, TipGuard};
pub use view::{ChainView, CommittedBlock, ReadError};
pub use writer::{LedgerError, LedgerParts, start};

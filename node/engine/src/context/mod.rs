//! The consensus engine's view of our types: its `Context` and what hangs on it.
//!
//! A *value* is the 32-byte block id and nothing more: bodies travel as proposal parts and live in
//! the host's store, so proposals, votes, the write-ahead log and certificates stay tiny. The
//! newtypes exist because the engine's traits cannot be implemented for `piao-chain`'s types.

mod ballot;
mod engine;
mod members;

pub(crate) use ballot::{Proposal, Vote, block_or_nil};
pub(crate) use engine::{BlockValue, Ctx, Height};
pub(crate) use members::{Address, Members};

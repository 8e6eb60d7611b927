//! The state machine: from the state before a block to outcomes, changes and roots (SPEC 5).
//!
//! One function runs a transaction, whoever asks: the proposer while building, every validator
//! before voting, every node when it follows. A transaction is inadmissible (a block that holds it
//! is invalid), failed (kept with its code) or applied.

mod assemble;
mod run;

pub use assemble::{
    Basis, BlockError, BuildLimits, Built, Executed, Parent, Proposer, Skipped, build_block,
    verify_block,
};
pub use run::{ExecuteError, Execution, SignatureCheck, VerifyEach};

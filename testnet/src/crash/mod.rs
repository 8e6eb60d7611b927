//! A real node that is killed, cut off and crashed on purpose, again and again, under load; and a
//! ledger of promises that is held against what is left.
//!
//! Guards: what was answered with 201 is there afterwards, whole, with a proof that verifies; a key
//! has one invoice; a number stands once; a seller's counter has no gap; no fen appears or
//! vanishes. Every choice follows from `--seed`; the moment at which a signal lands does not, so a
//! failed run keeps its data directory.

mod blocks;
mod check;
mod cli;
mod conservation;
mod dice;
mod disk;
mod draft;
mod kill;
mod load;
mod node;
mod points;
mod power;
mod promises;
mod report;
mod storm;
mod strace;
mod syscalls;
mod top_ups;
mod world;

use piao_api::client::ClientError;

pub(crate) use cli::{CrashVerb, run};
pub(crate) use conservation::{ACCOUNTS, totals};
pub(crate) use dice::Dice;
pub(crate) use draft::{PRICE_MAX, Price, SELLERS, draft, fen, gross};
pub(crate) use load::{Call, lock, send};
pub(crate) use promises::{Entry, KEY_CONFLICT, Promises};
pub(crate) use top_ups::TopUps;

/// Why a run came to no good end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CrashError {
    /// Promises were broken; each is on stderr.
    #[error("{count} promises broken; again with: {again}")]
    Broken {
        /// How many.
        count: usize,
        /// The command that runs it again.
        again: String,
    },
    /// The control was to lose something and did not: the harness sees nothing.
    #[error("nothing was lost, which --expect-loss says must be: this harness proves nothing")]
    NothingLost,
    /// A call to the node failed where it must not.
    #[error("the node refused: {0}")]
    Client(#[from] ClientError),
    /// A file or a program of the system.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Whatever else, in one line.
    #[error("{0}")]
    Other(String),
}

/// A failure in one line.
fn other(what: impl Into<String>) -> CrashError {
    CrashError::Other(what.into())
}

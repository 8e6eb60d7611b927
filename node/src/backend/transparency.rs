//! The chain as a transparency log, on the node that holds the log key.
//!
//! Guards: only what a decided header says of the blocks before it is signed, so there are never two
//! roots of one size.

use piao_api::backend::Refusal;
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::signature::SecretKey;
use piao_chain::transparency::{BlockInclusion, LogCheckpoint, consistency_path};

use crate::ledger::ChainView;

/// The newest checkpoint.
pub(super) fn checkpoint(chain: &ChainView, log: Option<&SecretKey>) -> Result<String, Refusal> {
    let log = log.ok_or_else(not_here)?;
    let checkpoint = LogCheckpoint::of_header(&chain.tip().header);
    Ok(checkpoint.sign(log).to_text())
}

/// The path between two sizes.
pub(super) fn consistency(
    chain: &ChainView,
    from: u64,
    to: u64,
) -> Result<wire::Consistency, Refusal> {
    let path = consistency_path(&chain.tip().history, from, to);
    let path = path.ok_or_else(|| Refusal::of(FailureCode::ResourceNotFound))?;
    let path = path.iter().map(hex::encode).collect();
    Ok(wire::Consistency { from, to, path })
}

/// A block's path to the newest checkpoint.
pub(super) fn tlog_proof(
    chain: &ChainView,
    log: Option<&SecretKey>,
    height: u64,
) -> Result<String, Refusal> {
    let log = log.ok_or_else(not_here)?;
    let (checkpoint, path) = {
        let tip = chain.tip();
        let checkpoint = LogCheckpoint::of_header(&tip.header);
        (checkpoint, tip.history.path(height, checkpoint.size))
    };
    let shown = BlockInclusion {
        height,
        path: path.ok_or_else(|| Refusal::of(FailureCode::ResourceNotFound))?,
        note: checkpoint.sign(log),
    };
    Ok(shown.to_text())
}

fn not_here() -> Refusal {
    let refusal = Refusal::of(FailureCode::ResourceNotFound);
    refusal.detail("this node does not hold the network's log key: ask the authority's")
}

//! Making a block, and checking one that somebody else made (SPEC 5.5).

use super::run::{ExecuteError, Execution, SignatureCheck};
use crate::block::{Block, Header, tx_root};
use crate::digest::{BlockId, Digest, TransactionId};
use crate::limits::BLOCK_TIME_STEP_MS;
use crate::outcome::Outcome;
use crate::signature::KeyId;
use crate::state::{SlotTree, StateDelta, StateUnavailable, StateView, TreeChange};
use crate::transaction::{SUITE, SignedTransaction, TransactionError, VERSION};
use crate::validator::ValidatorSet;

/// What a block is executed on: the state after its parent.
#[derive(Debug)]
pub struct Basis<'a, V: ?Sized> {
    /// Reads of the state.
    pub view: &'a V,
    /// Its slot tree.
    pub tree: &'a SlotTree,
    /// The parent.
    pub parent: Parent<'a>,
}

/// Who builds a block, and when.
#[derive(Clone, Copy, Debug)]
pub struct Proposer {
    /// The builder's key.
    pub id: KeyId,
    /// Its clock, ms since 1970. The block takes the parent's time plus one step when the clock
    /// is behind it.
    pub clock_ms: u64,
}

/// The block before.
#[derive(Clone, Copy, Debug)]
pub struct Parent<'a> {
    /// The block before.
    pub header: &'a Header,
    /// Its id.
    pub id: BlockId,
    /// History root over block ids `0..=parent height`.
    pub hist_root: Digest,
    /// The set that votes on the new block.
    pub validators: &'a ValidatorSet,
}

/// What executing a block gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// One for each transaction, in order.
    pub outcomes: Vec<Outcome>,
    /// What it changes.
    pub delta: StateDelta,
    /// What it changes in the slot tree.
    pub tree: TreeChange,
}

/// A block its proposer has executed.
#[derive(Clone, Debug)]
pub struct Built {
    /// The block.
    pub block: Block,
    /// Its name.
    pub id: BlockId,
    /// What executing it gave.
    pub executed: Executed,
    /// Candidates that did not go in, and why.
    pub skipped: Vec<(TransactionId, Skipped)>,
}

/// Why a candidate did not go into a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// It can't stand in a block at this height and time.
    Inadmissible(TransactionError),
    /// It would fail, and its sender did not ask for the refusal to be kept.
    WouldFail(crate::failure::FailureCode, Vec<i64>),
}

/// How large a block may become.
#[derive(Clone, Copy, Debug)]
pub struct BuildLimits {
    /// Bytes of the body; the chain's parameter caps it.
    pub bytes_max: usize,
    /// Transactions.
    pub transactions_max: usize,
}

/// Why a block is not valid on its parent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// A header field that does not follow from the parent or the transactions.
    #[error("header field {0} is not what it must be")]
    Header(&'static str),
    /// A transaction that no block may hold.
    #[error("transaction {index}: {error}")]
    Inadmissible {
        /// Its place in the block.
        index: usize,
        /// Why.
        error: TransactionError,
    },
    /// More bytes than the chain allows.
    #[error("body of {0} bytes is too large")]
    TooLarge(usize),
    /// The state could not be read: nothing is said about the block.
    #[error(transparent)]
    Unavailable(#[from] StateUnavailable),
}

/// Builds a block from candidates, in their order, as many as fit.
///
/// # Errors
/// [`StateUnavailable`].
pub fn build_block<V: StateView + ?Sized>(
    basis: &Basis<'_, V>,
    proposer: Proposer,
    candidates: &mut dyn Iterator<Item = SignedTransaction>,
    limits: BuildLimits,
    signatures: &dyn SignatureCheck,
) -> Result<Built, StateUnavailable> {
    let parent = &basis.parent;
    let time_ms = proposer
        .clock_ms
        .max(parent.header.time_ms.saturating_add(BLOCK_TIME_STEP_MS));
    let height = parent.header.height.saturating_add(1);
    let at = (height, time_ms);
    let chain_id = parent.header.chain_id;
    let mut execution = Execution::begin(basis.view, chain_id, at, parent.validators)?;
    let params_hash = execution.params().hash();
    let next_valset_hash = execution.next_validators()?.hash();
    let chain_max = usize::try_from(execution.params().block_bytes_max).unwrap_or(usize::MAX);
    let bytes_max = limits.bytes_max.min(chain_max);

    let mut bytes = HEADER_BYTES_BOUND;
    let (mut transactions, mut outcomes, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    for candidate in candidates {
        if transactions.len() >= limits.transactions_max {
            break;
        }
        let more = bytes.saturating_add(candidate.encoded_len());
        if more > bytes_max {
            break;
        }
        match execution.try_run(&candidate, signatures) {
            Ok(outcome) => {
                bytes = more;
                transactions.push(candidate);
                outcomes.push(outcome);
            }
            Err(ExecuteError::Inadmissible(error)) => {
                skipped.push((candidate.id(), Skipped::Inadmissible(error)));
            }
            Err(ExecuteError::LeftOut(code, evidence)) => {
                skipped.push((candidate.id(), Skipped::WouldFail(code, evidence)));
            }
            Err(ExecuteError::Unavailable(why)) => return Err(why),
        }
    }
    let executed = finish(execution, basis.tree, &transactions, outcomes, height);
    let header = Header {
        version: VERSION,
        suite: SUITE,
        chain_id,
        height,
        time_ms,
        parent_id: parent.id,
        hist_root: parent.hist_root,
        tx_count: u32::try_from(transactions.len()).unwrap_or(u32::MAX),
        tx_root: tx_root(&transactions, &executed.outcomes),
        state_root: executed.tree.root(),
        extra_root: [0; 32],
        valset_hash: parent.header.next_valset_hash,
        next_valset_hash,
        params_hash,
        proposer: proposer.id,
    };
    let id = header.id();
    Ok(Built {
        block: Block {
            header,
            transactions,
        },
        id,
        executed,
        skipped,
    })
}

/// Executes a block that somebody else built and checks every header field against it.
///
/// Whether its time is near the voter's clock is asked by the voter, and on first proposals only.
///
/// # Errors
/// [`BlockError`]; see its variants.
pub fn verify_block<V: StateView + ?Sized>(
    basis: &Basis<'_, V>,
    block: &Block,
    signatures: &dyn SignatureCheck,
) -> Result<Executed, BlockError> {
    let header = &block.header;
    check_chained(header, &basis.parent)?;
    if u32::try_from(block.transactions.len()) != Ok(header.tx_count) {
        return Err(BlockError::Header("tx_count"));
    }
    let at = (header.height, header.time_ms);
    let validators = basis.parent.validators;
    let mut execution = Execution::begin(basis.view, header.chain_id, at, validators)?;
    if execution.next_validators()?.hash() != header.next_valset_hash {
        return Err(BlockError::Header("next_valset_hash"));
    }
    if execution.params().hash() != header.params_hash {
        return Err(BlockError::Header("params_hash"));
    }
    let bytes = block
        .transactions
        .iter()
        .fold(HEADER_BYTES_BOUND, |sum, tx| {
            sum.saturating_add(tx.encoded_len())
        });
    if bytes > usize::try_from(execution.params().block_bytes_max).unwrap_or(usize::MAX) {
        return Err(BlockError::TooLarge(bytes));
    }
    let mut outcomes = Vec::with_capacity(block.transactions.len());
    for (index, transaction) in block.transactions.iter().enumerate() {
        match execution.run(transaction, signatures) {
            Ok(outcome) => outcomes.push(outcome),
            Err(ExecuteError::Inadmissible(error)) => {
                return Err(BlockError::Inadmissible { index, error });
            }
            Err(ExecuteError::LeftOut(code, _evidence)) => {
                return Err(BlockError::Inadmissible {
                    index,
                    error: code.into(),
                });
            }
            Err(ExecuteError::Unavailable(why)) => return Err(why.into()),
        }
    }
    let executed = finish(
        execution,
        basis.tree,
        &block.transactions,
        outcomes,
        header.height,
    );
    if tx_root(&block.transactions, &executed.outcomes) != header.tx_root {
        return Err(BlockError::Header("tx_root"));
    }
    if executed.tree.root() != header.state_root {
        return Err(BlockError::Header("state_root"));
    }
    Ok(executed)
}

/// Header and length prefix, rounded up: what a body holds beside its transactions.
const HEADER_BYTES_BOUND: usize = 512;

fn check_chained(header: &Header, parent: &Parent<'_>) -> Result<(), BlockError> {
    let known_proposer = parent.validators.get(&header.proposer).is_some();
    let rules = [
        (
            "version",
            header.version == VERSION && header.suite == SUITE,
        ),
        ("chain_id", header.chain_id == parent.header.chain_id),
        (
            "height",
            Some(header.height) == parent.header.height.checked_add(1),
        ),
        ("time", header.time_ms > parent.header.time_ms),
        ("parent_id", header.parent_id == parent.id),
        ("hist_root", header.hist_root == parent.hist_root),
        ("extra_root", header.extra_root == [0; 32]),
        (
            "valset_hash",
            header.valset_hash == parent.header.next_valset_hash,
        ),
        ("proposer", known_proposer),
    ];
    match rules.into_iter().find(|(_name, holds)| !holds) {
        Some((name, _holds)) => Err(BlockError::Header(name)),
        None => Ok(()),
    }
}

/// Gives every replay guard its place in the block, and hashes what changed.
fn finish<V: StateView + ?Sized>(
    execution: Execution<'_, V>,
    tree: &SlotTree,
    transactions: &[SignedTransaction],
    outcomes: Vec<Outcome>,
    height: u64,
) -> Executed {
    let mut delta = execution.into_delta();
    for (index, transaction) in (0u32..).zip(transactions) {
        let key = (transaction.body().account, transaction.body().idem);
        if let Some(record) = delta.idems.get_mut(&key) {
            record.height = height;
            record.index = index;
        }
    }
    let change = tree.change(delta.leaves.iter().map(|(slot, leaf)| (*slot, leaf)));
    Executed {
        outcomes,
        delta,
        tree: change,
    }
}

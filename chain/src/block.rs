//! Blocks: a header of fixed size and the transactions it binds (SPEC 4.3).

use serde::{Deserialize, Serialize};

use crate::codec::{self, CodecError};
use crate::digest::{BlockId, ChainId, Digest, Tag, hash};
use crate::limits::BLOCK_BYTES_CEILING;
use crate::outcome::{Outcome, transaction_leaf};
use crate::proof::merkle::{self, TransactionTree};
use crate::signature::KeyId;
use crate::transaction::SignedTransaction;

/// What validators decide on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`crate::transaction::VERSION`].
    pub version: u8,
    /// [`crate::transaction::SUITE`].
    pub suite: u8,
    /// The network.
    pub chain_id: ChainId,
    /// Height; genesis is 0.
    pub height: u64,
    /// Block time in ms since 1970, above the parent's.
    pub time_ms: u64,
    /// The block before.
    pub parent_id: BlockId,
    /// RFC 6962 root over block ids `0..height`.
    pub hist_root: Digest,
    /// Number of transactions.
    pub tx_count: u32,
    /// Root over transactions and their outcomes.
    pub tx_root: Digest,
    /// Root of the slot tree after this block.
    pub state_root: Digest,
    /// Zero in version 1; reserved for snapshots.
    pub extra_root: Digest,
    /// The set that votes on this block.
    pub valset_hash: Digest,
    /// The set that votes on the next.
    pub next_valset_hash: Digest,
    /// Parameters in force when this block is executed.
    pub params_hash: Digest,
    /// Who built it. A re-proposal in a later round keeps the original builder.
    pub proposer: KeyId,
}

impl Header {
    /// `H("block-id", enc(header))`.
    #[must_use]
    pub fn id(&self) -> BlockId {
        BlockId(hash(Tag::BlockId, &codec::encode(self)))
    }
}

/// A header and the transactions it binds, as streamed between validators and kept on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// The transactions, in order of execution.
    pub transactions: Vec<SignedTransaction>,
}

impl Block {
    /// Decodes a block body. Whether its roots are true is asked by
    /// [`crate::execute::verify_block`].
    ///
    /// # Errors
    /// [`CodecError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        codec::decode_bounded(bytes, BLOCK_BYTES_CEILING)
    }

    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }
}

/// Root over transactions and what came of them.
#[must_use]
pub fn tx_root(transactions: &[SignedTransaction], outcomes: &[Outcome]) -> Digest {
    merkle::root::<TransactionTree>(&tx_leaves(transactions, outcomes))
}

/// The leaves under `tx_root`, in order.
#[must_use]
pub fn tx_leaves(transactions: &[SignedTransaction], outcomes: &[Outcome]) -> Vec<Digest> {
    transactions
        .iter()
        .zip(outcomes)
        .map(|(tx, outcome)| transaction_leaf(tx, outcome))
        .collect()
}

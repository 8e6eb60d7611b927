//! Where a transaction stands, without its bytes: an id is enough to show a place and an outcome.

use serde::{Deserialize, Serialize};

use super::super::history::History;
use super::super::merkle::{self, HistoryTree, TransactionTree};
use super::super::verdict::Reason;
use crate::block::{Block, Header, tx_leaves};
use crate::digest::{Digest, Hasher, Tag, TransactionId};
use crate::outcome::Outcome;

/// A block before M, and its path to M.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierBlock {
    /// Its header.
    pub header: Header,
    /// Its path in the history tree of M.
    pub history_path: Vec<Digest>,
}

/// The place of a transaction whose id stands elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// `H("sigs", enc(signatures))`.
    pub signatures_digest: Digest,
    /// What came of it.
    pub outcome: Outcome,
    /// Its place in the block.
    pub index: u32,
    /// Its path to `tx_root`.
    pub path: Vec<Digest>,
    /// Its block; `None` for block M itself.
    pub block: Option<EarlierBlock>,
}

impl Placed {
    /// The place of a transaction in a block, as of a block of that height; `None` where there is
    /// no such place.
    #[must_use]
    pub fn of(
        (block, outcomes): (&Block, &[Outcome]),
        index: u32,
        (history, as_of_height): (&History, u64),
    ) -> Option<Self> {
        let at = usize::try_from(index).ok()?;
        let leaves = tx_leaves(&block.transactions, outcomes);
        let header = &block.header;
        let block_of = if header.height == as_of_height {
            None
        } else {
            Some(EarlierBlock {
                header: header.clone(),
                history_path: history.path(header.height, as_of_height)?,
            })
        };
        Some(Self {
            signatures_digest: block.transactions.get(at)?.signatures_digest(),
            outcome: outcomes.get(at)?.clone(),
            index,
            path: merkle::path::<TransactionTree>(&leaves, at)?,
            block: block_of,
        })
    }

    /// The leaf of `tx_root` that a transaction of this id has here.
    #[must_use]
    pub fn leaf(&self, txid: &TransactionId) -> Digest {
        Hasher::new(Tag::TxLeaf)
            .with(&txid.0)
            .with(&self.signatures_digest)
            .with(&crate::codec::encode(&self.outcome))
            .finish()
    }

    /// The header of its block.
    pub(super) fn header<'a>(&'a self, as_of: &'a Header) -> &'a Header {
        self.block.as_ref().map_or(as_of, |block| &block.header)
    }

    /// Whether the transaction stands there, and its block in the history of M; if not, why.
    pub(super) fn check(&self, txid: &TransactionId, as_of: &Header) -> Result<(), Reason> {
        if let Some(EarlierBlock {
            header,
            history_path,
        }) = &self.block
        {
            let leaf = HistoryTree::leaf(&header.id().0);
            let (index, size) = (header.height, as_of.height);
            let reached = merkle::root_of_path::<HistoryTree>(&leaf, index, size, history_path);
            if reached != Some(as_of.hist_root) {
                return Err(Reason::HistoryInvalid);
            }
        }
        let leaf = self.leaf(txid);
        let header = self.header(as_of);
        let (index, size) = (u64::from(self.index), u64::from(header.tx_count));
        let reached = merkle::root_of_path::<TransactionTree>(&leaf, index, size, &self.path);
        if reached == Some(header.tx_root) {
            Ok(())
        } else {
            Err(Reason::InclusionInvalid)
        }
    }
}

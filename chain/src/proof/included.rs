//! A transaction, what came of it, and the key that signed it, as files of SPEC 7 carry them.
//!
//! Guards: the steps that show what the chain made of a transaction are the same for an invoice and
//! for a request that was refused.

use super::decided::Report;
use super::file::{KeyProof, Latest, Proof};
use super::merkle::{self, HistoryTree, TransactionTree};
use super::steps::{Step, Stop, fail, passed};
use super::verdict::Reason;
use crate::block::Header;
use crate::digest::Digest;
use crate::outcome::{Outcome, transaction_leaf};
use crate::state::{KeyRole, Leaf, Slot};
use crate::transaction::SignedTransaction;

/// What stands in a block N, as of a block M.
#[derive(Clone, Copy)]
pub(super) struct Included<'a> {
    pub(super) transaction: &'a SignedTransaction,
    pub(super) outcome: &'a Outcome,
    pub(super) index: u32,
    pub(super) path: &'a [Digest],
    pub(super) header: &'a Header,
    pub(super) latest: Option<&'a Latest>,
    pub(super) key: &'a KeyProof,
}

impl Proof {
    pub(super) fn included(&self) -> Included<'_> {
        Included {
            transaction: &self.transaction,
            outcome: &self.outcome,
            index: self.index,
            path: &self.path,
            header: &self.header,
            latest: self.latest.as_ref(),
            key: &self.key,
        }
    }
}

impl Included<'_> {
    /// Header M.
    pub(super) fn as_of(&self) -> &Header {
        self.latest.map_or(self.header, |latest| &latest.header)
    }

    /// Block N is in the history of M; `own` is what is said where it is M itself.
    pub(super) fn history(&self, report: &mut impl Report, own: &str) -> Step {
        let Some(latest) = self.latest else {
            passed(report, "history", own);
            return Ok(());
        };
        let (height, size) = (self.header.height, latest.header.height);
        let leaf = HistoryTree::leaf(&self.header.id().0);
        let path = &latest.history_path;
        let reached = merkle::root_of_path::<HistoryTree>(&leaf, height, size, path);
        if reached != Some(latest.header.hist_root) {
            let detail = format!("block {height} is not in the history of block {size}");
            return Err(fail(Reason::HistoryInvalid, "history", detail));
        }
        let detail = format!("block {height} is in the history of block {size}");
        passed(report, "history", detail);
        Ok(())
    }

    /// The transaction and its outcome are in block N.
    pub(super) fn inclusion(&self, report: &mut impl Report) -> Step {
        let leaf = transaction_leaf(self.transaction, self.outcome);
        let (index, size) = (u64::from(self.index), u64::from(self.header.tx_count));
        let reached = merkle::root_of_path::<TransactionTree>(&leaf, index, size, self.path);
        if reached != Some(self.header.tx_root) {
            let detail = "transaction, signature or outcome is not the block's";
            return Err(fail(Reason::InclusionInvalid, "inclusion", detail));
        }
        let (index, height) = (self.index, self.header.height);
        let detail = format!("transaction {index} of {size} in block {height}");
        passed(report, "inclusion", detail);
        Ok(())
    }

    /// The key is in state M, belongs to the account, was active at N, and made the signature; with a
    /// role, it has that one. Returns whether it is disputed.
    pub(super) fn signed(
        &self,
        role: Option<KeyRole>,
        report: &mut impl Report,
    ) -> Result<bool, Stop> {
        let (key, body) = (self.key, self.transaction.body());
        let leaf = Leaf::Key(key.public_key, key.leaf.clone());
        let root = key.path.root(Slot::key(key.index), Some(&leaf));
        if root != Some(self.as_of().state_root) {
            let detail = "the key is not in the proven state";
            return Err(fail(Reason::KeyInvalid, "key", detail));
        }
        let height = self.header.height;
        let owns = key.leaf.account == body.account
            && role.is_none_or(|role| key.leaf.role == role)
            && key.leaf.is_active_at(height)
            && body.signers.as_slice() == [key.public_key.id()];
        if !owns {
            let detail = "the key could not sign for this account";
            return Err(fail(Reason::KeyInvalid, "key", detail));
        }
        if !self.transaction.verify_signatures(&[key.public_key]) {
            let detail = "the signature does not verify";
            return Err(fail(Reason::SignatureInvalid, "signature", detail));
        }
        let mut detail = format!("key {} of account {}", key.public_key.id(), body.account);
        let disputed = key.leaf.disputed_since.filter(|since| *since <= height);
        if let Some(since) = disputed {
            detail.push_str(&format!(", disputed since block {since}"));
        }
        passed(report, "signature", detail);
        Ok(disputed.is_some())
    }
}

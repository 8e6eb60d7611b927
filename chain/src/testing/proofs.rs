//! Proofs of what a network in memory decided.

use super::TestNet;
use crate::block::tx_leaves;
use crate::proof::merkle::{self, TransactionTree};
use crate::proof::{KeyProof, Latest, Proof, RefusalProof, SlotProof, StatusProof};
use crate::state::{Leaf, Slot, StateView as _};

impl TestNet {
    /// The proof of the transaction at `index` of block `height`, as of the tip.
    #[must_use]
    pub fn prove(&self, height: u64, index: usize) -> Option<Proof> {
        self.prove_part(height, index, 0)
    }

    /// What shows that the transaction at `index` of block `height` was refused, as of the tip.
    #[must_use]
    pub fn refusal(&self, height: u64, index: usize) -> Option<RefusalProof> {
        let proof = self.prove(height, index)?;
        Some(RefusalProof {
            transaction: proof.transaction,
            outcome: proof.outcome,
            index: proof.index,
            path: proof.path,
            header: proof.header,
            latest: proof.latest,
            certificate: proof.certificate,
            validators: proof.validators,
            links: proof.links,
            key: proof.key,
        })
    }

    /// The same of the invoice that stands at `part` among its effects.
    #[must_use]
    pub fn prove_part(&self, height: u64, index: usize, part: u32) -> Option<Proof> {
        let decided = self
            .blocks
            .get(usize::try_from(height.checked_sub(1)?).ok()?)?;
        let transaction = decided.block.transactions.get(index)?.clone();
        let outcome = decided.outcomes.get(index)?.clone();
        let leaves = tx_leaves(&decided.block.transactions, &decided.outcomes);
        let tip = self.blocks.last()?;
        let header = decided.block.header.clone();
        let latest = if tip.block.header.height == height {
            None
        } else {
            let history_path = self.history.path(height, tip.block.header.height)?;
            Some(Latest {
                header: tip.block.header.clone(),
                history_path,
            })
        };
        let signer = transaction.body().signers.first()?;
        let key_index = self.state.key_index(signer).ok()??;
        let Some(Leaf::Key(public_key, leaf)) = self.state.leaf(Slot::key(key_index)).ok()? else {
            return None;
        };
        let effect = outcome.effects.get(usize::try_from(part).ok()?);
        let slot = effect.and_then(|effect| Slot::from_u64(effect.slot));
        let slot = slot.unwrap_or(Slot::PARAMS);
        let touched = match self.state.leaf(slot).ok()? {
            Some(Leaf::Invoice(_id, leaf)) => Some(leaf),
            _ => None,
        };
        Some(Proof {
            index: u32::try_from(index).ok()?,
            path: merkle::path::<TransactionTree>(&leaves, index)?,
            header,
            latest,
            certificate: tip.certificate.clone(),
            validators: self.validators_at(tip.block.header.height),
            links: self.links(),
            key: KeyProof {
                public_key,
                index: key_index,
                leaf,
                path: SlotProof::of(&self.tree, Slot::key(key_index)),
            },
            status: StatusProof {
                leaf: touched,
                path: SlotProof::of(&self.tree, slot),
            },
            card: Some(self.card()),
            disclosed: Vec::new(),
            part,
            transaction,
            outcome,
        })
    }
}

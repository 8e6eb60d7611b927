//! Making the file that shows a request to be refused (SPEC 7.12).

use piao_api::backend::{Refusal, StoredFile};
use piao_chain::block::tx_leaves;
use piao_chain::failure::FailureCode;
use piao_chain::proof::merkle::{self, TransactionTree};
use piao_chain::proof::{KeyProof, Latest, RefusalProof, SlotProof};
use piao_chain::state::{Leaf, Slot, StateView as _};

use super::proofs::{binary_file, links};
use super::render::broken;
use crate::ledger::{ChainView, Place};

/// The refusal at a place, current at the tip.
pub(super) fn make(chain: &ChainView, place: Place) -> Result<StoredFile, Refusal> {
    let missing = || Refusal::of(FailureCode::StoreCorrupt);
    let committed = chain.block(place.height).map_err(|error| broken(&error))?;
    let committed = committed.ok_or_else(missing)?;
    let at = usize::try_from(place.index).map_err(|_source| missing())?;
    let leaves = tx_leaves(&committed.block.transactions, &committed.outcomes);
    let path = merkle::path::<TransactionTree>(&leaves, at).ok_or_else(missing)?;
    let transaction = committed.block.transactions.get(at).ok_or_else(missing)?;
    let outcome = committed.outcomes.get(at).ok_or_else(missing)?;
    let signer = transaction.body().signers.first().ok_or_else(missing)?;

    // From here on everything must be of one block.
    let tip = chain.tip();
    let state = chain.cache();
    let index = state.key_index(signer).ok().flatten().ok_or_else(missing)?;
    let Ok(Some(Leaf::Key(public_key, leaf))) = state.leaf(Slot::key(index)) else {
        return Err(missing());
    };
    let latest = if tip.header.height == place.height {
        None
    } else {
        let path = tip.history.path(place.height, tip.header.height);
        Some(Latest {
            header: tip.header.clone(),
            history_path: path.ok_or_else(missing)?,
        })
    };
    let proof = RefusalProof {
        transaction: transaction.clone(),
        outcome: outcome.clone(),
        index: place.index,
        path,
        header: committed.block.header.clone(),
        latest,
        certificate: tip.certificate.clone().ok_or_else(missing)?,
        validators: (*tip.decided_by).clone(),
        links: links(chain, tip.header.height)?,
        key: KeyProof {
            public_key,
            index,
            leaf,
            path: SlotProof::of(&tip.tree, Slot::key(index)),
        },
    };
    Ok(binary_file(proof.encode()))
}

//! Making a proof: the invoice's block, and what the tip says of it (SPEC 7.4).

use piao_api::backend::{ProofForm, Refusal, StoredFile};
use piao_chain::block::tx_leaves;
use piao_chain::document::DisclosedField;
use piao_chain::failure::FailureCode;
use piao_chain::proof::merkle::{self, TransactionTree};
use piao_chain::proof::{KeyProof, Latest, Proof, ProofTwin, SignedCard, SlotProof, StatusProof};
use piao_chain::state::{Leaf, Slot, StateView as _};

use super::blocks::Found;
use crate::ledger::ChainView;

/// Digits of a digest that name a file in its `ETag`: enough to tell files apart.
const VERSION_DIGITS: usize = 32;

/// The proof of an issued invoice, current at the tip.
pub(super) fn make(
    chain: &ChainView,
    found: &Found,
    card: Option<SignedCard>,
    disclosed: Vec<DisclosedField>,
) -> Result<Proof, Refusal> {
    let broken = || Refusal::of(FailureCode::StoreCorrupt);
    let (issued, committed, place) = (found.issued()?, &found.committed, found.place);
    let at = usize::try_from(place.index).map_err(|_source| broken())?;
    let leaves = tx_leaves(&committed.block.transactions, &committed.outcomes);
    let path = merkle::path::<TransactionTree>(&leaves, at).ok_or_else(broken)?;
    let signer = issued
        .transaction
        .body()
        .signers
        .first()
        .ok_or_else(broken)?;
    let slot = Slot::from_u64(issued.effect.slot).ok_or_else(broken)?;

    // From here on everything must be of one block.
    let tip = chain.tip();
    let state = chain.cache();
    let index = state.key_index(signer).ok().flatten().ok_or_else(broken)?;
    let Ok(Some(Leaf::Key(public_key, leaf))) = state.leaf(Slot::key(index)) else {
        return Err(broken());
    };
    let status = match state.leaf(slot) {
        Ok(Some(Leaf::Invoice(_id, leaf))) => Some(leaf),
        Ok(None) => None,
        _ => return Err(broken()),
    };
    let latest = if tip.header.height == place.height {
        None
    } else {
        let history_path = tip
            .history
            .path(place.height, tip.header.height)
            .ok_or_else(broken)?;
        Some(Latest {
            header: tip.header.clone(),
            history_path,
        })
    };
    Ok(Proof {
        transaction: issued.transaction.clone(),
        part: issued.part,
        outcome: issued.outcome.clone(),
        index: place.index,
        path,
        header: committed.block.header.clone(),
        latest,
        certificate: tip.certificate.clone().ok_or_else(broken)?,
        validators: chain.validators().clone(),
        key: KeyProof {
            public_key,
            index,
            leaf,
            path: SlotProof::of(&tip.tree, Slot::key(index)),
        },
        status: StatusProof {
            leaf: status,
            path: SlotProof::of(&tip.tree, slot),
        },
        card,
        disclosed,
    })
}

/// The proof as a file of one of the two forms.
pub(super) fn file(proof: &Proof, form: ProofForm) -> Result<StoredFile, Refusal> {
    let binary = proof.encode();
    let mut version = blake3::hash(&binary).to_hex().to_string();
    version.truncate(VERSION_DIGITS);
    let bytes = match form {
        ProofForm::Binary => binary,
        ProofForm::Json => serde_json::to_vec(&ProofTwin::of(proof))
            .map_err(|_source| Refusal::of(FailureCode::Internal))?,
    };
    Ok(StoredFile {
        bytes: bytes.into(),
        version,
        // Asked again later, it speaks for a later block.
        immutable: false,
    })
}

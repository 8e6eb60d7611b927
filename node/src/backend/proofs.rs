//! Making a proof: the invoice's block, and what the tip says of it (SPEC 7.4).

use piao_api::backend::{ProofForm, ProofOrder, Refusal, Show, StoredFile};
use piao_chain::block::tx_leaves;
use piao_chain::document::DisclosedField;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::fields;
use piao_chain::limits::{LINKS_MAX, PROOF_BYTES_MAX};
use piao_chain::proof::merkle::{self, TransactionTree};
use piao_chain::proof::{
    KeyProof, Latest, Proof, ProofTwin, SetLink, SignedCard, SlotProof, StatusProof,
};
use piao_chain::state::{Leaf, Slot, StateView as _};

use super::blocks::{Found, find};
use super::render::broken;
use crate::desk::Desk;
use crate::ledger::ChainView;

/// Bytes of links in a proof: half of the file, so that the rest finds its place.
const LINKS_BYTES_MAX: usize = PROOF_BYTES_MAX / 2;

/// Digits of a digest that name a file in its `ETag`: enough to tell files apart.
const VERSION_DIGITS: usize = 32;

/// The file that was asked for, with as much of the document as its caller may show.
pub(super) fn of_order(
    desk: &Desk,
    chain: &ChainView,
    order: &ProofOrder,
) -> Result<StoredFile, Refusal> {
    let found = find(chain, &order.number)?;
    let issued = found.issued()?;
    let account = issued.account();
    let disclosed = if order.show == Show::Nothing {
        Vec::new()
    } else {
        let caller = order.caller.as_ref();
        if !caller.is_some_and(|caller| caller.owns(account)) {
            return Err(Refusal::of(FailureCode::NotAParty));
        }
        let wanted = wanted(&order.show)?;
        let idem = issued.transaction.body().idem;
        let shown = desk.disclose(account, idem, issued.part, &|id| {
            wanted.as_ref().is_none_or(|ids| ids.contains(&id))
        })?;
        shown.ok_or_else(|| Refusal::of(FailureCode::InvoiceNotFound))?
    };
    let signer = issued.transaction.body().signers.first();
    let card = signer.and_then(|signer| desk.card(account, signer));
    let proof = make(chain, &found, card, disclosed)?;
    file(&proof, order.form)
}

/// Ids of the fields asked for by name; `None` for all.
fn wanted(show: &Show) -> Result<Option<Vec<u16>>, Refusal> {
    let Show::Fields(names) = show else {
        return Ok(None);
    };
    let mut ids = Vec::new();
    for name in names {
        let id = fields::id_of(name).ok_or_else(|| {
            Refusal::new(Fault::at(FailureCode::ParameterInvalid, "/show").got(name.clone()))
        })?;
        ids.push(id);
    }
    Ok(Some(ids))
}

/// The proof of an issued invoice, current at the tip.
pub(crate) fn make(
    chain: &ChainView,
    found: &Found,
    card: Option<SignedCard>,
    disclosed: Vec<DisclosedField>,
) -> Result<Proof, Refusal> {
    let missing = || Refusal::of(FailureCode::StoreCorrupt);
    let (issued, committed, place) = (found.issued()?, &found.committed, found.place);
    let at = usize::try_from(place.index).map_err(|_source| missing())?;
    let leaves = tx_leaves(&committed.block.transactions, &committed.outcomes);
    let path = merkle::path::<TransactionTree>(&leaves, at).ok_or_else(missing)?;
    let signer = issued
        .transaction
        .body()
        .signers
        .first()
        .ok_or_else(missing)?;
    let slot = Slot::from_u64(issued.effect.slot).ok_or_else(missing)?;

    // From here on everything must be of one block.
    let tip = chain.tip();
    let state = chain.cache();
    let index = state.key_index(signer).ok().flatten().ok_or_else(missing)?;
    let Ok(Some(Leaf::Key(public_key, leaf))) = state.leaf(Slot::key(index)) else {
        return Err(missing());
    };
    let status = match state.leaf(slot) {
        Ok(Some(Leaf::Invoice(_id, leaf))) => Some(leaf),
        Ok(None) => None,
        _ => return Err(missing()),
    };
    let latest = if tip.header.height == place.height {
        None
    } else {
        let history_path = tip
            .history
            .path(place.height, tip.header.height)
            .ok_or_else(missing)?;
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
        certificate: tip.certificate.clone().ok_or_else(missing)?,
        validators: (*tip.decided_by).clone(),
        links: links(chain, tip.header.height)?,
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

/// The changes of validators since genesis; none where they are more than a proof holds: whoever has
/// a newer trust root needs none.
pub(super) fn links(chain: &ChainView, height: u64) -> Result<Vec<SetLink>, Refusal> {
    let links = chain.links(height).map_err(|error| broken(&error))?;
    let bytes = piao_chain::codec::encode(&links).len();
    let fits = links.len() <= LINKS_MAX && bytes <= LINKS_BYTES_MAX;
    Ok(if fits { links } else { Vec::new() })
}

/// The proof as a file of one of the two forms.
pub(super) fn file(proof: &Proof, form: ProofForm) -> Result<StoredFile, Refusal> {
    let mut made = binary_file(proof.encode());
    if form == ProofForm::Json {
        let twin = serde_json::to_vec(&ProofTwin::of(proof));
        made.bytes = twin
            .map_err(|_source| Refusal::of(FailureCode::Internal))?
            .into();
    }
    Ok(made)
}

/// A file of these bytes.
pub(super) fn binary_file(bytes: Vec<u8>) -> StoredFile {
    let mut version = blake3::hash(&bytes).to_hex().to_string();
    version.truncate(VERSION_DIGITS);
    StoredFile {
        bytes: bytes.into(),
        version,
        // Asked again later, it speaks for a later block.
        immutable: false,
    }
}

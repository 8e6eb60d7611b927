//! What became of an invoice after it was issued, read from its leaf.

use piao_api::backend::Refusal;
use piao_api::wire::{self, InvoiceStatus};
use piao_chain::failure::FailureCode;
use piao_chain::state::{InvoiceLeaf, Leaf, Slot, SlotKind, StateView as _};

use super::confirmations;
use super::render::Issued;
use crate::ledger::ChainView;

/// Red letters named of one invoice, the newest of them; a reply stays small whatever was done.
const RED_LETTERS_MAX: usize = 200;

/// What an invoice counts for now, and what it is linked with.
#[derive(Clone, Debug)]
pub(crate) struct Afterlife {
    pub(super) status: InvoiceStatus,
    pub(super) booked: bool,
    pub(super) reversed_by: Vec<String>,
    pub(super) reissue_of: Option<String>,
    pub(super) reissued_by: Option<String>,
    pub(super) confirmation: Option<wire::Confirmation>,
}

impl Afterlife {
    /// Of an invoice that was issued just now: nothing happened to it yet.
    pub(crate) fn of_new(issued: &Issued<'_>) -> Self {
        Self {
            status: InvoiceStatus::Issued,
            booked: false,
            reversed_by: Vec::new(),
            reissue_of: replaced_by(issued),
            reissued_by: None,
            confirmation: None,
        }
    }

    /// As of the tip.
    ///
    /// # Errors
    /// [`FailureCode::StoreCorrupt`].
    pub(crate) fn read(chain: &ChainView, issued: &Issued<'_>) -> Result<Self, Refusal> {
        let slot = Slot::from_u64(issued.effect.slot);
        let leaf = match slot {
            Some(slot) => leaf_of(chain, slot)?,
            None => None,
        };
        let new = Self::of_new(issued);
        let Some(leaf) = leaf else { return Ok(new) };
        let is_red = issued.invoice.facts.red.is_some();
        let status = if is_red || leaf.reversed_total_fen() == 0 {
            InvoiceStatus::Issued
        } else if leaf.reissued_by.is_some() {
            InvoiceStatus::Reissued
        } else if leaf.is_reversed(issued.invoice.facts) {
            InvoiceStatus::Reversed
        } else {
            InvoiceStatus::PartlyReversed
        };
        let reversed_by = if is_red {
            Vec::new()
        } else {
            red_letters(chain, &leaf)?
        };
        let reissued_by = match leaf.reissued_by {
            Some(slot) => number_of(chain, slot)?,
            None => None,
        };
        let confirmation = match slot.filter(|_slot| leaf.is_booked()) {
            Some(slot) => {
                let number = issued.effect.number.as_str();
                confirmations::of_invoice(chain, (number, slot.index()))?
            }
            None => None,
        };
        Ok(Self {
            status,
            confirmation,
            booked: leaf.is_booked(),
            reversed_by,
            reissued_by,
            ..new
        })
    }
}

/// The leaf of an invoice.
pub(crate) fn leaf_of(chain: &ChainView, slot: Slot) -> Result<Option<InvoiceLeaf>, Refusal> {
    match chain.cache().leaf(slot) {
        Ok(Some(Leaf::Invoice(_id, leaf))) => Ok(Some(leaf)),
        Ok(None) => Ok(None),
        _ => Err(Refusal::of(FailureCode::StoreCorrupt)),
    }
}

/// The number of the invoice that this one replaces.
fn replaced_by(issued: &Issued<'_>) -> Option<String> {
    let payload = &issued.transaction.body().payload;
    let red = payload.content(0)?;
    (issued.part > 0)
        .then_some(red.original)
        .flatten()
        .map(|number| number.to_string())
}

/// Numbers of the red letters against an invoice, oldest first: each leads to the one before it.
fn red_letters(chain: &ChainView, leaf: &InvoiceLeaf) -> Result<Vec<String>, Refusal> {
    let mut numbers = Vec::new();
    let mut next = leaf.last_red;
    while let Some(red) = next.filter(|_red| numbers.len() < RED_LETTERS_MAX) {
        numbers.push(red.number.to_string());
        let slot = Slot::from_u64(red.slot);
        next = match slot {
            Some(slot) => leaf_of(chain, slot)?.and_then(|leaf| leaf.last_red),
            None => None,
        };
    }
    numbers.reverse();
    Ok(numbers)
}

/// The number of the invoice in a slot.
fn number_of(chain: &ChainView, slot: u64) -> Result<Option<String>, Refusal> {
    let broken = || Refusal::of(FailureCode::StoreCorrupt);
    let slot = Slot::from_u64(slot).filter(|slot| slot.kind() == SlotKind::Invoice);
    let index = slot.ok_or_else(broken)?.index();
    let issued = chain.cache().issued(index).map_err(|_why| broken())?;
    Ok(issued.map(|issued| issued.effect().number.to_string()))
}

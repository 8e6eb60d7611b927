//! What an issued invoice was issued as: facts that the chain keeps in its blocks alone.
//!
//! Guards: a red letter is judged against the very facts its original was issued with. No leaf is
//! written when an invoice is issued, so these are read back from where the blocks are kept, by
//! the index that execution gave; they follow from the blocks and are proven by nothing.

use super::{Slot, SlotKind};
use crate::digest::InvoiceId;
use crate::outcome::{Effect, Outcome};
use crate::tax::TaxFacts;
use crate::transaction::{IssuedContent, OrderKey, SignedTransaction};

/// An issued invoice, blue or red, and the transaction that issued it. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedInvoice {
    transaction: SignedTransaction,
    effect: Effect,
    sub_index: u32,
    time_ms: u64,
}

impl IssuedInvoice {
    /// The invoice with an issuance index among the effects of a transaction; `None` when it did
    /// not issue that one.
    #[must_use]
    pub fn find(
        transaction: &SignedTransaction,
        outcome: &Outcome,
        time_ms: u64,
        index: u64,
    ) -> Option<Self> {
        let slot = Slot::new(SlotKind::Invoice, index)?.as_u64();
        let (sub_index, effect) = (0u32..)
            .zip(&outcome.effects)
            .find(|(_at, effect)| effect.slot == slot)?;
        transaction.body().payload.content(sub_index)?;
        Some(Self {
            transaction: transaction.clone(),
            effect: effect.clone(),
            sub_index,
            time_ms,
        })
    }

    /// What was issued. Every value of this type has one.
    ///
    /// # Panics
    /// Never: [`Self::find`] asked for it.
    #[must_use]
    pub fn content(&self) -> IssuedContent<'_> {
        let payload = &self.transaction.body().payload;
        let content = payload.content(self.sub_index);
        content.expect("an issued invoice is only made with a content")
    }

    /// The facts it was issued with.
    #[must_use]
    pub fn facts(&self) -> &TaxFacts {
        self.content().facts
    }

    /// The order it is for; a red letter is for none.
    #[must_use]
    pub fn order_key(&self) -> Option<&OrderKey> {
        self.content().order_key
    }

    /// The account that issued it.
    #[must_use]
    pub fn account(&self) -> u32 {
        self.transaction.body().account
    }

    /// Its number, counter and link.
    #[must_use]
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// Its place among the effects of its transaction.
    #[must_use]
    pub fn sub_index(&self) -> u32 {
        self.sub_index
    }

    /// The transaction that issued it.
    #[must_use]
    pub fn transaction(&self) -> &SignedTransaction {
        &self.transaction
    }

    /// Its id.
    #[must_use]
    pub fn invoice_id(&self) -> InvoiceId {
        self.effect
            .invoice_id(&self.transaction.id(), self.sub_index)
    }

    /// Time of the block that issued it, ms since 1970.
    #[must_use]
    pub fn time_ms(&self) -> u64 {
        self.time_ms
    }
}

//! Replacing an invoice: its red letter and the new one at once (SPEC 4.2.13).
//!
//! Guards: at no moment are both in force, or neither; each names the other for ever.

use serde::{Deserialize, Serialize};

use super::issue_red_letter::original_index;
use super::payload::{Applied, Context, Refusal};
use super::{IssueInvoice, IssueRedLetter, TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::state::{StateView, Working};

/// Takes back all that is left of an invoice and issues another in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReissueInvoice {
    /// Takes back the original. It names what is replaced.
    pub red: IssueRedLetter,
    /// What takes its place; it may be for the same order.
    pub invoice: IssueInvoice,
}

impl ReissueInvoice {
    /// # Errors
    /// [`FailureCode::ReplaceRefRequired`] when nothing is named that is replaced; then those of
    /// the red letter, then those of the invoice.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if self.red.facts.red.is_none() {
            return Err(FailureCode::ReplaceRefRequired.into());
        }
        self.red.check(body)?;
        self.invoice.check(body)
    }

    /// Refuses what is said against the red letter, then [`FailureCode::RedReasonPartial`] when it
    /// leaves something, then what is said against the invoice after it.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let reversed = self.red.reverse(context, state)?;
        let (original, mut leaf) = (reversed.original, reversed.leaf);
        if !leaf.is_reversed(original.facts()) {
            let whole = original.facts().totals.amount.fen();
            let left = whole.saturating_sub(leaf.reversed_total_fen());
            return Err(Refusal::failed(FailureCode::RedReasonPartial, &[left]));
        }
        let index = original_index(&self.red.facts);
        state.set_invoice(index, original.invoice_id(), leaf.clone());

        let fee_left = context.body.fee_max_fen.saturating_sub(reversed.fee_fen);
        let issued = self.invoice.apply_as(context, state, (1, fee_left))?;
        leaf.reissued_by = issued.effects.first().map(|effect| effect.slot);
        state.set_invoice(index, original.invoice_id(), leaf);
        let mut effects = vec![reversed.effect];
        effects.extend(issued.effects);
        Ok(Applied {
            effects,
            fee_charged_fen: reversed.fee_fen.saturating_add(issued.fee_charged_fen),
        })
    }
}

//! Asking the other party to a red letter (SPEC 4.2.11).
//!
//! Guards: only the two parties of an invoice ask, one proposal of an invoice stands at a time,
//! and it asks for nothing that could not be taken back.

use serde::{Deserialize, Serialize};

use super::issue_invoice::status_refusal;
use super::issue_red_letter::{as_i64, invoice_index};
use super::payload::{Applied, Context, Refusal};
use super::red_rules::{self, Ground};
use super::{Identity, TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::limits::LINES_MAX;
use crate::state::{
    IssuedInvoice, ProposalState, RedProposal, StateUnavailable, StateView, Working,
};
use crate::tax::{Buyer, RedPart};

/// Proposes a red letter: the seller to the buyer, or the buyer to the seller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeRedLetter {
    /// Slot of the invoice.
    pub original_slot: u64,
    /// 1 error, 2 return, 3 service ended, 4 allowance.
    pub reason: u8,
    /// What is to be taken back, ascending by line.
    pub parts: Vec<RedPart>,
}

impl ProposeRedLetter {
    /// # Errors
    /// [`FailureCode::RedReasonInvalid`], [`FailureCode::TransactionMalformed`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if !(1..=4).contains(&self.reason) {
            return Err(FailureCode::RedReasonInvalid.into());
        }
        let parts = &self.parts;
        let pairs = parts.iter().zip(parts.iter().skip(1));
        let ascending = pairs.into_iter().all(|(a, b)| a.line < b.line);
        let sound = parts
            .iter()
            .all(|part| part.line > 0 && part.amount_fen > 0);
        let counted = (1..=LINES_MAX).contains(&parts.len());
        if body.account != 0 && ascending && sound && counted {
            Ok(())
        } else {
            Err(FailureCode::TransactionMalformed.into())
        }
    }

    /// Refuses in catalogue order.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let number = context.body.account;
        let Some((_identity, account)) = state.account(number)? else {
            return Err(Refusal::failed(FailureCode::TaxpayerNotRegistered, &[]));
        };
        if let Some((code, evidence)) = status_refusal(account.status) {
            return Err(Refusal::failed(code, &evidence));
        }
        let index = invoice_index(self.original_slot);
        let not_found = || Refusal::failed(FailureCode::OriginalNotFound, &[as_i64(index)]);
        let original = state.issued(index)?.ok_or_else(not_found)?;
        let other = other_party(&original, number, state)?.ok_or_else(not_found)?;
        let leaf = state.invoice(index)?.unwrap_or_default();
        let ground = Ground {
            original: original.facts(),
            leaf: &leaf,
        };
        let mut found = ground.refusals(self.reason, &self.parts);
        let standing = state.red_proposal(index)?;
        if let Some(standing) = standing.filter(|one| one.stands(context.time_ms)) {
            let evidence = vec![as_i64(standing.lapses_ms())];
            found.push((FailureCode::RedConfirmPendingExists, evidence));
        }
        if let Some((code, evidence)) = red_rules::first(found) {
            return Err(Refusal::failed(code, &evidence));
        }
        let proposal = RedProposal {
            proposed_by: number,
            answered_by: other,
            reason: self.reason,
            parts: self.parts.clone(),
            proposed_ms: context.time_ms,
            state: ProposalState::Open,
        };
        state.set_red_proposal(index, original.invoice_id(), proposal);
        Ok(Applied::default())
    }
}

/// The account of the buyer of an invoice, where its tax id is clear and has one.
pub(super) fn buyer_account<V: StateView + ?Sized>(
    original: &IssuedInvoice,
    state: &Working<'_, V>,
) -> Result<Option<u32>, StateUnavailable> {
    match &original.facts().buyer {
        Buyer::Clear { uscc } => state.account_of(&Identity::Clear(*uscc)),
        Buyer::Sealed { .. } => Ok(None),
    }
}

/// The other party's account; `None` when the account is no party, or the other has none.
fn other_party<V: StateView + ?Sized>(
    original: &IssuedInvoice,
    account: u32,
    state: &Working<'_, V>,
) -> Result<Option<u32>, StateUnavailable> {
    let buyer = buyer_account(original, state)?;
    let seller = original.account();
    Ok(if account == seller {
        buyer
    } else {
        (buyer == Some(account)).then_some(seller)
    })
}

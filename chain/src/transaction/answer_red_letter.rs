//! Answering a proposed red letter, or taking it back (SPEC 4.2.12).
//!
//! Guards: the other party answers, once and within 72 hours of block time; who proposed may take
//! it back until a red letter used it.

use serde::{Deserialize, Serialize};

use super::issue_red_letter::as_i64;
use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::state::{ProposalState, RedProposal, Slot, SlotKind, StateView, Working};

/// What is said to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RedAnswer {
    /// The other party agrees.
    Accept,
    /// The other party refuses.
    Refuse,
    /// Who proposed it takes it back.
    Withdraw,
}

/// Answers a proposed red letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRedLetter {
    /// Slot of the proposal.
    pub proposal_slot: u64,
    /// The answer.
    pub answer: RedAnswer,
}

impl AnswerRedLetter {
    /// # Errors
    /// [`FailureCode::TransactionMalformed`] for the authority, which is no party, and for what is
    /// no slot of a proposal.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account == 0 || self.index() == 0 {
            return Err(FailureCode::TransactionMalformed.into());
        }
        Ok(())
    }

    /// Issuance index of the invoice; 0, which none has, where no proposal is named.
    fn index(&self) -> u64 {
        Slot::from_u64(self.proposal_slot)
            .filter(|slot| slot.kind() == SlotKind::RedLetterProposal)
            .map_or(0, Slot::index)
    }

    /// Refuses, in this order: [`FailureCode::OriginalNotFound`] where nothing is proposed to or
    /// by the account, [`FailureCode::RedConfirmRefused`], [`FailureCode::RedConfirmExpired`],
    /// [`FailureCode::PermissionDenied`].
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let index = self.index();
        let account = context.body.account;
        let party = |one: &RedProposal| one.proposed_by == account || one.answered_by == account;
        let Some(mut proposal) = state.red_proposal(index)?.filter(party) else {
            let evidence = [as_i64(index)];
            return Err(Refusal::failed(FailureCode::OriginalNotFound, &evidence));
        };
        if let Some(code) = self.refusal(&proposal, (account, context.time_ms)) {
            let evidence = [as_i64(proposal.lapses_ms())];
            return Err(Refusal::failed(code, &evidence));
        }
        let Some(original) = state.issued(index)? else {
            let evidence = [as_i64(index)];
            return Err(Refusal::failed(FailureCode::OriginalNotFound, &evidence));
        };
        proposal.state = match self.answer {
            RedAnswer::Accept => ProposalState::Accepted,
            RedAnswer::Refuse => ProposalState::Refused,
            RedAnswer::Withdraw => ProposalState::Withdrawn,
        };
        state.set_red_proposal(index, original.invoice_id(), proposal);
        Ok(Applied::default())
    }

    fn refusal(
        &self,
        proposal: &RedProposal,
        (account, now_ms): (u32, u64),
    ) -> Option<FailureCode> {
        if proposal.state == ProposalState::Refused {
            return Some(FailureCode::RedConfirmRefused);
        }
        let open = proposal.state == ProposalState::Open && !proposal.is_lapsed(now_ms);
        let (answerable, by) = match self.answer {
            RedAnswer::Accept | RedAnswer::Refuse => (open, proposal.answered_by),
            RedAnswer::Withdraw => (proposal.stands(now_ms), proposal.proposed_by),
        };
        if !answerable {
            return Some(FailureCode::RedConfirmExpired);
        }
        (account != by).then_some(FailureCode::PermissionDenied)
    }
}

//! Answering a red letter that the other party proposed.
//!
//! Guards: only whoever is to answer does, with a key of role admin; the same answer twice is one.

use piao_api::backend::{AnswerOrder, Refusal};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::state::{ProposalState, RedProposal, Slot};
use piao_chain::transaction::{AnswerRedLetter, Payload, RedAnswer, SignedTransaction};

use super::Desk;
use super::correct::VALID_FOR_MS;
use crate::backend::{find, proposal_of};

/// Names the one proposal of an invoice, whichever it is.
const OPEN: &str = "open";

impl Desk {
    /// The signed answer; `None` where just this was answered already.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`] for whoever is no party; [`FailureCode::ResourceNotFound`]
    /// where nothing is proposed, or another is meant; [`FailureCode::PermissionDenied`] for whoever
    /// proposed it, and where this node holds no admin key of the account.
    pub(crate) fn answer(&self, order: &AnswerOrder) -> Result<Option<SignedTransaction>, Refusal> {
        let index = find(&self.chain, &order.number)?.index;
        let owns = |account: u32| order.caller.owns(account);
        let found = proposal_of(&self.chain, index)?;
        let is_party = |one: &RedProposal| owns(one.answered_by) || owns(one.proposed_by);
        let found = found.filter(is_party);
        let slot = Slot::red_proposal(index).map_or(0, Slot::as_u64);
        let is_named = order.id == OPEN || order.id == format!("{slot:x}");
        let Some(found) = found.filter(|_one| is_named) else {
            return Err(Refusal::of(FailureCode::ResourceNotFound));
        };
        if !owns(found.answered_by) {
            let fault = Fault::new(FailureCode::PermissionDenied);
            return Err(Refusal::new(fault.expected(
                "an answer of the other party; to take it back, cancel the request",
            )));
        }
        let is_said = match found.state {
            ProposalState::Accepted | ProposalState::Used => order.accept,
            ProposalState::Refused => !order.accept,
            ProposalState::Open | ProposalState::Withdrawn => false,
        };
        if is_said {
            return Ok(None);
        }
        let merchant = self.merchant_or_refuse(found.answered_by)?;
        let Some(admin) = &merchant.admin else {
            let account = merchant.account;
            let expected = format!(
                "an admin key of account {account} at its node; without one, sign the answer \
                 elsewhere and post it to /v1/transactions"
            );
            let fault = Fault::new(FailureCode::PermissionDenied)
                .got("no admin key of the account at this node")
                .expected(expected);
            return Err(Refusal::new(fault));
        };
        let answer = if order.accept {
            RedAnswer::Accept
        } else {
            RedAnswer::Refuse
        };
        let payload = Payload::AnswerRedLetter(AnswerRedLetter {
            proposal_slot: slot,
            answer,
        });
        let mut idem = [0; 16];
        getrandom::fill(&mut idem).map_err(|_source| Refusal::of(FailureCode::Internal))?;
        let until_ms = self.now().ms().saturating_add(VALID_FOR_MS);
        self.seal_until(merchant, admin, (idem, until_ms), payload)
            .map(Some)
    }
}

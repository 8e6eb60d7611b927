//! A red letter that one party proposed and the other is to confirm (SPEC 6.2, kind 5).
//!
//! Guards: what a buyer has booked is not reversed behind its back. Nothing is swept: whether a
//! proposal has lapsed is asked of the block time.

use serde::{Deserialize, Serialize};

use crate::limits::CONFIRMATION_MS_MAX;
use crate::tax::RedPart;

/// How far a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProposalState {
    /// Waits for an answer.
    Open,
    /// The other party agreed; a red letter may use it.
    Accepted,
    /// The other party refused.
    Refused,
    /// Whoever proposed it took it back.
    Withdrawn,
    /// A red letter was issued with it.
    Used,
}

/// A proposed red letter. An invoice has at most one; a later one replaces one that is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedProposal {
    /// The account that proposed it.
    pub proposed_by: u32,
    /// The account that is to answer.
    pub answered_by: u32,
    /// 1 error, 2 return, 3 service ended, 4 allowance.
    pub reason: u8,
    /// What is to be reversed, ascending by line.
    pub parts: Vec<RedPart>,
    /// Time of the block that holds the proposal, ms since 1970.
    pub proposed_ms: u64,
    /// How far it is.
    pub state: ProposalState,
}

impl RedProposal {
    /// Whether nobody answered in time.
    #[must_use]
    pub fn is_lapsed(&self, now_ms: u64) -> bool {
        self.state == ProposalState::Open && now_ms > self.lapses_ms()
    }

    /// The last moment for an answer, ms since 1970.
    #[must_use]
    pub fn lapses_ms(&self) -> u64 {
        self.proposed_ms.saturating_add(CONFIRMATION_MS_MAX)
    }

    /// Whether another proposal for the same invoice must wait.
    #[must_use]
    pub fn stands(&self, now_ms: u64) -> bool {
        match self.state {
            ProposalState::Open => !self.is_lapsed(now_ms),
            ProposalState::Accepted => true,
            ProposalState::Refused | ProposalState::Withdrawn | ProposalState::Used => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_lapses_after_seventy_two_hours_of_block_time_unless_answered() {
        let mut proposal = RedProposal {
            proposed_by: 1,
            answered_by: 2,
            reason: 2,
            parts: vec![],
            proposed_ms: 1_000,
            state: ProposalState::Open,
        };
        let last = 1_000 + 72 * 60 * 60 * 1_000;
        assert!(!proposal.is_lapsed(last) && proposal.stands(last));
        assert!(proposal.is_lapsed(last + 1) && !proposal.stands(last + 1));
        proposal.state = ProposalState::Accepted;
        assert!(!proposal.is_lapsed(u64::MAX) && proposal.stands(u64::MAX));
        proposal.state = ProposalState::Refused;
        assert!(!proposal.stands(1_000));
    }
}

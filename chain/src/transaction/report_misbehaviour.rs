//! Evidence that a validator signed two different things where it may sign one (SPEC 4.2.9).
//!
//! Guards: the evidence proves itself, whoever hands it in; a report that says nothing new stands in
//! no block, so reports cost no fee and can't fill one.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::{Idem, TransactionBody, TransactionError};
use crate::digest::{BlockId, ChainId, Hasher, Tag, truncate};
use crate::failure::FailureCode;
use crate::signature::{KeyId, PublicKey, Signature};
use crate::state::{Misbehaviour, Offence, StateView, Working};
use crate::vote::{Proposal, Vote, VoteKind};

/// A vote: the block or nil, and the signature.
pub type SignedBallot = (Option<BlockId>, Signature);

/// A proposal: the block, the round it was prevoted in before or −1, and the signature.
pub type SignedOffer = (BlockId, i64, Signature);

/// Two contradicting messages, strictly ascending by what they say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Evidence {
    /// Two prevotes.
    Prevotes(SignedBallot, SignedBallot),
    /// Two precommits.
    Precommits(SignedBallot, SignedBallot),
    /// Two proposals.
    Proposals(SignedOffer, SignedOffer),
}

/// Reports misbehaviour. A validator of the block's height, or the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportMisbehaviour {
    /// Whose.
    pub validator: PublicKey,
    /// The height it signed twice at.
    pub height: u64,
    /// The round.
    pub round: u32,
    /// What it signed.
    pub evidence: Evidence,
}

impl Evidence {
    /// Two votes, in the order in which they stand.
    ///
    /// `None` when they say the same.
    #[must_use]
    pub fn of_votes(kind: VoteKind, a: SignedBallot, b: SignedBallot) -> Option<Self> {
        let (first, second) = match a.0.cmp(&b.0) {
            core::cmp::Ordering::Less => (a, b),
            core::cmp::Ordering::Greater => (b, a),
            core::cmp::Ordering::Equal => return None,
        };
        Some(match kind {
            VoteKind::Prevote => Self::Prevotes(first, second),
            VoteKind::Precommit => Self::Precommits(first, second),
        })
    }

    /// Two proposals, in the order in which they stand.
    ///
    /// `None` when they say the same.
    #[must_use]
    pub fn of_proposals(a: SignedOffer, b: SignedOffer) -> Option<Self> {
        match (a.0, a.1).cmp(&(b.0, b.1)) {
            core::cmp::Ordering::Less => Some(Self::Proposals(a, b)),
            core::cmp::Ordering::Greater => Some(Self::Proposals(b, a)),
            core::cmp::Ordering::Equal => None,
        }
    }

    /// What was signed twice.
    #[must_use]
    pub fn offence(&self) -> Offence {
        match self {
            Self::Prevotes(..) => Offence::Prevotes,
            Self::Precommits(..) => Offence::Precommits,
            Self::Proposals(..) => Offence::Proposals,
        }
    }

    fn is_ascending(&self) -> bool {
        match self {
            Self::Prevotes(a, b) | Self::Precommits(a, b) => a.0 < b.0,
            Self::Proposals(a, b) => (a.0, a.1) < (b.0, b.1),
        }
    }
}

impl ReportMisbehaviour {
    /// The replay guard of a report: of one reporter there is one for a validator and height, and
    /// nobody can take that of another transaction.
    #[must_use]
    pub fn idem(&self, reporter: &KeyId) -> Idem {
        let hasher = Hasher::new(Tag::Misbehaviour)
            .with(&self.height.to_be_bytes())
            .with(&self.validator.id().0)
            .with(&reporter.0);
        truncate(&hasher.finish())
    }

    /// Whether both signatures hold.
    #[must_use]
    pub fn holds(&self, chain_id: &ChainId) -> bool {
        let (height, round) = (self.height, self.round);
        let vote = |kind, (block_id, signature): &SignedBallot| {
            let vote = Vote {
                kind,
                height,
                round,
                block_id: *block_id,
            };
            vote.verify(&self.validator, chain_id, signature)
        };
        let proposal = |(block_id, pol_round, signature): &SignedOffer| {
            let proposal = Proposal {
                height,
                round,
                block_id: *block_id,
                pol_round: *pol_round,
            };
            proposal.verify(&self.validator, chain_id, signature)
        };
        match &self.evidence {
            Evidence::Prevotes(a, b) => vote(VoteKind::Prevote, a) && vote(VoteKind::Prevote, b),
            Evidence::Precommits(a, b) => {
                vote(VoteKind::Precommit, a) && vote(VoteKind::Precommit, b)
            }
            Evidence::Proposals(a, b) => proposal(a) && proposal(b),
        }
    }

    /// # Errors
    /// [`FailureCode::AuthorityRequired`], [`FailureCode::TransactionMalformed`],
    /// [`FailureCode::SignatureInvalid`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        let reporter = body.signers.first().copied().unwrap_or_default();
        if body.idem != self.idem(&reporter) || !self.evidence.is_ascending() {
            return Err(FailureCode::TransactionMalformed.into());
        }
        if !self.holds(&body.chain_id) {
            return Err(FailureCode::SignatureInvalid.into());
        }
        Ok(())
    }

    /// Refuses nothing: what could be refused is inadmissible
    /// ([`FailureCode::MisbehaviourNotNew`]).
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let entry = Misbehaviour {
            validator: self.validator.id(),
            offence: self.evidence.offence(),
            round: self.round,
            reported_at: context.height,
        };
        state.add_misbehaviour(self.height, entry)?;
        Ok(Applied::default())
    }
}

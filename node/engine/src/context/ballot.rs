//! What validators say: proposals and votes.

use arc_malachitebft_app_channel::app::types::core::{
    self as api, NilOrVal, Round, SignedExtension, VoteType,
};
use piao_chain::digest::BlockId;
use piao_chain::vote;

use super::{Address, BlockValue, Ctx, Height};

/// A proposal with its proposer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub(crate) height: Height,
    pub(crate) round: Round,
    pub(crate) value: BlockValue,
    pub(crate) pol_round: Round,
    pub(crate) address: Address,
}

impl Proposal {
    /// What is signed, or `None` for a proposal without a round, which nobody signs.
    pub(crate) fn to_chain(&self) -> Option<vote::Proposal> {
        Some(vote::Proposal {
            height: self.height.0,
            round: self.round.as_u32()?,
            block_id: self.value.0,
            pol_round: self.pol_round.as_i64(),
        })
    }
}

impl api::Proposal<Ctx> for Proposal {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &BlockValue {
        &self.value
    }

    fn take_value(self) -> BlockValue {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.pol_round
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }
}

/// A vote with its voter. Vote extensions are not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vote {
    pub(crate) kind: VoteType,
    pub(crate) height: Height,
    pub(crate) round: Round,
    pub(crate) value: NilOrVal<BlockId>,
    pub(crate) address: Address,
}

impl Vote {
    /// What is signed, or `None` for a vote without a round, which nobody signs.
    pub(crate) fn to_chain(&self) -> Option<vote::Vote> {
        Some(vote::Vote {
            kind: match self.kind {
                VoteType::Prevote => vote::VoteKind::Prevote,
                VoteType::Precommit => vote::VoteKind::Precommit,
            },
            height: self.height.0,
            round: self.round.as_u32()?,
            block_id: block_or_nil(&self.value),
        })
    }
}

/// The block of a vote; `None` is a vote for nil.
pub(crate) fn block_or_nil(value: &NilOrVal<BlockId>) -> Option<BlockId> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(id) => Some(*id),
    }
}

impl api::Vote<Ctx> for Vote {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        self.round
    }

    fn value(&self) -> &NilOrVal<BlockId> {
        &self.value
    }

    fn take_value(self) -> NilOrVal<BlockId> {
        self.value
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Address {
        &self.address
    }

    fn extension(&self) -> Option<&SignedExtension<Ctx>> {
        None
    }

    fn take_extension(&mut self) -> Option<SignedExtension<Ctx>> {
        None
    }

    fn extend(self, _extension: SignedExtension<Ctx>) -> Self {
        self
    }
}

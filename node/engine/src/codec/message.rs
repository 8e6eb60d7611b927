//! Mirrors of votes, proposals, proposed values and validator proofs.

use arc_malachitebft_app_channel::app::consensus::LivenessMsg;
use arc_malachitebft_app_channel::app::types::core::{
    NilOrVal, Round, SignedProposal, SignedVote, ValidatorProof, Validity, VoteType,
};
use arc_malachitebft_app_channel::app::types::{ProposedValue, SignedConsensusMsg};
use piao_chain::digest::BlockId;
use piao_chain::limits::VALIDATORS_MAX;
use piao_chain::signature::{KeyId, Signature};
use serde::{Deserialize, Serialize};

use super::certificate::{WirePolka, WireRoundCertificate};
use super::{Mirrored, WireError, round_number, round_or_nil};
use crate::context::{Address, BlockValue, Ctx, Height, Proposal, Vote, block_or_nil};

/// A vote or proposal with its signature is below 200 bytes.
const SIGNED_BYTES_MAX: usize = 512;

/// A liveness message at most carries one entry of about 130 bytes for each validator.
const LIVENESS_BYTES_MAX: usize = VALIDATORS_MAX * 160 + SIGNED_BYTES_MAX;

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum WireKind {
    Prevote,
    Precommit,
}

impl From<VoteType> for WireKind {
    fn from(kind: VoteType) -> Self {
        match kind {
            VoteType::Prevote => Self::Prevote,
            VoteType::Precommit => Self::Precommit,
        }
    }
}

impl From<WireKind> for VoteType {
    fn from(kind: WireKind) -> Self {
        match kind {
            WireKind::Prevote => Self::Prevote,
            WireKind::Precommit => Self::Precommit,
        }
    }
}

pub(super) fn nil_or_block(id: Option<BlockId>) -> NilOrVal<BlockId> {
    id.map_or(NilOrVal::Nil, NilOrVal::Val)
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WireVote {
    kind: WireKind,
    height: u64,
    round: u32,
    block_id: Option<BlockId>,
    voter: KeyId,
    signature: Signature,
}

impl WireVote {
    fn of(vote: &SignedVote<Ctx>) -> Result<Self, WireError> {
        let body = &vote.message;
        Ok(Self {
            kind: body.kind.into(),
            height: body.height.0,
            round: round_number(body.round)?,
            block_id: block_or_nil(&body.value),
            voter: body.address.0,
            signature: vote.signature,
        })
    }

    fn into_vote(self) -> SignedVote<Ctx> {
        let vote = Vote {
            kind: self.kind.into(),
            height: Height(self.height),
            round: Round::Some(self.round),
            value: nil_or_block(self.block_id),
            address: Address(self.voter),
        };
        SignedVote::new(vote, self.signature)
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WireProposal {
    height: u64,
    round: u32,
    block_id: BlockId,
    pol_round: i64,
    proposer: KeyId,
    signature: Signature,
}

impl WireProposal {
    fn of(proposal: &SignedProposal<Ctx>) -> Result<Self, WireError> {
        let body = &proposal.message;
        Ok(Self {
            height: body.height.0,
            round: round_number(body.round)?,
            block_id: body.value.0,
            pol_round: body.pol_round.as_i64(),
            proposer: body.address.0,
            signature: proposal.signature,
        })
    }

    fn into_proposal(self) -> Result<SignedProposal<Ctx>, WireError> {
        let proposal = Proposal {
            height: Height(self.height),
            round: Round::Some(self.round),
            value: BlockValue(self.block_id),
            pol_round: round_or_nil(self.pol_round)?,
            address: Address(self.proposer),
        };
        Ok(SignedProposal::new(proposal, self.signature))
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) enum WireConsensus {
    Vote(WireVote),
    Proposal(WireProposal),
}

impl Mirrored for SignedConsensusMsg<Ctx> {
    type Wire = WireConsensus;
    const BYTES_MAX: usize = SIGNED_BYTES_MAX;

    fn to_wire(&self) -> Result<WireConsensus, WireError> {
        Ok(match self {
            Self::Vote(vote) => WireConsensus::Vote(WireVote::of(vote)?),
            Self::Proposal(proposal) => WireConsensus::Proposal(WireProposal::of(proposal)?),
        })
    }

    fn from_wire(wire: WireConsensus) -> Result<Self, WireError> {
        Ok(match wire {
            WireConsensus::Vote(vote) => Self::Vote(vote.into_vote()),
            WireConsensus::Proposal(proposal) => Self::Proposal(proposal.into_proposal()?),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) enum WireLiveness {
    Vote(WireVote),
    Polka(WirePolka),
    SkipRound(WireRoundCertificate),
}

impl Mirrored for LivenessMsg<Ctx> {
    type Wire = WireLiveness;
    const BYTES_MAX: usize = LIVENESS_BYTES_MAX;

    fn to_wire(&self) -> Result<WireLiveness, WireError> {
        Ok(match self {
            Self::Vote(vote) => WireLiveness::Vote(WireVote::of(vote)?),
            Self::PolkaCertificate(polka) => WireLiveness::Polka(polka.to_wire()?),
            Self::SkipRoundCertificate(round) => {
                WireLiveness::SkipRound(WireRoundCertificate::of(round)?)
            }
        })
    }

    fn from_wire(wire: WireLiveness) -> Result<Self, WireError> {
        Ok(match wire {
            WireLiveness::Vote(vote) => Self::Vote(vote.into_vote()),
            WireLiveness::Polka(polka) => Self::PolkaCertificate(Mirrored::from_wire(polka)?),
            WireLiveness::SkipRound(round) => Self::SkipRoundCertificate(round.into_certificate()),
        })
    }
}

/// A proposed value as the write-ahead log keeps it.
#[derive(Serialize, Deserialize)]
pub(crate) struct WireProposedValue {
    height: u64,
    round: u32,
    valid_round: i64,
    proposer: KeyId,
    block_id: BlockId,
    valid: bool,
}

impl Mirrored for ProposedValue<Ctx> {
    type Wire = WireProposedValue;
    const BYTES_MAX: usize = SIGNED_BYTES_MAX;

    fn to_wire(&self) -> Result<WireProposedValue, WireError> {
        Ok(WireProposedValue {
            height: self.height.0,
            round: round_number(self.round)?,
            valid_round: self.valid_round.as_i64(),
            proposer: self.proposer.0,
            block_id: self.value.0,
            valid: self.validity.is_valid(),
        })
    }

    fn from_wire(wire: WireProposedValue) -> Result<Self, WireError> {
        Ok(Self {
            height: Height(wire.height),
            round: Round::Some(wire.round),
            valid_round: round_or_nil(wire.valid_round)?,
            proposer: Address(wire.proposer),
            value: BlockValue(wire.block_id),
            validity: Validity::from_bool(wire.valid),
        })
    }
}

/// The proof that a network key belongs to a validator's key.
#[derive(Serialize, Deserialize)]
pub(crate) struct WireProof {
    #[serde(with = "serde_bytes")]
    public_key: Vec<u8>,
    #[serde(with = "serde_bytes")]
    peer_id: Vec<u8>,
    signature: Signature,
}

impl Mirrored for ValidatorProof<Ctx> {
    type Wire = WireProof;
    const BYTES_MAX: usize = SIGNED_BYTES_MAX;

    fn to_wire(&self) -> Result<WireProof, WireError> {
        Ok(WireProof {
            public_key: self.public_key.clone(),
            peer_id: self.peer_id.clone(),
            signature: self.signature,
        })
    }

    fn from_wire(wire: WireProof) -> Result<Self, WireError> {
        Ok(Self::new(wire.public_key, wire.peer_id, wire.signature))
    }
}

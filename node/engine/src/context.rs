//! The consensus engine's view of our types: its `Context` and what hangs on it.
//!
//! A *value* is the 32-byte block id and nothing more: bodies travel as proposal parts and live in
//! the host's store, so proposals, votes, the write-ahead log and certificates stay tiny. The
//! newtypes exist because the engine's traits cannot be implemented for `piao-chain`'s types.

use std::fmt;
use std::sync::Arc;

use arc_malachitebft_app_channel::app::types::core::{
    self as core, LinearTimeouts, NilOrVal, Round, SignedExtension, VoteType,
};
use piao_chain::digest::BlockId;
use piao_chain::signature::{KeyError, KeyId, PublicKey, SecretKey, Signature};
use piao_chain::validator::ValidatorSet;
use piao_chain::vote;

use crate::parts::Part;

/// A validator's address: the id of its key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address(pub(crate) KeyId);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::Address for Address {}

/// A block height; consensus starts at 1, genesis is 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub(crate) struct Height(pub(crate) u64);

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.saturating_add(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

/// What is decided: a block id, which is its own id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct BlockValue(pub(crate) BlockId);

impl core::Value for BlockValue {
    type Id = BlockId;

    fn id(&self) -> BlockId {
        self.0
    }
}

/// One member of [`Members`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    address: Address,
    public_key: PublicKey,
    power: u64,
}

impl core::Validator<Ctx> for Member {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

/// A validator set, cheap to clone. Never empty, because [`ValidatorSet`] never is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Members(Arc<[Member]>);

impl Members {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, id: &KeyId) -> Option<&PublicKey> {
        self.0
            .iter()
            .find(|member| member.address.0 == *id)
            .map(|member| &member.public_key)
    }

    /// Whose turn it is: members take turns in ascending order of their keys, one step a height
    /// and one a round. Voting power does not buy more turns.
    pub(crate) fn proposer(&self, height: u64, round: u32) -> (KeyId, &PublicKey) {
        let member = self.turn(height, round);
        (member.address.0, &member.public_key)
    }

    fn turn(&self, height: u64, round: u32) -> &Member {
        let turns = u128::from(height).saturating_add(u128::from(round));
        let size = u128::try_from(self.0.len()).unwrap_or(u128::MAX);
        let at = turns
            .checked_rem(size)
            .and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.0.get(at))
            .expect("a validator set has at least one member")
    }
}

impl From<&ValidatorSet> for Members {
    fn from(set: &ValidatorSet) -> Self {
        let member = |validator: &piao_chain::validator::Validator| Member {
            address: Address(validator.public_key.id()),
            public_key: validator.public_key,
            power: validator.power,
        };
        Self(set.members().iter().map(member).collect())
    }
}

impl core::ValidatorSet<Ctx> for Members {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |total, member| total.saturating_add(member.power))
    }

    fn get_by_address(&self, address: &Address) -> Option<&Member> {
        self.0.iter().find(|member| member.address == *address)
    }

    fn get_by_index(&self, index: usize) -> Option<&Member> {
        self.0.get(index)
    }
}

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

impl core::Proposal<Ctx> for Proposal {
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

impl core::Vote<Ctx> for Vote {
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

impl core::ProposalPart<Ctx> for Part {
    fn is_first(&self) -> bool {
        self.index == 0
    }

    fn is_last(&self) -> bool {
        self.seal.is_some()
    }
}

/// Why bytes of a peer are not a key or a signature.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemeError {
    /// Not 32 bytes for a key, not 64 for a signature.
    #[error("wrong length")]
    Length,
    /// Not a key this network accepts.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Ed25519 under the strict rule of `piao-chain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ed25519Strict;

impl core::SigningScheme for Ed25519Strict {
    type DecodingError = SchemeError;
    type Signature = Signature;
    type PublicKey = PublicKey;
    type PrivateKey = SecretKey;

    fn decode_signature(bytes: &[u8]) -> Result<Signature, SchemeError> {
        bytes
            .try_into()
            .map(Signature)
            .map_err(|_length| SchemeError::Length)
    }

    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }

    fn decode_public_key(bytes: &[u8]) -> Result<PublicKey, SchemeError> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_length| SchemeError::Length)?;
        Ok(PublicKey::from_bytes(bytes)?)
    }

    fn encode_public_key(public_key: &PublicKey) -> Vec<u8> {
        public_key.as_bytes().to_vec()
    }
}

/// The engine's context.
#[derive(Clone, Debug)]
pub(crate) struct Ctx;

impl core::Context for Ctx {
    type Address = Address;
    type Height = Height;
    type ProposalPart = Part;
    type Proposal = Proposal;
    type Validator = Member;
    type ValidatorSet = Members;
    type Timeouts = LinearTimeouts;
    type Value = BlockValue;
    type Vote = Vote;
    type Extension = ();
    type SigningScheme = Ed25519Strict;

    fn select_proposer<'a>(
        &self,
        validators: &'a Members,
        height: Height,
        round: Round,
    ) -> &'a Member {
        validators.turn(height.0, round.as_u32().unwrap_or(0))
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: BlockValue,
        pol_round: Round,
        address: Address,
    ) -> Proposal {
        Proposal {
            height,
            round,
            value,
            pol_round,
            address,
        }
    }

    fn new_prevote(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<BlockId>,
        address: Address,
    ) -> Vote {
        Vote {
            kind: VoteType::Prevote,
            height,
            round,
            value,
            address,
        }
    }

    fn new_precommit(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<BlockId>,
        address: Address,
    ) -> Vote {
        Vote {
            kind: VoteType::Precommit,
            height,
            round,
            value,
            address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{members, secret_keys};
    use core::SigningScheme as _;

    #[test]
    fn members_take_turns_by_height_and_by_round() {
        let members = members(3);
        let turn = |height, round| members.proposer(height, round).0;
        assert_eq!(turn(1, 0), turn(4, 0));
        assert_eq!(turn(1, 1), turn(2, 0));
        assert_ne!(turn(1, 0), turn(1, 1));
        // The largest inputs neither overflow nor index out of the set.
        assert_eq!(turn(u64::MAX, u32::MAX), turn(u64::MAX % 3, u32::MAX % 3));
    }

    #[test]
    fn refuses_malformed_keys_and_signatures_without_a_panic() {
        assert!(Ed25519Strict::decode_public_key(&[0; 31]).is_err());
        assert!(Ed25519Strict::decode_public_key(&[0xff; 32]).is_err());
        assert!(Ed25519Strict::decode_signature(&[0; 63]).is_err());
        let key = secret_keys(1)[0].public_key();
        let bytes = Ed25519Strict::encode_public_key(&key);
        assert_eq!(Ed25519Strict::decode_public_key(&bytes).unwrap(), key);
    }
}

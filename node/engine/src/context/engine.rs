//! Heights, values, the signature scheme, and the context that ties all types together.

use std::fmt;

use arc_malachitebft_app_channel::app::types::core::{
    self as api, LinearTimeouts, NilOrVal, Round, VoteType,
};
use piao_chain::digest::BlockId;
use piao_chain::signature::{KeyError, PublicKey, SecretKey, Signature};

use super::members::Member;
use super::{Address, Members, Proposal, Vote};
use crate::parts::Part;

/// A block height; consensus starts at 1, genesis is 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub(crate) struct Height(pub(crate) u64);

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl api::Height for Height {
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

impl api::Value for BlockValue {
    type Id = BlockId;

    fn id(&self) -> BlockId {
        self.0
    }
}

impl api::ProposalPart<Ctx> for Part {
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

impl api::SigningScheme for Ed25519Strict {
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

impl api::Context for Ctx {
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
    use crate::testing::secret_keys;
    use api::SigningScheme as _;

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

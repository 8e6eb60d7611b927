//! The exact bytes a validator signs (SPEC 4.5).
//!
//! Vote body: `height u64 || round u32 || (0x00 | 0x01 block_id)`. A proposal adds `pol_round i64`
//! (−1 for none). The last part of a streamed body signs `height || round || block_id`.

use crate::digest::{BlockId, ChainId};
use crate::signature::{PublicKey, Purpose, SecretKey, Signature};

/// The two kinds of vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VoteKind {
    /// First step: "this proposal is good".
    Prevote,
    /// Second step: "a quorum found it good".
    Precommit,
}

impl VoteKind {
    const fn purpose(self) -> Purpose {
        match self {
            Self::Prevote => Purpose::Prevote,
            Self::Precommit => Purpose::Precommit,
        }
    }
}

/// A vote without its signer: who signed is known from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// Prevote or precommit.
    pub kind: VoteKind,
    /// Height voted on.
    pub height: u64,
    /// Round within the height.
    pub round: u32,
    /// The block, or nil.
    pub block_id: Option<BlockId>,
}

impl Vote {
    /// The body that is signed.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        vote_body(self.height, self.round, self.block_id.as_ref())
    }

    /// Signs the vote.
    #[must_use]
    pub fn sign(&self, key: &SecretKey, chain_id: &ChainId) -> Signature {
        key.sign(self.kind.purpose(), chain_id, &self.body())
    }

    /// Checks a vote's signature.
    #[must_use]
    pub fn verify(&self, key: &PublicKey, chain_id: &ChainId, signature: &Signature) -> bool {
        key.verify(self.kind.purpose(), chain_id, &self.body(), signature)
    }
}

/// A proposal: the proposer's word for a block in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Height proposed for.
    pub height: u64,
    /// Round proposed in.
    pub round: u32,
    /// The block.
    pub block_id: BlockId,
    /// Round in which a quorum prevoted this block before; −1 for none.
    pub pol_round: i64,
}

impl Proposal {
    /// The body that is signed.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut body = vote_body(self.height, self.round, Some(&self.block_id));
        body.extend_from_slice(&self.pol_round.to_be_bytes());
        body
    }

    /// Signs the proposal.
    #[must_use]
    pub fn sign(&self, key: &SecretKey, chain_id: &ChainId) -> Signature {
        key.sign(Purpose::Proposal, chain_id, &self.body())
    }

    /// Checks a proposal's signature.
    #[must_use]
    pub fn verify(&self, key: &PublicKey, chain_id: &ChainId, signature: &Signature) -> bool {
        key.verify(Purpose::Proposal, chain_id, &self.body(), signature)
    }
}

/// The body signed over a streamed block: `height || round || block_id`.
#[must_use]
pub fn part_body(height: u64, round: u32, block_id: &BlockId) -> Vec<u8> {
    let mut body = Vec::with_capacity(44);
    body.extend_from_slice(&height.to_be_bytes());
    body.extend_from_slice(&round.to_be_bytes());
    body.extend_from_slice(&block_id.0);
    body
}

fn vote_body(height: u64, round: u32, block_id: Option<&BlockId>) -> Vec<u8> {
    let mut body = Vec::with_capacity(53);
    body.extend_from_slice(&height.to_be_bytes());
    body.extend_from_slice(&round.to_be_bytes());
    match block_id {
        None => body.push(0),
        Some(id) => {
            body.push(1);
            body.extend_from_slice(&id.0);
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vote_bytes_are_the_ones_of_the_specification() {
        let nil = Vote {
            kind: VoteKind::Prevote,
            height: 2,
            round: 3,
            block_id: None,
        };
        assert_eq!(nil.body(), [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0]);
        let yes = Vote {
            block_id: Some(BlockId([5; 32])),
            ..nil
        };
        assert_eq!(yes.body().len(), 45);
        assert_eq!(yes.body()[12], 1);
    }

    #[test]
    fn a_prevote_is_not_a_precommit() {
        let key = SecretKey::from_seed(&[3; 32]);
        let chain = ChainId([1; 32]);
        let vote = Vote {
            kind: VoteKind::Prevote,
            height: 1,
            round: 0,
            block_id: None,
        };
        let signature = vote.sign(&key, &chain);
        assert!(vote.verify(&key.public_key(), &chain, &signature));
        let other = Vote {
            kind: VoteKind::Precommit,
            ..vote
        };
        assert!(!other.verify(&key.public_key(), &chain, &signature));
    }
}

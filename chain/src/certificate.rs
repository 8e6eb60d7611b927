//! Commit certificates: more than two thirds of the power precommitted one block (SPEC 4.6).
//!
//! Here and not in the node, so that a verifier needs no engine. Valid iff every listed signature
//! verifies, signers are distinct members, and `3 * signed > 2 * total`. One bad or surplus
//! signature spoils the certificate: what is not needed must not be there.

use serde::{Deserialize, Serialize};

use crate::digest::{BlockId, ChainId};
use crate::limits::VALIDATORS_MAX;
use crate::signature::{KeyId, Signature};
use crate::validator::ValidatorSet;
use crate::vote::{Vote, VoteKind};

/// Proof that a block was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitCertificate {
    /// Height decided.
    pub height: u64,
    /// Round in which it was decided.
    pub round: u32,
    /// The block.
    pub block_id: BlockId,
    /// Signers and their precommits, ascending by signer.
    pub signatures: Vec<(KeyId, Signature)>,
}

/// Why a certificate proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Signers out of order, one twice, or more than a set can have.
    #[error("signers are not distinct and ascending")]
    Order,
    /// A signer who is not in the set.
    #[error("{0} is not a validator of this height")]
    Stranger(KeyId),
    /// A signature that does not verify.
    #[error("the signature of {0} does not verify")]
    Signature(KeyId),
    /// Two thirds or less.
    #[error("signed by {signed} of {total}, which is not more than two thirds")]
    NoQuorum {
        /// Power that signed.
        signed: u64,
        /// Power of the set.
        total: u64,
    },
}

impl CommitCertificate {
    /// Checks the certificate against the set of its height.
    ///
    /// # Errors
    /// [`CertificateError`]; see its variants.
    pub fn verify(&self, chain_id: &ChainId, set: &ValidatorSet) -> Result<(), CertificateError> {
        let distinct = self
            .signatures
            .iter()
            .zip(self.signatures.iter().skip(1))
            .all(|(a, b)| a.0 < b.0);
        if !distinct || self.signatures.len() > VALIDATORS_MAX {
            return Err(CertificateError::Order);
        }
        let vote = Vote {
            kind: VoteKind::Precommit,
            height: self.height,
            round: self.round,
            block_id: Some(self.block_id),
        };
        let mut signed: u64 = 0;
        for (id, signature) in &self.signatures {
            let member = set.get(id).ok_or(CertificateError::Stranger(*id))?;
            if !vote.verify(&member.public_key, chain_id, signature) {
                return Err(CertificateError::Signature(*id));
            }
            signed = signed.saturating_add(member.power);
        }
        if !set.is_quorum(signed) {
            return Err(CertificateError::NoQuorum {
                signed,
                total: set.total_power(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SecretKey;
    use crate::validator::Validator;

    const CHAIN: ChainId = ChainId([4; 32]);

    fn keys() -> Vec<SecretKey> {
        let mut keys: Vec<_> = (1..=3)
            .map(|seed| SecretKey::from_seed(&[seed; 32]))
            .collect();
        keys.sort_by_key(|key| key.public_key().id());
        keys
    }

    fn set(keys: &[SecretKey]) -> ValidatorSet {
        let members = keys.iter().map(|key| Validator {
            public_key: key.public_key(),
            power: 1,
        });
        ValidatorSet::sorted(members.collect()).unwrap()
    }

    fn certificate(keys: &[SecretKey]) -> CommitCertificate {
        let block_id = BlockId([9; 32]);
        let vote = Vote {
            kind: VoteKind::Precommit,
            height: 5,
            round: 1,
            block_id: Some(block_id),
        };
        let signatures = keys
            .iter()
            .map(|key| (key.public_key().id(), vote.sign(key, &CHAIN)))
            .collect();
        CommitCertificate {
            height: 5,
            round: 1,
            block_id,
            signatures,
        }
    }

    #[test]
    fn accepts_all_three_and_refuses_exactly_two_thirds() {
        let keys = keys();
        assert_eq!(certificate(&keys).verify(&CHAIN, &set(&keys)), Ok(()));
        assert_eq!(
            certificate(&keys[..2]).verify(&CHAIN, &set(&keys)),
            Err(CertificateError::NoQuorum {
                signed: 2,
                total: 3
            })
        );
    }

    #[test]
    fn refuses_a_signer_twice_a_stranger_and_a_surplus_bad_signature() {
        let keys = keys();
        let set = set(&keys);
        let mut twice = certificate(&keys);
        twice.signatures[1] = twice.signatures[0];
        assert_eq!(twice.verify(&CHAIN, &set), Err(CertificateError::Order));

        let mut stranger = certificate(&keys);
        stranger.signatures[2].0 = KeyId([0xff; 16]);
        assert_eq!(
            stranger.verify(&CHAIN, &set),
            Err(CertificateError::Stranger(KeyId([0xff; 16])))
        );

        let mut spoiled = certificate(&keys);
        spoiled.signatures[2].1.0[3] ^= 1;
        let bad = spoiled.signatures[2].0;
        assert_eq!(
            spoiled.verify(&CHAIN, &set),
            Err(CertificateError::Signature(bad))
        );
    }

    #[test]
    fn refuses_the_certificate_of_another_network() {
        let keys = keys();
        let first = keys[0].public_key().id();
        assert_eq!(
            certificate(&keys).verify(&ChainId([5; 32]), &set(&keys)),
            Err(CertificateError::Signature(first))
        );
    }
}

//! Validator sets: who votes at a height, and with what power (SPEC 4.4).

use serde::{Deserialize, Serialize};

use crate::codec;
use crate::digest::{Digest, Tag, hash};
use crate::limits::VALIDATORS_MAX;
use crate::signature::{KeyId, PublicKey};

/// One member of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    /// The key it votes with. Its address is the key's id.
    pub public_key: PublicKey,
    /// Voting power, at least 1.
    pub power: u64,
}

/// Why a list is not a validator set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValidatorSetError {
    /// No members, or more than [`VALIDATORS_MAX`].
    #[error("a validator set has 1 to {VALIDATORS_MAX} members, not {0}")]
    Size(usize),
    /// A member without power.
    #[error("validator {0} has no voting power")]
    NoPower(KeyId),
    /// Members out of order, or one twice.
    #[error("validators are not strictly ascending by key")]
    Order,
    /// The powers do not add up within `u64` / 3.
    #[error("total voting power is too large")]
    Power,
}

/// A checked set: strictly ascending by key, powers at least 1, total below `u64::MAX / 3`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Validator>", into = "Vec<Validator>")]
pub struct ValidatorSet {
    members: Vec<Validator>,
    ids: Vec<KeyId>,
    total_power: u64,
}

impl ValidatorSet {
    /// Checks a list that is already in order.
    ///
    /// # Errors
    /// [`ValidatorSetError`]; see its variants.
    pub fn new(members: Vec<Validator>) -> Result<Self, ValidatorSetError> {
        if members.is_empty() || members.len() > VALIDATORS_MAX {
            return Err(ValidatorSetError::Size(members.len()));
        }
        let ascending = members
            .iter()
            .zip(members.iter().skip(1))
            .all(|(a, b)| a.public_key.as_bytes() < b.public_key.as_bytes());
        if !ascending {
            return Err(ValidatorSetError::Order);
        }
        let mut total_power: u64 = 0;
        for member in &members {
            if member.power == 0 {
                return Err(ValidatorSetError::NoPower(member.public_key.id()));
            }
            total_power = total_power
                .checked_add(member.power)
                .filter(|total| *total <= u64::MAX / 3)
                .ok_or(ValidatorSetError::Power)?;
        }
        let ids = members
            .iter()
            .map(|member| member.public_key.id())
            .collect();
        Ok(Self {
            members,
            ids,
            total_power,
        })
    }

    /// Sorts a list into a set.
    ///
    /// # Errors
    /// [`ValidatorSetError`]; see its variants.
    pub fn sorted(mut members: Vec<Validator>) -> Result<Self, ValidatorSetError> {
        members.sort_by(|a, b| a.public_key.as_bytes().cmp(b.public_key.as_bytes()));
        Self::new(members)
    }

    /// The members, ascending by key.
    #[must_use]
    pub fn members(&self) -> &[Validator] {
        &self.members
    }

    /// Sum of all powers.
    #[must_use]
    pub fn total_power(&self) -> u64 {
        self.total_power
    }

    /// The member with this address.
    #[must_use]
    pub fn get(&self, id: &KeyId) -> Option<&Validator> {
        let at = self.ids.iter().position(|member| member == id)?;
        self.members.get(at)
    }

    /// Whether this power is more than two thirds of the total: `3 * power > 2 * total`.
    #[must_use]
    pub fn is_quorum(&self, power: u64) -> bool {
        u128::from(power).saturating_mul(3) > u128::from(self.total_power).saturating_mul(2)
    }

    /// `H("valset", enc(set))`, the digest that headers carry.
    #[must_use]
    pub fn hash(&self) -> Digest {
        hash(Tag::ValidatorSet, &codec::encode(self))
    }
}

impl TryFrom<Vec<Validator>> for ValidatorSet {
    type Error = ValidatorSetError;
    fn try_from(members: Vec<Validator>) -> Result<Self, Self::Error> {
        Self::new(members)
    }
}

impl From<ValidatorSet> for Vec<Validator> {
    fn from(set: ValidatorSet) -> Self {
        set.members
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SecretKey;

    fn member(seed: u8, power: u64) -> Validator {
        Validator {
            public_key: SecretKey::from_seed(&[seed; 32]).public_key(),
            power,
        }
    }

    #[test]
    fn refuses_an_empty_set_a_double_member_and_no_power() {
        assert_eq!(ValidatorSet::new(vec![]), Err(ValidatorSetError::Size(0)));
        let twice = vec![member(1, 1), member(1, 1)];
        assert_eq!(ValidatorSet::sorted(twice), Err(ValidatorSetError::Order));
        let idle = member(1, 0);
        assert_eq!(
            ValidatorSet::new(vec![idle]),
            Err(ValidatorSetError::NoPower(idle.public_key.id()))
        );
    }

    #[test]
    fn refuses_powers_that_would_overflow_a_tally() {
        let huge = vec![member(1, u64::MAX / 3), member(2, 1)];
        assert_eq!(ValidatorSet::sorted(huge), Err(ValidatorSetError::Power));
    }

    #[test]
    fn exactly_two_thirds_is_not_a_quorum() {
        let set = ValidatorSet::sorted(vec![member(1, 1), member(2, 1), member(3, 1)]).unwrap();
        assert!(!set.is_quorum(2));
        assert!(set.is_quorum(3));
    }

    #[test]
    fn decoding_checks_the_order_again() {
        let set = ValidatorSet::sorted(vec![member(1, 1), member(2, 1)]).unwrap();
        let mut members: Vec<Validator> = set.clone().into();
        assert_eq!(codec::decode::<ValidatorSet>(&codec::encode(&set)), Ok(set));
        members.reverse();
        assert!(codec::decode::<ValidatorSet>(&codec::encode(&members)).is_err());
    }
}

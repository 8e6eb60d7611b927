//! Who votes: addresses, validator sets, and whose turn it is.

use std::fmt;
use std::sync::Arc;

use arc_malachitebft_app_channel::app::types::core as api;
use piao_chain::signature::{KeyId, PublicKey};
use piao_chain::validator::{self, ValidatorSet};

use super::Ctx;

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

impl api::Address for Address {}

/// One member of [`Members`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    address: Address,
    public_key: PublicKey,
    power: u64,
}

impl api::Validator<Ctx> for Member {
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

    pub(super) fn turn(&self, height: u64, round: u32) -> &Member {
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
        let member = |validator: &validator::Validator| Member {
            address: Address(validator.public_key.id()),
            public_key: validator.public_key,
            power: validator.power,
        };
        Self(set.members().iter().map(member).collect())
    }
}

impl api::ValidatorSet<Ctx> for Members {
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

#[cfg(test)]
mod tests {
    use crate::testing::members;

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
}

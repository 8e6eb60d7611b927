//! The keys a validator may vote with: the one it began with, and those it made since.
//!
//! Guards: a key is changed by a change of the set (SPEC 4.2.7), and the process votes with whichever
//! of its keys decides the height. All were made here, so the engine's log remembers for all of them.

use piao_chain::signature::{KeyId, SecretKey};
use piao_chain::validator::ValidatorSet;

use super::ceremony::secret;
use super::error::NetworkError;
use crate::keys::Keyring;

/// Name of the first.
const FIRST: &str = "validator";

/// Keys one validator may have had.
const KEYS_MAX: usize = 64;

/// Name of a key by its place, from 0.
fn name(at: usize) -> String {
    match at {
        0 => FIRST.to_owned(),
        later => format!("{FIRST}-{}", later.saturating_add(1)),
    }
}

/// A validator's keys, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct VotingKeys(Vec<(String, SecretKey)>);

impl VotingKeys {
    /// Every key there is; none without the first.
    ///
    /// # Errors
    /// [`NetworkError::Keyring`]: one that does not open.
    pub fn load(keyring: &Keyring) -> Result<Self, NetworkError> {
        let mut keys = Vec::new();
        for at in 0..KEYS_MAX {
            let name = name(at);
            if !keyring.contains(&name)? {
                break;
            }
            let key = keyring.load(&name)?;
            keys.push((name, key));
        }
        Ok(Self(keys))
    }

    /// Makes the next key; its name.
    ///
    /// # Errors
    /// [`NetworkError::Members`] when there are as many as may be.
    pub fn make_next(keyring: &Keyring) -> Result<(String, SecretKey), NetworkError> {
        let at = Self::load(keyring)?.0.len();
        if at >= KEYS_MAX {
            let what = format!("a validator has had at most {KEYS_MAX} keys");
            return Err(NetworkError::Members(what));
        }
        let (name, key) = (name(at), SecretKey::from_seed(&secret(&name(at), None)?));
        keyring.store(&name, &key)?;
        Ok((name, key))
    }

    /// Names and keys, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretKey)> {
        self.0.iter().map(|(name, key)| (name.as_str(), key))
    }

    /// Every key.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretKey> {
        self.0.iter().map(|(_name, key)| key.clone()).collect()
    }

    /// The key that decides in a set. Without one in the set, the present one goes on; the oldest
    /// without a present one.
    #[must_use]
    pub fn in_set(&self, set: &ValidatorSet, present: Option<&KeyId>) -> Option<&SecretKey> {
        let votes = |key: &&SecretKey| set.get(&key.public_key().id()).is_some();
        let is_present = |key: &&SecretKey| Some(key.public_key().id()) == present.copied();
        let keys = || self.0.iter().map(|(_name, key)| key);
        let present_votes = keys().filter(is_present).find(votes);
        present_votes
            .or_else(|| keys().find(votes))
            .or_else(|| keys().find(is_present))
            .or_else(|| keys().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::{TestNet, key};

    #[test]
    fn the_key_that_is_in_the_set_votes_and_else_the_present_one_stays() {
        let net = TestNet::new(2);
        let set = &net.genesis.validators;
        let named = |name: &str| (name.to_owned(), key(name));
        let [old, new] = ["gone", "validator 1"].map(|name| key(name).public_key().id());
        let keys = VotingKeys(vec![named("gone"), named("validator 1")]);
        let chosen = |keys: &VotingKeys, present: Option<&KeyId>| {
            keys.in_set(set, present).map(|key| key.public_key().id())
        };
        assert_eq!(chosen(&keys, None), Some(new));
        assert_eq!(chosen(&keys, Some(&old)), Some(new));
        let both = VotingKeys(vec![named("validator 0"), named("validator 1")]);
        assert_eq!(chosen(&both, Some(&new)), Some(new), "one of two stays");
        let none = VotingKeys(vec![named("gone"), named("gone too")]);
        let second = key("gone too").public_key().id();
        assert_eq!(chosen(&none, Some(&second)), Some(second));
        assert_eq!(chosen(&none, None), Some(old));
        assert_eq!(chosen(&VotingKeys::default(), None), None);
    }
}

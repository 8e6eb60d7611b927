//! What validators did wrong at a height (SPEC 6.2, kind 6, from index 2^35 on).
//!
//! Guards: one entry for a validator and height, so evidence is on chain once, and a network's
//! misbehaviour is bounded by its heights.

use serde::{Deserialize, Serialize, de};

use crate::limits::VALIDATORS_MAX;
use crate::signature::KeyId;

/// What was signed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Offence {
    /// Two prevotes.
    Prevotes,
    /// Two precommits.
    Precommits,
    /// Two proposals.
    Proposals,
}

impl Offence {
    /// The word used in JSON and on pages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prevotes => "prevotes",
            Self::Precommits => "precommits",
            Self::Proposals => "proposals",
        }
    }
}

/// One validator's misbehaviour at a height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misbehaviour {
    /// Who.
    pub validator: KeyId,
    /// What.
    pub offence: Offence,
    /// In which round.
    pub round: u32,
    /// Height of the block that holds the report.
    pub reported_at: u64,
}

/// The misbehaviour at one height: strictly ascending by validator, 1 to [`VALIDATORS_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct MisbehaviourList(Vec<Misbehaviour>);

impl MisbehaviourList {
    /// The entries, ascending by validator.
    #[must_use]
    pub fn entries(&self) -> &[Misbehaviour] {
        &self.0
    }

    /// Whether a validator is in it.
    #[must_use]
    pub fn names(&self, validator: &KeyId) -> bool {
        self.0.iter().any(|one| one.validator == *validator)
    }

    /// Adds an entry; one of the same validator stays as it is.
    pub fn add(&mut self, entry: Misbehaviour) {
        let place = self
            .0
            .binary_search_by(|one| one.validator.cmp(&entry.validator));
        if let Err(at) = place {
            self.0.insert(at, entry);
        }
    }
}

impl<'de> Deserialize<'de> for MisbehaviourList {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<Misbehaviour>::deserialize(deserializer)?;
        let ascending = entries
            .iter()
            .zip(entries.iter().skip(1))
            .all(|(a, b)| a.validator < b.validator);
        if entries.is_empty() || entries.len() > VALIDATORS_MAX || !ascending {
            return Err(de::Error::custom("not a list of misbehaviour"));
        }
        Ok(Self(entries))
    }
}

//! Slot numbers: `u40 = kind u4 || index u36` (SPEC 6.1).

use serde::{Deserialize, Serialize, de};

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum SlotKind {
    /// An account and its identity.
    Account = 1,
    /// A public key bound to an account.
    Key = 2,
    /// An invoice; empty means "as issued".
    Invoice = 3,
    /// A payment and what may still be refunded.
    Payment = 4,
    /// A proposed red letter.
    RedLetterProposal = 5,
    /// Parameters in force, and limits of every account.
    Parameter = 6,
    /// Rule sets and the heights they are in force from.
    RuleSet = 7,
    /// Totals of the whole chain, and limits and counts of accounts.
    Counter = 8,
}

/// Bits of the index within a kind.
const INDEX_BITS: u32 = 36;

/// Highest index of a kind.
const INDEX_MAX: u64 = (1 << INDEX_BITS) - 1;

/// First index of the validator sets among the parameters.
const SETS_FROM: u64 = 1 << 34;

/// First index of misbehaviour among the parameters.
const MISBEHAVIOUR_FROM: u64 = 1 << 35;

/// A place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slot(u64);

impl Slot {
    /// The parameters, at index 0 of their kind.
    pub const PARAMS: Self = Self(6 << INDEX_BITS);

    /// The limits of every account without its own, at index 1 of the parameters' kind. Empty
    /// until the authority sets a limit for any account.
    pub const DEFAULT_LIMITS: Self = Self((6 << INDEX_BITS) | 1);

    /// How many validator sets there are, at index 2 of the parameters' kind. Empty until the first
    /// change.
    pub const SET_COUNT: Self = Self((6 << INDEX_BITS) | 2);

    /// Announced maintenance, at index 3 of the parameters' kind. Empty until some is announced.
    pub const ANNOUNCEMENTS: Self = Self((6 << INDEX_BITS) | 3);

    /// The schedule of rule sets, at index 0 of its kind.
    pub const RULE_SETS: Self = Self(7 << INDEX_BITS);

    /// The chain-wide totals, at index 0 of their kind.
    pub const TOTALS: Self = Self(8 << INDEX_BITS);

    /// The slot of a kind and index; `None` when the index has more than 36 bits.
    #[must_use]
    pub fn new(kind: SlotKind, index: u64) -> Option<Self> {
        (index <= INDEX_MAX).then_some(Self(((kind as u64) << INDEX_BITS) | index))
    }

    /// The slot of an account number.
    #[must_use]
    pub fn account(number: u32) -> Self {
        Self(((SlotKind::Account as u64) << INDEX_BITS) | u64::from(number))
    }

    /// The slot of an account's limits and the count of its day, by its number from 1 on.
    #[must_use]
    pub fn limits(account: u32) -> Self {
        Self(((SlotKind::Counter as u64) << INDEX_BITS) | u64::from(account))
    }

    /// The slot of the red letter proposed for an invoice, by that invoice's issuance index.
    #[must_use]
    pub fn red_proposal(index: u64) -> Option<Self> {
        Self::new(SlotKind::RedLetterProposal, index)
    }

    /// The slot of a validator set, by its number from 0, that of genesis.
    #[must_use]
    pub fn validators(number: u32) -> Self {
        Self((6 << INDEX_BITS) | SETS_FROM | u64::from(number))
    }

    /// The slot of the misbehaviour at a height; `None` at heights that no chain comes to.
    #[must_use]
    pub fn misbehaviour(height: u64) -> Option<Self> {
        let index = height.checked_add(MISBEHAVIOUR_FROM)?;
        Self::new(SlotKind::Parameter, index)
    }

    /// The slot of a key's index.
    #[must_use]
    pub fn key(index: u32) -> Self {
        Self(((SlotKind::Key as u64) << INDEX_BITS) | u64::from(index))
    }

    /// Parses a slot's number.
    #[must_use]
    pub fn from_u64(value: u64) -> Option<Self> {
        let slot = Self(value);
        slot.parse_kind().map(|_kind| slot)
    }

    /// The number, 40 bits.
    #[must_use]
    pub fn as_u64(self) -> u64 {
        self.0
    }

    /// The kind. Every value of this type has one.
    ///
    /// # Panics
    /// Never: a slot is made only with a known kind.
    #[must_use]
    pub fn kind(self) -> SlotKind {
        self.parse_kind()
            .expect("a slot is only made with a known kind")
    }

    /// The index within its kind.
    #[must_use]
    pub fn index(self) -> u64 {
        self.0 & INDEX_MAX
    }

    /// Whether a validator set stands here.
    pub(super) fn is_validators(self) -> bool {
        let sets = SETS_FROM..=SETS_FROM | u64::from(u32::MAX);
        self.kind() == SlotKind::Parameter && sets.contains(&self.index())
    }

    /// Whether misbehaviour of a height stands here.
    pub(super) fn is_misbehaviour(self) -> bool {
        self.kind() == SlotKind::Parameter && self.index() >= MISBEHAVIOUR_FROM
    }

    fn parse_kind(self) -> Option<SlotKind> {
        Some(match self.0 >> INDEX_BITS {
            1 => SlotKind::Account,
            2 => SlotKind::Key,
            3 => SlotKind::Invoice,
            4 => SlotKind::Payment,
            5 => SlotKind::RedLetterProposal,
            6 => SlotKind::Parameter,
            7 => SlotKind::RuleSet,
            8 => SlotKind::Counter,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Slot {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = u64::deserialize(deserializer)?;
        Self::from_u64(value).ok_or_else(|| de::Error::custom("no such slot"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_index_come_back() {
        let slot = Slot::new(SlotKind::Invoice, 12).unwrap();
        assert_eq!((slot.kind(), slot.index()), (SlotKind::Invoice, 12));
        assert_eq!(Slot::from_u64(slot.as_u64()), Some(slot));
    }

    #[test]
    fn refuses_unknown_kinds_and_long_indexes() {
        assert_eq!(Slot::from_u64(0), None);
        assert_eq!(Slot::from_u64(9 << 36), None);
        assert_eq!(Slot::from_u64(u64::MAX), None);
        assert_eq!(Slot::new(SlotKind::Account, 1 << 36), None);
    }
}

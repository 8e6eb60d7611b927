//! Keys and parameters that were read lately, decoded.
//!
//! Every transaction names a key and is judged by the parameters, which hold the authority's keys;
//! decoding a key means decompressing a curve point: about 10 µs, more than all other reads of a
//! transaction together. Guards: what is remembered is never older
//! than what the layers in front of the store have dropped.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use piao_chain::signature::KeyId;
use piao_chain::state::{Leaf, Slot, SlotKind, StateDelta};

/// Keys remembered: those of merchants at work, about 300 bytes each. All are forgotten when there
/// are more.
const KEYS_MAX: usize = 16 * 1024;

/// Key leaves and key indexes read from the store.
#[derive(Debug, Default)]
pub(super) struct RecentKeys {
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Counts commits that changed a key leaf.
    epoch: u64,
    /// `None` where a slot that every transaction asks for is empty.
    leaves: BTreeMap<Slot, Option<Leaf>>,
    /// An index is given to a key once and for ever.
    indexes: BTreeMap<KeyId, u32>,
}

/// When a read of the store began, as far as key leaves are concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Epoch(u64);

impl RecentKeys {
    /// Whether leaves of this slot are remembered.
    pub(super) fn is_for(slot: Slot) -> bool {
        matches!(
            slot.kind(),
            SlotKind::Key | SlotKind::Parameter | SlotKind::RuleSet
        )
    }

    /// Taken before the layers and the store are read.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.inner().epoch)
    }

    /// What is remembered of a slot: its leaf, or that it is empty.
    pub(super) fn leaf(&self, slot: Slot) -> Option<Option<Leaf>> {
        self.inner().leaves.get(&slot).cloned()
    }

    pub(super) fn index(&self, id: &KeyId) -> Option<u32> {
        self.inner().indexes.get(id).copied()
    }

    /// Remembers a leaf of the store, or that there is none, unless a key leaf was committed since the read began: the
    /// store may have been read before that leaf was written.
    pub(super) fn remember_leaf(&self, since: Epoch, slot: Slot, leaf: Option<&Leaf>) {
        if leaf.is_none() && slot.kind() == SlotKind::Key {
            return;
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if inner.epoch != since.0 {
            return;
        }
        if inner.leaves.len() >= KEYS_MAX {
            inner.leaves.clear();
        }
        inner.leaves.insert(slot, leaf.cloned());
    }

    pub(super) fn remember_index(&self, id: &KeyId, index: u32) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if inner.indexes.len() >= KEYS_MAX {
            inner.indexes.clear();
        }
        inner.indexes.insert(*id, index);
    }

    /// The key leaves that a block changes.
    pub(super) fn changed_by(delta: &StateDelta) -> Vec<Slot> {
        let slots = delta.leaves.keys().copied();
        slots.filter(|slot| Self::is_for(*slot)).collect()
    }

    /// Forgets leaves that changed: called once the layers show the change, so that whoever does
    /// not see it there began before.
    pub(super) fn forget(&self, changed: &[Slot]) {
        if changed.is_empty() {
            return;
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.epoch = inner.epoch.wrapping_add(1);
        for slot in changed {
            inner.leaves.remove(slot);
        }
    }

    fn inner(&self) -> std::sync::RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::state::{IssueLimits, Totals};
    use piao_chain::testing::TestNet;

    fn key_leaf() -> (Slot, Leaf) {
        let net = TestNet::with_merchant(1);
        let mut leaves = net.state.leaves();
        let (slot, leaf) = leaves
            .find(|(slot, _leaf)| RecentKeys::is_for(*slot))
            .unwrap();
        (slot, leaf.clone())
    }

    #[test]
    fn a_leaf_is_remembered_until_a_block_changes_it() {
        let (slot, leaf) = key_leaf();
        let keys = RecentKeys::default();
        keys.remember_leaf(keys.epoch(), slot, Some(&leaf));
        assert_eq!(keys.leaf(slot), Some(Some(leaf.clone())));
        let mut delta = StateDelta::default();
        let totals = Leaf::Totals(Totals::default());
        delta.leaves.insert(Slot::TOTALS, totals);
        keys.forget(&RecentKeys::changed_by(&delta));
        assert_eq!(keys.leaf(slot), Some(Some(leaf.clone())));
        delta.leaves.insert(slot, leaf);
        keys.forget(&RecentKeys::changed_by(&delta));
        assert_eq!(keys.leaf(slot), None);
    }

    #[test]
    fn a_read_that_began_before_a_change_is_not_remembered_after_it() {
        let (slot, leaf) = key_leaf();
        let keys = RecentKeys::default();
        let began = keys.epoch();
        let mut delta = StateDelta::default();
        delta.leaves.insert(slot, leaf.clone());
        keys.forget(&RecentKeys::changed_by(&delta));
        keys.remember_leaf(began, slot, Some(&leaf));
        assert_eq!(keys.leaf(slot), None);
    }

    #[test]
    fn an_empty_slot_of_the_whole_chain_is_remembered_until_it_is_written() {
        let keys = RecentKeys::default();
        let slot = Slot::DEFAULT_LIMITS;
        keys.remember_leaf(keys.epoch(), slot, None);
        assert_eq!(keys.leaf(slot), Some(None));
        let mut delta = StateDelta::default();
        let limits = Leaf::DefaultLimits(IssueLimits::default());
        delta.leaves.insert(slot, limits);
        keys.forget(&RecentKeys::changed_by(&delta));
        assert_eq!(keys.leaf(slot), None);
        let unbound = Slot::key(7);
        keys.remember_leaf(keys.epoch(), unbound, None);
        assert_eq!(
            keys.leaf(unbound),
            None,
            "keys are many and come at any time"
        );
    }

    #[test]
    fn the_number_of_remembered_keys_is_bounded() {
        let keys = RecentKeys::default();
        for number in 0..=KEYS_MAX {
            let number = u32::try_from(number).unwrap();
            let mut id = [0; 16];
            id[..4].copy_from_slice(&number.to_be_bytes());
            keys.remember_index(&KeyId(id), number);
        }
        assert!(keys.inner().indexes.len() <= KEYS_MAX);
    }
}

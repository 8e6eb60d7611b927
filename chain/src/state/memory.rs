//! The state in memory: what tests and small tools execute against, and the oracle for stores.

use super::view::StateUnavailable;
use super::{IdemRecord, IssuedInvoice, Leaf, Slot, StateDelta, StateView};
use crate::signature::KeyId;
use crate::transaction::{Idem, Identity, OrderKey};

/// A whole state held in ordered maps.
#[derive(Clone, Debug, Default)]
pub struct MemoryState {
    all: StateDelta,
}

impl MemoryState {
    /// Applies a block's changes.
    pub fn apply(&mut self, delta: StateDelta) {
        self.all.extend(delta);
    }

    /// Every leaf, ascending by slot.
    pub fn leaves(&self) -> impl Iterator<Item = (Slot, &Leaf)> {
        self.all.leaves.iter().map(|(slot, leaf)| (*slot, leaf))
    }
}

impl StateView for MemoryState {
    fn leaf(&self, slot: Slot) -> Result<Option<Leaf>, StateUnavailable> {
        Ok(self.all.leaves.get(&slot).cloned())
    }

    fn key_index(&self, id: &KeyId) -> Result<Option<u32>, StateUnavailable> {
        Ok(self.all.keys.get(id).copied())
    }

    fn account_of(&self, identity: &Identity) -> Result<Option<u32>, StateUnavailable> {
        Ok(self.all.accounts.get(identity).copied())
    }

    fn order(&self, key: &OrderKey) -> Result<Option<u64>, StateUnavailable> {
        Ok(self.all.orders.get(key).copied())
    }

    fn idem(&self, account: u32, idem: &Idem) -> Result<Option<IdemRecord>, StateUnavailable> {
        Ok(self.all.idems.get(&(account, *idem)).copied())
    }

    fn top_up(&self, reference: &[u8; 32]) -> Result<bool, StateUnavailable> {
        Ok(self.all.top_ups.contains_key(reference))
    }

    fn issued(&self, index: u64) -> Result<Option<IssuedInvoice>, StateUnavailable> {
        Ok(self.all.issued.get(&index).cloned())
    }
}

//! Reading the state after the last committed block: memory first, then the store.

use piao_chain::signature::KeyId;
use piao_chain::state::{IdemRecord, IssuedInvoice, Leaf, Slot, StateUnavailable, StateView};
use piao_chain::transaction::{Idem, Identity, OrderKey};

use super::follow::StateCache;
use super::keys::RecentKeys;

impl StateView for StateCache {
    fn leaf(&self, slot: Slot) -> Result<Option<Leaf>, StateUnavailable> {
        let shared = self.shared();
        let since = shared.keys.epoch();
        if let Some(leaf) = shared.layered(|delta| delta.leaves.get(&slot).cloned()) {
            return Ok(Some(leaf));
        }
        if !RecentKeys::is_for(slot) {
            return shared.store.leaf(slot);
        }
        if let Some(known) = shared.keys.leaf(slot) {
            return Ok(known);
        }
        let found = shared.store.leaf(slot)?;
        shared.keys.remember_leaf(since, slot, found.as_ref());
        Ok(found)
    }

    fn key_index(&self, id: &KeyId) -> Result<Option<u32>, StateUnavailable> {
        let shared = self.shared();
        let known = shared
            .keys
            .index(id)
            .or_else(|| shared.layered(|delta| delta.keys.get(id).copied()));
        if known.is_some() {
            return Ok(known);
        }
        let found = shared.store.key_index(id)?;
        if let Some(index) = found {
            shared.keys.remember_index(id, index);
        }
        Ok(found)
    }

    fn account_of(&self, identity: &Identity) -> Result<Option<u32>, StateUnavailable> {
        let shared = self.shared();
        match shared.layered(|delta| delta.accounts.get(identity).copied()) {
            None => shared.store.account_of(identity),
            found => Ok(found),
        }
    }

    fn order(&self, key: &OrderKey) -> Result<Option<u64>, StateUnavailable> {
        let shared = self.shared();
        match shared.layered(|delta| delta.orders.get(key).copied()) {
            None => shared.store.order(key),
            found => Ok(found),
        }
    }

    fn idem(&self, account: u32, idem: &Idem) -> Result<Option<IdemRecord>, StateUnavailable> {
        let shared = self.shared();
        match shared.layered(|delta| delta.idems.get(&(account, *idem)).copied()) {
            None => shared.store.idem(account, idem),
            found => Ok(found),
        }
    }

    fn top_up(&self, reference: &[u8; 32]) -> Result<bool, StateUnavailable> {
        let shared = self.shared();
        match shared.layered(|delta| delta.top_ups.get(reference).copied()) {
            None => shared.store.top_up(reference),
            Some(_credited) => Ok(true),
        }
    }

    fn issued(&self, index: u64) -> Result<Option<IssuedInvoice>, StateUnavailable> {
        self.shared().issued.get(index)
    }
}

//! Names of the trees and the bytes of their keys and values.
//!
//! What the state root commits to is decided in `chain`; this is only where it lies on disk. A
//! change of anything here needs another schema version in `marker`.

use core::fmt;

use piao_chain::codec;
use piao_chain::digest::BlockId;
use piao_chain::signature::KeyId;
use piao_chain::state::{IdemRecord, Leaf, Slot, StateDelta};
use piao_chain::transaction::{Idem, Identity, OrderKey};
use serde::{Deserialize, Serialize};

use super::value::Sum;

/// A tree of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Table {
    /// Slot → leaf.
    Leaves = 0,
    /// Key id → key index.
    Keys = 1,
    /// Identity → account number.
    Accounts = 2,
    /// Run and order key → issuance index.
    Orders = 3,
    /// Run, account and replay guard → where it was used.
    Idems = 4,
    /// Top-up reference → account and amount.
    TopUps = 5,
    /// The tip, the sums of the other tables, the key of the checksums.
    Meta = 6,
}

/// Tables whose values are counted and summed.
pub(super) const SUMMED: usize = 6;

impl Table {
    /// Every table, by number.
    pub(super) const ALL: [Self; 7] = [
        Self::Leaves,
        Self::Keys,
        Self::Accounts,
        Self::Orders,
        Self::Idems,
        Self::TopUps,
        Self::Meta,
    ];

    /// Its name on disk and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leaves => "leaves",
            Self::Keys => "keys",
            Self::Accounts => "accounts",
            Self::Orders => "orders",
            Self::Idems => "idems",
            Self::TopUps => "top_ups",
            Self::Meta => "meta",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Key of the tip in [`Table::Meta`].
pub(super) const META_TIP: &[u8] = b"tip";

/// Key of the checksum key in [`Table::Meta`]; its value alone carries no checksum.
pub(super) const META_SEAL: &[u8] = b"seal";

/// How far the store is, and what its tables add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TipRecord {
    pub(super) height: u64,
    pub(super) block_id: BlockId,
    /// Its time, ms since 1970.
    pub(super) time_ms: u64,
    /// Of each table, in the order of [`Table::ALL`].
    pub(super) sums: [Sum; SUMMED],
}

/// A value on its way into a table.
pub(super) struct Record {
    pub(super) table: Table,
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
    /// Until when a replay guard guards, ms since 1970; everything else for ever.
    pub(super) until_ms: u64,
}

/// How many records a delta is.
pub(super) fn record_count(delta: &StateDelta) -> usize {
    delta.leaves.len()
        + delta.keys.len()
        + delta.accounts.len()
        + delta.orders.len()
        + delta.idems.len()
        + delta.top_ups.len()
}

/// The records of a delta, each table ascending by key.
pub(super) fn records(delta: &StateDelta) -> impl Iterator<Item = Record> {
    let record = |table, key, value| Record {
        table,
        key,
        value,
        until_ms: u64::MAX,
    };
    let leaves = delta
        .leaves
        .iter()
        .map(move |(slot, leaf)| record(Table::Leaves, leaf_key(*slot), leaf.encode()));
    let keys = delta
        .keys
        .iter()
        .map(move |(id, index)| record(Table::Keys, key_key(id), codec::encode(index)));
    let accounts = delta
        .accounts
        .iter()
        .map(move |(id, number)| record(Table::Accounts, account_key(id), codec::encode(number)));
    let orders = delta
        .orders
        .iter()
        .map(move |(key, index)| record(Table::Orders, key.to_vec(), codec::encode(index)));
    let idems = delta
        .idems
        .iter()
        .map(move |((account, idem), used)| Record {
            until_ms: used.valid_until_ms,
            ..record(Table::Idems, idem_key(*account, idem), codec::encode(used))
        });
    let top_ups = delta.top_ups.iter().map(move |(reference, credit)| {
        record(Table::TopUps, reference.to_vec(), codec::encode(credit))
    });
    leaves
        .chain(keys)
        .chain(accounts)
        .chain(orders)
        .chain(idems)
        .chain(top_ups)
}

/// A key as it lies in the tree: behind its table's number.
pub(super) fn stored_key(table: Table, key: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(1 + key.len());
    stored.push(table as u8);
    stored.extend_from_slice(key);
    stored
}

/// Slot number, big-endian: kinds lie together, ascending by index.
pub(super) fn leaf_key(slot: Slot) -> Vec<u8> {
    slot.as_u64().to_be_bytes().to_vec()
}

pub(super) fn key_key(id: &KeyId) -> Vec<u8> {
    id.0.to_vec()
}

pub(super) fn account_key(identity: &Identity) -> Vec<u8> {
    codec::encode(identity)
}

pub(super) fn order_key(key: &OrderKey) -> Vec<u8> {
    key.to_vec()
}

pub(super) fn idem_key(account: u32, idem: &Idem) -> Vec<u8> {
    let mut key = account.to_be_bytes().to_vec();
    key.extend_from_slice(idem);
    key
}

/// The slot of a key and its leaf.
pub(super) fn decode_leaf(key: &[u8], value: &[u8]) -> Option<(Slot, Leaf)> {
    let slot = Slot::from_u64(u64::from_be_bytes(key.try_into().ok()?))?;
    Some((slot, Leaf::decode(slot, value).ok()?))
}

pub(super) fn decode_u32(value: &[u8]) -> Option<u32> {
    codec::decode(value).ok()
}

pub(super) fn decode_u64(value: &[u8]) -> Option<u64> {
    codec::decode(value).ok()
}

pub(super) fn decode_idem(value: &[u8]) -> Option<IdemRecord> {
    codec::decode(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::TestNet;

    #[test]
    fn a_delta_is_as_many_records_as_it_says() {
        let net = TestNet::with_merchant(1);
        let delta = net.genesis.initial_state();
        assert_eq!(records(&delta).count(), record_count(&delta));
        assert_eq!(record_count(&delta), 2);
    }

    #[test]
    fn tables_stand_at_their_numbers_and_have_names_of_their_own() {
        for (number, table) in (0u8..).zip(Table::ALL) {
            assert_eq!(table as u8, number);
        }
        let mut names = Table::ALL.map(Table::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Table::ALL.len());
    }

    #[test]
    fn leaves_come_back_from_their_records() {
        let net = TestNet::with_merchant(1);
        for (slot, leaf) in net.state.leaves() {
            let read = decode_leaf(&leaf_key(slot), &leaf.encode());
            assert_eq!(read.as_ref(), Some(&(slot, leaf.clone())));
        }
    }
}

//! What one block changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{IssuedInvoice, Leaf, Slot};
use crate::signature::KeyId;
use crate::transaction::{Idem, Identity, OrderKey};

/// Where a replay guard was used. Kept until its window has passed, so that "asked again" finds
/// the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdemRecord {
    /// Until when it guards, ms since 1970.
    pub valid_until_ms: u64,
    /// Height of the block that holds the transaction.
    pub height: u64,
    /// Its place in the block.
    pub index: u32,
}

/// Changes of a block: values of slots and entries of indexes. Nothing is ever removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateDelta {
    /// Slots written, with their new leaves.
    pub leaves: BTreeMap<Slot, Leaf>,
    /// Keys bound.
    pub keys: BTreeMap<KeyId, u32>,
    /// Accounts registered.
    pub accounts: BTreeMap<Identity, u32>,
    /// Orders invoiced.
    pub orders: BTreeMap<OrderKey, u64>,
    /// Replay guards used.
    pub idems: BTreeMap<(u32, Idem), IdemRecord>,
    /// Top-up references credited, with the account and amount in fen.
    pub top_ups: BTreeMap<[u8; 32], (u32, i64)>,
    /// Invoices issued, by issuance index. Whoever keeps the blocks finds them there and need not
    /// store them a second time.
    pub issued: BTreeMap<u64, IssuedInvoice>,
}

impl StateDelta {
    /// Lays a later delta over this one.
    pub fn extend(&mut self, later: Self) {
        self.leaves.extend(later.leaves);
        self.keys.extend(later.keys);
        self.accounts.extend(later.accounts);
        self.orders.extend(later.orders);
        self.idems.extend(later.idems);
        self.top_ups.extend(later.top_ups);
        self.issued.extend(later.issued);
    }
}

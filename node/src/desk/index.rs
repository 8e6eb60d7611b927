//! Finding requests and top-ups without reading the store.

use std::collections::{BTreeMap, HashMap};

use piao_chain::transaction::Idem;

use super::in_flight::AccountKey;

/// Names a request, as in `/v1/requests/{id}`.
pub(super) type RequestId = [u8; 16];

/// A request as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name.
    pub(super) id: RequestId,
    /// Record of its last attempt.
    pub(super) seq: u64,
    /// Number of its last attempt, from 0.
    pub(super) attempt: u32,
    /// Replay guard of its last attempt.
    pub(super) idem: Idem,
    /// Last block time that could hold it, in ms.
    pub(super) valid_until_ms: u64,
    /// Why it left the pool, when it did.
    pub(super) dropped: Option<u16>,
    /// How often deliverables were handed out since the node started counting.
    pub(super) downloads: u64,
}

/// A top-up as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TopUpEntry {
    /// The reference.
    pub(super) reference: String,
    /// In fen.
    pub(super) amount_fen: i64,
    /// Its transaction's bytes are in this record.
    pub(super) seq: u64,
    /// Replay guard of its transaction.
    pub(super) idem: Idem,
}

/// Everything by everything it is asked for.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_key: BTreeMap<AccountKey, Entry>,
    keys_by_id: HashMap<RequestId, AccountKey>,
    keys_by_guard: HashMap<(u32, Idem), AccountKey>,
    /// By account and record: newest last.
    by_age: BTreeMap<(u32, u64), AccountKey>,
    top_ups: BTreeMap<AccountKey, TopUpEntry>,
    references: HashMap<Idem, String>,
}

impl Index {
    /// Adds a request or its next attempt.
    pub(super) fn add(&mut self, key: AccountKey, entry: Entry) {
        self.keys_by_id.insert(entry.id, key.clone());
        self.keys_by_guard.insert((key.0, entry.idem), key.clone());
        if let Some(earlier) = self.by_key.get(&key) {
            self.by_age.remove(&(key.0, earlier.seq));
        }
        self.by_age.insert((key.0, entry.seq), key.clone());
        self.by_key.insert(key, entry);
    }

    pub(super) fn get(&self, key: &AccountKey) -> Option<&Entry> {
        self.by_key.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &AccountKey) -> Option<&mut Entry> {
        self.by_key.get_mut(key)
    }

    pub(super) fn by_id(&self, id: &RequestId) -> Option<(&AccountKey, &Entry)> {
        let key = self.keys_by_id.get(id)?;
        Some((key, self.by_key.get(key)?))
    }

    /// The request whose transaction carries this replay guard.
    pub(super) fn by_guard(&self, account: u32, idem: Idem) -> Option<(&AccountKey, &Entry)> {
        let key = self.keys_by_guard.get(&(account, idem))?;
        Some((key, self.by_key.get(key)?))
    }

    /// Requests of an account with records below this one, newest first.
    pub(super) fn older_than(
        &self,
        account: u32,
        seq: u64,
    ) -> impl Iterator<Item = (u64, &AccountKey)> {
        self.by_age
            .range((account, 0)..(account, seq))
            .rev()
            .map(|((_account, seq), key)| (*seq, key))
    }

    /// Keys of requests that are not known to have failed.
    pub(super) fn keys(&self) -> Vec<AccountKey> {
        self.by_key.keys().cloned().collect()
    }

    pub(super) fn add_top_up(&mut self, key: AccountKey, entry: TopUpEntry) {
        self.references.insert(entry.idem, entry.reference.clone());
        self.top_ups.insert(key, entry);
    }

    pub(super) fn top_up(&self, key: &AccountKey) -> Option<&TopUpEntry> {
        self.top_ups.get(key)
    }

    /// The reference of a top-up this desk made, by its replay guard.
    pub(super) fn reference(&self, idem: &Idem) -> Option<&String> {
        self.references.get(idem)
    }
}

//! Finding requests and top-ups without reading the store.

use std::collections::{BTreeMap, HashMap};

use piao_chain::digest::TransactionId;
use piao_chain::transaction::Idem;

use super::in_flight::AccountKey;
use super::outbox::{Reservations, Stage, Try};
use super::store::Proposed;
use crate::ledger::Place;

/// Names a request, as in `/v1/requests/{id}`.
pub(super) type RequestId = [u8; 16];

/// A request as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name.
    pub(super) id: RequestId,
    /// Its first record: how old it is among the requests of its account.
    pub(super) born: u64,
    /// Record of its last draft: of the last attempt, or of the draft that is kept.
    pub(super) seq: u64,
    /// Number of the attempt that is signed, or is to be signed next, from 0.
    pub(super) attempt: u32,
    /// Replay guard of that attempt.
    pub(super) idem: Idem,
    /// The transaction of that attempt, if it is signed: it may be or become final. `None` when
    /// nothing that was signed for the request may become final any more.
    pub(super) txid: Option<TransactionId>,
    /// The fee that is held back for it, in fen.
    pub(super) fee_fen: u32,
    /// Last block time that could hold what is signed, in ms.
    pub(super) valid_until_ms: u64,
    /// Whether the last attempt that was signed asks for its refusal to be kept in a block.
    pub(super) anchored: bool,
    /// Why what is signed left the pool, when it did.
    pub(super) dropped: Option<u16>,
    /// Where its invoice stands, once that is known.
    pub(super) place: Option<Place>,
    /// Whether a record says so, so that it is told once.
    pub(super) noted: bool,
    /// Where it stands beside the chain.
    pub(super) stage: Stage,
    /// The confirmation it rests on, if it needs one.
    pub(super) proposed: Option<Proposed>,
    /// Tries before the present one, oldest first.
    pub(super) tries: Vec<Try>,
    /// When it was accepted, in ms since 1970.
    pub(super) created_at_ms: u64,
    /// When the present try began, in ms since 1970.
    pub(super) at_ms: u64,
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
    /// Fees held back and given back.
    pub(super) moves: Reservations,
}

impl Index {
    /// Adds a request or its next attempt.
    pub(super) fn add(&mut self, key: AccountKey, entry: Entry) {
        self.keys_by_id.insert(entry.id, key.clone());
        if entry.txid.is_some() {
            self.keys_by_guard.insert((key.0, entry.idem), key.clone());
        }
        self.moves.note(key.0, self.by_key.get(&key), &entry);
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

    /// A request by its name, to change it.
    pub(super) fn by_id_mut(&mut self, id: &RequestId) -> Option<(&AccountKey, &mut Entry)> {
        let key = self.keys_by_id.get(id)?;
        Some((key, self.by_key.get_mut(key)?))
    }

    /// Puts another entry in the place of a request that has the same records.
    pub(super) fn replace(&mut self, next: Entry) {
        let Some(key) = self.keys_by_id.get(&next.id) else {
            return;
        };
        if let Some(entry) = self.by_key.get_mut(key) {
            self.moves.note(key.0, Some(entry), &next);
            *entry = next;
        }
    }

    /// Every request with its key.
    pub(super) fn all(&self) -> impl Iterator<Item = (&AccountKey, &Entry)> {
        self.by_key.iter()
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

//! Between the desk and its store: what is written, and what is read back.

use piao_api::backend::{Refusal, TopUpOrder};
use piao_chain::codec;
use piao_chain::failure::FailureCode;
use piao_chain::transaction::{FLAG_ANCHOR_FAILURE, SignedTransaction};

use super::Desk;
use super::ask::Ask;
use super::compose::{PrivateDocument, Signed};
use super::in_flight::AccountKey;
use super::index::{Entry, TopUpEntry};
use super::outbox::{Stage, kept_entry, new_id};
use super::store::{
    self, DeskHeader, DeskHeaderBody, DeskRecord, DeskStoreError, Private, Resolution,
};
use crate::ledger::Place;

/// An accepted request, read back.
pub(super) struct Accepted {
    /// `None` while nothing is signed.
    pub(super) transaction: Option<SignedTransaction>,
    /// `None` once the document was erased.
    pub(super) ask: Option<Ask>,
}

impl Desk {
    /// Syncs an accepted request; the index entry that leads to it.
    pub(super) async fn save_accepted(
        &self,
        key: &AccountKey,
        ask: &Ask,
        attempt: u32,
        earlier: Option<&Entry>,
        signed: Signed,
    ) -> Result<Entry, Refusal> {
        let id = match earlier {
            Some(entry) => entry.id,
            None => new_id()?,
        };
        let draft = ask.encode().map_err(Refusal::of)?;
        let Signed {
            transaction,
            documents,
        } = signed;
        let accepted = store::Accepted {
            request_id: id,
            account: key.0,
            key: key.1.clone(),
            attempt,
            txid: transaction.id(),
            accepted_at_ms: self.chain.clock().now().ms(),
        };
        let record = DeskRecord::Accepted {
            accepted: accepted.clone(),
            transaction: transaction.encode(),
            draft: Private::Open(draft),
            document: Private::Open(documents),
        };
        let seq = self
            .store
            .append(record)
            .await
            .map_err(|error| refusal_of(&error))?;
        Ok(signed_entry(earlier, &accepted, &transaction, seq))
    }

    /// Syncs an accepted top-up; the record it lies in.
    pub(super) async fn save_top_up(
        &self,
        key: &AccountKey,
        order: &TopUpOrder,
        transaction: &SignedTransaction,
    ) -> Result<u64, Refusal> {
        let record = DeskRecord::TopUp {
            top_up: store::TopUp {
                key: key.1.clone(),
                account: order.account,
                reference: order.reference.clone(),
                amount_fen: order.amount.fen(),
                txid: transaction.id(),
                accepted_at_ms: self.chain.clock().now().ms(),
            },
            transaction: transaction.encode(),
        };
        self.store
            .append(record)
            .await
            .map_err(|error| refusal_of(&error))
    }

    /// Reads an accepted request back.
    pub(super) fn accepted(&self, seq: u64) -> Result<Accepted, Refusal> {
        match self.store.read(seq).map_err(|error| refusal_of(&error))? {
            DeskRecord::Accepted {
                transaction, draft, ..
            } => Ok(Accepted {
                transaction: Some(decoded(&transaction)?),
                ask: ask_in(&draft)?,
            }),
            DeskRecord::Kept { draft, .. } => Ok(Accepted {
                transaction: None,
                ask: ask_in(&draft)?,
            }),
            _ => Err(Refusal::of(FailureCode::StoreCorrupt)),
        }
    }

    /// The transaction of an accepted request.
    pub(super) fn transaction_of(&self, seq: u64) -> Result<SignedTransaction, Refusal> {
        let transaction = self.accepted(seq)?.transaction;
        transaction.ok_or_else(|| Refusal::of(FailureCode::StoreCorrupt))
    }

    /// What a request asks for; `None` once it was erased.
    pub(super) fn ask_of(&self, seq: u64) -> Result<Option<Ask>, Refusal> {
        self.accepted(seq).map(|accepted| accepted.ask)
    }

    /// The document of an invoice that an accepted request issued as the effect at `part`; `None`
    /// once it was erased. One that can't be read is an error: it must not pass for an erased one.
    pub(super) fn private_of(
        &self,
        seq: u64,
        part: u32,
    ) -> Result<Option<PrivateDocument>, Refusal> {
        let corrupt = || Refusal::of(FailureCode::StoreCorrupt);
        let record = self.store.read(seq).map_err(|error| refusal_of(&error))?;
        let DeskRecord::Accepted {
            document,
            transaction,
            ..
        } = record
        else {
            return Err(corrupt());
        };
        let Some(bytes) = document.bytes() else {
            return Ok(None);
        };
        // One document lies as itself, several as their list.
        if decoded(&transaction)?.body().payload.issues() == 1 {
            return codec::decode(bytes).map(Some).map_err(|_source| corrupt());
        }
        let all: Vec<PrivateDocument> = codec::decode(bytes).map_err(|_source| corrupt())?;
        let part = usize::try_from(part).unwrap_or(usize::MAX);
        all.into_iter().nth(part).map(Some).ok_or_else(corrupt)
    }

    /// The transaction of an accepted top-up.
    pub(super) fn top_up_transaction(&self, seq: u64) -> Result<SignedTransaction, Refusal> {
        match self.store.read(seq).map_err(|error| refusal_of(&error))? {
            DeskRecord::TopUp { transaction, .. } => decoded(&transaction),
            _ => Err(Refusal::of(FailureCode::StoreCorrupt)),
        }
    }

    /// Fills the index from the store's headers.
    pub(super) fn replay(&self, headers: Vec<DeskHeader>) -> Result<(), DeskStoreError> {
        for header in headers {
            let seq = header.seq;
            match header.body {
                DeskHeaderBody::Accepted(accepted) => {
                    let Some(transaction) = self.stored_transaction(seq)? else {
                        continue;
                    };
                    let key = (accepted.account, accepted.key.clone());
                    let mut index = self.index();
                    let entry = signed_entry(index.get(&key), &accepted, &transaction, seq);
                    index.add(key, entry);
                }
                DeskHeaderBody::Kept(kept) => {
                    let key = (kept.account, kept.key.clone());
                    let mut index = self.index();
                    let entry = kept_entry(index.get(&key), &kept, seq);
                    index.add(key, entry);
                }
                DeskHeaderBody::Step(step) => {
                    let mut index = self.index();
                    let found = index.by_id(&step.request_id);
                    if let Some(mut entry) = found.map(|(_key, entry)| entry.clone()) {
                        entry.apply(&step);
                        index.replace(entry);
                    }
                }
                DeskHeaderBody::Resolved(resolved) => {
                    if let Resolution::Final { height, index } = resolved.resolution
                        && let Some((_key, entry)) = self.index().by_id_mut(&resolved.request_id)
                    {
                        entry.place = Some(Place { height, index });
                        entry.noted = true;
                    }
                }
                DeskHeaderBody::TopUp(top_up) => {
                    let Some(transaction) = self.stored_transaction(seq)? else {
                        continue;
                    };
                    let entry = TopUpEntry {
                        reference: top_up.reference,
                        amount_fen: top_up.amount_fen,
                        seq,
                        idem: transaction.body().idem,
                    };
                    let key = (top_up.account, top_up.key);
                    self.index().add_top_up(key, entry);
                }
                DeskHeaderBody::Notice(notice) => self.told().replay(&notice),
                // Not written by this version.
                DeskHeaderBody::Card { .. } | DeskHeaderBody::Downloaded { .. } => {}
            }
        }
        Ok(())
    }

    /// Takes up every request that is not at its end; the outbox goes on with them.
    pub fn resume(&self) {
        {
            let index = self.index();
            for (key, entry) in index.all().filter(|(_key, entry)| entry.is_open()) {
                self.jobs.put(key.0, entry, 0);
            }
        }
        let resumed = self.jobs.len();
        if resumed > 0 {
            tracing::info!(resumed, "requests of before the start are taken on again");
        }
        self.jobs.nudge();
    }

    fn stored_transaction(&self, seq: u64) -> Result<Option<SignedTransaction>, DeskStoreError> {
        Ok(match self.store.read(seq)? {
            DeskRecord::Accepted { transaction, .. } | DeskRecord::TopUp { transaction, .. } => {
                SignedTransaction::decode(&transaction).ok()
            }
            _ => None,
        })
    }
}

/// The entry of a request whose attempt is signed, as the record tells it.
fn signed_entry(
    known: Option<&Entry>,
    accepted: &store::Accepted,
    transaction: &SignedTransaction,
    seq: u64,
) -> Entry {
    let tries = known.map_or_else(Vec::new, |known| {
        let mut known = known.clone();
        known.end_try();
        known.tries
    });
    Entry {
        id: accepted.request_id,
        born: known.map_or(seq, |known| known.born),
        seq,
        attempt: accepted.attempt,
        idem: transaction.body().idem,
        txid: Some(transaction.id()),
        fee_fen: transaction.body().fee_max_fen,
        valid_until_ms: transaction.body().valid_until_ms,
        noted: false,
        anchored: transaction.body().flags & FLAG_ANCHOR_FAILURE != 0,
        dropped: None,
        place: None,
        stage: Stage::Signed,
        proposed: known.and_then(|known| known.proposed),
        tries,
        created_at_ms: known.map_or(accepted.accepted_at_ms, |known| known.created_at_ms),
        at_ms: accepted.accepted_at_ms,
        downloads: known.map_or(0, |known| known.downloads),
    }
}

/// What is asked for; one that can't be read is an error: it must not pass for an erased one.
fn ask_in(private: &Private) -> Result<Option<Ask>, Refusal> {
    let read = |bytes| Ask::decode(bytes).ok_or_else(|| Refusal::of(FailureCode::StoreCorrupt));
    private.bytes().map(read).transpose()
}

fn decoded(bytes: &[u8]) -> Result<SignedTransaction, Refusal> {
    SignedTransaction::decode(bytes).map_err(|_source| Refusal::of(FailureCode::StoreCorrupt))
}

/// What a caller is told when the store refuses; the detail stays in the log.
pub(super) fn refusal_of(error: &DeskStoreError) -> Refusal {
    if !matches!(error, DeskStoreError::Busy) {
        tracing::error!(%error, "the desk's store refused");
    }
    match error {
        DeskStoreError::Busy => Refusal::of(FailureCode::PoolFull),
        DeskStoreError::NoSpace => Refusal::of(FailureCode::StorageFull),
        _ => Refusal::of(FailureCode::StoreCorrupt),
    }
}

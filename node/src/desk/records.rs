//! Between the desk and its store: what is written, and what is read back.

use std::sync::Arc;

use piao_api::backend::{Refusal, TopUpOrder};
use piao_chain::codec;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::Draft;
use piao_chain::transaction::SignedTransaction;

use super::Desk;
use super::compose::{Composed, PrivateDocument};
use super::in_flight::AccountKey;
use super::index::{Entry, TopUpEntry};
use super::outcome::Standing;
use super::store::{self, DeskHeader, DeskHeaderBody, DeskRecord, DeskStoreError, Private};

/// An accepted request, read back.
pub(super) struct Accepted {
    pub(super) transaction: SignedTransaction,
    /// `None` once the document was erased.
    pub(super) draft: Option<Draft>,
    pub(super) accepted_at_ms: u64,
}

impl Desk {
    /// Syncs an accepted request; the index entry that leads to it.
    pub(super) async fn save_accepted(
        &self,
        key: &AccountKey,
        draft: &Draft,
        attempt: u32,
        earlier: Option<&Entry>,
        composed: &Composed,
    ) -> Result<Entry, Refusal> {
        let internal = || Refusal::of(FailureCode::Internal);
        let mut id = [0; 16];
        match earlier {
            Some(entry) => id = entry.id,
            None => getrandom::fill(&mut id).map_err(|_source| internal())?,
        }
        let draft = serde_json::to_vec(draft).map_err(|_source| internal())?;
        let transaction = &composed.transaction;
        let record = DeskRecord::Accepted {
            accepted: store::Accepted {
                request_id: id,
                account: key.0,
                key: key.1.clone(),
                attempt,
                txid: transaction.id(),
                accepted_at_ms: self.chain.clock().now().ms(),
            },
            transaction: transaction.encode(),
            draft: Private::Open(draft),
            document: Private::Open(codec::encode(&composed.private)),
        };
        let seq = self
            .store
            .append(record)
            .await
            .map_err(|error| refusal(&error))?;
        Ok(Entry {
            id,
            seq,
            attempt,
            idem: transaction.body().idem,
            valid_until_ms: transaction.body().valid_until_ms,
            dropped: None,
            downloads: 0,
        })
    }

    /// Syncs an accepted correction; the index entry that leads to it.
    pub(super) async fn save_correction(
        &self,
        key: &AccountKey,
        order: &[u8],
        (attempt, earlier): (u32, Option<&Entry>),
        (transaction, document): (&SignedTransaction, Vec<u8>),
    ) -> Result<Entry, Refusal> {
        let mut id = [0; 16];
        match earlier {
            Some(entry) => id = entry.id,
            None => {
                getrandom::fill(&mut id).map_err(|_source| Refusal::of(FailureCode::Internal))?;
            }
        }
        let record = DeskRecord::Accepted {
            accepted: store::Accepted {
                request_id: id,
                account: key.0,
                key: key.1.clone(),
                attempt,
                txid: transaction.id(),
                accepted_at_ms: self.chain.clock().now().ms(),
            },
            transaction: transaction.encode(),
            draft: Private::Open(order.to_vec()),
            document: Private::Open(document),
        };
        let saved = self.store.append(record).await;
        let seq = saved.map_err(|error| refusal(&error))?;
        Ok(Entry {
            id,
            seq,
            attempt,
            idem: transaction.body().idem,
            valid_until_ms: transaction.body().valid_until_ms,
            dropped: None,
            downloads: 0,
        })
    }

    /// What was asked for, byte for byte; `None` once it was erased.
    pub(super) fn draft_bytes(&self, seq: u64) -> Result<Option<Vec<u8>>, Refusal> {
        match self.store.read(seq).map_err(|error| refusal(&error))? {
            DeskRecord::Accepted { draft, .. } => Ok(draft.bytes().map(<[u8]>::to_vec)),
            _ => Err(Refusal::of(FailureCode::StoreCorrupt)),
        }
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
            .map_err(|error| refusal(&error))
    }

    /// Reads an accepted request back.
    pub(super) fn accepted(&self, seq: u64) -> Result<Accepted, Refusal> {
        match self.store.read(seq).map_err(|error| refusal(&error))? {
            DeskRecord::Accepted {
                accepted,
                transaction,
                draft,
                ..
            } => Ok(Accepted {
                transaction: decoded(&transaction)?,
                draft: draft
                    .bytes()
                    .and_then(|bytes| serde_json::from_slice(bytes).ok()),
                accepted_at_ms: accepted.accepted_at_ms,
            }),
            _ => Err(Refusal::of(FailureCode::StoreCorrupt)),
        }
    }

    /// The transaction of an accepted request.
    pub(super) fn transaction_of(&self, seq: u64) -> Result<SignedTransaction, Refusal> {
        self.accepted(seq).map(|accepted| accepted.transaction)
    }

    /// The document of an invoice that an accepted request issued as the effect at `part`; `None`
    /// once it was erased. One that can't be read is an error: it must not pass for an erased one.
    pub(super) fn private_of(
        &self,
        seq: u64,
        part: u32,
    ) -> Result<Option<PrivateDocument>, Refusal> {
        let corrupt = || Refusal::of(FailureCode::StoreCorrupt);
        let record = self.store.read(seq).map_err(|error| refusal(&error))?;
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
        match self.store.read(seq).map_err(|error| refusal(&error))? {
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
                    let entry = Entry {
                        id: accepted.request_id,
                        seq,
                        attempt: accepted.attempt,
                        idem: transaction.body().idem,
                        valid_until_ms: transaction.body().valid_until_ms,
                        dropped: None,
                        downloads: 0,
                    };
                    self.index().add((accepted.account, accepted.key), entry);
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
                // Told anew from the chain, or not written by this version.
                DeskHeaderBody::Resolved { .. }
                | DeskHeaderBody::Card { .. }
                | DeskHeaderBody::Downloaded { .. } => {}
            }
        }
        Ok(())
    }

    /// Hands every request that may still become final to the mempool again.
    pub fn resume(self: &Arc<Self>) {
        let mut resumed = 0usize;
        // Taken first: the index must not stay locked while each one is looked at.
        let keys = self.index().keys();
        for key in keys {
            let Ok(entry) = self.entry(&key) else {
                continue;
            };
            if self.standing(key.0, &entry) != Ok(Standing::Possible) {
                continue;
            }
            if let Ok(transaction) = self.transaction_of(entry.seq)
                && self.admission.admit(transaction, false).is_ok()
            {
                resumed += 1;
            }
        }
        if resumed > 0 {
            tracing::info!(resumed, "requests of before the start were handed in again");
        }
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

fn decoded(bytes: &[u8]) -> Result<SignedTransaction, Refusal> {
    SignedTransaction::decode(bytes).map_err(|_source| Refusal::of(FailureCode::StoreCorrupt))
}

/// What a caller is told when the store refuses; the detail stays in the log.
fn refusal(error: &DeskStoreError) -> Refusal {
    tracing::error!(%error, "the desk's store refused");
    match error {
        DeskStoreError::Busy => Refusal::of(FailureCode::PoolFull),
        DeskStoreError::NoSpace => Refusal::of(FailureCode::StorageFull),
        _ => Refusal::of(FailureCode::StoreCorrupt),
    }
}

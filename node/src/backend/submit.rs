//! Raw signed transactions from outside, one or many at a time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use piao_api::backend::{Refusal, Wait};
use piao_api::wire;
use piao_chain::digest::TransactionId;
use piao_chain::failure::FailureCode;
use piao_chain::time::BlockTime;
use piao_chain::transaction::SignedTransaction;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::blocks::{outcome_at, transaction};
use super::render::outcome_of;
use crate::ledger::{ChainView, FinalityWatch, Settled};
use crate::mempool::Admission;

/// The door for transactions.
#[derive(Debug)]
pub(super) struct Submission {
    chain: Arc<ChainView>,
    admission: Arc<Admission>,
    /// Batches are judged side by side, one for each processor: more would only take turns.
    lanes: Semaphore,
}

/// A transaction that was handed in.
enum Entered {
    /// Final already, or refused; the id when the bytes are a transaction.
    Answered(Option<TransactionId>, Box<Result<wire::Outcome, Refusal>>),
    /// Waits for its block; nobody tells when too many wait for the same one.
    Waiting(SignedTransaction, Option<FinalityWatch>),
}

impl Submission {
    pub(super) fn new(chain: Arc<ChainView>, admission: Arc<Admission>) -> Self {
        let lanes = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            chain,
            admission,
            lanes: Semaphore::new(lanes),
        }
    }

    /// Admits a transaction and waits for its outcome.
    pub(super) async fn one(&self, bytes: &[u8], wait: Wait) -> Result<wire::Outcome, Refusal> {
        match self.enter(bytes) {
            Entered::Answered(_id, answer) => *answer,
            Entered::Waiting(transaction, watch) => {
                outcome(&transaction, watch, deadline(wait)).await
            }
        }
    }

    /// Admits several, then waits for all of them.
    pub(super) async fn all(
        self: Arc<Self>,
        transactions: Vec<Bytes>,
        wait: Wait,
    ) -> Result<Vec<wire::Outcome>, Refusal> {
        let internal = || Refusal::of(FailureCode::Internal);
        let lane = self.lanes.acquire().await.map_err(|_closed| internal())?;
        let door = Arc::clone(&self);
        // Milliseconds of signature checks must not hold up the tasks that serve consensus.
        let entered = tokio::task::spawn_blocking(move || {
            let each = transactions.iter().map(|bytes| door.enter(bytes));
            each.collect::<Vec<_>>()
        });
        let entered = entered.await.map_err(|_panicked| internal())?;
        drop(lane);
        let deadline = deadline(wait);
        let mut outcomes = Vec::with_capacity(entered.len());
        for one in entered {
            outcomes.push(match one {
                Entered::Answered(id, answer) => answer.unwrap_or_else(|refusal| {
                    let id = id.map_or_else(String::new, |id| id.to_string());
                    refused(id, &refusal)
                }),
                Entered::Waiting(transaction, watch) => {
                    let outcome = outcome(&transaction, watch, deadline).await;
                    outcome.unwrap_or_else(|why| refused(transaction.id().to_string(), &why))
                }
            });
        }
        Ok(outcomes)
    }

    fn enter(&self, bytes: &[u8]) -> Entered {
        let decoded = match SignedTransaction::decode(bytes) {
            Ok(decoded) => decoded,
            Err(error) => return answered(None, Err(Refusal::of(error.code))),
        };
        let id = decoded.id();
        if self.chain.place_of(&id).is_some() {
            return answered(Some(id), transaction(&self.chain, &id));
        }
        if decoded.body().payload.issues() > 0
            && let Err(refusal) = crate::maintenance::unless_it_lasts(&self.chain, Ok(()))
        {
            return answered(Some(id), Err(refusal));
        }
        let watch = self.chain.finality().watch(id);
        if let Err(faults) = self.admission.admit(decoded.clone(), false) {
            // It may have become final between the two questions, or before a restart.
            if let Some(place) = self.chain.place_of_guard(&decoded) {
                let gone = || Refusal::of(FailureCode::ResourceNotFound);
                let outcome = outcome_at(&self.chain, place);
                let outcome = outcome.and_then(|found| found.ok_or_else(gone));
                return answered(Some(id), outcome);
            }
            let refusal = Refusal::sorted(faults);
            let refusal = refusal.unwrap_or_else(|| Refusal::of(FailureCode::Internal));
            return answered(Some(id), Err(refusal));
        }
        Entered::Waiting(decoded, watch)
    }
}

fn answered(id: Option<TransactionId>, answer: Result<wire::Outcome, Refusal>) -> Entered {
    Entered::Answered(id, Box::new(answer))
}

fn deadline(wait: Wait) -> Instant {
    let limit = match wait {
        Wait::Final(limit) => limit,
        Wait::Accepted => Duration::ZERO,
    };
    Instant::now() + limit
}

/// What became of an admitted transaction by then.
async fn outcome(
    transaction: &SignedTransaction,
    watch: Option<FinalityWatch>,
    deadline: Instant,
) -> Result<wire::Outcome, Refusal> {
    let unknown = || Ok(wire::Outcome::unknown(transaction.id().to_string()));
    let Some(watch) = watch else {
        return unknown();
    };
    match tokio::time::timeout_at(deadline, watch).await {
        Ok(Ok(Settled::Final(settled))) => Ok(outcome_of(transaction, &settled)),
        Ok(Ok(Settled::Dropped(fault))) => Err(Refusal::new(fault)),
        Ok(Err(_)) | Err(_) => unknown(),
    }
}

/// A refusal as one outcome among many. The id is empty when the bytes are no transaction.
fn refused(txid: String, refusal: &Refusal) -> wire::Outcome {
    let not_before = refusal.not_before.and_then(BlockTime::to_rfc3339);
    let failures = refusal
        .faults
        .iter()
        .map(|fault| wire::Failure::from_fault(fault, not_before.as_deref()));
    wire::Outcome::refused(txid, failures.collect())
}

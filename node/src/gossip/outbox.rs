//! What goes out: transactions gathered into batches.
//!
//! Guards: nobody who lets a transaction in waits for the network. What finds no room here is
//! announced with the next repetition.

use std::time::Duration;

use piao_chain::transaction::SignedTransaction;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::batch::{BATCH_BYTES_MAX, BATCH_TRANSACTIONS_MAX};

/// Transactions that may wait to be sent.
pub(super) const OUTBOX_TRANSACTIONS_MAX: usize = 8_192;
/// How long the first of a batch waits for others: far below what a block takes.
const GATHER_WITHIN: Duration = Duration::from_millis(2);

/// The receiving end of the outbox.
pub(super) struct Outbox {
    transactions: mpsc::Receiver<SignedTransaction>,
}

impl Outbox {
    /// An outbox and where to put things.
    pub(super) fn new() -> (mpsc::Sender<SignedTransaction>, Self) {
        let (sender, transactions) = mpsc::channel(OUTBOX_TRANSACTIONS_MAX);
        (sender, Self { transactions })
    }

    /// The next transactions to send together; `None` when nobody can add any more.
    ///
    /// Cancelled, it loses what it had gathered; so it is run by a task of its own.
    pub(super) async fn gather(&mut self) -> Option<Vec<SignedTransaction>> {
        let first = self.transactions.recv().await?;
        let deadline = Instant::now() + GATHER_WITHIN;
        let mut bytes = first.encoded_len();
        let mut all = vec![first];
        while all.len() < BATCH_TRANSACTIONS_MAX && bytes < BATCH_BYTES_MAX {
            let next = tokio::time::timeout_at(deadline, self.transactions.recv()).await;
            let Ok(Some(next)) = next else { break };
            bytes = bytes.saturating_add(next.encoded_len());
            all.push(next);
        }
        Some(all)
    }
}

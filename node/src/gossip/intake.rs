//! What comes in: judged by the door of the mempool, off the task that serves the network.

use std::sync::Arc;

use libp2p::PeerId;
use libp2p::gossipsub::{MessageAcceptance, MessageId};
use piao_chain::digest::ChainId;
use piao_chain::failure::{Cause, FailureCode};
use piao_chain::fault::Fault;
use piao_chain::transaction::SignedTransaction;
use tokio::sync::{Semaphore, mpsc};

use super::batch;
use crate::mempool::{Admission, Admitted};

/// Batches that may wait to be judged; more are let go, and are announced again.
const WAITING_MAX: usize = 64;

/// A batch as it came.
pub(super) struct Incoming {
    pub(super) id: MessageId,
    pub(super) from: PeerId,
    pub(super) bytes: Vec<u8>,
}

/// What is to become of it.
pub(super) struct Verdict {
    pub(super) id: MessageId,
    pub(super) from: PeerId,
    pub(super) acceptance: MessageAcceptance,
}

/// Judges batches.
pub(super) struct Intake {
    admission: Arc<Admission>,
    chain_id: ChainId,
    turns: Arc<Semaphore>,
    verdicts: mpsc::Sender<Verdict>,
}

impl Intake {
    /// A judge, and where its verdicts come out.
    pub(super) fn new(
        admission: Arc<Admission>,
        chain_id: ChainId,
    ) -> (Self, mpsc::Receiver<Verdict>) {
        let (verdicts, receiver) = mpsc::channel(WAITING_MAX);
        let intake = Self {
            admission,
            chain_id,
            turns: Arc::new(Semaphore::new(WAITING_MAX)),
            verdicts,
        };
        (intake, receiver)
    }

    /// Takes a batch to be judged; hands it back when too many wait.
    pub(super) fn take(&self, incoming: Incoming) -> Option<Incoming> {
        let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() else {
            return Some(incoming);
        };
        let (admission, chain_id) = (Arc::clone(&self.admission), self.chain_id);
        let verdicts = self.verdicts.clone();
        tokio::task::spawn_blocking(move || {
            let Incoming { id, from, bytes } = incoming;
            let acceptance = judge(&admission, &chain_id, &bytes);
            let verdict = Verdict {
                id,
                from,
                acceptance,
            };
            // Nobody listens any more when the node is stopping.
            drop(verdicts.blocking_send(verdict));
            drop(turn);
        });
        None
    }
}

/// What a batch deserves: it goes on when anything in it is new here, is let go when nothing is, and
/// counts against its sender when no honest node would have sent it.
fn judge(admission: &Admission, chain_id: &ChainId, bytes: &[u8]) -> MessageAcceptance {
    let Ok(transactions) = batch::decode(bytes) else {
        return MessageAcceptance::Reject;
    };
    let mut has_new = false;
    for transaction in transactions {
        match admit(admission, chain_id, transaction) {
            Judged::New => has_new = true,
            Judged::Nothing => {}
            Judged::Forged => return MessageAcceptance::Reject,
        }
    }
    if has_new {
        MessageAcceptance::Accept
    } else {
        MessageAcceptance::Ignore
    }
}

enum Judged {
    New,
    Nothing,
    Forged,
}

fn admit(admission: &Admission, chain_id: &ChainId, transaction: SignedTransaction) -> Judged {
    if let Err(error) = transaction.check(chain_id) {
        // Of another version of the rules: one of us is behind, which is nobody's crime.
        return match error.code.cause() {
            Cause::Version => Judged::Nothing,
            _ => Judged::Forged,
        };
    }
    match admission.admit_from_peer(transaction) {
        Ok(Admitted::New) => Judged::New,
        Ok(Admitted::Known) => Judged::Nothing,
        Err(faults) if faults.iter().any(is_forgery) => Judged::Forged,
        // Of another state than ours: the sender's tip may be another.
        Err(_faults) => Judged::Nothing,
    }
}

/// What no state of the chain could have let in.
fn is_forgery(fault: &Fault) -> bool {
    fault.code == FailureCode::SignatureInvalid
}

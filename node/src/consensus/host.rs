//! The host task: receives without pause, forwards what needs the ledger, parks what can wait.

use std::sync::Arc;
use std::time::Duration;

use piao_chain::signature::KeyId;
use piao_engine::{HeightStart, HostRequest};
use tokio::sync::mpsc;

use super::own_votes::OwnVotes;
use super::parking::Parked;
use super::reporter::Found;
use super::witness::Witness;
use crate::ledger::{ChainView, Command, LedgerHandle};
use crate::mempool::Admission;

/// How the host paces the chain.
#[derive(Clone, Copy, Debug)]
pub struct HostConfig {
    /// An idle chain makes a block this often.
    pub heartbeat: Duration,
    /// Least time between two blocks; `None` makes them as fast as they are decided.
    pub block_interval: Option<Duration>,
}

/// Serves the engine.
#[derive(Debug)]
pub struct Host {
    chain: Arc<ChainView>,
    admission: Arc<Admission>,
    ledger: LedgerHandle,
    me: Option<KeyId>,
    witness: Witness,
    own_votes: OwnVotes,
    found: mpsc::Sender<Found>,
    config: HostConfig,
    parked: Option<Parked>,
}

impl Host {
    /// A host for one engine. `me` is the key this node votes with, if it does; what the engine finds
    /// others to have done wrong is left at `found`; the two watches see every request.
    #[must_use]
    pub fn new(
        chain: Arc<ChainView>,
        admission: Arc<Admission>,
        ledger: LedgerHandle,
        (me, found): (Option<KeyId>, mpsc::Sender<Found>),
        (witness, own_votes): (Witness, OwnVotes),
        config: HostConfig,
    ) -> Self {
        Self {
            chain,
            admission,
            ledger,
            me,
            witness,
            own_votes,
            found,
            config,
            parked: None,
        }
    }

    /// Serves until the engine hangs up.
    pub async fn run(mut self, mut requests: mpsc::Receiver<HostRequest>) {
        let admission = Arc::clone(&self.admission);
        loop {
            let deadline = self.parked.as_ref().map(Parked::deadline);
            let wanted = self.parked.as_ref().map_or(1, Parked::wanted);
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.serve(request),
                    None => return,
                },
                () = admission.wait_for_work(wanted), if deadline.is_some() => self.unpark(),
                () = sleep_until(deadline), if deadline.is_some() => self.waited(),
            }
        }
    }

    fn serve(&mut self, request: HostRequest) {
        self.witness.note(&request);
        self.own_votes.note(&request);
        match request {
            HostRequest::Start { reply } => {
                drop(reply.send(self.next_height()));
            }
            HostRequest::Next { reply, .. } => self.next(reply),
            HostRequest::PeerAhead { .. } => self.unpark(),
            HostRequest::HistoryMin { reply } => drop(reply.send(1)),
            HostRequest::Undecided {
                height,
                round,
                reply,
            } => self.ledger.send(Command::Undecided {
                height,
                round,
                reply,
            }),
            HostRequest::Build {
                height,
                round,
                reply,
                ..
            } => self.ledger.send(Command::Build {
                height,
                round,
                reply,
            }),
            HostRequest::Check {
                height,
                round,
                valid_round,
                proposer,
                body,
                source,
                reply,
            } => self.ledger.send(Command::Check {
                height,
                round,
                valid_round,
                proposer,
                body,
                source,
                reply,
            }),
            HostRequest::Body {
                height,
                block_id,
                reply,
            } => self.ledger.send(Command::Body {
                height,
                block_id,
                reply,
            }),
            HostRequest::Commit { certificate, reply } => {
                self.ledger.send(Command::Commit { certificate, reply });
            }
            HostRequest::DecidedBlocks { from, to, reply } => self.decided_blocks(from, to, reply),
            HostRequest::Misbehaviour {
                validator,
                misconduct,
                ..
            } => self.found(Found {
                validator,
                misconduct,
            }),
        }
    }

    /// Leaves what the engine found to whoever writes it down.
    fn found(&self, one: Found) {
        let validator = one.validator;
        if self.found.try_send(one).is_err() {
            tracing::warn!(%validator, "more misbehaviour than can be written down");
        }
    }

    fn next_height(&self) -> HeightStart {
        HeightStart {
            height: self.chain.height().saturating_add(1),
            validators: (*self.chain.validators()).clone(),
            target_time: self.config.block_interval,
        }
    }

    /// Only a validator of the next height parks; everybody else follows at once.
    fn next(&mut self, reply: piao_engine::Answer<HeightStart>) {
        let start = self.next_height();
        let votes = self
            .me
            .is_some_and(|me| start.validators.get(&me).is_some());
        let last = usize::try_from(self.chain.tip().header.tx_count).unwrap_or(usize::MAX);
        let parked = Parked::new(start, reply, last, self.config.heartbeat);
        if !votes || self.admission.pool().offers(parked.wanted()) {
            parked.start();
        } else {
            self.parked = Some(parked);
        }
    }

    /// The time to wait is over: the block starts as full as it is.
    fn waited(&mut self) {
        let Some(mut parked) = self.parked.take() else {
            return;
        };
        if parked.is_filling() && !self.admission.pool().has_work() {
            parked.rest();
            self.parked = Some(parked);
        } else {
            parked.start();
        }
    }

    fn unpark(&mut self) {
        if let Some(parked) = self.parked.take() {
            parked.start();
        }
    }

    /// Big reads stay off the task that serves consensus.
    fn decided_blocks(
        &self,
        from: u64,
        to: u64,
        reply: piao_engine::Answer<Vec<(bytes::Bytes, piao_chain::certificate::CommitCertificate)>>,
    ) {
        let chain = Arc::clone(&self.chain);
        tokio::task::spawn_blocking(move || {
            let last = to.min(from.saturating_add(piao_engine::SYNC_BATCH_MAX));
            let mut blocks = Vec::new();
            for height in from..=last {
                match chain.reader().block(height) {
                    Ok(Some(stored)) => {
                        blocks.push((bytes::Bytes::from(stored.body), stored.certificate));
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(height, %error, "a peer's block could not be read");
                        break;
                    }
                }
            }
            drop(reply.send(blocks));
        });
    }
}

/// Sleeps until a deadline; forever without one.
async fn sleep_until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

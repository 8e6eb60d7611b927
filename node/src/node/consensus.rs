//! What decides blocks: the writer of the ledger, the host that answers the engine, the engine.
//!
//! Guards: a validator that has forgotten what it signed follows without a vote until a height was
//! decided before its eyes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use piao_engine::{EngineConfig, HostRequest};
use tokio::sync::mpsc;
use tokio::sync::watch::Receiver;
use tokio::task::JoinHandle as Task;

use super::addresses::Addresses;
use super::catch_up::watch;
use super::engine::{engine_config, host_config};
use super::engine_slot::EngineSlot;
use super::error::NodeError;
use super::first_start::{forget_mark, must_follow_first};
use super::open::{Me, Parts};
use crate::config::Settings;
use crate::consensus::{Host, Voter, Witness};
use crate::gossip::Tips;
use crate::ledger::{
    ChainView, Command, LedgerError, LedgerHandle, LedgerParts, start as start_ledger,
};
use crate::network::NetworkFiles;

/// Requests of the engine that may wait for the host.
const ENGINE_REQUESTS_MAX: usize = 64;

/// A block older than this was not decided just now, whoever says so: an old proposal played again.
const JUST_NOW_MS: u64 = 30_000;

/// The three, running.
pub(super) struct Consensus {
    pub(super) engine: Arc<EngineSlot>,
    pub(super) host: Task<()>,
    promotion: Option<Task<()>>,
    catch_up: Option<Task<()>>,
    ledger: LedgerHandle,
    writer: JoinHandle<Result<(), LedgerError>>,
}

impl Consensus {
    /// Starts the writer, the host, and last the engine.
    pub(super) async fn start(
        settings: &Settings,
        network: &NetworkFiles,
        parts: Parts,
        addresses: &Addresses,
        (me, tips): (Me, Option<Arc<Tips>>),
    ) -> Result<Self, NodeError> {
        let follow_first = must_follow_first(settings, network, &me)?;
        let (requests, received) = mpsc::channel(ENGINE_REQUESTS_MAX);
        let (ledger, writer) = start_ledger(LedgerParts {
            chain: Arc::clone(&parts.chain),
            admission: Arc::clone(&parts.admission),
            journal: parts.journal,
            me: me.id,
        })?;
        let voter = Voter {
            key: me.validator_key.as_ref().map(|_key| me.id),
            may_vote: Arc::new(AtomicBool::new(!follow_first)),
        };
        let (witness, seen) = Witness::new();
        let may_vote = Arc::clone(&voter.may_vote);
        let host = Host::new(
            Arc::clone(&parts.chain),
            parts.admission,
            ledger.clone(),
            (voter, witness),
            host_config(settings),
        );
        let host = tokio::spawn(host.run(received));
        let keyed = engine_config(
            settings,
            network,
            &parts.chain,
            (addresses, me.validator_key),
        )?;
        let mut first = keyed.clone();
        if follow_first {
            tracing::warn!(
                "this validator has no memory of what it signed: it follows, and votes again after \
                 a height was decided before its eyes"
            );
            first.validator_key = None;
        }
        let engine = EngineSlot::new(
            piao_engine::start(first.clone(), requests.clone()).await?,
            first,
        );
        forget_mark(&settings.data)?;
        let catch_up = tips.map(|tips| {
            let (chain, engine) = (Arc::clone(&parts.chain), Arc::clone(&engine));
            let requests = requests.clone();
            tokio::spawn(watch(chain, tips, async move || {
                if let Err(error) = engine.restart(requests.clone()).await {
                    tracing::error!(%error, "the engine did not start again");
                }
            }))
        });
        let promotion = Promotion {
            chain: parts.chain,
            seen,
            engine: Arc::clone(&engine),
            config: keyed,
            requests,
            may_vote,
        };
        Ok(Self {
            engine,
            host,
            catch_up,
            promotion: follow_first.then(|| tokio::spawn(promotion.run())),
            ledger,
            writer,
        })
    }

    /// Ends a start that failed half way: in order, or the engine complains of what it lost on the
    /// way out.
    pub(super) async fn end_early(self) {
        // Why the start failed is said already.
        drop(self.stop().await);
    }

    /// Finishes the block and ends all three; why the writer ended, when it was not for this.
    pub(super) async fn stop(self) -> Result<(), String> {
        for task in [self.promotion, self.catch_up].into_iter().flatten() {
            task.abort();
        }
        self.engine.shutdown().await;
        self.host.abort();
        self.ledger.send(Command::Stop);
        let writer = self.writer;
        match tokio::task::spawn_blocking(move || writer.join()).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            Ok(Err(_panic)) => Err("it panicked".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// From following to voting.
struct Promotion {
    chain: Arc<ChainView>,
    seen: Receiver<u64>,
    engine: Arc<EngineSlot>,
    config: EngineConfig,
    requests: mpsc::Sender<HostRequest>,
    may_vote: Arc<AtomicBool>,
}

impl Promotion {
    /// Whether the tip is a block of just now.
    fn is_just_now(&self) -> bool {
        let now_ms = self.chain.clock().now().ms();
        now_ms.abs_diff(self.chain.tip().header.time_ms) <= JUST_NOW_MS
    }

    /// Waits for a height that was decided just now, before our eyes; from the next on we vote.
    async fn run(mut self) {
        while self.seen.changed().await.is_ok() {
            let height = *self.seen.borrow_and_update();
            if !self.is_just_now() {
                continue;
            }
            let exchanged = self.engine.exchange(self.config, self.requests).await;
            match exchanged {
                Ok(()) => {
                    self.may_vote.store(true, Ordering::Relaxed);
                    tracing::warn!(height, "this validator votes again");
                }
                Err(error) => tracing::error!(%error, "the engine did not start again"),
            }
            return;
        }
    }
}

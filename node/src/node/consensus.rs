//! What decides blocks: the writer of the ledger, the host that answers the engine, the engine.
//!
//! Guards: a validator that has forgotten what it signed follows without a vote until a height was
//! decided before its eyes.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

#[cfg(feature = "byzantine")]
use crate::byzantine::start as start_engine;
use piao_chain::signature::KeyId;
use piao_engine::SignedPrecommits;
#[cfg(not(feature = "byzantine"))]
use piao_engine::start as start_engine;
use tokio::sync::mpsc;
use tokio::sync::watch::Receiver;
use tokio::task::JoinHandle as Task;

use super::addresses::Addresses;
use super::catch_up::watch;
use super::engine::{engine_config, host_config};
use super::error::NodeError;
use super::open::{Me, Parts};
use super::vote_memory::{log_is_there, may_vote_again, must_follow_again, must_follow_first};
use crate::config::Settings;
use crate::consensus::{Host, OwnVotes, Reporter, Witness};
use crate::gossip::Tips;
use crate::ledger::{
    ChainView, Command, LedgerError, LedgerHandle, LedgerParts, start as start_ledger,
};
use crate::network::{NetworkFiles, VotingKeys};

/// Why a node starts anew by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StartAgain {
    /// It followed without a vote, and may vote now.
    MayVote,
    /// It is behind, and its sync is stuck.
    Stuck,
    /// Its key has voted where this process did not: it must not vote on what it remembers.
    Forgot,
    /// Not at all: another process votes with its key, and this one must go.
    Never,
    /// Another of its keys decides from now on.
    OtherKey,
}

/// Requests of the engine that may wait for the host.
const ENGINE_REQUESTS_MAX: usize = 64;

/// How often the set is asked which key votes.
const LOOK_FOR_KEY_EVERY: Duration = Duration::from_millis(100);

/// A block older than this was not decided just now, whoever says so: an old proposal played again.
const JUST_NOW_MS: u64 = 30_000;

/// The three, running.
pub(super) struct Consensus {
    pub(super) engine: piao_engine::Engine,
    pub(super) host: Task<()>,
    /// What this node saw others do wrong.
    pub(super) reporter: Arc<Reporter>,
    /// Says when, and why, the node is to start anew.
    pub(super) start_again: mpsc::Receiver<StartAgain>,
    watchers: Vec<Task<()>>,
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
        let voter = me.validator_key.as_ref().map(|_key| me.id);
        let (witness, seen) = Witness::new();
        let (chain, admission) = (Arc::clone(&parts.chain), Arc::clone(&parts.admission));
        let reporter = Arc::new(Reporter::open(&settings.data, chain, admission));
        let (found, to_report) = Reporter::channel();
        let signed = SignedPrecommits::default();
        let open = parts.chain.height().saturating_add(1);
        let own = voter.map(|id| (id, !follow_first));
        let (own_votes, strange) = OwnVotes::new(own, open, signed.clone());
        let host = Host::new(
            Arc::clone(&parts.chain),
            parts.admission,
            ledger.clone(),
            (voter.filter(|_id| !follow_first), found),
            (witness, own_votes),
            host_config(settings),
        );
        let host = tokio::spawn(host.run(received));
        let key = me.validator_key.filter(|_key| !follow_first);
        let config = engine_config(settings, network, &parts.chain, (addresses, key), signed)?;
        let engine = start_engine(config, requests).await?;
        log_is_there(&settings.data)?;
        let (again, start_again) = mpsc::channel(1);
        let mut watchers = Vec::new();
        let keys = me.keys.secrets();
        watchers.push(tokio::spawn(Arc::clone(&reporter).run(keys, to_report)));
        if let (Some(present), false) = (voter, follow_first) {
            let chain = Arc::clone(&parts.chain);
            let changed = other_key(chain, me.keys, present, again.clone());
            watchers.push(tokio::spawn(changed));
        }
        if follow_first {
            tracing::warn!(
                "this validator has no memory of what it signed: it follows, and votes again after \
                 a height was decided before its eyes"
            );
            let chain = Arc::clone(&parts.chain);
            let seen = (seen, strange);
            let witnessed = witnessed(chain, seen, settings.data.clone(), again.clone());
            watchers.push(tokio::spawn(witnessed));
        } else if voter.is_some() {
            let forgot = forgot(strange, settings.data.clone(), again.clone());
            watchers.push(tokio::spawn(forgot));
        }
        if let Some(tips) = tips {
            watchers.push(tokio::spawn(watch(parts.chain, tips, again)));
        }
        Ok(Self {
            engine,
            host,
            reporter,
            start_again,
            watchers,
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
        for watcher in &self.watchers {
            watcher.abort();
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

/// Waits until another key of this node decides and the present one does not: it votes from the next
/// start on. The engine knows one key for as long as it runs; the network goes on meanwhile, and what
/// is handed in waits with the other nodes.
async fn other_key(
    chain: Arc<ChainView>,
    keys: VotingKeys,
    present: KeyId,
    again: mpsc::Sender<StartAgain>,
) {
    let mut ticks = tokio::time::interval(LOOK_FOR_KEY_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let set = chain.validators();
        let votes = keys.in_set(&set, Some(&present));
        let Some(key) = votes
            .map(|key| key.public_key().id())
            .filter(|id| *id != present)
        else {
            continue;
        };
        tracing::warn!(from = %present, to = %key, "this validator votes with another of its keys");
        // Nobody listens any more when the node is stopping.
        let _heard = again.send(StartAgain::OtherKey).await;
        return;
    }
}

/// Waits until our key has voted where this process did not: another process has it, or the data is
/// an older copy. What is remembered is not all that was signed, so from the next start on we follow.
async fn forgot(
    mut strange: Receiver<Option<u64>>,
    data: PathBuf,
    again: mpsc::Sender<StartAgain>,
) {
    while strange.changed().await.is_ok() {
        let Some(height) = *strange.borrow_and_update() else {
            continue;
        };
        match must_follow_again(&data) {
            Ok(()) => tracing::error!(
                height,
                "this validator's key has voted at a height where this process did not: another \
                 process has the key, or this data is an older copy; it follows without a vote"
            ),
            Err(error) => tracing::error!(%error, "this validator must not vote"),
        }
        // Nobody listens any more when the node is stopping.
        let _heard = again.send(StartAgain::Forgot).await;
        return;
    }
}

/// Waits for a height that was decided just now, before our eyes; from the next start on we vote.
/// One that our key voted at may be the one that was open when we fell silent; at a second one,
/// another process votes with our key.
async fn witnessed(
    chain: Arc<ChainView>,
    (mut seen, strange): (Receiver<u64>, Receiver<Option<u64>>),
    data: PathBuf,
    again: mpsc::Sender<StartAgain>,
) {
    let mut voted = 0_u32;
    while seen.changed().await.is_ok() {
        let height = *seen.borrow_and_update();
        let now_ms = chain.clock().now().ms();
        if now_ms.abs_diff(chain.tip().header.time_ms) > JUST_NOW_MS {
            continue;
        }
        if *strange.borrow() == Some(height) {
            voted += 1;
            if voted > 1 {
                // Nobody listens any more when the node is stopping.
                let _heard = again.send(StartAgain::Never).await;
                return;
            }
            continue;
        }
        match may_vote_again(&data) {
            Ok(()) => {
                tracing::warn!(height, "this validator votes again");
                // Nobody listens any more when the node is stopping.
                let _heard = again.send(StartAgain::MayVote).await;
                return;
            }
            Err(error) => tracing::error!(%error, "this validator goes on without a vote"),
        }
    }
}

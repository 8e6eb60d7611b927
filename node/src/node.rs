//! Wiring: build the parts, start the tasks, stop them in order.
//!
//! Guards: when any part ends by itself the node ends too, with one line; it never lives on half
//! dead. On a signal it stops accepting, finishes the block, flushes, and leaves a clean mark.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use piao_api::backend::NodeFacts;
use piao_api::caller::Caller;
use piao_chain::genesis::Genesis;
use piao_chain::signature::SecretKey;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle as Task;
use zeroize::Zeroizing;

use crate::backend::{NodeBackend, NodeBackendParts};
use crate::clock::Clock;
use crate::config::Settings;
use crate::consensus::{Host, HostConfig};
use crate::desk::store::{DeskStore, DeskStoreError};
use crate::desk::{Desk, Merchant, MerchantSecret};
use crate::dev::{BootstrapError, DevError, DevNetwork, bootstrap, card_of, people, prepare};
use crate::health::Health;
use crate::journal::{BlockJournal, JournalError};
use crate::ledger::{
    ChainView, Command, LedgerError, LedgerHandle, LedgerParts, Tip, start as start_ledger,
};
use crate::mempool::{Admission, PoolLimits};
use crate::storage::{RecoverError, Restored, Store, StoreError, StoreOptions, recover};

/// Requests of the engine that may wait for the host.
const ENGINE_REQUESTS_MAX: usize = 64;

/// How often waiters who hung up are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(10);

/// How long a part may take to stop.
const STOP_WITHIN: Duration = Duration::from_secs(8);

/// What kind of network the node runs.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// A development network, made on first start.
    Dev {
        /// Seed of its keys.
        seed: Option<u64>,
    },
    /// Whatever lies in the data directory.
    Existing,
}

/// Why a node did not start, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// The development network.
    #[error(transparent)]
    Dev(#[from] DevError),
    /// Its first blocks.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// There is no network in the data directory.
    #[error("{0} holds no network; `piaod dev --data {0}` makes a development network")]
    NoNetwork(String),
    /// The block journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Recovery of the state.
    #[error(transparent)]
    Recover(#[from] RecoverError),
    /// The state store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The desk's store.
    #[error(transparent)]
    DeskStore(#[from] DeskStoreError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] piao_engine::EngineError),
    /// The port is taken, or no address.
    #[error("can't listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// A part ended by itself.
    #[error("{part} ended: {reason}")]
    Ended {
        /// Which.
        part: &'static str,
        /// Why.
        reason: String,
    },
    /// A thread could not be started, or a signal not be listened to.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// A running node.
pub struct Running {
    address: SocketAddr,
    hint: Option<String>,
    health: Arc<Health>,
    chain: Arc<ChainView>,
    engine: piao_engine::Engine,
    ledger: LedgerHandle,
    ledger_thread: JoinHandle<Result<(), LedgerError>>,
    host: Task<()>,
    server: Task<std::io::Result<()>>,
    tidy: Task<()>,
    stop_server: watch::Sender<bool>,
}

impl Running {
    /// Starts a node; when this returns it serves and can issue.
    ///
    /// # Errors
    /// [`NodeError`]; each is one line.
    pub async fn start(settings: Arc<Settings>, mode: Mode) -> Result<Self, NodeError> {
        let clock = Clock::with_offset_ms(settings.clock_offset_ms);
        // The port first: a taken one must not cost a recovery.
        let listener = listen(&settings.listen).await?;
        let address = listener.local_addr()?;
        let network = network(&settings, mode, &clock)?;
        let parts = Parts::open(&settings, &network, clock)?;
        let me = network.keyring.load("validator").map_err(DevError::from)?;
        let engine_requests = mpsc::channel(ENGINE_REQUESTS_MAX);
        let (ledger, ledger_thread) = start_ledger(LedgerParts {
            chain: Arc::clone(&parts.chain),
            admission: Arc::clone(&parts.admission),
            journal: parts.journal,
            me: me.public_key().id(),
        })?;
        let host = Host::new(
            Arc::clone(&parts.chain),
            Arc::clone(&parts.admission),
            ledger.clone(),
            Some(me.public_key().id()),
            host_config(&settings),
        );
        let host = tokio::spawn(host.run(engine_requests.1));
        let engine_config = engine_config(&settings, &network, &parts.chain, me)?;
        let engine = piao_engine::start(engine_config, engine_requests.0).await?;
        if let Mode::Dev { .. } = mode {
            bootstrap(&parts.chain, &parts.admission, &network.keyring).await?;
        }
        let desk = open_desk(&settings, &network, &parts.chain, &parts.admission)?;
        let desk = Arc::new(desk);
        desk.resume();
        let health = Arc::new(Health::new(
            Arc::clone(&parts.chain),
            Arc::clone(&parts.admission),
            crate::metrics::render,
        ));
        let backend = backend(
            &network,
            &parts.chain,
            &parts.admission,
            desk,
            &health,
            address,
        );
        let (stop_server, mut stopped) = watch::channel(false);
        let server = tokio::spawn(async move {
            piao_api::server::serve(listener, Arc::new(backend), async move {
                // Ends when told, or when nobody is left to tell.
                drop(stopped.wait_for(|stop| *stop).await);
            })
            .await
        });
        let tidy = tokio::spawn(tidy(Arc::clone(&parts.chain)));
        let hint = matches!(mode, Mode::Dev { .. }).then(|| hint(&settings, &network));
        Ok(Self {
            address,
            hint,
            health,
            chain: parts.chain,
            engine,
            ledger,
            ledger_thread,
            host,
            server,
            tidy,
            stop_server,
        })
    }

    /// Where it serves.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a developer wants to know at the start.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Runs until a signal asks to stop, or a part ends by itself.
    ///
    /// # Errors
    /// [`NodeError::Ended`] when a part ended by itself.
    pub async fn until_stopped(mut self) -> Result<(), NodeError> {
        let ended = tokio::select! {
            signal = stop_signal() => {
                signal?;
                None
            }
            closed = self.engine.closed() => Some(("the consensus engine", format!("{closed:?}"))),
            host = &mut self.host => Some(("the consensus host", task_reason(host.err()))),
            server = &mut self.server => Some(("the HTTP server", match server {
                Ok(Err(error)) => error.to_string(),
                Ok(Ok(())) => "it stopped".to_owned(),
                Err(error) => task_reason(Some(error)),
            })),
        };
        if let Some((part, reason)) = &ended {
            self.health.mark_broken(format!("{part} ended: {reason}"));
        }
        let writer = self.stop().await;
        match (ended, writer) {
            // What stopped the writer is why the engine's channel closed.
            (_, Err(error)) => Err(NodeError::Ended {
                part: "the ledger",
                reason: error,
            }),
            (Some((part, reason)), Ok(())) => Err(NodeError::Ended { part, reason }),
            (None, Ok(())) => Ok(()),
        }
    }

    /// Stops accepting, lets requests end, finishes the block, flushes.
    async fn stop(self) -> Result<(), String> {
        self.health.stop();
        tracing::info!("stopping");
        // Nobody is left to tell when the server has ended already.
        self.stop_server.send(true).ok();
        if !self.server.is_finished() {
            drop(tokio::time::timeout(STOP_WITHIN, self.server).await);
        }
        self.tidy.abort();
        self.engine.shutdown().await;
        self.host.abort();
        self.ledger.send(Command::Stop);
        let thread = self.ledger_thread;
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        let result = match ended {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            Ok(Err(_panic)) => Err("it panicked".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        if result.is_ok() {
            let chain = self.chain;
            let closed = tokio::task::spawn_blocking(move || chain.cache().close()).await;
            if let Ok(Err(error)) = closed {
                return Err(error.to_string());
            }
        }
        result
    }
}

/// The parts that stand on disk.
struct Parts {
    chain: Arc<ChainView>,
    admission: Arc<Admission>,
    journal: BlockJournal,
}

impl Parts {
    fn open(settings: &Settings, network: &DevNetwork, clock: Clock) -> Result<Self, NodeError> {
        let (journal, restored) = restore(settings, &network.genesis, false)?;
        let certificate = match restored.tip.height {
            0 => None,
            height => journal
                .reader()
                .block(height)?
                .map(|block| block.certificate),
        };
        let tip = Tip {
            header: restored.tip,
            id: restored.tip_id,
            certificate,
            tree: restored.tree,
            history: restored.history,
        };
        let chain = Arc::new(ChainView::new(
            network.genesis.clone(),
            tip,
            Arc::new(restored.cache),
            journal.reader(),
            clock,
        ));
        let limits = PoolLimits {
            transactions_max: settings.mempool_transactions_max,
            bytes_max: settings.mempool_bytes_max,
        };
        Ok(Self {
            admission: Arc::new(Admission::new(Arc::clone(&chain), limits)),
            chain,
            journal,
        })
    }
}

/// Opens the journal and brings the state level with it. `anew` discards the state first.
fn restore(
    settings: &Settings,
    genesis: &Genesis,
    anew: bool,
) -> Result<(BlockJournal, Restored), NodeError> {
    let blocks = settings.data.join("blocks");
    let (journal, recovered) = BlockJournal::open(&blocks, &genesis.chain_id())?;
    if let Some(cut) = recovered.truncated {
        tracing::warn!(%cut, "an unfinished record was cut off the journal");
    }
    let mut options = StoreOptions::new(&settings.data.join("state"), &genesis.chain_id());
    options.cache_bytes = settings.state_cache_bytes;
    let store = if anew {
        Store::create(&options)?
    } else {
        Store::open(&options)?
    };
    let restored = recover(&journal.reader(), genesis, store, &mut progress())?;
    if let Some(reason) = &restored.rebuilt {
        tracing::warn!(%reason, "the state was made again from the journal");
    }
    Ok((journal, restored))
}

/// Says how far a long rebuild is, every few thousand blocks.
fn progress() -> impl FnMut(u64, u64) {
    const EVERY_BLOCKS: u64 = 2_000;
    |height, of| {
        if height % EVERY_BLOCKS == 0 || height == of {
            tracing::info!(height, of, "rebuilding the state");
        }
    }
}

/// Builds the state anew from the journal; height and invoices it holds then.
///
/// # Errors
/// [`NodeError`].
pub fn reindex(settings: &Settings, clock: Clock) -> Result<(u64, u64), NodeError> {
    let network = network(settings, Mode::Existing, &clock)?;
    let (_journal, restored) = restore(settings, &network.genesis, true)?;
    let height = restored.tip.height;
    let totals =
        piao_chain::state::StateView::leaf(&restored.cache, piao_chain::state::Slot::TOTALS);
    let invoices = match totals {
        Ok(Some(piao_chain::state::Leaf::Totals(totals))) => totals.issued_count,
        _ => 0,
    };
    restored.cache.close().map_err(|error| NodeError::Ended {
        part: "the state store",
        reason: error.to_string(),
    })?;
    Ok((height, invoices))
}

fn network(settings: &Settings, mode: Mode, clock: &Clock) -> Result<DevNetwork, NodeError> {
    let there = settings.data.join("genesis").exists();
    match mode {
        Mode::Dev { seed } => Ok(prepare(&settings.data, seed, clock)?),
        Mode::Existing if there => Ok(prepare(&settings.data, None, clock)?),
        Mode::Existing => Err(NodeError::NoNetwork(settings.data.display().to_string())),
    }
}

async fn listen(address: &str) -> Result<TcpListener, NodeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| NodeError::Listen {
            address: address.to_owned(),
            source,
        })
}

fn host_config(settings: &Settings) -> HostConfig {
    let interval = Duration::from_millis(settings.block_interval_ms);
    HostConfig {
        heartbeat: Duration::from_millis(settings.heartbeat_ms),
        block_interval: (!interval.is_zero()).then_some(interval),
    }
}

fn engine_config(
    settings: &Settings,
    network: &DevNetwork,
    chain: &ChainView,
    validator_key: SecretKey,
) -> Result<piao_engine::EngineConfig, NodeError> {
    let seed = network
        .keyring
        .load_bytes("network")
        .map_err(DevError::from)?;
    Ok(piao_engine::EngineConfig {
        chain_id: *chain.chain_id(),
        moniker: "piaod".to_owned(),
        wal_path: settings.data.join("wal").join("consensus.wal"),
        listen: settings.p2p_listen.clone(),
        persistent_peers: settings.persistent_peers.clone(),
        network_key: Zeroizing::new(*seed),
        validator_key: Some(validator_key),
        block_bytes_max: usize::try_from(chain.params().block_bytes_max).unwrap_or(usize::MAX),
        timeouts: piao_engine::Timeouts::default(),
        status_update_interval: Duration::from_secs(2),
    })
}

fn open_desk(
    settings: &Settings,
    network: &DevNetwork,
    chain: &Arc<ChainView>,
    admission: &Arc<Admission>,
) -> Result<Desk, NodeError> {
    let keyring = &network.keyring;
    let authority = keyring.load("authority").map_err(DevError::from)?;
    let mut merchants = Vec::new();
    for person in people() {
        let key = keyring.load(person.key_name).map_err(DevError::from)?;
        let secret = keyring
            .load_bytes(person.secret_name)
            .map_err(DevError::from)?;
        merchants.push(Merchant {
            account: person.account,
            name: person.name.to_owned(),
            tax_id: person.uscc().to_string(),
            card: card_of(chain, &authority, &person, &key.public_key()),
            key,
            secret: MerchantSecret(secret),
        });
    }
    let master = keyring.load_bytes("desk-master").map_err(DevError::from)?;
    let (store, headers) = DeskStore::open(&desk_dir(&settings.data), &master)?;
    let (chain, admission) = (Arc::clone(chain), Arc::clone(admission));
    Ok(Desk::open(
        chain,
        admission,
        store,
        headers,
        merchants,
        Some(authority),
    )?)
}

fn desk_dir(data: &Path) -> std::path::PathBuf {
    data.join("desk")
}

fn backend(
    network: &DevNetwork,
    chain: &Arc<ChainView>,
    admission: &Arc<Admission>,
    desk: Arc<Desk>,
    health: &Arc<Health>,
    address: SocketAddr,
) -> NodeBackend {
    let caller = Caller {
        name: "dev".to_owned(),
        accounts: people().iter().map(|person| person.account).collect(),
    };
    let port = address.port();
    let facts = NodeFacts {
        network: chain.genesis().network.as_str().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        own_hosts: ["127.0.0.1", "localhost", "[::1]"]
            .map(|host| format!("{host}:{port}"))
            .to_vec(),
        dev_caller: address.ip().is_loopback().then(|| caller.clone()),
        public_status: address.ip().is_loopback(),
    };
    NodeBackend::new(NodeBackendParts {
        facts,
        chain: Arc::clone(chain),
        admission: Arc::clone(admission),
        desk,
        health: Arc::clone(health),
        api_key: Some((blake3::hash(network.api_key.as_bytes()), caller)),
        trust_root: network.trust_root.clone(),
    })
}

fn hint(settings: &Settings, network: &DevNetwork) -> String {
    format!(
        "API key {} (also in {}); calls from this machine need none; trust root in {}",
        network.api_key,
        settings.data.join("api-key").display(),
        settings.data.join("trust-root.json").display(),
    )
}

/// Forgets waiters who hung up, now and then.
async fn tidy(chain: Arc<ChainView>) {
    let mut ticks = tokio::time::interval(TIDY_EVERY);
    loop {
        ticks.tick().await;
        chain.finality().tidy();
    }
}

/// Resolves at SIGTERM or SIGINT.
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn task_reason(error: Option<tokio::task::JoinError>) -> String {
    error.map_or_else(|| "it returned".to_owned(), |error| error.to_string())
}

//! A running node: what was started, and how it is stopped.
//!
//! On a signal it stops accepting, finishes the block, flushes, and leaves a clean mark.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use piao_api::server::Bounds;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle as Task;

use super::addresses::{Addresses, start_gossip};
use super::consensus::{Consensus, StartAgain};
use super::desk::{backend, hint, open_desk};
use super::error::NodeError;
use super::open::{Mode, OnLoss, Opened, Parts};
use super::samples::introduce;
use super::scrub::Scrub;
use crate::backend::NodeBackend;
use crate::clock::Clock;
use crate::config::Settings;
use crate::descriptors::connections_max;
use crate::desk::Desk;
use crate::dev::bootstrap;
use crate::disk_space::{DiskSpace, MEASURE_EVERY};
use crate::gossip::{Gossip, Tips};
use crate::health::Health;
use crate::ledger::ChainView;
use crate::mempool::Admission;

/// What calls into the node may still take when the server has stopped.
const HTTP_STOP_WITHIN: Duration = Duration::from_secs(2);

/// How often waiters who hung up are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(1);

/// How long a part may take to stop.
const STOP_WITHIN: Duration = Duration::from_secs(8);

/// How a node stopped that stopped in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// A signal asked for it.
    ByOrder,
    /// To start anew with the same command, on the same address.
    ToStartAgain(SocketAddr),
}

/// A running node.
pub struct Running {
    address: SocketAddr,
    hint: Option<String>,
    notices: Vec<String>,
    health: Arc<Health>,
    chain: Arc<ChainView>,
    consensus: Consensus,
    gossip: Option<Gossip>,
    introduce: Option<Task<()>>,
    server: Task<std::io::Result<()>>,
    tidy: Task<()>,
    /// The outbox, and the change of merchants' keys.
    desk_work: [Task<()>; 2],
    scrub: Scrub,
    measure: Task<()>,
    stop_server: watch::Sender<bool>,
    state_failed: oneshot::Receiver<String>,
    signals: StopSignals,
}

impl Running {
    /// Starts a node; when this returns it serves and can issue.
    ///
    /// # Errors
    /// [`NodeError`]; each is one line.
    pub async fn start(
        settings: Arc<Settings>,
        mode: Mode,
        on_loss: OnLoss,
    ) -> Result<Self, NodeError> {
        let clock = Clock::with_offset_ms(settings.clock_offset_ms);
        // The port first: a taken one must not cost a recovery.
        let listener = listen(&settings.listen).await?;
        let address = listener.local_addr()?;
        let Opened {
            network,
            me,
            journal,
            restored,
            desk,
            headers,
            notices,
        } = Opened::open(&settings, mode, on_loss)?;
        let parts = Parts::of(&settings, &network.genesis, journal, restored, clock)?;
        let addresses = Addresses::of(&settings, &network)?;
        // Before the engine: a document that can't be read is refused before anything is signed.
        let files = (settings.data.as_path(), &network);
        let desk = open_desk(files, &parts.chain, &parts.admission, desk, headers)?;
        let desk = Arc::new(desk);
        let gossip = start_gossip(&network, &addresses, &parts).await?;
        let state_failed = watch_state(&parts.chain);
        let (chain, admission) = (Arc::clone(&parts.chain), Arc::clone(&parts.admission));
        let me = (me, gossip.as_ref().map(Gossip::tips));
        let consensus = Consensus::start(&settings, &network, parts, &addresses, me).await?;
        if let Mode::Dev { .. } = mode
            && let Err(error) = bootstrap(&chain, &admission, &network.keyring).await
        {
            consensus.end_early().await;
            return Err(error.into());
        }
        let introduce = introduce(mode, (&chain, &admission), &network);
        let tips = gossip.as_ref().map(Gossip::tips);
        let (disk, health) = watch_health(&settings, &chain, &admission, tips);
        desk.watch_disk(Arc::clone(&disk));
        desk.warn_below(settings.low_balance_invoices);
        let desk_work = work(&desk);
        let scrub = Scrub::start(&chain, &health)?;
        let backend = backend(
            (&network, gossip.as_ref()),
            &chain,
            &admission,
            desk,
            &health,
            (address, Arc::clone(&consensus.reporter)),
        )?;
        let (stop_server, stopped) = watch::channel(false);
        let server = serve(&settings, listener, backend, stopped);
        let tidy = tokio::spawn(tidy(Arc::clone(&chain)));
        let measure = tokio::spawn(measure(disk));
        let hint = matches!(mode, Mode::Dev { .. }).then(|| hint(&settings, &network));
        Ok(Self {
            address,
            hint,
            notices,
            health,
            chain,
            consensus,
            gossip,
            introduce,
            server,
            tidy,
            desk_work,
            scrub,
            measure,
            stop_server,
            state_failed,
            signals: StopSignals::listen()?,
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

    /// What the operator must hear: what was given up at this start.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Runs until a signal asks to stop, the node wants to start anew, or a part ends by itself.
    ///
    /// # Errors
    /// [`NodeError::Ended`] when a part ended by itself.
    pub async fn until_stopped(mut self) -> Result<Stopped, NodeError> {
        let mut stopped = Stopped::ByOrder;
        let mut is_second = false;
        let ended = tokio::select! {
            Some(why) = self.consensus.start_again.recv() => {
                is_second = why == StartAgain::Never;
                stopped = Stopped::ToStartAgain(self.address);
                None
            }
            () = self.signals.wait() => None,
            closed = self.consensus.engine.closed() => Some(("the consensus engine", format!("{closed:?}"))),
            Ok(reason) = &mut self.state_failed => Some(("the state store", reason)),
            host = &mut self.consensus.host => Some(("the consensus host", task_reason(host.err()))),
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
            (None, Ok(())) if is_second => Err(NodeError::SecondProcess),
            (None, Ok(())) => Ok(stopped),
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
        self.desk_work.iter().for_each(Task::abort);
        drop(self.scrub);
        drop(self.gossip);
        if let Some(introduce) = self.introduce {
            introduce.abort();
        }
        self.measure.abort();
        let result = self.consensus.stop().await;
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

/// Resolves when the state can't follow the journal any more, with the reason.
fn watch_state(chain: &ChainView) -> oneshot::Receiver<String> {
    let (failed, receiver) = oneshot::channel();
    chain.cache().on_failure(move |reason| {
        // Nobody listens any more when the node is stopping.
        failed.send(reason.to_owned()).ok();
    });
    receiver
}

async fn listen(address: &str) -> Result<TcpListener, NodeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| NodeError::Listen {
            address: address.to_owned(),
            source,
        })
}

/// Serves HTTP until told to stop, on threads of its own: however many calls come in, consensus
/// gets its turn from the operating system and does not queue behind them.
fn serve(
    settings: &Settings,
    listener: TcpListener,
    backend: NodeBackend,
    mut stopped: watch::Receiver<bool>,
) -> Task<std::io::Result<()>> {
    let bounds = bounds(settings);
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("http")
            .build()?;
        let served = runtime.block_on(async move {
            let listener = TcpListener::from_std(listener.into_std()?)?;
            let backend = Arc::new(backend);
            piao_api::server::serve_within(bounds, listener, backend, async move {
                // Ends when told, or when nobody is left to tell.
                drop(stopped.wait_for(|stop| *stop).await);
            })
            .await
        });
        // A read that hangs on a dying disk must not keep the process.
        runtime.shutdown_timeout(HTTP_STOP_WITHIN);
        served
    })
}

/// What the desk does by itself, from what it had taken on before it was stopped.
fn work(desk: &Arc<Desk>) -> [Task<()>; 2] {
    desk.resume();
    [
        tokio::spawn(Arc::clone(desk).run_outbox()),
        tokio::spawn(Arc::clone(desk).rotate_keys()),
    ]
}

/// Forgets waiters who hung up, now and then.
async fn tidy(chain: Arc<ChainView>) {
    let mut ticks = tokio::time::interval(TIDY_EVERY);
    loop {
        ticks.tick().await;
        chain.finality().tidy();
    }
}

/// The room on the disk and what readiness rests on.
fn watch_health(
    settings: &Settings,
    chain: &Arc<ChainView>,
    admission: &Arc<Admission>,
    tips: Option<Arc<Tips>>,
) -> (Arc<DiskSpace>, Arc<Health>) {
    let disk = Arc::new(DiskSpace::of(&settings.data, settings.disk_free_bytes_min));
    let health = Health::new(
        Arc::clone(chain),
        Arc::clone(admission),
        Arc::clone(&disk),
        tips,
        crate::metrics::render,
    );
    (disk, Arc::new(health))
}

/// Measures the room on the disk for as long as the node runs.
async fn measure(disk: Arc<DiskSpace>) {
    let mut ticks = tokio::time::interval(MEASURE_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let disk = Arc::clone(&disk);
        // A dying disk may hold up whoever asks it.
        let measured = tokio::task::spawn_blocking(move || disk.measure()).await;
        if let Err(error) = measured {
            tracing::error!(%error, "the disk can't be measured");
        }
    }
}

/// What the HTTP server takes on: the contract's bounds, fewer where descriptors are scarce.
fn bounds(settings: &Settings) -> Bounds {
    let default = Bounds::default();
    let connections = connections_max(default.connections);
    // Always one connection left to say "busy" on, and no caller with every place.
    let most_of = |whole: usize| (whole - whole / 4).max(1);
    let requests_in_flight = default.requests_in_flight.min(most_of(connections));
    Bounds {
        connections,
        requests_in_flight,
        requests_per_caller: default.requests_per_caller.min(most_of(requests_in_flight)),
        calls_per_second: settings.calls_per_second_max,
        transactions_per_second: settings.transactions_per_second_max,
        ..default
    }
}

/// SIGTERM and SIGINT, listened to from before the node says that it is ready: a signal that came
/// earlier would end the process where it stands.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Resolves when one of them came.
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn task_reason(error: Option<tokio::task::JoinError>) -> String {
    error.map_or_else(|| "it returned".to_owned(), |error| error.to_string())
}

//! Starting, watching and stopping the engine.

use std::path::PathBuf;
use std::time::Duration;

use arc_malachitebft_app_channel::app::types::Keypair;
use arc_malachitebft_app_channel::app::types::codec::Codec as _;
use arc_malachitebft_app_channel::{
    Channels, ConsensusContext, EngineBuilder, EngineHandle, NetworkContext, NetworkIdentity,
    NetworkRequest, RequestContext, Signer as _, SyncContext, WalContext,
};
use piao_chain::signature::{KeyId, PublicKey, SecretKey};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tracing::info;

use crate::address::Address;
use crate::app::{App, AppParts};
use crate::codec::WireCodec;
use crate::config::{EngineConfig, EngineSettings};
use crate::context::{self, Ctx};
use crate::error::{Closed, EngineError};
use crate::host::HostRequest;
use crate::parts::Publisher;
use crate::signer::{ChainSigner, ChainVerifier};
use crate::supervisor::Supervisor;

/// From the start of the actors to listening: local work, far below a second on an idle machine.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Requests for a state dump that may wait.
const DUMPS_MAX: usize = 8;

/// A running engine. Dropping it does not stop it; call [`shutdown`](Self::shutdown).
pub struct Engine {
    listen: String,
    stop: watch::Sender<bool>,
    closed: watch::Receiver<Option<Closed>>,
    actors: AbortHandle,
    network: mpsc::Sender<NetworkRequest>,
}

/// Starts the engine and returns once it listens.
///
/// Requests arrive at `host` from then on, the first being [`HostRequest::Start`]; the host must be
/// receiving. Must be called within a tokio runtime.
///
/// # Errors
/// [`EngineError`]; nothing is left running.
pub async fn start(
    config: EngineConfig,
    host: mpsc::Sender<HostRequest>,
) -> Result<Engine, EngineError> {
    let tap = |_config: &EngineConfig, _channels: &Channels<Ctx>, _handle: &EngineHandle| ();
    let (engine, ()) = start_tapped(config, host, tap).await?;
    Ok(engine)
}

/// The same, and whatever a tap makes of the engine's channels and actors before anything goes
/// through them.
pub(crate) async fn start_tapped<T>(
    config: EngineConfig,
    host: mpsc::Sender<HostRequest>,
    tap: impl FnOnce(&EngineConfig, &Channels<Ctx>, &EngineHandle) -> T,
) -> Result<(Engine, T), EngineError> {
    let listen = Address::parse(&config.listen)?.reserve()?;
    let settings = EngineSettings::derive(&config, &listen)?;
    let keypair = Keypair::ed25519_from_bytes(config.network_key.clone().as_mut_slice())
        .map_err(|_source| EngineError::NetworkKey)?;
    let me = own_id(config.validator_key.as_ref(), &keypair)?;
    let (identity, consensus) = roles(&config, me, keypair).await?;
    let (channels, handle) = EngineBuilder::new(Ctx, settings)
        .with_default_wal(WalContext::new(config.wal_path.clone(), WireCodec))
        .with_default_network(NetworkContext::new(identity, WireCodec))
        .with_default_consensus(consensus)
        .with_default_sync(SyncContext::new(WireCodec))
        .with_default_request(RequestContext::new(DUMPS_MAX))
        .build()
        .await
        .map_err(|report| EngineError::Build(format!("{report:#}")))?;

    let tapped = tap(&config, &channels, &handle);
    let (ready, is_ready) = oneshot::channel();
    let publisher = config
        .validator_key
        .map(|key| Publisher::new(channels.network.clone(), key, config.chain_id));
    let app = App::new(AppParts {
        chain_id: config.chain_id,
        me,
        host,
        publisher,
        timeouts: config.timeouts.into(),
        block_bytes_max: config.block_bytes_max,
        ready,
    });
    let engine = Engine::watch_over(listen, app, channels, handle, config.wal_path);
    if !matches!(
        tokio::time::timeout(READY_WITHIN, is_ready).await,
        Ok(Ok(()))
    ) {
        engine.shutdown().await;
        return Err(EngineError::NotReady(READY_WITHIN.as_secs()));
    }
    info!(listen = engine.listen, %me, "consensus engine started");
    Ok((engine, tapped))
}

/// The id this node votes under. A node without a validator key goes by its network key, which is
/// in no validator set.
fn own_id(validator_key: Option<&SecretKey>, keypair: &Keypair) -> Result<KeyId, EngineError> {
    if let Some(key) = validator_key {
        return Ok(key.public_key().id());
    }
    let network_key = keypair
        .public()
        .try_into_ed25519()
        .map_err(|_kind| EngineError::NetworkKey)?;
    let key = PublicKey::from_bytes(&network_key.to_bytes());
    Ok(key.map_err(|_source| EngineError::NetworkKey)?.id())
}

/// What the node is to its peers and to consensus: a validator, or one who follows.
async fn roles(
    config: &EngineConfig,
    me: KeyId,
    keypair: Keypair,
) -> Result<(NetworkIdentity, ConsensusContext<Ctx>), EngineError> {
    let address = context::Address(me);
    let verifier = Box::new(ChainVerifier::new(config.chain_id));
    let Some(key) = &config.validator_key else {
        let identity = NetworkIdentity::new(config.moniker.clone(), keypair, None);
        return Ok((identity, ConsensusContext::new_full_node(address, verifier)));
    };
    let signer = ChainSigner::new(key.clone(), config.chain_id, config.signed.clone());
    let peer_id = keypair.public().to_peer_id().to_bytes();
    let proof = signer
        .sign_validator_proof(key.public_key().as_bytes().to_vec(), peer_id)
        .await
        .map_err(|error| EngineError::Build(error.to_string()))?;
    let proof = WireCodec
        .encode(&proof)
        .map_err(|error| EngineError::Build(error.to_string()))?;
    let identity =
        NetworkIdentity::new_validator(config.moniker.clone(), keypair, me.to_string(), proof);
    Ok((
        identity,
        ConsensusContext::new_validator(address, verifier, Box::new(signer)),
    ))
}

impl Engine {
    fn watch_over(
        listen: Address,
        app: App,
        channels: Channels<Ctx>,
        handle: EngineHandle,
        wal_path: PathBuf,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (report, closed) = watch::channel(None);
        let actors = handle.handle.abort_handle();
        let network = channels.net_requests.clone();
        let address = listen.to_string();
        let supervisor = Supervisor {
            handle,
            wal_path,
            listen,
            stopped,
            report,
        };
        tokio::spawn(supervisor.run(app, channels));
        Self {
            listen: address,
            stop,
            closed,
            actors,
            network,
        }
    }

    /// Where the engine listens, with the port it really has: `/ip4/…/tcp/…`.
    #[must_use]
    pub fn listen(&self) -> &str {
        &self.listen
    }

    /// Waits until the engine has ended, and says how. May be called any number of times.
    ///
    /// On anything but [`Closed::Shutdown`] the node flushes its stores and exits non-zero.
    pub async fn closed(&self) -> Closed {
        let mut closed = self.closed.clone();
        let reason = closed.wait_for(Option::is_some).await.map(|reason| *reason);
        // The supervisor writes a reason before it ends; if it panicked, an actor-like task failed.
        reason.ok().flatten().unwrap_or(Closed::Failed)
    }

    /// Whether the engine's supervisor has ended. After a [`Closed::SafetyHang`] it has not: it
    /// lives on for the operator to look at, until [`shutdown`](Self::shutdown).
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.actors.is_finished()
    }

    /// Connected peers, or `None` when the engine does not answer.
    pub async fn peer_count(&self) -> Option<usize> {
        let dump = NetworkRequest::dump_state(&self.network)
            .await
            .ok()
            .flatten()?;
        Some(dump.peers.len())
    }

    /// Stops the actors and waits until they are gone; the log file and the port are free then.
    /// Keep the host serving meanwhile, or the engine logs errors on its way out.
    pub async fn shutdown(&self) {
        self.stop.send_replace(true);
        self.closed().await;
        let mut gone = self.closed.clone();
        // The reporting side is dropped when the last actor is gone.
        while gone.changed().await.is_ok() {}
    }
}

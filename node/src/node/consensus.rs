//! What decides blocks: the writer of the ledger, the host that answers the engine, the engine.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::mpsc;
use tokio::task::JoinHandle as Task;

use super::addresses::Addresses;
use super::engine::{engine_config, host_config};
use super::error::NodeError;
use super::open::{Me, Parts};
use crate::config::Settings;
use crate::consensus::Host;
use crate::ledger::{Command, LedgerError, LedgerHandle, LedgerParts, start as start_ledger};
use crate::network::NetworkFiles;

/// Requests of the engine that may wait for the host.
const ENGINE_REQUESTS_MAX: usize = 64;

/// The three, running.
pub(super) struct Consensus {
    pub(super) engine: piao_engine::Engine,
    pub(super) host: Task<()>,
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
        me: Me,
    ) -> Result<Self, NodeError> {
        let (requests, received) = mpsc::channel(ENGINE_REQUESTS_MAX);
        let (ledger, writer) = start_ledger(LedgerParts {
            chain: Arc::clone(&parts.chain),
            admission: Arc::clone(&parts.admission),
            journal: parts.journal,
            me: me.id,
        })?;
        let host = Host::new(
            Arc::clone(&parts.chain),
            parts.admission,
            ledger.clone(),
            me.validator_key.as_ref().map(|_key| me.id),
            host_config(settings),
        );
        let host = tokio::spawn(host.run(received));
        let me = (addresses, me.validator_key);
        let config = engine_config(settings, network, &parts.chain, me)?;
        let engine = piao_engine::start(config, requests).await?;
        Ok(Self {
            engine,
            host,
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

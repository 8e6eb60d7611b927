//! The engine, which is exchanged once: a validator that has forgotten what it signed follows without
//! a vote first.

use std::sync::{Arc, PoisonError, RwLock};

use piao_engine::{Closed, Engine, EngineConfig, EngineError, HostRequest};
use tokio::sync::{mpsc, watch};

/// Where the running engine stands.
pub(super) struct EngineSlot {
    engine: RwLock<Arc<Engine>>,
    /// `Some` while one engine ends so that the next can start; the reason if that failed.
    exchange: watch::Sender<Exchange>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Exchange {
    None,
    UnderWay,
    Failed,
}

impl EngineSlot {
    pub(super) fn new(engine: Engine) -> Arc<Self> {
        let (exchange, _watched) = watch::channel(Exchange::None);
        Arc::new(Self {
            engine: RwLock::new(Arc::new(engine)),
            exchange,
        })
    }

    fn current(&self) -> Arc<Engine> {
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&engine)
    }

    /// Waits until the engine has ended by itself, and says how. One that is exchanged has not.
    pub(super) async fn closed(&self) -> Closed {
        loop {
            let engine = self.current();
            let closed = engine.closed().await;
            let mut exchange = self.exchange.subscribe();
            let state = exchange.borrow().clone();
            match state {
                // The exchange may be over before we are woken.
                Exchange::None if !Arc::ptr_eq(&engine, &self.current()) => {}
                Exchange::None => return closed,
                Exchange::Failed => return Closed::Failed,
                Exchange::UnderWay => {
                    // The sending side lives as long as the slot.
                    let over = exchange
                        .wait_for(|state| *state != Exchange::UnderWay)
                        .await;
                    if over.is_ok_and(|state| *state == Exchange::Failed) {
                        return Closed::Failed;
                    }
                }
            }
        }
    }

    /// Ends the engine and starts another on the same host.
    pub(super) async fn exchange(
        &self,
        config: EngineConfig,
        host: mpsc::Sender<HostRequest>,
    ) -> Result<(), EngineError> {
        self.exchange.send_replace(Exchange::UnderWay);
        self.current().shutdown().await;
        match piao_engine::start(config, host).await {
            Ok(engine) => {
                *self.engine.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(engine);
                self.exchange.send_replace(Exchange::None);
                Ok(())
            }
            Err(error) => {
                self.exchange.send_replace(Exchange::Failed);
                Err(error)
            }
        }
    }

    /// Stops the engine that is running.
    pub(super) async fn shutdown(&self) {
        self.current().shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use piao_chain::digest::ChainId;
    use piao_engine::Timeouts;
    use tokio::time::timeout;
    use zeroize::Zeroizing;

    use super::*;

    #[tokio::test]
    async fn an_exchange_is_no_end_however_late_who_waits_is_woken() {
        let folder = tempfile::tempdir().unwrap();
        let config = EngineConfig {
            chain_id: ChainId([1; 32]),
            moniker: "node".to_owned(),
            wal_path: folder.path().join("wal"),
            listen: "/ip4/127.0.0.1/tcp/0".to_owned(),
            persistent_peers: Vec::new(),
            only_persistent_peers: false,
            network_key: Zeroizing::new([2; 32]),
            validator_key: None,
            block_bytes_max: 64 * 1024,
            timeouts: Timeouts::default(),
            status_update_interval: Duration::from_secs(1),
        };
        let (host, mut requests) = mpsc::channel(16);
        // A host that lets every height wait.
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            while let Some(request) = requests.recv().await {
                waiting.push(request);
            }
        });
        let first = piao_engine::start(config.clone(), host.clone()).await;
        let slot = EngineSlot::new(first.unwrap());
        let mut closed = std::pin::pin!(slot.closed());
        assert!(timeout(Duration::ZERO, &mut closed).await.is_err());
        // Nobody polls it meanwhile.
        slot.exchange(config, host).await.unwrap();
        assert!(timeout(Duration::ZERO, &mut closed).await.is_err());
        slot.shutdown().await;
        assert_eq!(closed.await, Closed::Shutdown);
    }
}

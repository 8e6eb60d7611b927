//! The engine, which is exchanged once: a validator that has forgotten what it signed follows without
//! a vote first.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use piao_engine::{Closed, Engine, EngineConfig, EngineError, HostRequest};
use tokio::sync::{mpsc, watch};

/// Where the running engine stands.
pub(super) struct EngineSlot {
    engine: RwLock<Arc<Engine>>,
    /// What the running engine was started with.
    config: Mutex<EngineConfig>,
    /// One exchange at a time.
    turn: tokio::sync::Mutex<()>,
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
    pub(super) fn new(engine: Engine, config: EngineConfig) -> Arc<Self> {
        let (exchange, _watched) = watch::channel(Exchange::None);
        Arc::new(Self {
            engine: RwLock::new(Arc::new(engine)),
            config: Mutex::new(config),
            turn: tokio::sync::Mutex::default(),
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
            let closed = self.current().closed().await;
            let mut exchange = self.exchange.subscribe();
            let state = exchange.borrow().clone();
            match state {
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
        let _turn = self.turn.lock().await;
        self.exchange.send_replace(Exchange::UnderWay);
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = config.clone();
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

    /// Starts the engine anew with the configuration it has. What it signed is in its log.
    pub(super) async fn restart(&self, host: mpsc::Sender<HostRequest>) -> Result<(), EngineError> {
        let config = self
            .config
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        self.exchange(config, host).await
    }

    /// Stops the engine that is running.
    pub(super) async fn shutdown(&self) {
        self.current().shutdown().await;
    }
}

//! A door for `piao-byzantine`: another way to start the engine. No `piaod` takes it
//! (`node/decisions/0008-byzantine.md`).

use std::pin::Pin;
use std::sync::OnceLock;

use piao_engine::{Engine, EngineConfig, EngineError, HostRequest};
use tokio::sync::mpsc;

/// An engine that is being started.
pub type Starting = Pin<Box<dyn Future<Output = Result<Engine, EngineError>> + Send>>;

/// Starts an engine that asks a host, and does what it likes with either.
pub type Conduct = dyn Fn(EngineConfig, mpsc::Sender<HostRequest>) -> Starting + Send + Sync;

static CONDUCT: OnceLock<Box<Conduct>> = OnceLock::new();

/// Has every engine of this process started this way from now on; `false` when another way was set
/// before.
pub fn misbehave(conduct: Box<Conduct>) -> bool {
    CONDUCT.set(conduct).is_ok()
}

/// Starts an engine: that way, or as every node does.
pub(crate) async fn start(
    config: EngineConfig,
    host: mpsc::Sender<HostRequest>,
) -> Result<Engine, EngineError> {
    match CONDUCT.get() {
        Some(conduct) => conduct(config, host).await,
        None => piao_engine::start(config, host).await,
    }
}

//! Runs the loop and the actors together, and tears both down.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use arc_malachitebft_app_channel::app::engine::network::NetworkMsg;
use arc_malachitebft_app_channel::{Channels, EngineHandle};
use tokio::sync::watch;
use tracing::error;

use crate::address::Address;
use crate::app::{App, Ended};
use crate::context::Ctx;
use crate::error::Closed;

/// How long actors may take to stop by themselves before they are killed.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// How often to look whether log and port are free. Usually they are at the first look.
const UNLOCK_POLL: Duration = Duration::from_millis(2);

/// The engine's own supervisor ends within this time: after it was told to, and after its channel
/// closed if a restart is safe.
const SUPERVISOR_WITHIN: Duration = Duration::from_secs(2);

/// Owns a running engine and reports how it ended.
pub(crate) struct Supervisor {
    pub(crate) handle: EngineHandle,
    pub(crate) wal_path: PathBuf,
    /// Where it listens, with the port it really has.
    pub(crate) listen: Address,
    /// Told to stop.
    pub(crate) stopped: watch::Receiver<bool>,
    /// Set once, when the engine has ended; dropped when nothing of it is left.
    pub(crate) report: watch::Sender<Option<Closed>>,
}

impl Supervisor {
    pub(crate) async fn run(mut self, app: App, channels: Channels<Ctx>) {
        let mut running = tokio::spawn(app.run(channels));
        let ended = tokio::select! {
            ended = &mut running => Some(ended),
            // An error means that `Engine` is gone without a shutdown: the engine runs on.
            Ok(_) = self.stopped.wait_for(|stop| *stop) => None,
        };
        let reason = match ended {
            None => Closed::Shutdown,
            Some(Ok(Ended::HostGone)) => Closed::HostGone,
            Some(Ok(Ended::EngineClosed)) => self.tell_failure_from_hang().await,
            Some(Err(failure)) => {
                error!(%failure, "the engine loop failed");
                Closed::Failed
            }
        };
        if reason == Closed::SafetyHang {
            error!("the engine stopped itself: going on could mean signing twice");
            self.report.send_replace(Some(reason));
            // Keep what is left for the operator. Without an `Engine` nobody can ask for more.
            if self.stopped.wait_for(|stop| *stop).await.is_err() {
                return;
            }
        }
        self.stop_actors().await;
        running.abort();
        self.report.send_replace(Some(reason));
    }

    /// The engine's own supervisor ends after a failure and lives on after a safety hang.
    async fn tell_failure_from_hang(&mut self) -> Closed {
        if self.has_finished().await {
            Closed::Failed
        } else {
            Closed::SafetyHang
        }
    }

    /// Waits for the engine's own supervisor, within bounds.
    async fn has_finished(&mut self) -> bool {
        let task = &mut self.handle.handle;
        // A finished task must not be awaited twice.
        task.is_finished() || tokio::time::timeout(SUPERVISOR_WITHIN, task).await.is_ok()
    }

    /// Lets every actor finish what it is doing; kills what does not end in time. Then waits for what
    /// nobody can join: the log's own thread, which holds a lock on the file until it ends, and the
    /// swarm's own task, which holds the port.
    async fn stop_actors(&mut self) {
        let why = || Some("shutdown".to_owned());
        let actor = self.handle.actor.clone();
        let node = actor.get_cell();
        // The engine's own supervisor ends at the first child's end and kills the others. The swarm
        // outlives an actor that is killed: nobody is left to end it, and it stays connected and
        // listening. So that actor ends by itself.
        let mut children = node.get_children().into_iter();
        let network =
            children.find(|child| child.is_message_type_of::<NetworkMsg<Ctx>>() == Some(true));
        if let Some(network) = &network {
            network.unlink(node.clone());
            network.stop(why());
        }
        node.stop_children_and_wait(why(), Some(STOP_WITHIN)).await;
        if let Some(network) = &network
            && network.wait(Some(STOP_WITHIN)).await.is_err()
        {
            error!("the engine's swarm does not stop");
        }
        actor.stop(why());
        if !self.has_finished().await {
            actor.kill();
            if !self.has_finished().await {
                error!("the engine's supervisor does not stop");
            }
        }
        if !comes_true(|| !is_locked(&self.wal_path)).await {
            error!("the engine does not let go of its write-ahead log");
        }
        if !comes_true(|| self.listen.reserve().is_ok()).await {
            error!("the engine does not let go of its port");
        }
    }
}

/// Waits for something, within bounds; whether it came true.
async fn comes_true(holds: impl Fn() -> bool) -> bool {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(UNLOCK_POLL).await;
        }
    };
    tokio::time::timeout(STOP_WITHIN, waiting).await.is_ok()
}

/// Whether somebody holds the lock of a log. A file that cannot be opened is not in our way.
fn is_locked(path: &Path) -> bool {
    let Ok(file) = File::open(path) else {
        return false;
    };
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

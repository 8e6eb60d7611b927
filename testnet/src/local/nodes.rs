//! The processes of a network: started together, watched, stopped by their own ids.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::error::LocalError;
use super::layout::{Layout, NodeEntry, is_ours};

/// How long nodes may take to serve.
pub(super) const READY_SECONDS: u64 = 60;
/// How long one may take to stop: SIGTERM ends it within ten seconds.
const STOP_SECONDS: u64 = 15;
/// How often a state that nobody announces is asked for.
pub(super) const ASK_EVERY: Duration = Duration::from_millis(20);
/// Bytes read of the end of a log.
const TAIL_BYTES: usize = 4096;

/// Running nodes, in the order of the layout.
#[derive(Debug)]
pub(super) struct Nodes {
    children: Vec<(String, PathBuf, Child)>,
}

impl Nodes {
    /// Starts every node and writes down its process.
    pub(super) fn start(piaod: &Path, layout: &mut Layout, log: &str) -> Result<Self, LocalError> {
        Self::start_first(piaod, layout, layout.nodes.len(), log)
    }

    /// Starts so many of them.
    pub(super) fn start_first(
        piaod: &Path,
        layout: &mut Layout,
        count: usize,
        log: &str,
    ) -> Result<Self, LocalError> {
        let mut nodes = Self {
            children: Vec::new(),
        };
        for at in 0..count {
            nodes.start_one(piaod, layout, at, log)?;
        }
        Ok(nodes)
    }

    /// Starts one, by its place in the layout.
    pub(super) fn start_one(
        &mut self,
        piaod: &Path,
        layout: &mut Layout,
        at: usize,
        log: &str,
    ) -> Result<(), LocalError> {
        let Some(node) = layout.nodes.get(at) else {
            return Ok(());
        };
        let child = start(piaod, layout, node, log)?;
        let (name, file) = (node.name.clone(), layout.log(node));
        let pid = child.id();
        if let Some(node) = layout.nodes.get_mut(at) {
            node.pid = pid;
        }
        self.children.push((name, file, child));
        layout.write()
    }

    /// Kills the one that was started last and waits until it is gone.
    pub(super) async fn kill_last(&mut self) -> Result<(), LocalError> {
        let Some((name, _log, mut child)) = self.children.pop() else {
            return Ok(());
        };
        let killed = child.kill().await;
        killed.map_err(LocalError::io(Path::new(&name)))
    }

    /// Waits until one ends by itself, which none should.
    pub(super) async fn ended(&mut self) -> LocalError {
        loop {
            for (name, log, child) in &mut self.children {
                if let Ok(Some(_status)) = child.try_wait() {
                    return LocalError::Ended {
                        name: name.clone(),
                        said: last_line(log),
                        log: log.clone(),
                    };
                }
            }
            sleep(ASK_EVERY * 10).await;
        }
    }

    /// Stops all as an operator would, and waits.
    pub(super) async fn stop(mut self) -> Result<(), LocalError> {
        for (_name, _log, child) in &self.children {
            if let Some(pid) = child.id() {
                signal(pid, "TERM").await?;
            }
        }
        for (name, _log, child) in &mut self.children {
            let pid = child.id().unwrap_or_default();
            let ended = timeout(Duration::from_secs(STOP_SECONDS), child.wait()).await;
            if ended.is_err() {
                return Err(LocalError::NotStopped {
                    name: name.clone(),
                    pid,
                    seconds: STOP_SECONDS,
                });
            }
        }
        Ok(())
    }

    /// Leaves them running when this program ends.
    pub(super) fn detach(self) {
        // They were started without the order to kill them when their handles are dropped.
        drop(self);
    }
}

fn start(piaod: &Path, layout: &Layout, node: &NodeEntry, log: &str) -> Result<Child, LocalError> {
    let file = layout.log(node);
    let stderr = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .map_err(LocalError::io(&file))?;
    Command::new(piaod)
        .arg("run")
        .arg("--data")
        .arg(layout.data(node))
        .args(["--listen", &format!("127.0.0.1:{}", node.http), "--log", log])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        // Ctrl-C is for this program, which then stops its nodes in order.
        .process_group(0)
        .spawn()
        .map_err(LocalError::io(piaod))
}

/// Sends a signal to a process that was started here.
pub(crate) async fn signal(pid: u32, name: &str) -> Result<(), LocalError> {
    let sent = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status()
        .await;
    sent.map_err(LocalError::io(Path::new("kill"))).map(drop)
}

/// Stops the nodes that a layout names and waits until they are gone; how many there were.
pub(super) async fn stop_recorded(layout: &mut Layout) -> Result<usize, LocalError> {
    let alive: Vec<(String, u32, PathBuf)> = layout
        .alive()
        .into_iter()
        .filter_map(|node| Some((node.name.clone(), node.pid?, layout.data(node))))
        .collect();
    for (_name, pid, _data) in &alive {
        signal(*pid, "TERM").await?;
    }
    for (name, pid, data) in &alive {
        let deadline = Instant::now() + Duration::from_secs(STOP_SECONDS);
        while is_ours(*pid, data) {
            if Instant::now() >= deadline {
                return Err(LocalError::NotStopped {
                    name: name.clone(),
                    pid: *pid,
                    seconds: STOP_SECONDS,
                });
            }
            sleep(ASK_EVERY).await;
        }
    }
    for node in &mut layout.nodes {
        node.pid = None;
    }
    layout.write()?;
    Ok(alive.len())
}

/// The last line a node has written.
pub(crate) fn last_line(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let tail = bytes.get(bytes.len().saturating_sub(TAIL_BYTES)..);
    let text = String::from_utf8_lossy(tail.unwrap_or_default()).into_owned();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or("it said nothing").to_owned()
}

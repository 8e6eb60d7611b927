//! One node's process: started until it serves, ended by a signal, started again.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{ScenarioError, other};
use crate::local::{last_line, signal};

/// A node that does not serve by then hangs. The machine may be busy.
const READY_WITHIN: Duration = Duration::from_secs(90);
/// A node that was told to end and lives then hangs; 10 s are promised, more on a busy machine.
const END_WITHIN: Duration = Duration::from_secs(30);

/// How a node is started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    /// The node's program.
    pub(crate) program: PathBuf,
    /// Its arguments before those of a node.
    pub(crate) before: Vec<String>,
    pub(crate) name: String,
    pub(crate) data: PathBuf,
    pub(crate) log: PathBuf,
    /// Where it serves, `ADDR:PORT`.
    pub(crate) listen: String,
    /// As `--clock-offset` takes it.
    pub(crate) clock: Option<String>,
}

/// A node that runs. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    name: String,
    pub(crate) pid: u32,
    pub(crate) ready_after: Duration,
    /// Kept open, or the node would write into a closed pipe.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Launch {
    /// Starts it and waits until it serves.
    pub(crate) async fn start(&self) -> Result<Process, ScenarioError> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(ScenarioError::io(&self.log))?;
        let mut command = Command::new(&self.program);
        command
            .args(&self.before)
            .arg("run")
            .arg("--data")
            .arg(&self.data);
        command.args(["--listen", &self.listen, "--log", "info"]);
        if let Some(clock) = &self.clock {
            command.args(["--clock-offset", clock]);
        }
        let began = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(ScenarioError::io(&self.program))?;
        let no = |what: &str| {
            let said = last_line(&self.log);
            other(format!("{} {what}: {said}", self.name))
        };
        let pid = child.id().ok_or_else(|| no("ended at once"))?;
        let stdout = child.stdout.take().ok_or_else(|| no("has no stdout"))?;
        let mut stdout = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(READY_WITHIN, stdout.next_line()).await;
        let line = line.map_err(|_elapsed| no("does not get ready"))?;
        match line.map_err(ScenarioError::io(&self.log))? {
            Some(line) if line.starts_with("ready ") => Ok(Process {
                child,
                name: self.name.clone(),
                pid,
                ready_after: began.elapsed(),
                _stdout: stdout,
            }),
            _ => Err(no("does not start")),
        }
    }
}

impl Process {
    /// SIGKILL; returns when it is gone.
    pub(crate) async fn kill(mut self) -> Result<(), ScenarioError> {
        let killed = self.child.kill().await;
        killed.map_err(ScenarioError::io(Path::new(&self.name)))
    }

    /// SIGTERM; how it ended.
    pub(crate) async fn terminate(mut self) -> Result<ExitStatus, ScenarioError> {
        signal(self.pid, "TERM").await?;
        match tokio::time::timeout(END_WITHIN, self.child.wait()).await {
            Ok(status) => status.map_err(ScenarioError::io(Path::new(&self.name))),
            Err(_elapsed) => Err(other(format!(
                "{} did not end within {END_WITHIN:?} of being told to",
                self.name
            ))),
        }
    }

    /// How it ended, if it did by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

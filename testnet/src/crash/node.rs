//! A `piaod` process that may die before it is ready, while it works, or when it is told to.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{CrashError, other};

/// A node that is neither ready nor dead by then hangs. What is wanted is 3 s; see the report.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A node that was told to end and lives then hangs.
const END_WITHIN: Duration = Duration::from_secs(20);

/// Signal number of SIGKILL.
const SIGKILL: i32 = 9;

/// How a node is started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    /// Program and arguments before the node's own, such as `eatmydata`; it must `exec` the node.
    pub(crate) wrapper: Vec<OsString>,
    pub(crate) data: PathBuf,
    /// Where its stderr is appended to; outside the data directory.
    pub(crate) log: PathBuf,
    /// Seed of the network's keys.
    pub(crate) seed: u64,
    pub(crate) environment: Vec<(&'static str, String)>,
}

/// How a start ended.
pub(crate) enum Start {
    /// It serves.
    Ready(Box<Node>),
    /// It is gone.
    Died(ExitStatus),
}

/// A running node.
pub(crate) struct Node {
    child: Child,
    url: String,
    ready_after: Duration,
    /// Kept open, or the node would write into a closed pipe.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Launch {
    /// Starts a node and waits until it serves or is gone.
    pub(crate) async fn start(&self) -> Result<Start, CrashError> {
        let stderr = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&self.log)?;
        let started = Instant::now();
        let mut child = self
            .command()
            .args(["dev", "--listen", "127.0.0.1:0", "--log", "warn", "--seed"])
            .arg(self.seed.to_string())
            .arg("--data")
            .arg(&self.data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| other(format!("{}: {source}", self.program.display())))?;
        let stdout = child.stdout.take().ok_or_else(|| other("no stdout"))?;
        let mut stdout = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(READY_WITHIN, stdout.next_line()).await;
        let hangs = |_elapsed| other(format!("piaod is not ready; log: {}", self.log.display()));
        let line = line.map_err(hangs)??;
        let ready_after = started.elapsed();
        match line.as_deref().and_then(|line| line.strip_prefix("ready ")) {
            Some(url) => Ok(Start::Ready(Box::new(Node {
                url: url.to_owned(),
                child,
                ready_after,
                _stdout: stdout,
            }))),
            None => Ok(Start::Died(wait(&mut child).await?)),
        }
    }

    fn command(&self) -> Command {
        let mut command = match self.wrapper.split_first() {
            None => Command::new(&self.program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(&self.program);
                command
            }
        };
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What the node wrote to its log so far.
    pub(crate) fn log_text(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The last line of the log: why it did not start.
    pub(crate) fn last_words(&self) -> String {
        let text = self.log_text();
        text.lines().next_back().unwrap_or("no word").to_owned()
    }
}

impl Node {
    /// Where it serves.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From its start until it served.
    pub(crate) fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Its process id, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// SIGKILL, at once; returns when it is gone.
    pub(crate) async fn kill(mut self) -> Result<(), CrashError> {
        self.child.start_kill()?;
        wait(&mut self.child).await.map(drop)
    }

    /// SIGTERM; how it ended.
    pub(crate) async fn terminate(mut self) -> Result<ExitStatus, CrashError> {
        if let Some(pid) = self.child.id() {
            let arguments = ["-TERM", &pid.to_string()];
            // It may have died a moment before.
            Command::new("kill")
                .args(arguments)
                .stderr(Stdio::null())
                .status()
                .await?;
        }
        wait(&mut self.child).await
    }

    /// Whether it has died by itself.
    pub(crate) fn is_dead(&mut self) -> Result<bool, CrashError> {
        Ok(self.child.try_wait()?.is_some())
    }
}

/// Whether a process was killed, and did not end by itself.
pub(crate) fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(SIGKILL)
}

async fn wait(child: &mut Child) -> Result<ExitStatus, CrashError> {
    match tokio::time::timeout(END_WITHIN, child.wait()).await {
        Ok(status) => Ok(status?),
        Err(_elapsed) => {
            child.start_kill()?;
            Err(other(format!("piaod did not end within {END_WITHIN:?}")))
        }
    }
}

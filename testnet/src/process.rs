//! A real `piaod` process: started, asked how much it uses, stopped by its own id.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long a node may take to get ready.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// How long a node may take to stop.
const STOP_WITHIN: Duration = Duration::from_secs(15);

/// Clock ticks a second in `/proc`, fixed by the kernel's interface.
const TICKS_PER_SECOND: f64 = 100.0;

/// Why a node could not be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    #[error("{program}: {source}", program = program.display())]
    Start {
        program: PathBuf,
        source: std::io::Error,
    },
    #[error("piaod was not ready within {READY_WITHIN:?}; its log is in {}", .0.display())]
    NotReady(PathBuf),
    #[error("piaod did not stop within {STOP_WITHIN:?}")]
    NotStopped,
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A running node.
#[derive(Debug)]
pub(crate) struct Node {
    child: Child,
    pid: u32,
    url: String,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Seconds of CPU, all cores together.
    pub(crate) cpu_seconds: f64,
    /// Bytes in memory now.
    pub(crate) rss_bytes: u64,
    /// Bytes in memory at most.
    pub(crate) rss_peak_bytes: u64,
}

impl Node {
    /// Starts `piaod dev` on a free port, with keys that follow from a seed.
    pub(crate) async fn start(
        program: &Path,
        data: &Path,
        seed: u64,
    ) -> Result<Self, ProcessError> {
        let log = data.with_extension("log");
        let stderr = std::fs::File::create(&log)?;
        let mut child = Command::new(program)
            .arg("dev")
            .arg("--data")
            .arg(data)
            .args(["--listen", "127.0.0.1:0", "--log", "warn"])
            .arg("--seed")
            .arg(seed.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| ProcessError::Start {
                program: program.to_owned(),
                source,
            })?;
        let not_ready = || ProcessError::NotReady(log.clone());
        let pid = child.id().ok_or_else(not_ready)?;
        let stdout = child.stdout.take().ok_or_else(not_ready)?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(READY_WITHIN, lines.next_line()).await;
        let line = line.map_err(|_elapsed| not_ready())??;
        let url = line.and_then(|line| line.strip_prefix("ready ").map(str::to_owned));
        Ok(Self {
            child,
            pid,
            url: url.ok_or_else(not_ready)?,
        })
    }

    /// Where it serves.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(self.pid)
    }

    /// Ends it without warning, and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Result<(), ProcessError> {
        self.child.kill().await?;
        Ok(())
    }

    /// Stops it as an operator would, and waits.
    pub(crate) async fn stop(mut self) -> Result<(), ProcessError> {
        let signalled = Command::new("kill")
            .args(["-TERM", &self.pid.to_string()])
            .status()
            .await?;
        if !signalled.success() {
            self.child.start_kill()?;
        }
        match tokio::time::timeout(STOP_WITHIN, self.child.wait()).await {
            Ok(status) => {
                status?;
                Ok(())
            }
            Err(_elapsed) => {
                self.child.start_kill()?;
                Err(ProcessError::NotStopped)
            }
        }
    }
}

impl Usage {
    /// What a process has used so far; nothing when it is gone.
    pub(crate) fn of(pid: u32) -> Self {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name may hold blanks; the fields count from after it. utime and stime are 14 and 15.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks: f64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<f64>().ok())
            .sum();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let figure = line.and_then(|rest| rest.split_whitespace().next());
            figure
                .and_then(|text| text.parse::<u64>().ok())
                .unwrap_or(0)
        };
        Self {
            cpu_seconds: ticks / TICKS_PER_SECOND,
            rss_bytes: kib("VmRSS:") * 1024,
            rss_peak_bytes: kib("VmHWM:") * 1024,
        }
    }
}

/// Bytes of everything below a folder.
pub(crate) fn bytes_below(folder: &Path) -> std::io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut total = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                // Blocks on disk, not the length: files are laid out ahead of their contents.
                total += metadata.blocks() * 512;
            }
        }
    }
    Ok(total)
}

//! strace: which system calls a thread makes, and death at the n-th of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::{CrashError, other};

/// Calls that change what is on disk, or tell somebody. A `?` lets strace skip those that this
/// machine's kernel does not have.
const CALLS: &str = "?write,?writev,?pwrite64,?pwritev,?pwritev2,?fsync,?fdatasync,\
?sync_file_range,?rename,?renameat,?renameat2,?link,?linkat,?unlink,?unlinkat,?openat,?ftruncate,\
?fallocate,?sendto,?sendmsg";

/// strace has attached by then.
const ATTACHED_WITHIN: Duration = Duration::from_secs(20);

/// A strace at work.
pub(crate) struct Strace {
    child: Child,
}

/// Whether strace is installed.
pub(crate) async fn is_there() -> bool {
    let asked = Command::new("strace")
        .arg("-V")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await;
    asked.is_ok_and(|status| status.success())
}

impl Strace {
    /// Writes every call of every thread of a process to a file.
    pub(crate) async fn watch(pid: u32, to: &Path) -> Result<Self, CrashError> {
        let mut command = Command::new("strace");
        command.args([
            "-f",
            "-e",
            &format!("trace={CALLS}"),
            "-e",
            "signal=none",
            "-o",
        ]);
        command.arg(to).args(["-p", &pid.to_string()]);
        Self::attach(command).await
    }

    /// Has the process die when a thread is about to make its n-th call of a kind.
    pub(crate) async fn kill_at(thread: u32, call: &str, nth: usize) -> Result<Self, CrashError> {
        let mut command = Command::new("strace");
        let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
        command.args([
            "-e",
            &format!("trace={call}"),
            "-e",
            &inject,
            "-o",
            "/dev/null",
        ]);
        command.args(["-p", &thread.to_string()]);
        Self::attach(command).await
    }

    async fn attach(mut command: Command) -> Result<Self, CrashError> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let wanted = command
            .as_std()
            .get_args()
            .filter(|arg| *arg == "-p")
            .count();
        let stderr = child.stderr.take().ok_or_else(|| other("no stderr"))?;
        let mut lines = BufReader::new(stderr).lines();
        let attached = async {
            let mut count = 0;
            while count < wanted {
                match lines.next_line().await? {
                    Some(line) if line.contains("attached") => count += 1,
                    Some(line) if line.contains("Operation not permitted") => {
                        return Err(other(format!("strace may not attach: {line}")));
                    }
                    Some(_line) => {}
                    None => return Err(other("strace ended before it had attached")),
                }
            }
            Ok(())
        };
        let hangs = |_elapsed| other("strace does not attach");
        tokio::time::timeout(ATTACHED_WITHIN, attached)
            .await
            .map_err(hangs)??;
        // Read on, or strace would wait for somebody to read what it says.
        tokio::spawn(async move { while let Ok(Some(_line)) = lines.next_line().await {} });
        Ok(Self { child })
    }

    /// Lets go of the threads, if they still live, and waits for strace to end.
    pub(crate) async fn end(mut self) -> Result<(), CrashError> {
        if let Some(pid) = self.child.id() {
            Command::new("kill")
                .args(["-INT", &pid.to_string()])
                .stderr(Stdio::null())
                .status()
                .await?;
        }
        self.child.wait().await?;
        Ok(())
    }
}

/// Calls by thread and name, from what [`Strace::watch`] wrote.
pub(crate) fn calls_by_thread(text: &str) -> BTreeMap<(u32, String), usize> {
    let mut calls = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.splitn(2, char::is_whitespace);
        let (Some(thread), Some(rest)) = (words.next(), words.next()) else {
            continue;
        };
        // A call that another thread's line cut in two is counted where it began.
        let name = rest.trim_start().split_once('(').map(|(name, _rest)| name);
        let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if let (Ok(thread), Some(name)) = (thread.parse::<u32>(), name.filter(is_name)) {
            *calls.entry((thread, name.to_owned())).or_insert(0) += 1;
        }
    }
    calls
}

/// The threads of a process with their names.
pub(crate) fn threads(pid: u32) -> std::io::Result<BTreeMap<u32, String>> {
    let mut threads = BTreeMap::new();
    for entry in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let entry = entry?;
        let thread = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        // A thread may end while it is looked at.
        if let (Some(thread), Ok(name)) =
            (thread, std::fs::read_to_string(entry.path().join("comm")))
        {
            threads.insert(thread, name.trim().to_owned());
        }
    }
    Ok(threads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_thread_and_resumed_ones_once() {
        let text = "12 pwrite64(5, \"\", 3, 0) = 3\n13 fdatasync(5 <unfinished ...>\n\
                    12 write(1, \"\", 1) = 1\n13 <... fdatasync resumed>) = 0\n13 +++ exited +++\n";
        let calls = calls_by_thread(text);
        let calls: Vec<_> = calls
            .into_iter()
            .map(|((thread, name), count)| (thread, name, count))
            .collect();
        let expected = [(12, "pwrite64", 1), (12, "write", 1), (13, "fdatasync", 1)];
        assert_eq!(
            calls,
            expected.map(|(thread, name, count)| (thread, name.to_owned(), count))
        );
    }
}

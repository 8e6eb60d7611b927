//! What was sent to a node and may have had an effect: saved before it leaves.
//!
//! Guards: an idempotency key exists on disk, synced, before the request that carries it is sent,
//! so that a command killed at any moment can be resumed without issuing twice.
//! Never: holds anything of a draft but its digest.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk;

/// Name of the file in the state directory.
const FILE: &str = "requests.jsonl";
/// Name of the lock beside it.
const LOCK: &str = "requests.lock";
/// A journal of this size, in bytes, is rewritten without what is settled: about 4000 requests.
const COMPACT_BYTES: u64 = 1024 * 1024;
/// Bytes read back, at most; older lines of a larger journal are not looked at.
const READ_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What kind of call was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    /// An invoice.
    Issue,
    /// A top-up.
    TopUp,
    /// A red letter.
    RedLetter,
    /// A replacement.
    Reissue,
}

/// A request about to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// When, RFC 3339.
    pub(crate) at: String,
    /// What.
    pub(crate) call: Call,
    /// The idempotency key.
    pub(crate) key: String,
    /// SHA-256 of the body, 64 hex digits: `sha256sum` of a draft file gives the same.
    pub sha256: String,
    /// The node.
    pub(crate) node: String,
    /// The account, if one was named.
    pub(crate) account: Option<u32>,
}

/// How an attempt ended, when that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// It took effect.
    Final,
    /// It was refused and left nothing behind.
    Refused,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Entry {
    Sending(Attempt),
    Settled {
        at: String,
        key: String,
        sha256: String,
        ending: Ending,
    },
}

/// Why the journal cannot be kept. Nothing is sent then.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", .path.display())]
pub(crate) struct JournalError {
    /// What was touched.
    pub(crate) path: PathBuf,
    /// What the system said.
    #[source]
    pub(crate) source: io::Error,
}

/// The journal of one state directory.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    lock: PathBuf,
}

impl Journal {
    /// The journal in this directory, which is made if missing.
    ///
    /// # Errors
    /// [`JournalError`].
    pub(crate) fn open(dir: &Path) -> Result<Self, JournalError> {
        disk::make_private_dir(dir).map_err(|source| JournalError {
            path: dir.to_owned(),
            source,
        })?;
        Ok(Self {
            path: dir.join(FILE),
            lock: dir.join(LOCK),
        })
    }

    /// Saves an attempt, durably, and says which earlier ones with the same content, for the same
    /// node and under another key, have an unknown outcome.
    ///
    /// # Errors
    /// [`JournalError`].
    pub(crate) fn begin(&self, attempt: &Attempt) -> Result<Vec<Attempt>, JournalError> {
        self.locked(|| {
            let open = open_attempts(&self.entries()?);
            self.append(&Entry::Sending(attempt.clone()))?;
            let similar = |earlier: &Attempt| {
                earlier.sha256 == attempt.sha256
                    && earlier.node == attempt.node
                    && earlier.key != attempt.key
            };
            Ok(open.into_iter().filter(similar).collect())
        })
    }

    /// Saves how an attempt ended.
    ///
    /// # Errors
    /// [`JournalError`].
    pub(crate) fn settle(
        &self,
        attempt: &Attempt,
        ending: Ending,
        at: String,
    ) -> Result<(), JournalError> {
        let entry = Entry::Settled {
            at,
            key: attempt.key.clone(),
            sha256: attempt.sha256.clone(),
            ending,
        };
        self.locked(|| {
            self.append(&entry)?;
            self.compact()
        })
    }

    fn locked<T>(&self, work: impl FnOnce() -> io::Result<T>) -> Result<T, JournalError> {
        let lock = private().open(&self.lock);
        let lock = lock.map_err(|source| JournalError {
            path: self.lock.clone(),
            source,
        })?;
        let fail = |source| JournalError {
            path: self.path.clone(),
            source,
        };
        // Released when `lock` is dropped, also by a kill.
        lock.lock().map_err(fail)?;
        work().map_err(fail)
    }

    fn append(&self, entry: &Entry) -> io::Result<()> {
        let is_new = !self.path.exists();
        let mut file = private().read(true).open(&self.path)?;
        let mut line = Vec::new();
        if !ends_with_newline(&mut file)? {
            // A line that a power cut tore stays alone.
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, entry)?;
        line.push(b'\n');
        file.seek(SeekFrom::End(0))?;
        file.write_all(&line)?;
        file.sync_data()?;
        if is_new && let Some(dir) = self.path.parent() {
            disk::sync_dir(dir)?;
        }
        Ok(())
    }

    /// What can be read back. Torn lines and those of another version are passed over.
    fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(READ_BYTES_MAX)))?;
        let mut bytes = Vec::new();
        file.take(READ_BYTES_MAX).read_to_end(&mut bytes)?;
        let lines = bytes.split(|byte| *byte == b'\n');
        Ok(lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect())
    }

    /// Rewrites a large journal with what is still open.
    fn compact(&self) -> io::Result<()> {
        if std::fs::metadata(&self.path)?.len() < COMPACT_BYTES {
            return Ok(());
        }
        let mut kept = Vec::new();
        for attempt in open_attempts(&self.entries()?) {
            serde_json::to_writer(&mut kept, &Entry::Sending(attempt))?;
            kept.push(b'\n');
        }
        disk::replace(&self.path, &kept)
    }
}

/// Attempts whose outcome is not known, oldest first, each key and content once.
fn open_attempts(entries: &[Entry]) -> Vec<Attempt> {
    let mut open: Vec<Attempt> = Vec::new();
    for entry in entries {
        match entry {
            Entry::Sending(attempt) => {
                open.retain(|other| !same(other, &attempt.key, &attempt.sha256));
                open.push(attempt.clone());
            }
            Entry::Settled { key, sha256, .. } => open.retain(|other| !same(other, key, sha256)),
        }
    }
    open
}

fn same(attempt: &Attempt, key: &str, sha256: &str) -> bool {
    attempt.key == key && attempt.sha256 == sha256
}

fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Options that make a file only its owner can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(key: &str, sha256: &str) -> Attempt {
        Attempt {
            at: "2026-11-21T10:00:00+08:00".into(),
            call: Call::Issue,
            key: key.into(),
            sha256: sha256.into(),
            node: "http://n".into(),
            account: None,
        }
    }

    fn keys(attempts: &[Attempt]) -> Vec<&str> {
        attempts
            .iter()
            .map(|attempt| attempt.key.as_str())
            .collect()
    }

    #[test]
    fn an_attempt_without_an_ending_is_remembered_and_a_settled_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(&dir.path().join("s")).unwrap();
        assert!(journal.begin(&attempt("k1", "a")).unwrap().is_empty());
        assert!(
            journal.begin(&attempt("k1", "a")).unwrap().is_empty(),
            "the same key resumes"
        );
        assert_eq!(keys(&journal.begin(&attempt("k2", "a")).unwrap()), ["k1"]);
        assert!(journal.begin(&attempt("k3", "b")).unwrap().is_empty());
        // Another content under the same key being refused says nothing of the first.
        journal
            .settle(&attempt("k1", "b"), Ending::Refused, String::new())
            .unwrap();
        assert_eq!(
            keys(&journal.begin(&attempt("k4", "a")).unwrap()),
            ["k1", "k2"]
        );
        journal
            .settle(&attempt("k1", "a"), Ending::Final, String::new())
            .unwrap();
        assert_eq!(
            keys(&journal.begin(&attempt("k5", "a")).unwrap()),
            ["k2", "k4"]
        );
        assert_eq!(disk::mode(&journal.path).unwrap(), 0o600);
    }

    #[test]
    fn a_torn_line_costs_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        journal.begin(&attempt("k1", "a")).unwrap();
        let mut text = std::fs::read(&journal.path).unwrap();
        text.extend_from_slice(b"{\"event\":\"sen");
        std::fs::write(&journal.path, text).unwrap();
        assert_eq!(keys(&journal.begin(&attempt("k2", "a")).unwrap()), ["k1"]);
        assert_eq!(
            keys(&journal.begin(&attempt("k3", "a")).unwrap()),
            ["k1", "k2"]
        );
    }

    #[test]
    fn a_large_journal_is_rewritten_without_what_is_settled() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        journal.begin(&attempt("open", "a")).unwrap();
        let line = serde_json::to_string(&Entry::Settled {
            at: String::new(),
            key: "x".into(),
            sha256: "y".into(),
            ending: Ending::Final,
        });
        let many = format!("{}\n", line.unwrap()).repeat(20_000);
        let old = std::fs::read_to_string(&journal.path).unwrap();
        std::fs::write(&journal.path, old + &many).unwrap();
        journal
            .settle(&attempt("x", "y"), Ending::Final, String::new())
            .unwrap();
        assert!(std::fs::metadata(&journal.path).unwrap().len() < 1000);
        assert_eq!(keys(&journal.begin(&attempt("k", "a")).unwrap()), ["open"]);
    }
}

//! What a witness last saw of a log.
//!
//! Guards: it is on disk, synced, before a cosignature leaves; two witnesses never work on one file;
//! a damaged file is an error and never a fresh start, which a log with two histories would wish for.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use piao_chain::digest::Digest;
use piao_chain::transparency::{LogCheckpoint, NOTE_BYTES_MAX, Note, Origin};
use serde::{Deserialize, Serialize};

use crate::disk;

/// Bytes of the file, at most: one note, escaped, and a few words.
const FILE_BYTES_MAX: usize = 2 * NOTE_BYTES_MAX;
/// The one version there is.
const VERSION: u8 = 1;

/// Why a witness does not cosign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WitnessError {
    /// The log showed another history before: both can not be true.
    #[error(
        "the log does not go on from what it showed before, {seen} blocks; both are kept in {}",
        .evidence.display()
    )]
    Inconsistent {
        /// Blocks of the checkpoint seen before.
        seen: u64,
        /// Where both checkpoints lie.
        evidence: PathBuf,
    },
    /// The checkpoint is not signed by the log key of the trust root, or is of another log.
    #[error("the checkpoint is not this log's: {0}")]
    NotTheLogs(String),
    /// The node has fewer blocks than were seen before.
    #[error("the node shows {now} blocks, and {seen} were seen before; ask another or later")]
    Behind {
        /// Seen before.
        seen: u64,
        /// Shown now.
        now: u64,
    },
    /// The file is held by another process.
    #[error("another witness works on {}", .0.display())]
    Held(PathBuf),
    /// The file is there and can not be used.
    #[error("{}: {why}", .path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// The file's content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    version: u8,
    origin: String,
    size: u64,
    /// Hex.
    root: String,
    /// The log's signed note, to be shown should it ever sign another history.
    note: String,
}

/// What was seen last.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Blocks.
    pub(crate) size: u64,
    /// Root over them.
    pub(crate) root: Digest,
    /// The log's note.
    note: String,
}

/// The state of one log's witness, held by this process alone.
#[derive(Debug)]
pub(crate) struct WitnessState {
    path: PathBuf,
    origin: Origin,
    _lock: File,
}

impl WitnessState {
    /// Takes hold of the state of a log in a directory, which is made if missing.
    ///
    /// # Errors
    /// [`WitnessError::Held`], [`WitnessError::Unusable`].
    pub(crate) fn open(dir: &Path, origin: Origin) -> Result<Self, WitnessError> {
        let path = dir.join(format!("witness-{}.json", origin.0));
        let held = path.with_extension("lock");
        let unusable = |source: io::Error| unusable(&path, &source.to_string());
        disk::make_private_dir(dir).map_err(unusable)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&held)
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path,
                origin,
                _lock: lock,
            }),
            Err(std::fs::TryLockError::WouldBlock) => Err(WitnessError::Held(path)),
            Err(std::fs::TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// What was seen last; `None` before the first time.
    ///
    /// # Errors
    /// [`WitnessError::Unusable`].
    pub(crate) fn seen(&self) -> Result<Option<Seen>, WitnessError> {
        let bytes = match disk::read_bounded(&self.path, FILE_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&self.path, &error.to_string())),
        };
        let wrong = |why: &str| unusable(&self.path, why);
        let saved: Saved =
            serde_json::from_slice(&bytes).map_err(|error| wrong(&error.to_string()))?;
        if saved.version != VERSION || saved.origin != self.origin.to_string() {
            return Err(wrong("of another version or another log"));
        }
        let mut root = Digest::default();
        hex::decode_to_slice(&saved.root, &mut root).map_err(|_hex| wrong("no root in it"))?;
        Ok(Some(Seen {
            size: saved.size,
            root,
            note: saved.note,
        }))
    }

    /// Keeps a checkpoint, durably.
    ///
    /// # Errors
    /// [`WitnessError::Unusable`]; then nothing may be cosigned.
    pub(crate) fn keep(&self, checkpoint: &LogCheckpoint, note: &Note) -> Result<(), WitnessError> {
        let saved = Saved {
            version: VERSION,
            origin: self.origin.to_string(),
            size: checkpoint.size,
            root: hex::encode(checkpoint.root),
            note: note.to_text(),
        };
        self.write(&self.path, &saved)
    }

    /// Keeps both sides of a contradiction, and says so.
    pub(crate) fn accuse(&self, seen: &Seen, note: &Note) -> WitnessError {
        let evidence = self.path.with_extension("conflict.json");
        let both = serde_json::json!({ "before": seen.note, "now": note.to_text() });
        match self.write(&evidence, &both) {
            Ok(()) => WitnessError::Inconsistent {
                seen: seen.size,
                evidence,
            },
            Err(error) => error,
        }
    }

    fn write(&self, path: &Path, value: &impl Serialize) -> Result<(), WitnessError> {
        let text = serde_json::to_vec_pretty(value);
        let text = text.map_err(|error| unusable(&self.path, &error.to_string()))?;
        disk::replace(path, &text).map_err(|source| unusable(path, &source.to_string()))
    }
}

fn unusable(path: &Path, why: &str) -> WitnessError {
    WitnessError::Unusable {
        path: path.to_owned(),
        why: why.to_owned(),
    }
}

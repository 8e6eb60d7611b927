//! Why the desk journal did not do what was asked.

use std::io;
use std::path::{Path, PathBuf};

use super::record::Seq;

/// Why a record was not written, read or opened. One line each.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskStoreError {
    /// The file system refused.
    #[error("desk journal {}: {source}", path.display())]
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Bytes on disk are not what was written, at or below what was acknowledged.
    #[error(
        "desk journal {} is damaged at byte {offset} ({what}): put back a copy of that file, or give up \
         what can't be read for good with `piaod run --accept-loss`",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where in it, in bytes from its start.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// Another process has this journal open.
    #[error("desk journal {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The documents are sealed under another master key.
    #[error("desk journal {} was made with another master key", .0.display())]
    MasterKey(PathBuf),
    /// More records wait to be written than the queue holds; nothing was kept, try again later.
    #[error("the desk journal is busy")]
    Busy,
    /// No space on the disk; nothing was kept. Appends go on once there is space.
    #[error("no space for the desk journal")]
    NoSpace,
    /// The record is larger than any desk record may be; nothing was kept.
    #[error("a desk record of {got} bytes, where at most {max} are allowed")]
    TooLarge {
        /// Bytes of the record.
        got: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// There is no such record.
    #[error("no desk record {0}")]
    NotFound(Seq),
    /// An earlier write failed in a way that leaves the disk in doubt; only a restart helps.
    #[error("the desk journal stopped after a failed write; restart the node")]
    Stopped,
    /// The system has no randomness to give.
    #[error("no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

impl DeskStoreError {
    /// Names the file an I/O error belongs to.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    /// What is damaged and where, without the way out.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Damaged { path, offset, what } => {
                format!("{} at byte {offset} ({what})", path.display())
            }
            other => other.to_string(),
        }
    }

    /// Names what is damaged, and where.
    pub(super) fn damaged(path: &Path, offset: u64, what: &'static str) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            offset,
            what,
        }
    }
}

//! Why the block journal refuses.

use std::io;
use std::path::{Path, PathBuf};

use piao_chain::digest::{BlockId, ChainId};

/// Why the journal could not be opened, read or appended to. Each text is one line for the
/// operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The system refused. After a failed write or sync the journal takes no more records.
    #[error("block journal: cannot {action} {}: {source}", file.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No room on the disk. Nothing was written; the journal stays usable.
    #[error("block journal: the disk of {} is full: free some space, then try again", file.display())]
    DiskFull {
        /// The segment that could not grow.
        file: PathBuf,
    },
    /// Another process holds the journal.
    #[error(
        "block journal {} is in use by another process: stop that one first",
        dir.display()
    )]
    Locked {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder belongs to another network.
    #[error(
        "{} belongs to chain {found}, this node is of chain {expected}: \
         point the node at its own data folder",
        file.display()
    )]
    OtherChain {
        /// The segment that says so.
        file: PathBuf,
        /// Its chain, the first 8 bytes in hex.
        found: String,
        /// Ours, the same way.
        expected: String,
    },
    /// Bytes at or below the acknowledged tip are not what was written.
    #[error(
        "{} is damaged at byte {offset}, after height {height} ({what}): \
         put back a copy of the file, or give up what follows with --accept-loss",
        file.display()
    )]
    Damaged {
        /// The segment.
        file: PathBuf,
        /// Where the first bad record starts.
        offset: u64,
        /// The last height that is whole before it; when a single block was read, the height below.
        height: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The journal ends before what it had acknowledged.
    #[error(
        "{} ends at height {found} but height {acknowledged} was acknowledged: \
         put back a copy of the file, or give up the rest with --accept-loss",
        file.display()
    )]
    TailLost {
        /// The last segment found.
        file: PathBuf,
        /// Highest whole height found.
        found: u64,
        /// Highest height acknowledged.
        acknowledged: u64,
    },
    /// A proposal for a height that is decided, or too far ahead.
    #[error("no proposal of height {height} is kept when the tip is {tip}")]
    HeightOutOfWindow {
        /// Height asked for.
        height: u64,
        /// Height of the last decided block.
        tip: u64,
    },
    /// A decision that does not follow the tip.
    #[error("the block decided at height {height} does not follow the tip {tip}")]
    NotNext {
        /// Height asked for.
        height: u64,
        /// Height of the last decided block.
        tip: u64,
    },
    /// A decision about another block than its certificate names.
    #[error("the certificate is of block {certified}, not of {decided}")]
    OtherBlock {
        /// Block the certificate names.
        certified: BlockId,
        /// Block given.
        decided: BlockId,
    },
    /// A decision without its body.
    #[error("no body of block {block_id} at height {height}: append the proposal first")]
    BodyMissing {
        /// Height decided.
        height: u64,
        /// The block.
        block_id: BlockId,
    },
    /// Bytes that are not the body of the block they are given for.
    #[error("the body given for block {block_id} is of another block")]
    BodyMismatch {
        /// The block.
        block_id: BlockId,
    },
    /// A record longer than the journal takes.
    #[error("a record of {bytes} bytes is larger than the journal takes")]
    TooLarge {
        /// Bytes of it.
        bytes: usize,
    },
    /// An earlier write or sync failed: what is on disk is not known any more.
    #[error("block journal is closed because an earlier write failed: restart the node")]
    Closed,
}

impl JournalError {
    /// Whether the journal only refused what it was given, and is as it was. Anything else ends
    /// the node's promises.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::HeightOutOfWindow { .. }
            | Self::NotNext { .. }
            | Self::OtherBlock { .. }
            | Self::BodyMissing { .. }
            | Self::BodyMismatch { .. }
            | Self::TooLarge { .. }
            | Self::DiskFull { .. } => true,
            Self::Io { .. }
            | Self::Locked { .. }
            | Self::OtherChain { .. }
            | Self::Damaged { .. }
            | Self::TailLost { .. }
            | Self::Closed => false,
        }
    }

    /// For `map_err` on a call to the system.
    pub(super) fn io(action: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_path_buf();
        move |source| Self::Io {
            action,
            file,
            source,
        }
    }

    /// A folder of another network.
    pub(super) fn other_chain(file: &Path, found: &[u8], expected: &ChainId) -> Self {
        Self::OtherChain {
            file: file.to_path_buf(),
            found: hex::encode(found.get(..8).unwrap_or(found)),
            expected: hex::encode(&expected.0[..8]),
        }
    }
}

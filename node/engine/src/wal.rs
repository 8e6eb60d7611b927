//! Reads the engine's write-ahead log before the engine opens it.
//!
//! The engine resets the log silently when its height is not the one consensus starts at, and with
//! it the memory of what this node signed. The host therefore compares first: a log above
//! `tip + 1`, or at `tip + 1` with a vote of ours whose body is missing, means that the journal
//! lost its tail, and this node must not vote again before it has caught up.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use arc_malachitebft_app_channel::app::consensus::Input;
use arc_malachitebft_app_channel::app::engine::wal::decode_entry;
use arc_malachitebft_app_channel::app::wal::Storage;
use arc_malachitebft_app_channel::app::wal::log::Log;
use piao_chain::digest::BlockId;
use piao_chain::signature::KeyId;

use crate::codec::WireCodec;
use crate::context::{Ctx, block_or_nil};
use crate::error::WalError;

/// Larger than what the bounded votes and proposals of one height can write.
pub(crate) const WAL_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What a write-ahead log remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalSummary {
    /// The height the log belongs to; 0 before the first.
    pub height: u64,
    /// Readable entries.
    pub entries: usize,
    /// Whether one of them is a vote or proposal of this node, for a block or for nil.
    pub signed: bool,
    /// The blocks this node voted for or proposed at that height, ascending, each once.
    pub blocks: Vec<BlockId>,
    /// Whether an entry could not be read. The engine will hang on it, on purpose.
    pub damaged: bool,
}

/// Reads the log of a stopped engine without changing it; `None` when there is none.
///
/// `us` is the id of this node's validator key.
///
/// # Errors
/// [`WalError`]; see its variants.
pub fn inspect_wal(path: &Path, us: &KeyId) -> Result<Option<WalSummary>, WalError> {
    let failed = |source| WalError::Read {
        path: path.to_owned(),
        source,
    };
    let bytes = match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        Ok(metadata) if metadata.len() > WAL_BYTES_MAX => {
            return Err(WalError::TooLarge(metadata.len()));
        }
        Ok(_) => std::fs::read(path).map_err(failed)?,
    };
    if bytes.is_empty() {
        return Ok(None);
    }
    summarize(bytes, us).map(Some).map_err(WalError::Damaged)
}

fn summarize(bytes: Vec<u8>, us: &KeyId) -> io::Result<WalSummary> {
    let mut log: Log<Memory> = Log::open_with("", bytes)?;
    let mut summary = WalSummary {
        height: log.sequence(),
        entries: 0,
        signed: false,
        blocks: Vec::new(),
        damaged: false,
    };
    for entry in log.iter()? {
        let decoded =
            entry.and_then(|bytes| decode_entry::<Ctx, _, _>(&WireCodec, Cursor::new(bytes)));
        let Ok(input) = decoded else {
            summary.damaged = true;
            break;
        };
        summary.entries = summary.entries.saturating_add(1);
        summary.note(&input, us);
    }
    summary.blocks.sort_unstable();
    summary.blocks.dedup();
    Ok(summary)
}

impl WalSummary {
    fn note(&mut self, input: &Input<Ctx>, us: &KeyId) {
        match input {
            Input::Vote(vote) if vote.message.address.0 == *us => {
                self.signed = true;
                self.blocks.extend(block_or_nil(&vote.message.value));
            }
            Input::Proposal(proposal) if proposal.message.address.0 == *us => {
                self.signed = true;
                self.blocks.push(proposal.message.value.0);
            }
            _ => {}
        }
    }
}

/// A log in memory, so that opening one neither locks, creates nor cuts the file.
pub(crate) struct Memory(Cursor<Vec<u8>>);

impl Storage for Memory {
    type OpenOptions = Vec<u8>;

    fn open_with(_path: impl AsRef<Path>, bytes: Vec<u8>) -> io::Result<Self> {
        Ok(Self(Cursor::new(bytes)))
    }

    fn size_bytes(&self) -> io::Result<u64> {
        u64::try_from(self.0.get_ref().len()).map_err(io::Error::other)
    }

    fn truncate_to(&mut self, size: u64) -> io::Result<()> {
        let size = usize::try_from(size).map_err(io::Error::other)?;
        self.0.get_mut().truncate(size);
        Ok(())
    }

    fn sync_all(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Memory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

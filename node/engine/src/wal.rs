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
    /// What is wrong, when an entry is not what was written. On an entry that cannot be read the
    /// engine hangs, on purpose; one of another height, or behind a damaged length, it passes over.
    pub damage: Option<&'static str>,
    /// The highest height that the log or an entry of it speaks of: another than `height` only when
    /// the log is damaged.
    pub highest: u64,
}

/// Bytes of the log's head: version and height.
const LOG_HEAD_BYTES: usize = 4 + 8;

/// Bytes in front of an entry: a flag, the length, a checksum.
const ENTRY_HEAD_BYTES: usize = 1 + 8 + 4;

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

pub(crate) fn summarize(bytes: Vec<u8>, us: &KeyId) -> io::Result<WalSummary> {
    let whole = bytes.clone();
    let mut log: Log<Memory> = Log::open_with("", bytes)?;
    let height = log.sequence();
    let mut summary = WalSummary {
        height,
        entries: 0,
        signed: false,
        blocks: Vec::new(),
        damage: None,
        highest: height,
    };
    let mut end = LOG_HEAD_BYTES;
    for entry in log.iter()? {
        let read = entry.and_then(|bytes| {
            if !is_harmless(&bytes) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let length = bytes.len();
            decode_entry::<Ctx, _, _>(&WireCodec, Cursor::new(bytes)).map(|input| (input, length))
        });
        let Ok((input, length)) = read else {
            summary.damage = Some("an entry does not hold");
            break;
        };
        end = end.saturating_add(ENTRY_HEAD_BYTES).saturating_add(length);
        summary.entries = summary.entries.saturating_add(1);
        summary.note(&input, us);
    }
    if summary.damage.is_none() && hides_an_entry(&whole, end) {
        summary.damage = Some("an entry's length does not hold");
    }
    summary.blocks.sort_unstable();
    summary.blocks.dedup();
    Ok(summary)
}

/// Tag of a timeout: step and round, and no length.
const TAG_TIMEOUT: u8 = 2;

/// Whether the engine can take an entry without harm: it allocates an entry's own length before it
/// reads, and panics at a round that does not exist.
pub(crate) fn is_harmless(entry: &[u8]) -> bool {
    let Some((tag, rest)) = entry.split_first() else {
        return true;
    };
    let field = |rest: &[u8]| rest.first_chunk::<8>().copied();
    if *tag == TAG_TIMEOUT {
        let round = rest.get(1..).and_then(field).map(i64::from_be_bytes);
        return round.is_none_or(|round| (-1..=i64::from(u32::MAX)).contains(&round));
    }
    let length = field(rest).map(u64::from_be_bytes);
    length.is_none_or(|length| {
        usize::try_from(length).is_ok_and(|length| length == rest.len().saturating_sub(8))
    })
}

/// Whether what stands behind the last whole entry is a whole entry with a bit of its length
/// flipped. The end of a write that was cut off is no such thing.
fn hides_an_entry(bytes: &[u8], end: usize) -> bool {
    let Some((head, rest)) = bytes
        .get(end..)
        .and_then(<[u8]>::split_first_chunk::<ENTRY_HEAD_BYTES>)
    else {
        return false;
    };
    let [_flag, length @ .., _a, _b, _c, _d] = *head;
    (0..u64::BITS).any(|bit| {
        let length = (u64::from_be_bytes(length) ^ (1 << bit)).to_be_bytes();
        let fits = u64::from_be_bytes(length) <= rest.len() as u64 && length != [0; 8];
        fits && holds_with(bytes, end, length)
    })
}

/// Whether an entry holds when it has another length.
fn holds_with(bytes: &[u8], at: usize, length: [u8; 8]) -> bool {
    let mut patched = bytes.get(..LOG_HEAD_BYTES).unwrap_or_default().to_vec();
    let entry = bytes.get(at..).unwrap_or_default();
    patched.extend_from_slice(entry);
    if let Some(place) = patched.get_mut(LOG_HEAD_BYTES + 1..LOG_HEAD_BYTES + 9) {
        place.copy_from_slice(&length);
    }
    let log: io::Result<Log<Memory>> = Log::open_with("", patched);
    log.is_ok_and(|mut log| {
        let first = log.iter().ok().and_then(|mut entries| entries.next());
        matches!(first, Some(Ok(_)))
    })
}

impl WalSummary {
    fn note(&mut self, input: &Input<Ctx>, us: &KeyId) {
        let height = match input {
            Input::Vote(vote) => Some(vote.message.height.0),
            Input::Proposal(proposal) => Some(proposal.message.height.0),
            Input::ProposedValue(value, _origin) => Some(value.height.0),
            _ => None,
        };
        if height.is_some_and(|height| height != self.height) {
            self.damage = self
                .damage
                .or(Some("an entry is of another height than the log"));
        }
        self.highest = self.highest.max(height.unwrap_or(0));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of height 7 with one entry, framed as the engine does.
    fn log_of(entry: &[u8]) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = arc_malachitebft_app_channel::app::wal::Log::open(&path).unwrap();
        log.reset(7).unwrap();
        log.append(entry).unwrap();
        log.flush().unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn an_entry_that_promises_more_than_it_holds_is_damage_and_takes_no_memory() {
        for length in [1_u64, 1 << 40, u64::MAX] {
            for tag in [1_u8, 4, 8] {
                let entry = [&[tag][..], &length.to_be_bytes()].concat();
                let summary = summarize(log_of(&entry), &KeyId([1; 16])).unwrap();
                assert_eq!((summary.height, summary.entries), (7, 0));
                assert!(summary.damage.is_some(), "tag {tag}, length {length}");
            }
        }
    }

    #[test]
    fn a_timeout_of_a_round_that_does_not_exist_is_damage_and_no_panic() {
        let timeout = |round: i64| [&[2, 1][..], &round.to_be_bytes()].concat();
        for round in [-2, i64::MIN, i64::MAX, i64::from(u32::MAX) + 1] {
            let summary = summarize(log_of(&timeout(round)), &KeyId([1; 16])).unwrap();
            assert!(summary.damage.is_some(), "round {round}");
        }
        for round in [-1, 0, i64::from(u32::MAX)] {
            let summary = summarize(log_of(&timeout(round)), &KeyId([1; 16])).unwrap();
            assert_eq!(
                (summary.entries, summary.damage.is_some()),
                (1, false),
                "round {round}"
            );
        }
    }
}

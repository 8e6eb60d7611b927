//! What a full segment holds, in a small file beside it, so that a start need not read it.
//!
//! Written and synced when the segment is sealed; made again whenever it is missing. Guards: it is
//! believed only when its own check holds, it is for this network, it continues the running check
//! of the segment before, and the segment is exactly as long as it says. Records are checked on
//! every read all the same, and those of segments that were not read at start by
//! [`super::JournalReader::verify`] afterwards.
//!
//! File: `u32 length of the head || head || entries of 64 bytes || check`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use piao_chain::codec;
use piao_chain::digest::{ChainId, Tag, hash, truncate};
use serde::{Deserialize, Serialize};

use super::error::JournalError;
use super::index::IndexEntry;
use super::record::{CHECK_BYTES, Check, Place, Proposal};

/// First bytes of the head.
const MAGIC: [u8; 8] = *b"PIAOSUMM";

/// Version of the file.
const VERSION: u8 = 1;

/// Bytes of an encoded [`IndexEntry`].
const ENTRY_BYTES: usize = 64;

/// Larger than the summary of any segment of the usual size; what is larger is not read.
const SUMMARY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A proposal that was undecided when the segment was sealed, and where its body stands when it
/// was written with it.
pub(super) type KeptProposal = (Proposal, Option<(Place, u64)>);

/// What is said of a segment as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    magic: [u8; 8],
    version: u8,
    chain_id: ChainId,
    /// Number of the segment.
    pub(super) number: u32,
    /// Bytes of the sealed segment.
    pub(super) length: u64,
    /// The running check in front of the segment and behind it.
    pub(super) checks: (Check, Check),
    /// The tip when the segment was begun.
    pub(super) tip_before: u64,
    /// Issuance index of the next invoice behind the segment.
    pub(super) next_issuance: u64,
    /// Proposals above the tip at its end, in the order they came.
    pub(super) undecided: Vec<KeptProposal>,
}

/// A segment's summary.
#[derive(Clone, Debug)]
pub(super) struct Summary {
    pub(super) head: Head,
    /// The blocks decided in the segment, ascending.
    pub(super) entries: Vec<IndexEntry>,
}

impl Summary {
    /// A summary of a segment of a network.
    pub(super) fn new(
        chain_id: &ChainId,
        (number, length): (u32, u64),
        checks: (Check, Check),
        (tip_before, next_issuance): (u64, u64),
        undecided: Vec<KeptProposal>,
        entries: Vec<IndexEntry>,
    ) -> Self {
        let head = Head {
            magic: MAGIC,
            version: VERSION,
            chain_id: *chain_id,
            number,
            length,
            checks,
            tip_before,
            next_issuance,
            undecided,
        };
        Self { head, entries }
    }

    /// Keeps it beside its segment. Without it the next start reads the segment, so what can't be
    /// written is told and costs nothing else.
    pub(super) fn keep(&self, dir: &Path) {
        if let Err(error) = self.write(dir) {
            tracing::warn!(%error, "a journal segment has no summary");
        }
    }

    /// Writes it beside its segment, synced; the name becomes durable with the folder.
    fn write(&self, dir: &Path) -> Result<(), JournalError> {
        let path = path_of(dir, self.head.number);
        let next = path.with_extension("next");
        let write = || -> io::Result<()> {
            let mut file = File::create(&next)?;
            file.write_all(&self.encode())?;
            file.sync_all()?;
            fs::rename(&next, &path)
        };
        write().map_err(JournalError::io("write", &path))
    }

    /// The summary of a segment of this network; `None` when there is none that can be believed.
    pub(super) fn read(dir: &Path, number: u32, chain_id: &ChainId) -> Option<Self> {
        let path = path_of(dir, number);
        let length = fs::metadata(&path).ok()?.len();
        if length > SUMMARY_BYTES_MAX {
            return None;
        }
        let summary = Self::decode(&fs::read(&path).ok()?)?;
        let head = &summary.head;
        let is_ours = head.magic == MAGIC
            && head.version == VERSION
            && head.chain_id == *chain_id
            && head.number == number;
        is_ours.then_some(summary)
    }

    fn encode(&self) -> Vec<u8> {
        let head = codec::encode(&self.head);
        let length = u32::try_from(head.len()).unwrap_or(u32::MAX);
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend_from_slice(&head);
        for entry in &self.entries {
            bytes.extend_from_slice(&codec::encode(entry));
        }
        let check = truncate(&hash(Tag::Journal, &bytes));
        bytes.extend_from_slice(&check);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
        if truncate(&hash(Tag::Journal, body)) != *check {
            return None;
        }
        let (length, rest) = body.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (head, entries) = rest.split_at_checked(length)?;
        let (entries, left) = entries.as_chunks::<ENTRY_BYTES>();
        if !left.is_empty() {
            return None;
        }
        Some(Self {
            head: codec::decode(head).ok()?,
            entries: entries
                .iter()
                .map(|entry| codec::decode(entry).ok())
                .collect::<Option<_>>()?,
        })
    }
}

/// The summary's file beside a segment.
pub(super) fn path_of(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("blocks-{number:08}.summary"))
}

/// Removes a summary whose segment has changed; a missing one is no matter.
pub(super) fn remove(dir: &Path, number: u32) -> Result<(), JournalError> {
    let path = path_of(dir, number);
    match fs::remove_file(&path) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(JournalError::io("remove", &path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::digest::BlockId;
    use piao_chain::signature::KeyId;

    const CHAIN: ChainId = ChainId([6; 32]);

    fn summary() -> Summary {
        let place = Place {
            segment: 3,
            offset: 77,
        };
        let proposal = Proposal {
            height: 12,
            round: 1,
            valid_round: Some(0),
            proposer: KeyId([2; 16]),
            valid: true,
            block_id: BlockId([9; 32]),
        };
        let entry = IndexEntry {
            block_id: BlockId([8; 32]),
            time_ms: 1_000,
            first_issuance: 5,
            body: place,
            decided: place,
        };
        Summary::new(
            &CHAIN,
            (3, 4_096),
            ([1; 16], [2; 16]),
            (10, 7),
            vec![(proposal, Some((place, 1_001))), (proposal, None)],
            vec![entry; 2],
        )
    }

    #[test]
    fn a_summary_comes_back_for_its_own_network_and_segment_only() {
        let dir = tempfile::tempdir().unwrap();
        summary().write(dir.path()).unwrap();
        let read = Summary::read(dir.path(), 3, &CHAIN).unwrap();
        assert_eq!(read.head, summary().head);
        assert_eq!(read.encode(), summary().encode());
        assert!(Summary::read(dir.path(), 3, &ChainId([7; 32])).is_none());
        fs::copy(path_of(dir.path(), 3), path_of(dir.path(), 4)).unwrap();
        assert!(Summary::read(dir.path(), 4, &CHAIN).is_none());
    }

    #[test]
    fn a_summary_cut_or_changed_anywhere_is_not_believed() {
        let bytes = summary().encode();
        for at in 0..bytes.len() {
            assert!(Summary::decode(&bytes[..at]).is_none(), "cut at {at}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(Summary::decode(&flipped).is_none(), "flipped at {at}");
        }
    }
}

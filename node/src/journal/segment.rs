//! One file of the journal: its header, and appending to it.
//!
//! Header: `magic || version u8 || chain id || number u32 || check of the record before || check`.
//! The header's own check starts the running check of the segment, so segments are chained as
//! records are.
//!
//! The file is filled with zeros a little ahead of its records: syncing bytes inside a file costs
//! about half of syncing a file that grows (`node/decisions/0002-storage.md`). A zero length marks
//! the end of the records.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piao_chain::codec;
use piao_chain::digest::{ChainId, Tag, hash, truncate};

use super::error::JournalError;
use super::record::{CHECK_BYTES, Check};

/// First bytes of every segment.
const MAGIC: &[u8; 8] = b"PIAOBLKS";

/// Version of headers and records.
const VERSION: u8 = 1;

/// Bytes of a header.
pub(super) const SEGMENT_HEADER_BYTES: usize = 8 + 1 + 32 + 4 + CHECK_BYTES + CHECK_BYTES;

/// Zeros written ahead of the records at a time. Larger steps make the sync that pays for them
/// slower; smaller ones make it come more often.
const RESERVE_BYTES: usize = 256 * 1024;

static ZEROS: [u8; RESERVE_BYTES] = [0; RESERVE_BYTES];

/// Name of a segment's file.
pub(super) fn file_name(number: u32) -> String {
    format!("blocks-{number:08}.log")
}

/// The number in a segment's file name.
pub(super) fn parse_file_name(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("blocks-")?.strip_suffix(".log")?;
    let number = digits.parse().ok()?;
    (number > 0 && file_name(number) == name).then_some(number)
}

/// A header without its check.
type HeaderFields = ([u8; 8], u8, ChainId, u32, Check);

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    /// Number of the segment, from 1.
    pub(super) number: u32,
    /// Check of the last record of the segment before; zeros for the first.
    pub(super) previous: Check,
}

/// Why bytes are not the header of this network's segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HeaderFault {
    /// Not what was written.
    Damaged(&'static str),
    /// Of another network; its chain id.
    OtherChain(ChainId),
}

impl SegmentHeader {
    /// The bytes and the check that records go on from.
    pub(super) fn encode(&self, chain_id: &ChainId) -> ([u8; SEGMENT_HEADER_BYTES], Check) {
        let fields: HeaderFields = (*MAGIC, VERSION, *chain_id, self.number, self.previous);
        let mut bytes = codec::encode(&fields);
        let check = truncate(&hash(Tag::Journal, &bytes));
        bytes.extend_from_slice(&check);
        let bytes = bytes
            .try_into()
            .expect("the parts of a header add up to its size");
        (bytes, check)
    }

    /// Reads a header, and the check that records go on from.
    pub(super) fn decode(
        bytes: &[u8; SEGMENT_HEADER_BYTES],
        chain_id: &ChainId,
    ) -> Result<(Self, Check), HeaderFault> {
        let Some((body, check)) = bytes.split_last_chunk::<CHECK_BYTES>() else {
            return Err(HeaderFault::Damaged("the segment's header is cut"));
        };
        if truncate(&hash(Tag::Journal, body)) != *check {
            return Err(HeaderFault::Damaged("the segment's header does not hold"));
        }
        let (magic, version, chain_id_found, number, previous): HeaderFields = codec::decode(body)
            .map_err(|_source| HeaderFault::Damaged("the segment's header does not hold"))?;
        if magic != *MAGIC || version != VERSION {
            return Err(HeaderFault::Damaged("a segment of another version"));
        }
        if chain_id_found != *chain_id {
            return Err(HeaderFault::OtherChain(chain_id_found));
        }
        Ok((Self { number, previous }, *check))
    }
}

/// The segment that records are appended to.
#[derive(Debug)]
pub(super) struct SegmentWriter {
    file: Arc<File>,
    path: PathBuf,
    number: u32,
    /// Where the next record starts.
    end: u64,
    /// Up to where the file is filled.
    filled: u64,
    /// The running check.
    last: Check,
}

impl SegmentWriter {
    /// Makes a new segment and its name durable.
    pub(super) fn create(
        dir: &Path,
        chain_id: &ChainId,
        header: SegmentHeader,
    ) -> Result<Self, JournalError> {
        let path = dir.join(file_name(header.number));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(JournalError::io("create", &path))?;
        let (bytes, last) = header.encode(chain_id);
        file.write_all_at(&bytes, 0)
            .map_err(JournalError::io("write", &path))?;
        crash_point!("journal.segment-created");
        file.sync_all().map_err(JournalError::io("sync", &path))?;
        sync_dir(dir)?;
        Ok(Self {
            file: Arc::new(file),
            path,
            number: header.number,
            end: SEGMENT_HEADER_BYTES as u64,
            filled: SEGMENT_HEADER_BYTES as u64,
            last,
        })
    }

    /// Goes on with the last segment of a recovered journal.
    pub(super) fn resume(
        path: PathBuf,
        number: u32,
        end: u64,
        last: Check,
    ) -> Result<Self, JournalError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(JournalError::io("open", &path))?;
        let filled = file
            .metadata()
            .map_err(JournalError::io("read", &path))?
            .len();
        Ok(Self {
            file: Arc::new(file),
            path,
            number,
            end,
            filled,
            last,
        })
    }

    /// Fills the file with zeros so far ahead that a frame of this size fits.
    ///
    /// Writes no record, so a full disk here leaves the journal as it was.
    pub(super) fn reserve(&mut self, frame_bytes: usize) -> Result<(), JournalError> {
        while self.filled < self.end.saturating_add(frame_bytes as u64) {
            match self.file.write_all_at(&ZEROS, self.filled) {
                Ok(()) => self.filled = self.filled.saturating_add(RESERVE_BYTES as u64),
                Err(source) if source.kind() == io::ErrorKind::StorageFull => {
                    return Err(JournalError::DiskFull {
                        file: self.path.clone(),
                    });
                }
                Err(source) => return Err(JournalError::io("write", &self.path)(source)),
            }
        }
        Ok(())
    }

    /// Appends a frame and syncs it.
    pub(super) fn append(&mut self, frame: &[u8], check: Check) -> Result<(), JournalError> {
        let offset = self.end;
        self.file
            .write_all_at(frame, offset)
            .map_err(JournalError::io("write", &self.path))?;
        crash_point!("journal.record-written");
        self.file
            .sync_data()
            .map_err(JournalError::io("sync", &self.path))?;
        crash_point!("journal.record-synced");
        self.end = offset.saturating_add(frame.len() as u64);
        self.last = check;
        Ok(())
    }

    /// Cuts the file at its last record: no record follows in it.
    pub(super) fn seal(&self) -> Result<(), JournalError> {
        self.file
            .set_len(self.end)
            .map_err(JournalError::io("cut", &self.path))?;
        self.file
            .sync_all()
            .map_err(JournalError::io("sync", &self.path))
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn last(&self) -> Check {
        self.last
    }

    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }
}

/// Makes names in a folder durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), JournalError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(JournalError::io("sync", dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: ChainId = ChainId([4; 32]);

    #[test]
    fn a_header_comes_back_and_no_flipped_bit_in_it_is_read() {
        let header = SegmentHeader {
            number: 7,
            previous: [9; 16],
        };
        let (bytes, check) = header.encode(&CHAIN);
        assert_eq!(SegmentHeader::decode(&bytes, &CHAIN), Ok((header, check)));
        for at in 0..bytes.len() {
            let mut flipped = bytes;
            flipped[at] ^= 1;
            let read = SegmentHeader::decode(&flipped, &CHAIN);
            assert!(matches!(read, Err(HeaderFault::Damaged(_))), "byte {at}");
        }
    }

    #[test]
    fn a_header_of_another_network_says_so() {
        let header = SegmentHeader {
            number: 1,
            previous: [0; 16],
        };
        let (bytes, _check) = header.encode(&ChainId([5; 32]));
        assert_eq!(
            SegmentHeader::decode(&bytes, &CHAIN),
            Err(HeaderFault::OtherChain(ChainId([5; 32])))
        );
    }

    #[test]
    fn only_names_that_the_journal_gives_are_segments() {
        assert_eq!(parse_file_name(&file_name(12)), Some(12));
        for other in [
            "blocks-12.log",
            "blocks-00000000.log",
            "LOCK",
            "blocks-00000001.log~",
        ] {
            assert_eq!(parse_file_name(other), None);
        }
    }
}

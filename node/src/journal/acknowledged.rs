//! How far the journal was acknowledged, beside the journal.
//!
//! Written after every sync and not synced itself. After a crash of the process it is exact; after
//! a power cut it may be behind, never ahead. So it tells a tail that was torn while it was
//! written, which is cut off, from one that was promised and is damaged, which is refused.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use piao_chain::digest::{Tag, hash, truncate};

use super::error::JournalError;
use super::inspect::MarkState;
use super::record::CHECK_BYTES;

/// Name of the file.
const FILE_NAME: &str = "acknowledged";

/// Version of the file, then the fields of [`Mark`], then a check.
const VERSION: u8 = 1;

const FIELD_BYTES: usize = 1 + 4 + 8 + 8;

/// A point in the journal up to which everything was synced and acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// The segment.
    pub(super) segment: u32,
    /// The byte after the last acknowledged record in it.
    pub(super) end: u64,
    /// The last height decided up to there.
    pub(super) tip: u64,
}

impl Mark {
    /// Whether a record that starts at this byte was acknowledged.
    pub(super) fn covers(&self, segment: u32, offset: u64) -> bool {
        segment < self.segment || (segment == self.segment && offset < self.end)
    }

    fn encode(&self) -> [u8; FIELD_BYTES + CHECK_BYTES] {
        let mut bytes = Vec::with_capacity(FIELD_BYTES + CHECK_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.segment.to_be_bytes());
        bytes.extend_from_slice(&self.end.to_be_bytes());
        bytes.extend_from_slice(&self.tip.to_be_bytes());
        let check = truncate(&hash(Tag::Journal, &bytes));
        bytes.extend_from_slice(&check);
        bytes.try_into().expect("the fields add up to this size")
    }

    fn decode(bytes: &[u8; FIELD_BYTES + CHECK_BYTES]) -> Option<Self> {
        let (fields, check) = bytes.split_at(FIELD_BYTES);
        if truncate(&hash(Tag::Journal, fields)) != check || fields[0] != VERSION {
            return None;
        }
        Some(Self {
            segment: u32::from_be_bytes(fields[1..5].try_into().ok()?),
            end: u64::from_be_bytes(fields[5..13].try_into().ok()?),
            tip: u64::from_be_bytes(fields[13..21].try_into().ok()?),
        })
    }
}

/// The file that holds the mark.
#[derive(Debug)]
pub(super) struct Acknowledged {
    file: File,
    path: PathBuf,
}

impl Acknowledged {
    /// Opens the file and reads the mark. A missing or torn one promises nothing.
    pub(super) fn open(dir: &Path) -> Result<(Self, Mark), JournalError> {
        let path = dir.join(FILE_NAME);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(JournalError::io("open", &path))?;
        let mut bytes = [0; FIELD_BYTES + CHECK_BYTES];
        let mark = match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => Mark::decode(&bytes).unwrap_or_default(),
            Err(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => Mark::default(),
            Err(source) => return Err(JournalError::io("read", &path)(source)),
        };
        Ok((Self { file, path }, mark))
    }

    /// Writes the mark; the page cache keeps it over a crash of the process.
    pub(super) fn write(&self, mark: Mark) -> Result<(), JournalError> {
        self.file
            .write_all_at(&mark.encode(), 0)
            .map_err(JournalError::io("write", &self.path))
    }

    /// Writes the mark and syncs it.
    pub(super) fn write_synced(&self, mark: Mark) -> Result<(), JournalError> {
        self.write(mark)?;
        self.file
            .sync_data()
            .map_err(JournalError::io("sync", &self.path))
    }
}

/// Reads the mark without making or changing the file. What is missing or damaged promises nothing.
pub(super) fn read(dir: &Path) -> Result<(Mark, MarkState), JournalError> {
    let path = dir.join(FILE_NAME);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            return Ok((Mark::default(), MarkState::Missing));
        }
        Err(source) => return Err(JournalError::io("read", &path)(source)),
    };
    let mark = bytes.first_chunk().and_then(Mark::decode);
    Ok(match mark {
        Some(mark) => (mark, MarkState::Holds(mark.tip)),
        None => (Mark::default(), MarkState::Damaged),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_again_and_a_torn_one_promises_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (file, found) = Acknowledged::open(dir.path()).unwrap();
        assert_eq!(found, Mark::default());
        let mark = Mark {
            segment: 3,
            end: 999,
            tip: 12,
        };
        file.write_synced(mark).unwrap();
        assert_eq!(Acknowledged::open(dir.path()).unwrap().1, mark);
        file.file.write_all_at(&[0xff], 20).unwrap();
        assert_eq!(Acknowledged::open(dir.path()).unwrap().1, Mark::default());
    }

    #[test]
    fn a_mark_covers_what_starts_before_it() {
        let mark = Mark {
            segment: 2,
            end: 100,
            tip: 1,
        };
        assert!(mark.covers(1, 5_000) && mark.covers(2, 99));
        assert!(!mark.covers(2, 100) && !mark.covers(3, 0));
    }
}

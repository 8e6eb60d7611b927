//! One file of the journal: a header of 52 bytes, then records.
//!
//! The header ends with the check of the record before, so that the 16 bytes before any record are
//! always the check it continues.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use piao_chain::digest::{Hasher, Tag, truncate};

use super::frame::{CHECK_BYTES, Check};
use super::record::Seq;

/// A segment is closed before it grows beyond this many bytes. Few files, and a size that copies
/// easily.
pub(super) const SEGMENT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Bytes of the header: magic 8, version 4, first seq 8, header check 16, previous check 16.
pub(super) const SEGMENT_HEADER_BYTES: usize = 52;

const MAGIC: &[u8; 8] = b"PIAODESK";
const VERSION: u32 = 1;
const EXTENSION: &str = "desk";

/// An open segment.
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Number of its first record.
    pub(super) first_seq: Seq,
}

impl Segment {
    /// Opens an existing segment for reading and appending.
    pub(super) fn open(dir: &Path, first_seq: Seq) -> io::Result<Self> {
        let path = path(dir, first_seq);
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        Ok(Self {
            path,
            file,
            first_seq,
        })
    }

    /// Opens an existing segment for reading alone.
    pub(super) fn look(dir: &Path, first_seq: Seq) -> io::Result<Self> {
        let path = path(dir, first_seq);
        let file = File::open(&path)?;
        Ok(Self {
            path,
            file,
            first_seq,
        })
    }

    /// Makes an empty file for a segment, in place of one whose making was interrupted.
    pub(super) fn create(dir: &Path, first_seq: Seq) -> io::Result<Self> {
        let path = path(dir, first_seq);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        Ok(Self {
            path,
            file,
            first_seq,
        })
    }
}

/// The header of a segment.
pub(super) fn header(first_seq: Seq, previous: &Check) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut bytes = Vec::with_capacity(SEGMENT_HEADER_BYTES);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&first_seq.to_be_bytes());
    let digest = Hasher::new(Tag::Desk).with(&bytes).with(previous).finish();
    bytes.extend_from_slice(&truncate(&digest));
    bytes.extend_from_slice(previous);
    bytes.try_into().expect("the parts add up to the header")
}

/// The check a segment continues, when its header is the one expected for its place.
pub(super) fn header_holds(
    bytes: &[u8; SEGMENT_HEADER_BYTES],
    first_seq: Seq,
    previous: &Check,
) -> bool {
    *bytes == header(first_seq, previous)
}

/// First seqs of the segments in a directory, ascending.
pub(super) fn list(dir: &Path) -> io::Result<Vec<Seq>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if path.extension().is_some_and(|ext| ext == EXTENSION)
            && let Some(Ok(first_seq)) = stem.map(str::parse)
        {
            found.push(first_seq);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The file of a segment.
pub(super) fn path(dir: &Path, first_seq: Seq) -> PathBuf {
    dir.join(format!("{first_seq:020}.{EXTENSION}"))
}

const _: () = assert!(
    SEGMENT_HEADER_BYTES == MAGIC.len() + 4 + 8 + CHECK_BYTES + CHECK_BYTES,
    "the header's parts add up"
);

//! The `document-keys` file: one small rewritable slot per document, and the mark.
//!
//! Guards: erasing a slot erases the document for good (copies of the file aside); a journal that
//! ends before the mark lost records that were acknowledged, and is refused.
//!
//! Sector 0 holds the header, sectors 1 and 2 the mark by turns, so that a torn write spoils the
//! newer one at most. Slots of 128 bytes follow: none lies across two sectors. A slot of zeros was
//! never used, or was erased.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::keys::atomic_file;

use super::disk::{Disk, sync_or_stop};
use super::documents::SealedKey;
use super::error::DeskStoreError;
use super::frame::Check;
use super::give_up::copy_aside;
use super::record::{RequestId, Seq};

const FILE_NAME: &str = "document-keys";
const MAGIC: &[u8; 8] = b"PIAOKEYS";
const VERSION: u32 = 1;

const SECTOR_BYTES: u64 = 512;
/// Where the slots begin, in bytes.
const SLOTS_OFFSET: u64 = 4 * SECTOR_BYTES;
const SLOT_BYTES: usize = 128;
/// The file grows by this many slots at once, so that most writes leave its length alone, which
/// makes their sync cheaper.
const GROWTH_SLOTS: u64 = 1024;
/// Slots read at once when looking for those of a request.
const SCAN_SLOTS: usize = 512;

/// Bytes of magic, version, recognition and check.
const HEADER_BYTES: usize = 8 + 4 + 32 + 16;
/// Bytes of a mark: turn, segment, length, chain, check.
const MARK_BYTES: usize = 8 + 8 + 8 + 16 + 16;

const HEADER_CONTEXT: &str = "piao-node/1 desk document-keys header";
const MARK_CONTEXT: &str = "piao-node/1 desk document-keys mark";
const SLOT_CONTEXT: &str = "piao-node/1 desk document-keys slot";

/// Up to where the journal was synced before anybody was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Mark {
    /// First seq of the segment.
    pub(super) first_seq: Seq,
    /// Bytes of it that were synced.
    pub(super) length: u64,
    /// Check of the last record up to there.
    pub(super) chain: Check,
}

/// The open file, locked against other processes.
pub(super) struct DocumentKeys {
    pub(super) path: PathBuf,
    file: File,
}

impl DocumentKeys {
    /// Whether a directory has the file.
    pub(super) fn exists(dir: &Path) -> io::Result<bool> {
        dir.join(FILE_NAME).try_exists()
    }

    /// Where the file is.
    pub(super) fn path_in(dir: &Path) -> PathBuf {
        dir.join(FILE_NAME)
    }

    /// Makes the file of an empty journal, whole or not at all.
    pub(super) fn create(dir: &Path, recognition: &[u8; 32]) -> Result<(), DeskStoreError> {
        let path = dir.join(FILE_NAME);
        let mut bytes = header(recognition).to_vec();
        bytes.resize(to_usize(SECTOR_BYTES), 0);
        bytes.extend_from_slice(&encode_mark(0, &Mark::default()));
        bytes.resize(to_usize(SLOTS_OFFSET), 0);
        atomic_file::write_new(&path, &bytes).map_err(DeskStoreError::io(&path))
    }

    /// Opens and locks the file; returns the mark and its turn.
    ///
    /// # Errors
    /// [`DeskStoreError::InUse`], [`DeskStoreError::MasterKey`], [`DeskStoreError::Damaged`],
    /// [`DeskStoreError::Io`].
    pub(super) fn open(
        dir: &Path,
        recognition: &[u8; 32],
    ) -> Result<(Self, u64, Mark), DeskStoreError> {
        let path = dir.join(FILE_NAME);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(DeskStoreError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DeskStoreError::InUse(dir.to_owned())),
            Err(TryLockError::Error(source)) => return Err(DeskStoreError::io(&path)(source)),
        }
        let keys = Self { path, file };
        keys.check_header(dir, recognition)?;
        let (turn, mark) = keys.read_mark()?;
        Ok((keys, turn, mark))
    }

    /// Opens the file for reading alone, without a lock; returns the mark.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn look(dir: &Path, recognition: &[u8; 32]) -> Result<(Self, Mark), DeskStoreError> {
        let path = dir.join(FILE_NAME);
        let file = File::open(&path).map_err(DeskStoreError::io(&path))?;
        let keys = Self { path, file };
        keys.check_header(dir, recognition)?;
        let (_turn, mark) = keys.read_mark()?;
        Ok((keys, mark))
    }

    /// [`Self::open`], writing header and mark anew where they are damaged: the header follows from
    /// the master key, and without a mark nothing is promised. The slots stay. A copy of the file is
    /// kept. Says in `lost` what was done.
    ///
    /// # Errors
    /// As [`Self::open`], but for damage of header and marks.
    pub(super) fn open_repairing(
        dir: &Path,
        recognition: &[u8; 32],
        lost: &mut Vec<String>,
    ) -> Result<(Self, u64, Mark), DeskStoreError> {
        match Self::open(dir, recognition) {
            Err(error @ DeskStoreError::Damaged { .. }) => {
                let path = dir.join(FILE_NAME);
                let io_error = || DeskStoreError::io(&path);
                let _aside = copy_aside(&path).map_err(io_error())?;
                let file = OpenOptions::new().write(true).open(&path);
                let file = file.map_err(io_error())?;
                let marks = [encode_mark(0, &Mark::default()), [0; MARK_BYTES]];
                if file.metadata().map_err(io_error())?.len() < SLOTS_OFFSET {
                    file.set_len(SLOTS_OFFSET).map_err(io_error())?;
                }
                file.write_all_at(&header(recognition), 0)
                    .and_then(|()| file.write_all_at(&marks[0], mark_offset(0)))
                    .and_then(|()| file.write_all_at(&marks[1], mark_offset(1)))
                    .and_then(|()| file.sync_all())
                    .map_err(io_error())?;
                drop(file);
                let place = error.place();
                lost.push(format!(
                    "given up: the desk's mark of how far was acknowledged, {place}"
                ));
                Self::open(dir, recognition)
            }
            opened => opened,
        }
    }

    /// Overwrites one slot with zeros, as if its document had been erased, and syncs.
    pub(super) fn give_up_slot(&self, slot: u32) -> io::Result<()> {
        self.file
            .write_all_at(&[0; SLOT_BYTES], slot_offset(slot))?;
        self.file.sync_data()
    }

    fn check_header(&self, dir: &Path, recognition: &[u8; 32]) -> Result<(), DeskStoreError> {
        let mut bytes = [0; HEADER_BYTES];
        self.read_exact(&mut bytes, 0)?;
        if bytes == header(recognition) {
            return Ok(());
        }
        let made_with: Option<&[u8; 32]> = bytes.get(12..44).and_then(|part| part.try_into().ok());
        if made_with.is_some_and(|recognition| bytes == header(recognition)) {
            return Err(DeskStoreError::MasterKey(dir.to_owned()));
        }
        Err(self.damaged(0, "header"))
    }

    fn read_mark(&self) -> Result<(u64, Mark), DeskStoreError> {
        let mut newest = None;
        for turn in 0..2 {
            let mut bytes = [0; MARK_BYTES];
            self.read_exact(&mut bytes, mark_offset(turn))?;
            newest = newest.max_by_turn(decode_mark(&bytes));
        }
        newest.ok_or_else(|| self.damaged(SECTOR_BYTES, "both marks"))
    }

    /// Writes the mark, without a sync of its own: it speaks of what is durable already, and a mark
    /// that a power cut takes back only speaks of less.
    pub(super) fn write_mark(&self, disk: &dyn Disk, turn: u64, mark: &Mark) -> io::Result<()> {
        disk.write_at(&self.file, &encode_mark(turn, mark), mark_offset(turn))
    }

    /// Writes sealed keys into consecutive slots and syncs.
    pub(super) fn write_slots(
        &self,
        disk: &dyn Disk,
        first_slot: u32,
        keys: &[SealedKey],
    ) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(keys.len() * SLOT_BYTES);
        for (slot, key) in (first_slot..).zip(keys) {
            bytes.extend_from_slice(&encode_slot(slot, key));
        }
        let offset = slot_offset(first_slot);
        let end = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if end > self.file.metadata()?.len() {
            self.grow(disk, end)?;
        }
        disk.write_at(&self.file, &bytes, offset)?;
        crash_point!("desk.keys-written");
        sync_or_stop(disk, &self.file)
    }

    /// Writes zeros up to beyond `end`. Zeros, not a hole: a full disk must show now.
    fn grow(&self, disk: &dyn Disk, end: u64) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        let growth = GROWTH_SLOTS * u64::try_from(SLOT_BYTES).unwrap_or(u64::MAX);
        let wanted = end.saturating_add(growth);
        let zeros = vec![0; usize::try_from(wanted - length).map_err(io::Error::other)?];
        let grown = disk.write_at(&self.file, &zeros, length);
        if grown.is_err() {
            disk.set_length(&self.file, length)?;
        }
        grown
    }

    /// Reads a document's key. `None` when it was erased.
    ///
    /// # Errors
    /// [`DeskStoreError::Damaged`] when the slot holds anything but this request's key.
    pub(super) fn read_slot(
        &self,
        slot: u32,
        request_id: &RequestId,
    ) -> Result<Option<SealedKey>, DeskStoreError> {
        let mut bytes = [0; SLOT_BYTES];
        self.read_exact(&mut bytes, slot_offset(slot))?;
        if bytes == [0; SLOT_BYTES] {
            return Ok(None);
        }
        decode_slot(slot, &bytes)
            .filter(|key| key.request_id == *request_id)
            .map(Some)
            .ok_or_else(|| self.damaged(slot_offset(slot), "document key"))
    }

    /// Overwrites every key of a request with zeros and syncs; returns how many there were.
    pub(super) fn erase(&self, disk: &dyn Disk, request_id: &RequestId) -> io::Result<u32> {
        let mut buffer = vec![0; SCAN_SLOTS * SLOT_BYTES];
        let mut offset = SLOTS_OFFSET;
        let mut erased = 0;
        // Bounded by the length of the file.
        loop {
            let read = read_up_to(&self.file, &mut buffer, offset)?;
            for slot in buffer[..read].chunks(SLOT_BYTES) {
                if slot.starts_with(request_id) && slot.iter().any(|&byte| byte != 0) {
                    disk.write_at(&self.file, &vec![0; slot.len()], offset)?;
                    erased += 1;
                }
                offset += u64::try_from(slot.len()).unwrap_or(u64::MAX);
            }
            if read < buffer.len() {
                break;
            }
        }
        if erased > 0 {
            sync_or_stop(disk, &self.file)?;
        }
        Ok(erased)
    }

    /// Where a slot lies, for a report of damage.
    pub(super) fn damaged_slot(&self, slot: u32) -> DeskStoreError {
        self.damaged(slot_offset(slot), "document key")
    }

    fn read_exact(&self, bytes: &mut [u8], offset: u64) -> Result<(), DeskStoreError> {
        match self.file.read_exact_at(bytes, offset) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.damaged(offset, "the file ends too early"))
            }
            read => read.map_err(DeskStoreError::io(&self.path)),
        }
    }

    fn damaged(&self, offset: u64, what: &'static str) -> DeskStoreError {
        DeskStoreError::damaged(&self.path, offset, what)
    }
}

/// Fills as much of the buffer as the file has from an offset on.
fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        let at = offset + u64::try_from(filled).unwrap_or(u64::MAX);
        match file.read_at(&mut buffer[filled..], at)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Picks the later of two marks.
trait Newest {
    fn max_by_turn(self, other: Self) -> Self;
}

impl Newest for Option<(u64, Mark)> {
    fn max_by_turn(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) if b.0 > a.0 => Some(b),
            (Some(a), _) => Some(a),
            (None, b) => b,
        }
    }
}

fn short_check(context: &str, bytes: &[u8]) -> Check {
    let mut check = [0; 16];
    check.copy_from_slice(&blake3::derive_key(context, bytes)[..16]);
    check
}

fn header(recognition: &[u8; 32]) -> [u8; HEADER_BYTES] {
    let mut bytes = Vec::with_capacity(HEADER_BYTES);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(recognition);
    bytes.extend_from_slice(&short_check(HEADER_CONTEXT, &bytes));
    bytes.try_into().expect("the parts add up to the header")
}

fn encode_mark(turn: u64, mark: &Mark) -> [u8; MARK_BYTES] {
    let mut bytes = Vec::with_capacity(MARK_BYTES);
    bytes.extend_from_slice(&turn.to_be_bytes());
    bytes.extend_from_slice(&mark.first_seq.to_be_bytes());
    bytes.extend_from_slice(&mark.length.to_be_bytes());
    bytes.extend_from_slice(&mark.chain);
    bytes.extend_from_slice(&short_check(MARK_CONTEXT, &bytes));
    bytes.try_into().expect("the parts add up to the mark")
}

fn decode_mark(bytes: &[u8; MARK_BYTES]) -> Option<(u64, Mark)> {
    let (turn, rest) = bytes.split_first_chunk::<8>()?;
    let (first_seq, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let (chain, _check) = rest.split_first_chunk::<16>()?;
    let turn = u64::from_be_bytes(*turn);
    let mark = Mark {
        first_seq: u64::from_be_bytes(*first_seq),
        length: u64::from_be_bytes(*length),
        chain: *chain,
    };
    (encode_mark(turn, &mark) == *bytes).then_some((turn, mark))
}

fn encode_slot(slot: u32, key: &SealedKey) -> [u8; SLOT_BYTES] {
    let mut bound = slot.to_be_bytes().to_vec();
    let mut bytes = Vec::with_capacity(SLOT_BYTES);
    bytes.extend_from_slice(&key.request_id);
    bytes.extend_from_slice(&key.nonce);
    bytes.extend_from_slice(&key.sealed);
    bound.extend_from_slice(&bytes);
    bytes.extend_from_slice(&short_check(SLOT_CONTEXT, &bound));
    bytes.resize(SLOT_BYTES, 0);
    bytes.try_into().expect("just resized to a slot")
}

fn decode_slot(slot: u32, bytes: &[u8; SLOT_BYTES]) -> Option<SealedKey> {
    let (request_id, rest) = bytes.split_first_chunk()?;
    let (nonce, rest) = rest.split_first_chunk()?;
    let (sealed, _check) = rest.split_first_chunk()?;
    let key = SealedKey {
        request_id: *request_id,
        nonce: *nonce,
        sealed: *sealed,
    };
    (encode_slot(slot, &key) == *bytes).then_some(key)
}

fn slot_offset(slot: u32) -> u64 {
    SLOTS_OFFSET + u64::from(slot) * u64::try_from(SLOT_BYTES).unwrap_or(u64::MAX)
}

fn mark_offset(turn: u64) -> u64 {
    (1 + turn % 2) * SECTOR_BYTES
}

fn to_usize(small: u64) -> usize {
    usize::try_from(small).unwrap_or(usize::MAX)
}

//! Opening a journal: every record checked against the one before it.
//!
//! Guards: behind the mark lies only what was never acknowledged, or acknowledged right before a
//! power cut and whole; there a record that does not hold is the torn end of a write, and is cut.
//! Anywhere else it is damage, and refused by file and offset.

use std::fs::{DirBuilder, File};
use std::io::{self, BufReader, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::keys::atomic_file;

use super::disk::{Disk, RealDisk};
use super::document_keys::{DocumentKeys, Mark};
use super::documents;
use super::error::DeskStoreError;
use super::frame::{self, CHECK_BYTES, Check, HEAD_BYTES, Head};
use super::give_up::{cut_aside, move_aside};
use super::journal::{Index, Journal, Place, as_u64, create_segment};
use super::record::{DeskHeader, Seq};
use super::salvage::{Aside, salvage};
use super::segment::{self, SEGMENT_HEADER_BYTES, Segment, header_holds};
use super::stored::{NO_SLOT, Payload};

/// Read ahead while checking, in bytes.
const READ_AHEAD_BYTES: usize = 1024 * 1024;

/// What to do where bytes are not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnDamage {
    /// Refuse damage; cut the torn end of a write that nobody was told of.
    Refuse,
    /// Give up everything from the damage on, kept aside; the operator said so.
    GiveUp,
    /// Change nothing: only look.
    Look,
}

/// An opened journal.
pub(super) struct Recovered {
    pub(super) keys: DocumentKeys,
    pub(super) journal: Journal,
    pub(super) index: Index,
    pub(super) headers: Vec<DeskHeader>,
    /// First key slot that no record uses.
    pub(super) next_slot: u32,
    /// Turn of the last mark written.
    pub(super) turn: u64,
    /// What was given up, one line each.
    pub(super) lost: Vec<String>,
}

/// Opens the journal of a directory, or makes an empty one.
///
/// # Errors
/// [`DeskStoreError`]; see its variants.
pub(super) fn recover(
    dir: &Path,
    master_key: &[u8; 32],
    segment_bytes_max: u64,
    on_damage: OnDamage,
) -> Result<Recovered, DeskStoreError> {
    let recognition = documents::recognition(master_key);
    make_directory(dir)?;
    let io_error = DeskStoreError::io;
    let segments = segment::list(dir).map_err(io_error(dir))?;
    let mut lost = Vec::new();
    if !DocumentKeys::exists(dir).map_err(io_error(dir))? {
        let path = DocumentKeys::path_in(dir);
        if !segments.is_empty() {
            let missing = DeskStoreError::damaged(&path, 0, "the file is missing");
            if on_damage != OnDamage::GiveUp {
                return Err(missing);
            }
            lost.push(format!("given up: every document, {}", missing.place()));
        }
        DocumentKeys::create(dir, &recognition)?;
    }
    let (keys, turn, mark) = match on_damage {
        OnDamage::GiveUp => DocumentKeys::open_repairing(dir, &recognition, &mut lost)?,
        OnDamage::Refuse | OnDamage::Look => DocumentKeys::open(dir, &recognition)?,
    };
    // Listed again under the lock: the first listing only told an empty directory from a broken one.
    let mut scan = Scan::new(dir, mark, on_damage);
    let tail = scan.segments()?;
    lost.append(&mut scan.lost);
    let (tail, length) = match tail {
        Some(tail) => tail,
        None => scan.first_segment()?,
    };
    let mut journal = scan.end(tail, length, segment_bytes_max);
    if !scan.asides.is_empty() {
        lost.push(scan.salvage(&mut journal)?);
    }
    let mut recovered = scan.finish(keys, turn, journal)?;
    recovered.lost = lost;
    Ok(recovered)
}

fn make_directory(dir: &Path) -> Result<(), DeskStoreError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .and_then(|()| atomic_file::sync_directory_of(dir))
        .map_err(DeskStoreError::io(dir))
}

/// The last segment and its bytes.
pub(super) type Tail = (Arc<Segment>, u64);

/// What is known after the records read up to now.
pub(super) struct Scan<'a> {
    dir: &'a Path,
    mark: Mark,
    on_damage: OnDamage,
    pub(super) index: Index,
    pub(super) headers: Vec<DeskHeader>,
    next_slot: u32,
    chain: Check,
    next_seq: Seq,
    /// Whether the mark's place was passed with the mark's chain.
    mark_seen: bool,
    /// Where the torn end of a write begins that a start would cut off.
    pub(super) torn: Option<(PathBuf, u64)>,
    lost: Vec<String>,
    /// What was moved out of the way, from the damage on.
    asides: Vec<Aside>,
    /// Bytes of the segment being read that hold.
    good_length: u64,
}

/// What stands at an offset.
enum Read {
    /// A record, of this many bytes on disk.
    Record(usize),
    /// Bytes that are no whole record, and why.
    Broken(&'static str),
    /// A sound record this program does not know.
    Unknown(&'static str),
}

impl<'a> Scan<'a> {
    pub(super) fn new(dir: &'a Path, mark: Mark, on_damage: OnDamage) -> Self {
        Self {
            dir,
            mark,
            on_damage,
            index: Index::default(),
            headers: Vec::new(),
            next_slot: 0,
            chain: Check::default(),
            next_seq: 0,
            mark_seen: mark == Mark::default(),
            torn: None,
            lost: Vec::new(),
            asides: Vec::new(),
            good_length: 0,
        }
    }

    /// Checks every segment; the last one, if there is any.
    pub(super) fn segments(&mut self) -> Result<Option<Tail>, DeskStoreError> {
        let all = segment::list(self.dir).map_err(DeskStoreError::io(self.dir))?;
        let mut tail = None;
        for (place, &first_seq) in all.iter().enumerate() {
            let is_last = place + 1 == all.len();
            match self.segment(first_seq, is_last) {
                Ok(found) => tail = found.or(tail),
                Err(error @ DeskStoreError::Damaged { .. })
                    if self.on_damage == OnDamage::GiveUp =>
                {
                    let rest = all.get(place..).unwrap_or_default();
                    tail = self.give_up(&error, rest)?.or(tail);
                    return Ok(tail);
                }
                Err(error) => return Err(error),
            }
        }
        match self.check_mark_seen() {
            Err(error) if self.on_damage == OnDamage::GiveUp => self.note_lost(&error),
            checked => checked?,
        }
        Ok(tail)
    }

    fn note_lost(&mut self, error: &DeskStoreError) {
        let (place, from) = (error.place(), self.next_seq);
        self.lost.push(format!(
            "given up: what can't be read of the desk's records from number {from} on, {place}"
        ));
    }

    /// Writes again what still holds behind the damage; says how much.
    fn salvage(&mut self, journal: &mut Journal) -> Result<String, DeskStoreError> {
        let (kept, next_slot) = salvage(
            &self.asides,
            self.next_seq,
            journal,
            &self.index,
            &mut self.headers,
        )
        .map_err(DeskStoreError::io(self.dir))?;
        self.next_slot = self.next_slot.max(next_slot);
        Ok(format!(
            "kept: {kept} records of the desk behind the damage, under new numbers"
        ))
    }

    /// Keeps everything from the damage on aside; the first of `rest` holds it.
    fn give_up(
        &mut self,
        error: &DeskStoreError,
        rest: &[Seq],
    ) -> Result<Option<Tail>, DeskStoreError> {
        self.note_lost(error);
        let mut tail = None;
        for (nth, &first_seq) in rest.iter().enumerate() {
            let path = segment::path(self.dir, first_seq);
            let opened = self.index.segment_of(first_seq);
            match opened {
                Some(segment) if nth == 0 => {
                    let from = self.good_length;
                    let path = cut_aside(&path, from).map_err(DeskStoreError::io(&path))?;
                    self.asides.push(Aside { path, from });
                    tail = Some((segment, from));
                }
                _ => {
                    let path = move_aside(&path).map_err(DeskStoreError::io(&path))?;
                    self.asides.push(Aside { path, from: 0 });
                }
            }
        }
        atomic_file::sync_directory_of(&self.dir.join("any"))
            .map_err(DeskStoreError::io(self.dir))?;
        Ok(tail)
    }

    /// Checks one segment. `None` when only its torn beginning was there, and it was removed.
    fn segment(&mut self, first_seq: Seq, is_last: bool) -> Result<Option<Tail>, DeskStoreError> {
        let path = segment::path(self.dir, first_seq);
        let segment = match self.on_damage {
            OnDamage::Look => Segment::look(self.dir, first_seq),
            OnDamage::Refuse | OnDamage::GiveUp => Segment::open(self.dir, first_seq),
        };
        let segment = Arc::new(segment.map_err(DeskStoreError::io(&path))?);
        let file_length = segment
            .file
            .metadata()
            .map_err(DeskStoreError::io(&path))?
            .len();
        let mut reader = BufReader::with_capacity(READ_AHEAD_BYTES, &segment.file);
        if !self.header(&mut reader, &segment, file_length)? {
            self.remove_begun(&path, first_seq, is_last, file_length)?;
            return Ok(None);
        }
        let segment_index = self.index.add_segment(Arc::clone(&segment));
        let mut offset = as_u64(SEGMENT_HEADER_BYTES);
        let mut buffer = Vec::new();
        self.good_length = offset;
        self.pass(first_seq, offset);
        while offset < file_length {
            let place = Place {
                segment: segment_index,
                offset: u32::try_from(offset).map_err(|_too_long| {
                    DeskStoreError::damaged(&path, offset, "segment of 4 GiB or more")
                })?,
            };
            let read = self.record(&mut reader, file_length - offset, &mut buffer);
            match read.map_err(DeskStoreError::io(&path))? {
                Read::Record(frame_bytes) => {
                    self.index.publish(&[place]);
                    offset += as_u64(frame_bytes);
                    self.good_length = offset;
                    self.pass(first_seq, offset);
                }
                Read::Broken(_) if is_last && self.mark_seen => {
                    self.cut(&segment, offset, file_length)?;
                    break;
                }
                Read::Broken(what) | Read::Unknown(what) => {
                    return Err(DeskStoreError::damaged(&path, offset, what));
                }
            }
        }
        drop(reader);
        Ok(Some((segment, offset)))
    }

    /// Whether the header is there and continues what was read up to now.
    fn header(
        &self,
        reader: &mut BufReader<&File>,
        segment: &Segment,
        file_length: u64,
    ) -> Result<bool, DeskStoreError> {
        if file_length < as_u64(SEGMENT_HEADER_BYTES) {
            return Ok(false);
        }
        let mut header = [0; SEGMENT_HEADER_BYTES];
        reader
            .read_exact(&mut header)
            .map_err(DeskStoreError::io(&segment.path))?;
        Ok(segment.first_seq == self.next_seq
            && header_holds(&header, segment.first_seq, &self.chain))
    }

    /// Removes a segment whose making was interrupted. A header is synced before the first record
    /// is written, so a file with more than a header in it is no such segment.
    fn remove_begun(
        &mut self,
        path: &Path,
        first_seq: Seq,
        is_last: bool,
        file_length: u64,
    ) -> Result<(), DeskStoreError> {
        let only_begun = file_length <= as_u64(SEGMENT_HEADER_BYTES) && first_seq <= self.next_seq;
        if !(is_last && self.mark_seen && only_begun) {
            return Err(DeskStoreError::damaged(path, 0, "segment header"));
        }
        if self.on_damage == OnDamage::Look {
            self.torn = Some((path.to_owned(), 0));
            return Ok(());
        }
        std::fs::remove_file(path)
            .and_then(|()| atomic_file::sync_directory_of(path))
            .map_err(DeskStoreError::io(path))
    }

    /// Reads and checks the next record.
    fn record(
        &mut self,
        reader: &mut BufReader<&File>,
        left: u64,
        buffer: &mut Vec<u8>,
    ) -> io::Result<Read> {
        let mut head = [0; HEAD_BYTES];
        if left < as_u64(HEAD_BYTES) {
            return Ok(Read::Broken("half a record"));
        }
        reader.read_exact(&mut head)?;
        let Some(head) = Head::parse(&head).filter(|head| head.seq == self.next_seq) else {
            return Ok(Read::Broken("record head"));
        };
        if left < as_u64(head.frame_bytes()) {
            return Ok(Read::Broken("half a record"));
        }
        buffer.resize(head.length + CHECK_BYTES, 0);
        reader.read_exact(buffer)?;
        let (bytes, check) = buffer.split_at(head.length);
        let computed = frame::check(&self.chain, head.kind, head.seq, bytes);
        if computed != check {
            return Ok(Read::Broken("record check"));
        }
        let Some((slot, stored)) = Payload::decode(head.kind, bytes) else {
            return Ok(Read::Unknown("record of another version"));
        };
        if slot != NO_SLOT {
            self.next_slot = self.next_slot.max(slot.saturating_add(1));
        }
        self.headers.push(DeskHeader {
            seq: head.seq,
            body: stored.into_header_body(),
        });
        self.chain = computed;
        self.next_seq += 1;
        Ok(Read::Record(head.frame_bytes()))
    }

    /// Notes that records hold up to an offset of a segment.
    fn pass(&mut self, first_seq: Seq, offset: u64) {
        let here = Mark {
            first_seq,
            length: offset,
            chain: self.chain,
        };
        self.mark_seen |= here == self.mark;
    }

    fn check_mark_seen(&self) -> Result<(), DeskStoreError> {
        if self.mark_seen {
            return Ok(());
        }
        let path = segment::path(self.dir, self.mark.first_seq);
        let what = "records that were acknowledged are missing";
        Err(DeskStoreError::damaged(&path, self.mark.length, what))
    }

    fn cut(&mut self, segment: &Segment, offset: u64, length: u64) -> Result<(), DeskStoreError> {
        if self.on_damage == OnDamage::Look {
            self.torn = Some((segment.path.clone(), offset));
            return Ok(());
        }
        tracing::warn!(
            file = %segment.path.display(),
            offset,
            bytes = length - offset,
            "cutting the torn end of a write that nobody was told of"
        );
        RealDisk
            .set_length(&segment.file, offset)
            .map_err(DeskStoreError::io(&segment.path))
    }

    fn first_segment(&self) -> Result<Tail, DeskStoreError> {
        let path = segment::path(self.dir, 0);
        let segment = create_segment(&RealDisk, self.dir, 0, &Check::default())
            .map_err(DeskStoreError::io(&path))?;
        let segment = Arc::new(segment);
        self.index.add_segment(Arc::clone(&segment));
        Ok((segment, as_u64(SEGMENT_HEADER_BYTES)))
    }

    /// Where the next record goes.
    fn end(&self, tail: Arc<Segment>, length: u64, segment_bytes_max: u64) -> Journal {
        Journal {
            dir: self.dir.to_owned(),
            tail_index: self.index.last_segment(),
            tail,
            length,
            chain: self.chain,
            next_seq: self.next_seq,
            segment_bytes_max,
        }
    }

    /// Makes durable what was found, and says so in the mark, before anything is served.
    fn finish(
        self,
        keys: DocumentKeys,
        turn: u64,
        journal: Journal,
    ) -> Result<Recovered, DeskStoreError> {
        journal
            .sync(&RealDisk)
            .map_err(DeskStoreError::io(&journal.tail.path))?;
        let turn = turn + 1;
        keys.write_mark(&RealDisk, turn, &journal.mark())
            .map_err(DeskStoreError::io(&DocumentKeys::path_in(self.dir)))?;
        Ok(Recovered {
            keys,
            journal,
            index: self.index,
            headers: self.headers,
            next_slot: self.next_slot,
            turn,
            lost: Vec::new(),
        })
    }
}

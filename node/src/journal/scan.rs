//! Reading the records of one segment one after another.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use super::record::{
    CHECK_BYTES, Check, FRAME_BYTES, HEAD_BYTES, Head, Kind, PAYLOAD_BYTES_MAX, check_of,
};
use super::segment::SEGMENT_HEADER_BYTES;
use super::writer::HEIGHTS_AHEAD_MAX;

/// Bytes looked at in one go when a tail is searched for zeros.
const CHUNK_BYTES: usize = 64 * 1024;

/// Why there is no next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Only zeros follow, or nothing.
    End,
    /// Something follows that does not hold.
    Bad(&'static str),
}

/// A record that holds; its payload is in the scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) kind: Kind,
    pub(super) height: u64,
    /// The byte after it.
    pub(super) end: u64,
    /// Its check, for the next record.
    pub(super) check: Check,
}

/// A segment being read.
pub(super) struct Scan {
    file: Arc<File>,
    len: u64,
    /// Payload and check of the last record read.
    bytes: Vec<u8>,
    payload_bytes: usize,
}

impl Scan {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self {
            file: Arc::new(file),
            len,
            bytes: Vec::new(),
            payload_bytes: 0,
        })
    }

    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Bytes of the file.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The payload of the last record.
    pub(super) fn payload(&self) -> &[u8] {
        self.bytes.get(..self.payload_bytes).unwrap_or_default()
    }

    /// The header's bytes, `None` when the file is shorter.
    pub(super) fn header(&self) -> io::Result<Option<[u8; SEGMENT_HEADER_BYTES]>> {
        if self.len < SEGMENT_HEADER_BYTES as u64 {
            return Ok(None);
        }
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(Some(bytes))
    }

    /// Whether the file holds no more than a header.
    pub(super) fn is_bare(&self) -> bool {
        self.len <= SEGMENT_HEADER_BYTES as u64
    }

    /// The record at a byte, when it holds.
    pub(super) fn next(
        &mut self,
        offset: u64,
        previous: &Check,
    ) -> io::Result<Result<Record, Stop>> {
        let left = self.len.saturating_sub(offset);
        let mut head = [0; HEAD_BYTES];
        if left >= HEAD_BYTES as u64 {
            self.file.read_exact_at(&mut head, offset)?;
        }
        let head = Head::parse(&head);
        if head.length == 0 {
            let is_zero = self.is_zero_from(offset)?;
            return Ok(Err(if is_zero {
                Stop::End
            } else {
                Stop::Bad("no record starts there")
            }));
        }
        let Some(payload_bytes) = head.payload_bytes() else {
            return Ok(Err(Stop::Bad("the record has an impossible length")));
        };
        let end = offset
            .saturating_add(FRAME_BYTES as u64)
            .saturating_add(payload_bytes as u64);
        if end > self.len {
            return Ok(Err(Stop::Bad("the file ends inside the record")));
        }
        self.bytes.resize(payload_bytes + CHECK_BYTES, 0);
        self.payload_bytes = payload_bytes;
        self.file
            .read_exact_at(&mut self.bytes, offset.saturating_add(HEAD_BYTES as u64))?;
        let (payload, stored) = self.bytes.split_at(payload_bytes);
        let check = check_of(previous, head.kind, head.height, payload);
        if check != *stored {
            return Ok(Err(Stop::Bad("the record's check does not hold")));
        }
        let Some(kind) = Kind::from_byte(head.kind) else {
            return Ok(Err(Stop::Bad("a record of an unknown kind")));
        };
        Ok(Ok(Record {
            kind,
            height: head.height,
            end,
            check,
        }))
    }

    /// Whether what stands from a byte on can be one record torn while it was written: no longer
    /// than one, and no good record behind its start.
    pub(super) fn is_torn_tail(&self, offset: u64, previous: &Check, tip: u64) -> io::Result<bool> {
        let Some(tail) = self.tail(offset)? else {
            return Ok(false);
        };
        Ok(!good_record_follows(&tail, previous, tip))
    }

    /// What stands from a byte to the last that is not zero; `None` when it is too long for one
    /// record.
    fn tail(&self, offset: u64) -> io::Result<Option<Vec<u8>>> {
        let mut tail = Vec::new();
        let mut at = offset;
        let mut buffer = vec![0; CHUNK_BYTES];
        while at < self.len {
            let left = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
            let chunk = buffer.len().min(left);
            let chunk = &mut buffer[..chunk];
            self.file.read_exact_at(chunk, at)?;
            let place = usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
            if let Some(last) = chunk.iter().rposition(|byte| *byte != 0) {
                if place.saturating_add(last) >= PAYLOAD_BYTES_MAX + FRAME_BYTES {
                    return Ok(None);
                }
                tail.resize(place, 0);
                tail.extend_from_slice(&chunk[..=last]);
            }
            at = at.saturating_add(chunk.len() as u64);
        }
        Ok(Some(tail))
    }

    fn is_zero_from(&self, offset: u64) -> io::Result<bool> {
        Ok(self.tail(offset)?.is_some_and(|tail| tail.is_empty()))
    }
}

/// Whether a record that holds stands anywhere behind the start of `tail`, which itself starts
/// with one that does not.
fn good_record_follows(tail: &[u8], previous: &Check, tip: u64) -> bool {
    // The bad record's own check may be what is damaged; then its neighbour holds behind the check
    // that should stand there.
    let computed = frame_at(tail, 0, tip).map(|(head, payload, end)| {
        let check = check_of(previous, head.kind, head.height, payload);
        (end, check)
    });
    if let Some((end, check)) = computed
        && holds_at(tail, end, &check, tip)
    {
        return true;
    }
    (CHECK_BYTES..tail.len()).any(|at| {
        let before = at
            .checked_sub(CHECK_BYTES)
            .and_then(|from| tail.get(from..at));
        before
            .and_then(|check| check.try_into().ok())
            .is_some_and(|check| holds_at(tail, at, &check, tip))
    })
}

fn holds_at(tail: &[u8], at: usize, previous: &Check, tip: u64) -> bool {
    frame_at(tail, at, tip).is_some_and(|(head, payload, end)| {
        let check = check_of(previous, head.kind, head.height, payload);
        end.checked_sub(CHECK_BYTES)
            .and_then(|from| tail.get(from..end))
            .is_some_and(|stored| *stored == check)
    })
}

/// What would be a frame at a place, when its fields are ones a frame can have. Heights are
/// bounded, so that hardly any place of a long tail is hashed.
fn frame_at(tail: &[u8], at: usize, tip: u64) -> Option<(Head, &[u8], usize)> {
    let head = tail.get(at..)?.first_chunk::<HEAD_BYTES>()?;
    let head = Head::parse(head);
    Kind::from_byte(head.kind)?;
    // The tail is at most one torn record and what a damaged journal holds behind it.
    if head.height <= tip || head.height > tip.saturating_add(2 * HEIGHTS_AHEAD_MAX) {
        return None;
    }
    let start = at.checked_add(HEAD_BYTES)?;
    let payload_end = start.checked_add(head.payload_bytes()?)?;
    let end = payload_end.checked_add(CHECK_BYTES)?;
    let payload = tail.get(start..payload_end)?;
    tail.get(payload_end..end)?;
    Some((head, payload, end))
}

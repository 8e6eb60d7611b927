//! What still holds behind damage that an operator gave up: written again behind the damage.
//!
//! Guards: one bad bit costs one record, not all behind it. Each record can be checked by the 16
//! bytes in front of it; where these are what is damaged, the record behind still vouches for the
//! one before. Records that are written again get new numbers.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::disk::RealDisk;
use super::frame::{self, CHECK_BYTES, Check, HEAD_BYTES, Head};
use super::journal::{Index, Journal};
use super::record::{DeskHeader, Seq};
use super::stored::{NO_SLOT, Payload};

/// Bytes looked at of one file; more than any segment has.
const FILE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// A file that was kept aside, from the damage on.
pub(super) struct Aside {
    pub(super) path: PathBuf,
    pub(super) from: u64,
}

/// Writes every record that holds again; how many there were. Nothing is synced here.
pub(super) fn salvage(
    asides: &[Aside],
    lowest: Seq,
    journal: &mut Journal,
    index: &Index,
    headers: &mut Vec<DeskHeader>,
) -> io::Result<(u64, u32)> {
    let (mut kept, mut next_slot) = (0, 0);
    for aside in asides {
        let bytes = read_from(&aside.path, aside.from.saturating_sub(CHECK_BYTES as u64))?;
        let mut at = CHECK_BYTES;
        // Where the last record that holds ends, and its check, which may not be the one stored.
        let mut last: Option<(usize, Check)> = None;
        // Bounded by the length of the file: every step goes on.
        while at < bytes.len() {
            let known = last.filter(|(end, _check)| *end == at);
            let previous = known.map(|(_end, check)| check);
            let previous = previous.or_else(|| stored_before(&bytes, at));
            let found = previous.and_then(|previous| record_at(&bytes, at, lowest, &previous));
            let Some((head, payload, check)) = found else {
                at += 1;
                continue;
            };
            at += head.frame_bytes();
            last = Some((at, check));
            let Some((slot, stored)) = Payload::decode(head.kind, payload) else {
                continue;
            };
            let payload = Payload(payload.to_vec());
            if journal.is_full_for(head.frame_bytes()) {
                journal.begin_segment(&RealDisk, index)?;
            }
            let mut batch = journal.batch();
            let seq = journal.push(&mut batch, head.kind, &payload);
            journal.write(&RealDisk, &batch)?;
            journal.advance(&batch);
            index.publish(&batch.places);
            headers.push(DeskHeader {
                seq,
                body: stored.into_header_body(),
            });
            if slot != NO_SLOT {
                next_slot = next_slot.max(slot.saturating_add(1));
            }
            kept += 1;
        }
    }
    Ok((kept, next_slot))
}

fn read_from(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The 16 bytes in front of a place.
fn stored_before(bytes: &[u8], at: usize) -> Option<Check> {
    let start = at.checked_sub(CHECK_BYTES)?;
    bytes.get(start..at)?.try_into().ok()
}

/// The record at a place with its check, when it holds behind another check: by its own, or by the
/// record behind it, for then only its own check is damaged.
fn record_at<'a>(
    bytes: &'a [u8],
    at: usize,
    lowest: Seq,
    previous: &Check,
) -> Option<(Head, &'a [u8], Check)> {
    let (head, payload, stored) = frame_at(bytes, at, lowest)?;
    let computed = frame::check(previous, head.kind, head.seq, payload);
    let is_vouched_for = || {
        let next = frame_at(bytes, at + head.frame_bytes(), lowest);
        next.is_some_and(|(next, payload, stored)| {
            frame::check(&computed, next.kind, next.seq, payload) == stored
        })
    };
    (computed == stored || is_vouched_for()).then_some((head, payload, computed))
}

/// What looks like a record at a place: head, content, stored check.
fn frame_at(bytes: &[u8], at: usize, lowest: Seq) -> Option<(Head, &[u8], Check)> {
    let head = Head::parse(bytes.get(at..)?.first_chunk::<HEAD_BYTES>()?)?;
    // Numbers are bounded, so that hardly any place is hashed.
    if head.seq < lowest || head.seq > lowest.saturating_add(u64::from(u32::MAX)) {
        return None;
    }
    let end = at + HEAD_BYTES + head.length;
    let payload = bytes.get(at + HEAD_BYTES..end)?;
    let stored = bytes.get(end..end + CHECK_BYTES)?.try_into().ok()?;
    Some((head, payload, stored))
}

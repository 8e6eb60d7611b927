//! Checking, while the node runs, the segments that were not read at start.
//!
//! Guards: damage in an old segment is found within minutes of a start and not when somebody asks
//! for the invoice. Nothing is repaired here.

use std::sync::atomic::{AtomicBool, Ordering};

use super::error::JournalError;
use super::reader::JournalReader;
use super::record::{Kind, Place};
use super::scan::{Scan, Stop};
use super::segment::{SEGMENT_HEADER_BYTES, file_name};

/// What a check of old segments went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Segments read to their end.
    pub segments: u32,
    /// Records that hold.
    pub records: u64,
    /// Bytes of them.
    pub bytes: u64,
}

impl JournalReader {
    /// Reads every record of the segments that were not read when the journal was opened, oldest
    /// first. Ends early, without an error, once `stop` is set.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] at the first record that does not hold; [`JournalError::Io`].
    pub fn verify(&self, stop: &AtomicBool) -> Result<Verified, JournalError> {
        let mut verified = Verified::default();
        for number in &self.shared.unread {
            if !self.verify_segment(*number, stop, &mut verified)? {
                break;
            }
            verified.segments = verified.segments.saturating_add(1);
        }
        Ok(verified)
    }

    /// Whether the segment was read to its end.
    fn verify_segment(
        &self,
        number: u32,
        stop: &AtomicBool,
        verified: &mut Verified,
    ) -> Result<bool, JournalError> {
        let path = self.shared.dir.join(file_name(number));
        let io = |source| JournalError::io("read", &path)(source);
        let damaged = |offset, height: u64, what| {
            let place = Place {
                segment: number,
                offset,
            };
            self.shared.damaged(place, height, what)
        };
        let file = std::fs::File::open(&path).map_err(io)?;
        let mut scan = Scan::new(file).map_err(io)?;
        let header = scan.header().map_err(io)?;
        // The summary was believed with this header's check as its start.
        let header = header.ok_or_else(|| damaged(0, 0, "the segment's header is cut"))?;
        let (_body, check) = header
            .split_last_chunk()
            .ok_or_else(|| damaged(0, 0, "the segment's header is cut"))?;
        let (mut check, mut at, mut height) = (*check, SEGMENT_HEADER_BYTES as u64, 0);
        while at < scan.len() {
            if stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let offset = u32::try_from(at).unwrap_or(u32::MAX);
            let record = match scan.next(at, &check).map_err(io)? {
                Ok(record) => record,
                Err(Stop::End) => {
                    return Err(damaged(offset, height, "records are missing from here on"));
                }
                Err(Stop::Bad(what)) => return Err(damaged(offset, height, what)),
            };
            height = record.height;
            if record.kind == Kind::Decided && !self.is_decided_at(number, offset, height) {
                return Err(damaged(offset, height, "the summary names another place"));
            }
            verified.records = verified.records.saturating_add(1);
            verified.bytes = verified.bytes.saturating_add(record.end.saturating_sub(at));
            (at, check) = (record.end, record.check);
        }
        Ok(true)
    }

    /// Whether the index has the decision of a height where it stands.
    fn is_decided_at(&self, segment: u32, offset: u32, height: u64) -> bool {
        let state = self.shared.read();
        let entry = state.index.get(height);
        entry.is_some_and(|entry| entry.decided == Place { segment, offset })
    }
}

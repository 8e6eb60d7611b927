//! Opening a journal: every record of every segment is checked, in order.
//!
//! Guards: a record that was torn while it was written is cut off; everything else that does not
//! hold is damage and is refused by file and byte. What tells them apart: a torn record is the
//! last thing in the last segment, starts where nothing was acknowledged yet, and is no longer
//! than one record.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piao_chain::digest::ChainId;

use super::acknowledged::Mark;
use super::aside::{copy_aside_and_cut, cut, move_aside};
use super::error::JournalError;
use super::index::Index;
use super::record::{Check, Kind, Place, decode_decided, decode_proposed, header_of};
use super::scan::{Scan, Stop};
use super::segment::{
    HeaderFault, SEGMENT_HEADER_BYTES, SegmentHeader, SegmentWriter, file_name, parse_file_name,
    sync_dir,
};
use super::summary::{self, Summary};
use super::undecided::Undecided;
use super::writer::{JournalOptions, OnDamage};

/// A recovered journal.
pub(super) struct Found {
    pub(super) index: Index,
    pub(super) undecided: Undecided,
    pub(super) files: BTreeMap<u32, Arc<File>>,
    pub(super) segment: SegmentWriter,
    pub(super) begun: Begun,
    pub(super) unread: Vec<u32>,
    pub(super) truncated: Option<String>,
}

/// What stood when a segment was begun.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Begun {
    /// The running check.
    pub(super) check: Check,
    /// The tip.
    pub(super) tip: u64,
}

/// Reads a whole journal, or begins one.
pub(super) fn recover(
    dir: &Path,
    chain_id: &ChainId,
    mark: Mark,
    options: JournalOptions,
) -> Result<Found, JournalError> {
    let on_damage = options.on_damage;
    let last = last_segment(dir)?;
    let first_read = match on_damage {
        OnDamage::Refuse => first_read(dir, last, options.checked_at_start_bytes),
        OnDamage::GiveUp => 1,
    };
    let mut recovery = Recovery {
        dir,
        chain_id,
        mark,
        index: Index::default(),
        undecided: Undecided::default(),
        files: BTreeMap::new(),
        end: (0, 0),
        check: [0; 16],
        begun: Begun::default(),
        unread: Vec::new(),
        truncated: None,
    };
    let mut is_given_up = false;
    for number in 1..=last {
        if number < first_read && recovery.summarized(number)? {
            continue;
        }
        match recovery.segment(number, number == last) {
            Ok(Next::Goes) => {}
            Ok(Next::Torn) => break,
            Err(error) if on_damage == OnDamage::GiveUp => {
                recovery.give_up(error, number, last)?;
                is_given_up = true;
                break;
            }
            Err(error) => return Err(error),
        }
    }
    match recovery.check_mark() {
        Err(error) if on_damage == OnDamage::Refuse => return Err(error),
        Err(error) if !is_given_up => recovery.truncated = Some(recovery.given_up(&error)),
        _ => {}
    }
    recovery.finish()
}

/// The highest number of a segment in the folder, 0 for none.
fn last_segment(dir: &Path) -> Result<u32, JournalError> {
    let mut last = 0;
    for entry in std::fs::read_dir(dir).map_err(JournalError::io("read", dir))? {
        let entry = entry.map_err(JournalError::io("read", dir))?;
        let number = entry.file_name().to_str().and_then(parse_file_name);
        last = last.max(number.unwrap_or(0));
    }
    Ok(last)
}

/// The first segment that is read at start: the last one always, and full ones before it as long as
/// together they are within the bound.
fn first_read(dir: &Path, last: u32, bytes_max: u64) -> u32 {
    let mut bytes: u64 = 0;
    for number in (1..last).rev() {
        let length = std::fs::metadata(dir.join(file_name(number))).map_or(0, |data| data.len());
        bytes = bytes.saturating_add(length);
        if bytes > bytes_max {
            return number.saturating_add(1);
        }
    }
    1
}

/// What follows a segment.
enum Next {
    /// The next one, if there is one.
    Goes,
    /// Nothing: the segment was being created and holds no record.
    Torn,
}

struct Recovery<'a> {
    dir: &'a Path,
    chain_id: &'a ChainId,
    mark: Mark,
    index: Index,
    undecided: Undecided,
    files: BTreeMap<u32, Arc<File>>,
    /// Segment and byte up to which everything holds.
    end: (u32, u64),
    /// The running check there.
    check: Check,
    /// What stood when the last segment was begun.
    begun: Begun,
    /// Segments believed by their summaries.
    unread: Vec<u32>,
    truncated: Option<String>,
}

impl Recovery<'_> {
    /// Takes a full segment as its summary describes it; `false` when it must be read.
    fn summarized(&mut self, number: u32) -> Result<bool, JournalError> {
        let Some(Summary { head, entries }) = Summary::read(self.dir, number, self.chain_id) else {
            return Ok(false);
        };
        let path = self.path(number);
        let Ok(file) = File::open(&path) else {
            return Ok(false);
        };
        let length = file.metadata().map_err(JournalError::io("read", &path))?;
        let follows = length.len() == head.length
            && head.checks.0 == self.check
            && head.tip_before == self.index.tip();
        if !follows {
            return Ok(false);
        }
        self.begun = Begun {
            check: self.check,
            tip: self.index.tip(),
        };
        self.files.insert(number, Arc::new(file));
        self.index.extend(&entries, head.next_issuance);
        self.undecided = Undecided::default();
        for (proposal, body) in head.undecided {
            self.undecided.add(proposal, body);
        }
        self.end = (number, head.length);
        self.check = head.checks.1;
        self.unread.push(number);
        Ok(true)
    }

    /// Writes the summary of a full segment that has none, so that the next start need not read it.
    fn summarize(&self, number: u32) {
        let known = Summary::read(self.dir, number, self.chain_id);
        if known.is_some_and(|known| (known.head.number, known.head.length) == self.end) {
            return;
        }
        let summary = Summary::new(
            self.chain_id,
            self.end,
            (self.begun.check, self.check),
            (self.begun.tip, self.index.next_issuance()),
            self.undecided.kept(),
            self.index.above(self.begun.tip).to_vec(),
        );
        summary.keep(self.dir);
    }

    /// Reads one segment.
    fn segment(&mut self, number: u32, is_last: bool) -> Result<Next, JournalError> {
        let path = self.path(number);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(self.damaged(number, 0, "the segment is missing"));
            }
            Err(source) => return Err(JournalError::io("open", &path)(source)),
        };
        let mut scan = Scan::new(file).map_err(JournalError::io("read", &path))?;
        let is_promised = self.mark.covers(number, 0);
        let check = match self.header(&mut scan, number)? {
            Ok(check) => check,
            // Nothing behind the header: the crash came while the segment was created.
            Err(_what) if is_last && !is_promised && scan.is_bare() => {
                std::fs::remove_file(&path).map_err(JournalError::io("remove", &path))?;
                sync_dir(self.dir)?;
                self.truncated = Some(format!("{}: removed, it was never begun", path.display()));
                return Ok(Next::Torn);
            }
            Err(what) => return Err(self.damaged(number, 0, what)),
        };
        self.end = (number, SEGMENT_HEADER_BYTES as u64);
        self.begun = Begun {
            check: self.check,
            tip: self.index.tip(),
        };
        self.check = check;
        self.files.insert(number, scan.file());
        self.records(&mut scan, number, is_last)?;
        if !is_last {
            self.summarize(number);
        }
        Ok(Next::Goes)
    }

    /// The check a segment starts with, or what is wrong with its header.
    fn header(
        &self,
        scan: &mut Scan,
        number: u32,
    ) -> Result<Result<Check, &'static str>, JournalError> {
        let path = self.path(number);
        let bytes = scan.header().map_err(JournalError::io("read", &path))?;
        let Some(bytes) = bytes else {
            return Ok(Err("the segment's header is cut"));
        };
        match SegmentHeader::decode(&bytes, self.chain_id) {
            Ok((header, _)) if header.number != number => {
                Ok(Err("it is a copy of another segment"))
            }
            Ok((header, _)) if header.previous != self.check => {
                // The header holds, so what is missing stood at the end of the segment before.
                let (before, end) = self.end;
                Err(self.damaged(before.max(1), end, "records are missing from here on"))
            }
            Ok((_, check)) => Ok(Ok(check)),
            Err(HeaderFault::Damaged(what)) => Ok(Err(what)),
            Err(HeaderFault::OtherChain(found)) => {
                Err(JournalError::other_chain(&path, &found.0, self.chain_id))
            }
        }
    }

    /// Reads the records of a segment up to the end, or up to where it was torn.
    fn records(&mut self, scan: &mut Scan, number: u32, is_last: bool) -> Result<(), JournalError> {
        let path = self.path(number);
        loop {
            let (_, offset) = self.end;
            let next = scan
                .next(offset, &self.check)
                .map_err(JournalError::io("read", &path))?;
            let record = match next {
                Ok(record) => record,
                Err(Stop::End) => return Ok(()),
                Err(Stop::Bad(what)) => return self.bad(scan, number, is_last, what),
            };
            let (kind, height, end, check) = (record.kind, record.height, record.end, record.check);
            let place = Place {
                segment: number,
                offset: u32::try_from(offset)
                    .map_err(|_source| self.damaged(number, offset, "the segment is too long"))?,
            };
            let holds = match kind {
                Kind::Proposed => self.proposed(place, height, scan.payload()),
                Kind::Decided => self.decided(place, height, scan.payload())?,
            };
            if !holds {
                return Err(self.damaged(number, offset, "the record does not follow"));
            }
            self.end = (number, end);
            self.check = check;
        }
    }

    fn proposed(&mut self, place: Place, height: u64, payload: &[u8]) -> bool {
        let Some(proposed) = decode_proposed(height, payload) else {
            return false;
        };
        if height <= self.index.tip() {
            return false;
        }
        let body = match proposed.body {
            None => None,
            Some(body) => match header_of(body, &proposed.proposal.block_id) {
                Some(header) => Some((place, header.time_ms)),
                None => return false,
            },
        };
        // A repeated proposal whose body another version of the bounds has dropped is dropped too.
        self.undecided.add(proposed.proposal, body);
        true
    }

    fn decided(&mut self, place: Place, height: u64, payload: &[u8]) -> Result<bool, JournalError> {
        let Some((block_id, body, outcomes, certificate)) = decode_decided(payload) else {
            return Ok(false);
        };
        let follows = Some(height) == self.index.tip().checked_add(1)
            && (certificate.height, certificate.block_id) == (height, block_id);
        let Some(kept) = self.undecided.body(height, &block_id).filter(|_| follows) else {
            return Ok(false);
        };
        if kept.place != body {
            return Ok(false);
        }
        self.index
            .push(block_id, kept.time_ms, (body, place), &outcomes);
        self.undecided.forget_through(height);
        Ok(true)
    }

    /// A record that does not hold, or zeros where records should be.
    fn bad(
        &mut self,
        scan: &mut Scan,
        number: u32,
        is_last: bool,
        what: &'static str,
    ) -> Result<(), JournalError> {
        let (_, offset) = self.end;
        let path = self.path(number);
        if !is_last || self.mark.covers(number, offset) {
            return Err(self.damaged(number, offset, what));
        }
        let is_torn = scan
            .is_torn_tail(offset, &self.check, self.index.tip())
            .map_err(JournalError::io("read", &path))?;
        if !is_torn {
            return Err(self.damaged(number, offset, what));
        }
        let torn = scan.len().saturating_sub(offset);
        cut(&path, offset)?;
        self.truncated = Some(format!(
            "{}: cut at byte {offset}, {torn} bytes of a record that was never acknowledged ({what})",
            path.display()
        ));
        Ok(())
    }

    /// Whether everything that was acknowledged is there.
    fn check_mark(&self) -> Result<(), JournalError> {
        if (self.mark.segment, self.mark.end) <= self.end && self.mark.tip <= self.index.tip() {
            return Ok(());
        }
        Err(JournalError::TailLost {
            file: self.path(self.end.0.max(1)),
            found: self.index.tip(),
            acknowledged: self.mark.tip,
        })
    }

    /// Moves everything from the damage on aside, because the operator said so.
    fn give_up(&mut self, error: JournalError, number: u32, last: u32) -> Result<(), JournalError> {
        let is_damage = matches!(
            error,
            JournalError::Damaged { .. } | JournalError::TailLost { .. }
        );
        if !is_damage {
            return Err(error);
        }
        let (end_segment, end) = self.end;
        for lost in end_segment.saturating_add(1)..=last {
            move_aside(&self.path(lost))?;
            summary::remove(self.dir, lost)?;
        }
        summary::remove(self.dir, end_segment)?;
        if end_segment == number {
            copy_aside_and_cut(&self.path(number), end)?;
        }
        sync_dir(self.dir)?;
        self.truncated = Some(self.given_up(&error));
        Ok(())
    }

    /// What is given up, with the damage that was found.
    fn given_up(&self, error: &JournalError) -> String {
        let tip = self.index.tip();
        if self.mark.tip > tip {
            format!(
                "{error}; given up: heights above {tip} up to {}",
                self.mark.tip
            )
        } else {
            format!("{error}; given up: whatever was above height {tip}")
        }
    }

    /// Opens the last segment for appending; what it holds is made durable first.
    fn finish(self) -> Result<Found, JournalError> {
        let (number, end) = self.end;
        let segment = if number == 0 {
            let header = SegmentHeader {
                number: 1,
                previous: [0; 16],
            };
            SegmentWriter::create(self.dir, self.chain_id, header)?
        } else {
            // A whole record that a killed process left in the page cache is not on disk yet, and
            // is about to be built upon.
            let path = self.path(number);
            let segment = SegmentWriter::resume(path.clone(), number, end, self.check)?;
            segment
                .file()
                .sync_all()
                .map_err(JournalError::io("sync", &path))?;
            segment
        };
        Ok(Found {
            index: self.index,
            undecided: self.undecided,
            files: self.files,
            segment,
            begun: self.begun,
            unread: self.unread,
            truncated: self.truncated,
        })
    }

    fn path(&self, number: u32) -> PathBuf {
        self.dir.join(file_name(number))
    }

    fn damaged(&self, number: u32, offset: u64, what: &'static str) -> JournalError {
        JournalError::Damaged {
            file: self.path(number),
            offset,
            height: self.index.tip(),
            what,
        }
    }
}

//! Looking at a journal without changing a byte of it: for `piaod doctor`, and for naming heights
//! before any are given up.
//!
//! Guards: goes on behind damage. Every segment starts with the check it continues from, so one bad
//! record hides no other segment, and the heights that would be lost are counted, not guessed.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::{BlockId, ChainId};
use piao_chain::outcome::Outcome;

use super::acknowledged::{self, Mark};
use super::error::JournalError;
use super::reader::{RecordFault, read_payload};
use super::record::{
    CHECK_BYTES, Check, HEAD_BYTES, Head, Kind, Place, check_of, decode_decided, decode_proposed,
    header_of,
};
use super::scan::{Scan, Stop};
use super::segment::{
    HeaderFault, SEGMENT_HEADER_BYTES, SegmentHeader, file_name, parse_file_name,
};
use super::undecided::Undecided;
use super::writer::LOCK_FILE_NAME;

/// Damaged places named; a disk that has more is lost anyway.
const DAMAGES_MAX: usize = 64;

/// Bytes of a segment looked at behind damage; more than any segment has.
const SEGMENT_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// Heights above the damage that a record behind it can have.
const HEIGHTS_BEHIND_MAX: u64 = 1 << 32;

/// A place that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The segment.
    pub file: PathBuf,
    /// Where the first bad record of it starts.
    pub offset: u64,
    /// Last height that is whole before it.
    pub height: u64,
    /// What is wrong.
    pub what: &'static str,
}

/// What stands in the file that says how far was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkState {
    /// It holds; this height was acknowledged.
    Holds(u64),
    /// There is none.
    Missing,
    /// It is not what was written.
    Damaged,
}

/// What lies in a journal's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Height up to which everything is whole.
    pub tip: u64,
    /// Highest height that any record or the mark speaks of as decided.
    pub promised: u64,
    /// Segments found.
    pub segments: u32,
    /// Records read.
    pub records: u64,
    /// Damage, the first place of each segment.
    pub damage: Vec<Damage>,
    /// A record that was never acknowledged ends the journal half written: the next start cuts it
    /// off. Its file and byte.
    pub torn: Option<(PathBuf, u64)>,
    /// The acknowledged mark.
    pub mark: MarkState,
    /// Proposals of the height above the tip whose bodies are whole.
    pub undecided: Vec<BlockId>,
}

/// A decided block as it is met.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// Its height.
    pub height: u64,
    /// Its name.
    pub block_id: BlockId,
    /// Canonical bytes of the block.
    pub body: &'a [u8],
    /// What came of its transactions.
    pub outcomes: &'a [Outcome],
    /// Why it is decided.
    pub certificate: &'a CommitCertificate,
    /// Height that was acknowledged, for telling how far reading is; 0 when it is not known.
    pub acknowledged: u64,
    /// The segment it was decided in, and the byte of that record.
    pub at: (PathBuf, u64),
}

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every record's check; blocks are not handed out.
    Records,
    /// Every record, and every decided block up to the first damage is handed out.
    Blocks,
}

/// Reads a journal's folder. `see` is called for each decided block, ascending, up to the first
/// damage. Nothing is written, created, cut or locked.
///
/// # Errors
/// [`JournalError::Io`]; [`JournalError::OtherChain`]. Damage is no error here.
pub fn inspect(
    dir: &Path,
    chain_id: &ChainId,
    depth: Depth,
    see: &mut dyn FnMut(Seen<'_>),
) -> Result<Inspection, JournalError> {
    let (mark, state) = acknowledged::read(dir)?;
    let last = last_segment(dir)?;
    let mut walk = Walk {
        dir,
        chain_id,
        depth,
        mark,
        last,
        tip: 0,
        above: 0,
        records: 0,
        undecided: Undecided::default(),
        check: [0; 16],
        end: (0, 0),
        damage: Vec::new(),
        torn: None,
    };
    for number in 1..=last {
        walk.segment(number, see)?;
    }
    walk.check_mark();
    Ok(walk.done(state))
}

/// Keeps every node out of a journal's folder until it is dropped, without changing it.
#[derive(Debug)]
pub struct Held(Option<File>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.as_ref().map(File::unlock) {
            tracing::warn!(%error, "the block journal stays locked until the process ends");
        }
    }
}

/// Takes a journal's folder for looking at it. A folder that no node has opened yet is free.
///
/// # Errors
/// [`JournalError::Locked`] when a node has it, [`JournalError::Io`].
pub fn hold(dir: &Path) -> Result<Held, JournalError> {
    let path = dir.join(LOCK_FILE_NAME);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Held(None)),
        Err(source) => return Err(JournalError::io("open", &path)(source)),
    };
    match file.try_lock() {
        Ok(()) => Ok(Held(Some(file))),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked {
            dir: dir.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(JournalError::io("lock", &path)(source)),
    }
}

/// The highest number of a segment in the folder, 0 for none or no folder.
fn last_segment(dir: &Path) -> Result<u32, JournalError> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(source) => return Err(JournalError::io("read", dir)(source)),
    };
    let mut last = 0;
    for entry in entries {
        let entry = entry.map_err(JournalError::io("read", dir))?;
        let number = entry.file_name().to_str().and_then(parse_file_name);
        last = last.max(number.unwrap_or(0));
    }
    Ok(last)
}

/// The bytes of a file from an offset on; a segment is bounded.
fn read_from(path: &Path, offset: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(SEGMENT_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The end of the frame at a place, when it holds behind the check in front of it. Heights are
/// bounded, so that hardly any place is hashed.
fn whole_frame(bytes: &[u8], at: usize, head: Head, tip: u64) -> Option<usize> {
    Kind::from_byte(head.kind)?;
    if head.height <= tip || head.height > tip.saturating_add(HEIGHTS_BEHIND_MAX) {
        return None;
    }
    let previous: &Check = bytes
        .get(at.checked_sub(CHECK_BYTES)?..at)?
        .try_into()
        .ok()?;
    let start = at.checked_add(HEAD_BYTES)?;
    let end = start.checked_add(head.payload_bytes()?)?;
    let stored = bytes.get(end..end.checked_add(CHECK_BYTES)?)?;
    let check = check_of(previous, head.kind, head.height, bytes.get(start..end)?);
    (check == *stored).then_some(end + CHECK_BYTES)
}

struct Walk<'a> {
    dir: &'a Path,
    chain_id: &'a ChainId,
    depth: Depth,
    mark: Mark,
    last: u32,
    /// Last height that is whole, with everything below it.
    tip: u64,
    /// Highest height decided behind damage.
    above: u64,
    records: u64,
    undecided: Undecided,
    check: Check,
    /// Segment and byte up to which everything holds.
    end: (u32, u64),
    damage: Vec<Damage>,
    torn: Option<(PathBuf, u64)>,
}

impl Walk<'_> {
    fn segment(&mut self, number: u32, see: &mut dyn FnMut(Seen<'_>)) -> Result<(), JournalError> {
        let path = self.path(number);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
                self.damaged(number, 0, "the segment is missing");
                return Ok(());
            }
            Err(source) => return Err(JournalError::io("open", &path)(source)),
        };
        let io = || JournalError::io("read", &path);
        let mut scan = Scan::new(file).map_err(io())?;
        let header = scan.header().map_err(io())?;
        let decoded = match header {
            Some(bytes) => SegmentHeader::decode(&bytes, self.chain_id),
            None => Err(HeaderFault::Damaged("the segment's header is cut")),
        };
        let (header, check) = match decoded {
            Ok(decoded) => decoded,
            Err(HeaderFault::OtherChain(found)) => {
                return Err(JournalError::other_chain(&path, &found.0, self.chain_id));
            }
            Err(HeaderFault::Damaged(what)) => {
                let begun = number == self.last && !self.mark.covers(number, 0) && scan.is_bare();
                if begun {
                    self.torn = Some((path, 0));
                } else {
                    self.damaged(number, 0, what);
                    // Its records stand behind a check that can't be trusted: one by one.
                    self.count_behind(0, &path)?;
                }
                return Ok(());
            }
        };
        if header.number != number {
            self.damaged(number, 0, "it is a copy of another segment");
            return Ok(());
        }
        if header.previous != self.check && self.is_whole() {
            let (before, end) = self.end;
            self.damaged(before.max(1), end, "records are missing from here on");
        }
        self.end = (number, SEGMENT_HEADER_BYTES as u64);
        self.check = check;
        self.records(&mut scan, number, see)
    }

    fn records(
        &mut self,
        scan: &mut Scan,
        number: u32,
        see: &mut dyn FnMut(Seen<'_>),
    ) -> Result<(), JournalError> {
        let path = self.path(number);
        let io = || JournalError::io("read", &path);
        // Bounded by the length of the file.
        loop {
            let offset = self.end.1;
            let record = match scan.next(offset, &self.check).map_err(io())? {
                Ok(record) => record,
                Err(Stop::End) => return Ok(()),
                Err(Stop::Bad(what)) => {
                    let promised = number != self.last || self.mark.covers(number, offset);
                    if !promised
                        && scan
                            .is_torn_tail(offset, &self.check, self.tip)
                            .map_err(io())?
                    {
                        self.torn = Some((path, offset));
                        return Ok(());
                    }
                    self.damaged(number, offset, what);
                    return self.count_behind(offset, &path);
                }
            };
            self.records = self.records.saturating_add(1);
            let holds = match record.kind {
                Kind::Proposed => self.proposed(number, offset, record.height, scan.payload()),
                Kind::Decided => {
                    let payload = scan.payload().to_vec();
                    self.decided((number, offset), record.height, &payload, see)?
                }
            };
            if !holds && self.is_whole() {
                self.damaged(number, offset, "the record does not follow");
            }
            self.end = (number, record.end);
            self.check = record.check;
        }
    }

    fn proposed(&mut self, number: u32, offset: u64, height: u64, payload: &[u8]) -> bool {
        if !self.is_whole() {
            return true;
        }
        let Some(proposed) = decode_proposed(height, payload) else {
            return false;
        };
        if height <= self.tip {
            return false;
        }
        let Ok(offset) = u32::try_from(offset) else {
            return false;
        };
        let place = Place {
            segment: number,
            offset,
        };
        let body = match proposed.body {
            None => None,
            Some(body) => match header_of(body, &proposed.proposal.block_id) {
                Some(header) => Some((place, header.time_ms)),
                None => return false,
            },
        };
        self.undecided.add(proposed.proposal, body);
        true
    }

    fn decided(
        &mut self,
        at: (u32, u64),
        height: u64,
        payload: &[u8],
        see: &mut dyn FnMut(Seen<'_>),
    ) -> Result<bool, JournalError> {
        let Some((block_id, body, outcomes, certificate)) = decode_decided(payload) else {
            return Ok(false);
        };
        if !self.is_whole() {
            self.above = self.above.max(height);
            return Ok(true);
        }
        let kept = self.undecided.body(height, &block_id);
        let follows = Some(height) == self.tip.checked_add(1)
            && (certificate.height, certificate.block_id) == (height, block_id)
            && kept.is_some_and(|kept| kept.place == body);
        if !follows {
            self.above = self.above.max(height);
            return Ok(false);
        }
        if self.depth == Depth::Blocks {
            let Some(body) = self.body(body, height)? else {
                return Ok(false);
            };
            see(Seen {
                height,
                block_id,
                body: &body,
                outcomes: &outcomes,
                certificate: &certificate,
                acknowledged: self.mark.tip,
                at: (self.path(at.0), at.1),
            });
        }
        self.tip = height;
        self.undecided.forget_through(height);
        Ok(true)
    }

    fn body(&self, place: Place, height: u64) -> Result<Option<Vec<u8>>, JournalError> {
        let path = self.path(place.segment);
        let file = File::open(&path).map_err(JournalError::io("open", &path))?;
        let payload = match read_payload(&file, place.offset, Kind::Proposed, height) {
            Ok(payload) => payload,
            Err(RecordFault::Damaged(_what)) => return Ok(None),
            Err(RecordFault::Io(source)) => return Err(JournalError::io("read", &path)(source)),
        };
        let body = decode_proposed(height, &payload).and_then(|proposed| proposed.body);
        Ok(body.map(<[u8]>::to_vec))
    }

    /// Looks for decisions behind a bad record of a segment: each record that can be checked alone
    /// says what height it decided.
    fn count_behind(&mut self, offset: u64, path: &Path) -> Result<(), JournalError> {
        let bytes = read_from(path, offset).map_err(JournalError::io("read", path))?;
        let mut at = CHECK_BYTES;
        // Bounded by the length of the file: every step goes on.
        while let Some(head) = bytes.get(at..).and_then(<[u8]>::first_chunk::<HEAD_BYTES>) {
            let head = Head::parse(head);
            match whole_frame(&bytes, at, head, self.tip) {
                Some(end) => {
                    if Kind::from_byte(head.kind) == Some(Kind::Decided) {
                        self.above = self.above.max(head.height);
                    }
                    at = end;
                }
                None => at = at.saturating_add(1),
            }
        }
        Ok(())
    }

    /// Whether everything that was acknowledged is there.
    fn check_mark(&mut self) {
        let whole = (self.mark.segment, self.mark.end) <= self.end && self.mark.tip <= self.tip;
        if !whole && self.is_whole() {
            let (number, end) = self.end;
            self.damaged(
                number.max(1),
                end,
                "records that were acknowledged are missing",
            );
        }
    }

    fn is_whole(&self) -> bool {
        self.damage.is_empty()
    }

    fn damaged(&mut self, number: u32, offset: u64, what: &'static str) {
        if self.damage.len() < DAMAGES_MAX {
            self.damage.push(Damage {
                file: self.path(number),
                offset,
                height: self.tip,
                what,
            });
        }
    }

    fn path(&self, number: u32) -> PathBuf {
        self.dir.join(file_name(number))
    }

    fn done(self, mark: MarkState) -> Inspection {
        let next = self.tip.saturating_add(1);
        let undecided = self.undecided.proposals(next);
        Inspection {
            tip: self.tip,
            promised: self.tip.max(self.above).max(self.mark.tip),
            segments: self.last,
            records: self.records,
            damage: self.damage,
            torn: self.torn,
            mark,
            undecided: undecided.iter().map(|proposal| proposal.block_id).collect(),
        }
    }
}

//! Appending: one owner, every record synced before the call returns.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::{BlockId, ChainId};
use piao_chain::outcome::Outcome;

use super::acknowledged::{Acknowledged, Mark};
use super::error::JournalError;
use super::reader::{JournalReader, Shared, SharedState};
use super::record::{
    Check, FRAME_BYTES, Kind, PAYLOAD_BYTES_MAX, Place, Proposal, encode_decided,
    encode_proposed_head, header_of, write_frame,
};
use super::recover::{self, Begun, Found};
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader, SegmentWriter};
use super::summary::Summary;
use super::undecided::Undecided;

/// Size at which a new segment is begun: small enough to copy and to check in a moment.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// How much of the journal's end is read and checked at every start, in whole segments: about half
/// a second's work. What is older is checked in the background.
const CHECKED_AT_START_BYTES: u64 = 64 * 1024 * 1024;

/// Smallest segment that can be asked for; tests use it to see segments roll.
const SEGMENT_BYTES_MIN: u64 = 4 * 1024;

/// Largest: places of records have 32 bits.
const SEGMENT_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// Proposals are kept up to this many heights above the tip; what is further ahead comes again.
pub const HEIGHTS_AHEAD_MAX: u64 = 64;

/// Name of the file that keeps a second process out.
pub(super) const LOCK_FILE_NAME: &str = "LOCK";

/// What to do with a journal that is damaged where it was acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDamage {
    /// Refuse to open. The only choice that loses nothing.
    #[default]
    Refuse,
    /// Give up everything from the damage on: it is moved aside into files named `…lost`, and the
    /// heights given up are named. For an operator who said so, by `--accept-loss`.
    GiveUp,
}

/// How a journal is opened.
#[derive(Clone, Copy, Debug)]
pub struct JournalOptions {
    /// Bytes at which a new segment is begun, 4 KiB to 2 GiB.
    pub segment_bytes: u64,
    /// How many bytes of full segments are read before the journal is open, the newest first.
    /// Older segments are believed by their summaries and checked by [`JournalReader::verify`].
    /// An operator who gives something up has all of them read.
    pub checked_at_start_bytes: u64,
    /// What to do with damage.
    pub on_damage: OnDamage,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self {
            segment_bytes: crate::crash_point::segment_bytes(SEGMENT_BYTES),
            checked_at_start_bytes: CHECKED_AT_START_BYTES,
            on_damage: OnDamage::Refuse,
        }
    }
}

/// What opening found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Height of the last decided block, 0 for none.
    pub tip: u64,
    /// One line for the operator about what was cut off, if anything was.
    pub truncated: Option<String>,
}

/// The journal, owned by the thread that appends.
#[derive(Debug)]
pub struct BlockJournal {
    shared: Arc<Shared>,
    chain_id: ChainId,
    segment: SegmentWriter,
    /// The running check and the tip when the segment was begun.
    begun: Begun,
    segment_bytes: u64,
    undecided: Undecided,
    acknowledged: Acknowledged,
    /// Set when a write failed: what is on disk is not known any more.
    is_closed: bool,
    /// The frame being written, kept to keep its memory.
    frame: Vec<u8>,
    /// Held for as long as the journal is open.
    lock: File,
}

impl BlockJournal {
    /// Opens or creates the journal in a folder and checks every record of it.
    ///
    /// # Errors
    /// [`JournalError::Locked`] when another process has it, [`JournalError::OtherChain`],
    /// [`JournalError::Damaged`], [`JournalError::TailLost`], [`JournalError::Io`].
    pub fn open(dir: &Path, chain_id: &ChainId) -> Result<(Self, Recovered), JournalError> {
        Self::open_with(dir, chain_id, JournalOptions::default())
    }

    /// [`Self::open`] with other than the usual options.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(
        dir: &Path,
        chain_id: &ChainId,
        options: JournalOptions,
    ) -> Result<(Self, Recovered), JournalError> {
        std::fs::create_dir_all(dir).map_err(JournalError::io("create", dir))?;
        let lock = lock(dir)?;
        let (acknowledged, mark) = Acknowledged::open(dir)?;
        let found = recover::recover(dir, chain_id, mark, options)?;
        let Found {
            index,
            undecided,
            mut files,
            segment,
            begun,
            unread,
            truncated,
        } = found;
        files.insert(segment.number(), segment.file());
        let tip = index.tip();
        let journal = Self {
            shared: Shared::new(dir.to_path_buf(), SharedState { index, files }, unread),
            chain_id: *chain_id,
            segment,
            begun,
            segment_bytes: options
                .segment_bytes
                .clamp(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX),
            undecided,
            acknowledged,
            is_closed: false,
            frame: Vec::new(),
            lock,
        };
        journal.acknowledged.write_synced(journal.mark(tip))?;
        Ok((journal, Recovered { tip, truncated }))
    }

    /// Height of the last decided block, 0 for none.
    #[must_use]
    pub fn tip(&self) -> u64 {
        self.shared.read().index.tip()
    }

    /// Keeps a proposal and its body, synced. A proposal that is already recorded is not written
    /// again, nor is a body that is already there.
    ///
    /// # Errors
    /// [`JournalError::HeightOutOfWindow`], [`JournalError::BodyMismatch`],
    /// [`JournalError::TooLarge`], [`JournalError::DiskFull`], [`JournalError::Io`],
    /// [`JournalError::Closed`].
    pub fn append_proposed(
        &mut self,
        proposal: &Proposal,
        body: &[u8],
    ) -> Result<(), JournalError> {
        let tip = self.tip();
        let height = proposal.height;
        if height <= tip || height > tip.saturating_add(HEIGHTS_AHEAD_MAX) {
            return Err(JournalError::HeightOutOfWindow { height, tip });
        }
        if self.undecided.contains(proposal) {
            return Ok(());
        }
        if self.undecided.body(height, &proposal.block_id).is_some() {
            let head = encode_proposed_head(proposal, false);
            self.append(Kind::Proposed, height, &[&head], tip)?;
            self.undecided.add(*proposal, None);
            return Ok(());
        }
        // Whether the block is one of this height and chain is for its verdict, not for its keeping.
        let header = header_of(body, &proposal.block_id).ok_or(JournalError::BodyMismatch {
            block_id: proposal.block_id,
        })?;
        let head = encode_proposed_head(proposal, true);
        crash_point!("journal.before-proposed");
        let place = self.append(Kind::Proposed, height, &[&head, body], tip)?;
        crash_point!("journal.after-proposed");
        self.undecided.add(*proposal, Some((place, header.time_ms)));
        Ok(())
    }

    /// Keeps a decision, synced: from here on the block is final. Its body must have been appended.
    ///
    /// # Errors
    /// [`JournalError::NotNext`], [`JournalError::OtherBlock`], [`JournalError::BodyMissing`],
    /// [`JournalError::TooLarge`], [`JournalError::DiskFull`], [`JournalError::Io`],
    /// [`JournalError::Closed`].
    pub fn append_decided(
        &mut self,
        block_id: &BlockId,
        outcomes: &[Outcome],
        certificate: &CommitCertificate,
    ) -> Result<(), JournalError> {
        let (height, tip) = (certificate.height, self.tip());
        if Some(height) != tip.checked_add(1) {
            return Err(JournalError::NotNext { height, tip });
        }
        if certificate.block_id != *block_id {
            return Err(JournalError::OtherBlock {
                certified: certificate.block_id,
                decided: *block_id,
            });
        }
        let body = self
            .undecided
            .body(height, block_id)
            .ok_or(JournalError::BodyMissing {
                height,
                block_id: *block_id,
            })?;
        let payload = encode_decided(block_id, body.place, outcomes, certificate);
        crash_point!("journal.before-decided");
        let decided = self.append(Kind::Decided, height, &[&payload], height)?;
        crash_point!("journal.after-decided");
        self.undecided.forget_through(height);
        let places = (body.place, decided);
        self.shared
            .write()
            .index
            .push(*block_id, body.time_ms, places, outcomes);
        Ok(())
    }

    /// Proposals of a height above the tip, in the order they came; the body of each is kept.
    #[must_use]
    pub fn undecided(&self, height: u64) -> Vec<Proposal> {
        self.undecided.proposals(height)
    }

    /// The body of a decided block or of a kept proposal.
    ///
    /// # Errors
    /// [`JournalError::Damaged`], [`JournalError::Io`].
    pub fn body(&self, height: u64, block_id: &BlockId) -> Result<Option<Vec<u8>>, JournalError> {
        let decided = {
            let state = self.shared.read();
            let entry = state.index.get(height);
            entry
                .filter(|entry| entry.block_id == *block_id)
                .map(|entry| entry.body)
        };
        let kept = || self.undecided.body(height, block_id).map(|body| body.place);
        decided
            .or_else(kept)
            .map(|place| self.shared.body(place, height, block_id))
            .transpose()
    }

    /// Reads of decided blocks, for other threads. It sees blocks appended later too.
    #[must_use]
    pub fn reader(&self) -> JournalReader {
        JournalReader::new(Arc::clone(&self.shared))
    }

    /// Writes and syncs one record; `tip` is the tip once it stands.
    fn append(
        &mut self,
        kind: Kind,
        height: u64,
        payload: &[&[u8]],
        tip: u64,
    ) -> Result<Place, JournalError> {
        if self.is_closed {
            return Err(JournalError::Closed);
        }
        let bytes: usize = payload.iter().map(|part| part.len()).sum();
        if bytes > PAYLOAD_BYTES_MAX {
            return Err(JournalError::TooLarge { bytes });
        }
        let result = self.append_bounded(kind, height, payload, tip);
        if let Err(error) = &result {
            // After a failed sync the kernel may have dropped the pages: no second try is safe.
            self.is_closed = !matches!(error, JournalError::DiskFull { .. });
        }
        result
    }

    fn append_bounded(
        &mut self,
        kind: Kind,
        height: u64,
        payload: &[&[u8]],
        tip: u64,
    ) -> Result<Place, JournalError> {
        let payload_bytes: usize = payload.iter().map(|part| part.len()).sum();
        let frame_bytes = payload_bytes.saturating_add(FRAME_BYTES);
        // A decision stands in the segment of its body, where room was made for it together with
        // the body's: a disk that fills up in between must not leave a decided block untold.
        let room = match kind {
            Kind::Proposed => frame_bytes.saturating_add(decision_bytes(payload_bytes)),
            Kind::Decided => frame_bytes,
        };
        let has_records = self.segment.end() > SEGMENT_HEADER_BYTES as u64;
        let is_full = self.segment.end().saturating_add(frame_bytes as u64) > self.segment_bytes;
        if kind == Kind::Proposed && has_records && is_full {
            self.roll()?;
        }
        let offset = u32::try_from(self.segment.end())
            .map_err(|_source| JournalError::TooLarge { bytes: frame_bytes })?;
        self.segment.reserve(room)?;
        crash_point!("journal.reserved");
        let previous: Check = self.segment.last();
        let check = write_frame(&mut self.frame, &previous, kind, height, payload);
        self.segment.append(&self.frame, check)?;
        self.acknowledged.write(self.mark(tip))?;
        crash_point!("journal.mark-written");
        Ok(Place {
            segment: self.segment.number(),
            offset,
        })
    }

    /// Closes the segment and begins the next.
    fn roll(&mut self) -> Result<(), JournalError> {
        self.segment.seal()?;
        crash_point!("journal.segment-sealed");
        let begun = self.begun;
        let tip = {
            let state = self.shared.read();
            let summary = Summary::new(
                &self.chain_id,
                (self.segment.number(), self.segment.end()),
                (begun.check, self.segment.last()),
                (begun.tip, state.index.next_issuance()),
                self.undecided.kept(),
                state.index.above(begun.tip).to_vec(),
            );
            summary.keep(&self.shared.dir);
            state.index.tip()
        };
        self.begun = Begun {
            check: self.segment.last(),
            tip,
        };
        let header = SegmentHeader {
            number: self.segment.number().saturating_add(1),
            previous: self.segment.last(),
        };
        let dir: PathBuf = self.shared.dir.clone();
        self.segment = SegmentWriter::create(&dir, &self.chain_id, header)?;
        crash_point!("journal.segment-synced");
        let (number, file) = (self.segment.number(), self.segment.file());
        self.shared.write().files.insert(number, file);
        Ok(())
    }

    fn mark(&self, tip: u64) -> Mark {
        Mark {
            segment: self.segment.number(),
            end: self.segment.end(),
            tip,
        }
    }
}

impl Drop for BlockJournal {
    fn drop(&mut self) {
        if !self.is_closed
            && let Err(error) = self.acknowledged.write_synced(self.mark(self.tip()))
        {
            tracing::warn!(%error, "the acknowledged mark may be behind after a power cut");
        }
        // Closing the file would do, but not while a process is being started from another
        // thread: until it runs its own program it has a copy.
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, "the block journal stays locked until the process ends");
        }
    }
}

/// How large the decision on a proposed block may be: an outcome is smaller than the transaction
/// it is of, and a certificate of a hundred validators than what is added.
fn decision_bytes(proposed_bytes: usize) -> usize {
    const CERTIFICATE_BYTES: usize = 16 * 1024;
    proposed_bytes.saturating_add(CERTIFICATE_BYTES)
}

/// Takes the folder for this process.
fn lock(dir: &Path) -> Result<File, JournalError> {
    let path = dir.join(LOCK_FILE_NAME);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(JournalError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked {
            dir: dir.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(JournalError::io("lock", &path)(source)),
    }
}

//! Reading decided blocks, from any thread, while the writer appends.
//!
//! Guards: every record is checked on every read. A block is visible here only after its record
//! was synced.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use piao_chain::block::Header;
use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::BlockId;
use piao_chain::outcome::Outcome;

use super::error::JournalError;
use super::index::{Index, IndexEntry};
use super::record::{
    CHECK_BYTES, HEAD_BYTES, Head, Kind, Place, check_of, decode_decided, decode_proposed,
    header_of,
};
use super::segment::file_name;

/// A decided block as it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlock {
    /// Its height.
    pub height: u64,
    /// Its name.
    pub block_id: BlockId,
    /// Canonical bytes of the block.
    pub body: Vec<u8>,
    /// What came of its transactions, in order.
    pub outcomes: Vec<Outcome>,
    /// Why it is decided.
    pub certificate: CommitCertificate,
}

/// What the writer and its readers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) dir: PathBuf,
    state: RwLock<SharedState>,
    /// Segments that were believed by their summaries.
    pub(super) unread: Vec<u32>,
}

/// The index and the open segments.
#[derive(Debug, Default)]
pub(super) struct SharedState {
    pub(super) index: Index,
    pub(super) files: BTreeMap<u32, Arc<File>>,
}

impl Shared {
    pub(super) fn new(dir: PathBuf, state: SharedState, unread: Vec<u32>) -> Arc<Self> {
        Arc::new(Self {
            dir,
            state: RwLock::new(state),
            unread,
        })
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, SharedState> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, SharedState> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The payload of a record, checked.
    pub(super) fn payload(
        &self,
        place: Place,
        kind: Kind,
        height: u64,
    ) -> Result<Vec<u8>, JournalError> {
        let file = self.read().files.get(&place.segment).cloned();
        let damaged = |what| self.damaged(place, height, what);
        let file = file.ok_or_else(|| damaged("the segment is missing"))?;
        read_payload(&file, place.offset, kind, height).map_err(|fault| match fault {
            RecordFault::Damaged(what) => damaged(what),
            RecordFault::Io(source) => {
                JournalError::io("read", &self.dir.join(file_name(place.segment)))(source)
            }
        })
    }

    /// The body in a `proposed` record of a block.
    pub(super) fn body(
        &self,
        place: Place,
        height: u64,
        block_id: &BlockId,
    ) -> Result<Vec<u8>, JournalError> {
        let payload = self.payload(place, Kind::Proposed, height)?;
        let body = decode_proposed(height, &payload)
            .and_then(|proposed| proposed.body)
            .filter(|body| header_of(body, block_id).is_some());
        match body {
            Some(body) => Ok(body.to_vec()),
            None => Err(self.damaged(place, height, "the body is of another block")),
        }
    }

    pub(super) fn damaged(&self, place: Place, height: u64, what: &'static str) -> JournalError {
        JournalError::Damaged {
            file: self.dir.join(file_name(place.segment)),
            offset: u64::from(place.offset),
            height: height.saturating_sub(1),
            what,
        }
    }
}

/// Why a record could not be read.
pub(super) enum RecordFault {
    Damaged(&'static str),
    Io(std::io::Error),
}

impl From<std::io::Error> for RecordFault {
    fn from(source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::UnexpectedEof {
            Self::Damaged("the file ends inside the record")
        } else {
            Self::Io(source)
        }
    }
}

/// Reads one record by its place alone.
pub(super) fn read_payload(
    file: &File,
    offset: u32,
    kind: Kind,
    height: u64,
) -> Result<Vec<u8>, RecordFault> {
    let mut front = [0; CHECK_BYTES + HEAD_BYTES];
    let start = u64::from(offset)
        .checked_sub(CHECK_BYTES as u64)
        .ok_or(RecordFault::Damaged("no record starts there"))?;
    file.read_exact_at(&mut front, start)?;
    let (previous, head) = front
        .split_first_chunk::<CHECK_BYTES>()
        .ok_or(RecordFault::Damaged("no record starts there"))?;
    let head = head
        .try_into()
        .map(Head::parse)
        .map_err(|_source| RecordFault::Damaged("no record starts there"))?;
    let length = head
        .payload_bytes()
        .ok_or(RecordFault::Damaged("the record has an impossible length"))?;
    if head.kind != kind as u8 || head.height != height {
        return Err(RecordFault::Damaged("another record stands there"));
    }
    let mut bytes = vec![0; length + CHECK_BYTES];
    file.read_exact_at(&mut bytes, u64::from(offset) + HEAD_BYTES as u64)?;
    let check = bytes.split_off(length);
    if check_of(previous, head.kind, height, &bytes) != *check {
        return Err(RecordFault::Damaged("the record's check does not hold"));
    }
    Ok(bytes)
}

/// Reads of decided blocks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct JournalReader {
    pub(super) shared: Arc<Shared>,
}

impl JournalReader {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Height of the last decided block, 0 for none.
    #[must_use]
    pub fn tip(&self) -> u64 {
        self.shared.read().index.tip()
    }

    /// A decided block, `None` above the tip and at height 0.
    ///
    /// # Errors
    /// [`JournalError::Damaged`], [`JournalError::Io`].
    pub fn block(&self, height: u64) -> Result<Option<StoredBlock>, JournalError> {
        let Some(entry) = self.entry(height) else {
            return Ok(None);
        };
        let body = self.shared.body(entry.body, height, &entry.block_id)?;
        let (outcomes, certificate) = self.decision_at(height, &entry)?;
        Ok(Some(StoredBlock {
            height,
            block_id: entry.block_id,
            body,
            outcomes,
            certificate,
        }))
    }

    /// The canonical bytes of a decided block.
    ///
    /// # Errors
    /// [`JournalError::Damaged`], [`JournalError::Io`].
    pub fn body(&self, height: u64) -> Result<Option<Vec<u8>>, JournalError> {
        self.entry(height)
            .map(|entry| self.shared.body(entry.body, height, &entry.block_id))
            .transpose()
    }

    /// The header of a decided block.
    ///
    /// # Errors
    /// [`JournalError::Damaged`], [`JournalError::Io`].
    pub fn header(&self, height: u64) -> Result<Option<Header>, JournalError> {
        let Some(entry) = self.entry(height) else {
            return Ok(None);
        };
        let body = self.shared.body(entry.body, height, &entry.block_id)?;
        Ok(header_of(&body, &entry.block_id))
    }

    /// Outcomes and certificate of a decided block, without its body.
    ///
    /// # Errors
    /// [`JournalError::Damaged`], [`JournalError::Io`].
    pub fn decision(
        &self,
        height: u64,
    ) -> Result<Option<(Vec<Outcome>, CommitCertificate)>, JournalError> {
        self.entry(height)
            .map(|entry| self.decision_at(height, &entry))
            .transpose()
    }

    /// The id of a decided block.
    #[must_use]
    pub fn id(&self, height: u64) -> Option<BlockId> {
        self.entry(height).map(|entry| entry.block_id)
    }

    /// Ids of all decided blocks, from height 1.
    #[must_use]
    pub fn ids(&self) -> Vec<BlockId> {
        self.shared.read().index.ids()
    }

    /// Block time of a decided block, ms since 1970.
    #[must_use]
    pub fn time_ms(&self, height: u64) -> Option<u64> {
        self.entry(height).map(|entry| entry.time_ms)
    }

    /// The height at which the invoice with this issuance index was issued.
    #[must_use]
    pub fn height_of_issuance(&self, issuance: u64) -> Option<u64> {
        self.shared.read().index.height_of_issuance(issuance)
    }

    /// Issuance index of the first invoice of a block, or of the next one when it issued none.
    #[must_use]
    pub fn first_issuance(&self, height: u64) -> Option<u64> {
        self.entry(height).map(|entry| entry.first_issuance)
    }

    /// Issuance index of the next invoice; all below are issued, from 1.
    #[must_use]
    pub fn next_issuance(&self) -> u64 {
        self.shared.read().index.next_issuance()
    }

    fn entry(&self, height: u64) -> Option<IndexEntry> {
        self.shared.read().index.get(height).copied()
    }

    fn decision_at(
        &self,
        height: u64,
        entry: &IndexEntry,
    ) -> Result<(Vec<Outcome>, CommitCertificate), JournalError> {
        let payload = self.shared.payload(entry.decided, Kind::Decided, height)?;
        match decode_decided(&payload) {
            Some((block_id, _body, outcomes, certificate)) if block_id == entry.block_id => {
                Ok((outcomes, certificate))
            }
            _ => {
                Err(self
                    .shared
                    .damaged(entry.decided, height, "the decision is of another block"))
            }
        }
    }
}

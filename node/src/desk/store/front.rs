//! The handle the desk holds.

use core::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::{oneshot, watch};

use super::disk::{Disk, RealDisk};
use super::document_keys::DocumentKeys;
use super::documents::{Documents, SealedKey};
use super::error::DeskStoreError;
use super::frame::RECORD_BYTES_MAX;
use super::journal::Index;
use super::record::{DeskHeader, DeskHeaderBody, DeskRecord, Private, RequestId, Seq};
use super::recover::{OnDamage, Recovered, recover};
use super::segment::SEGMENT_BYTES_MAX;
use super::stored::{Payload, Stored};
use super::writer::{Append, Job, Queue, Writer};

/// The desk journal of one node. One process at a time has it open.
///
/// Dropping it waits until everything that was asked is written and synced.
pub struct DeskStore {
    queue: Queue,
    index: Arc<Index>,
    keys: Arc<DocumentKeys>,
    documents: Documents,
}

impl DeskStore {
    /// Opens the journal of a directory, or makes an empty one; checks every record and returns
    /// them without their bulk, in order. A torn end that nobody was told of is cut.
    ///
    /// # Errors
    /// [`DeskStoreError::Damaged`] names file and offset; [`DeskStoreError::MasterKey`],
    /// [`DeskStoreError::InUse`], [`DeskStoreError::Io`].
    pub fn open(
        dir: &Path,
        master_key: &[u8; 32],
    ) -> Result<(Self, Vec<DeskHeader>), DeskStoreError> {
        let disk = Box::new(RealDisk);
        let segment_bytes = crate::crash_point::segment_bytes(SEGMENT_BYTES_MAX);
        let recovered = recover(dir, master_key, segment_bytes, OnDamage::Refuse)?;
        let (store, headers, _lost) = Self::start(dir, master_key, disk, recovered)?;
        Ok((store, headers))
    }

    /// [`Self::open`], giving up what is damaged: records from the damage on are kept aside under
    /// names that end in `.lost`, a document whose key is damaged counts as erased. Also returns one
    /// line for each thing given up. For an operator who said so, by `--accept-loss`.
    ///
    /// # Errors
    /// As [`Self::open`], but for [`DeskStoreError::Damaged`].
    pub fn open_accepting_loss(
        dir: &Path,
        master_key: &[u8; 32],
    ) -> Result<(Self, Vec<DeskHeader>, Vec<String>), DeskStoreError> {
        let disk = Box::new(RealDisk);
        let recovered = recover(dir, master_key, SEGMENT_BYTES_MAX, OnDamage::GiveUp)?;
        let (store, headers, mut lost) = Self::start(dir, master_key, disk, recovered)?;
        for header in &headers {
            store.give_up_document(header.seq, &mut lost)?;
        }
        Ok((store, headers, lost))
    }

    /// Counts a document as erased that can't be opened.
    fn give_up_document(&self, seq: Seq, lost: &mut Vec<String>) -> Result<(), DeskStoreError> {
        let (slot, stored) = self.index.read(seq)?;
        match self.open_private(slot, stored) {
            Err(error @ DeskStoreError::Damaged { .. }) => {
                self.keys
                    .give_up_slot(slot)
                    .map_err(DeskStoreError::io(&self.keys.path))?;
                let place = error.place();
                lost.push(format!(
                    "given up: the document of desk record {seq}, {place}"
                ));
                Ok(())
            }
            opened => opened.map(|_record| ()),
        }
    }

    /// [`Self::open`], writing through a given disk into segments of a given size.
    #[cfg(test)]
    pub(super) fn open_on(
        dir: &Path,
        master_key: &[u8; 32],
        disk: Box<dyn Disk>,
        segment_bytes_max: u64,
    ) -> Result<(Self, Vec<DeskHeader>), DeskStoreError> {
        let recovered = recover(dir, master_key, segment_bytes_max, OnDamage::Refuse)?;
        let (store, headers, _lost) = Self::start(dir, master_key, disk, recovered)?;
        Ok((store, headers))
    }

    /// Starts the writer on what was found.
    fn start(
        dir: &Path,
        master_key: &[u8; 32],
        disk: Box<dyn Disk>,
        recovered: Recovered,
    ) -> Result<(Self, Vec<DeskHeader>, Vec<String>), DeskStoreError> {
        let Recovered {
            keys,
            journal,
            index,
            headers,
            next_slot,
            turn,
            lost,
        } = recovered;
        let keys = Arc::new(keys);
        let index = Arc::new(index);
        let writer = Writer {
            disk,
            keys: Arc::clone(&keys),
            index: Arc::clone(&index),
            journal,
            next_slot,
            turn,
            unsynced: false,
            stopped: false,
        };
        let store = Self {
            queue: Queue::start(writer).map_err(DeskStoreError::io(dir))?,
            index,
            keys,
            documents: Documents::new(master_key),
        };
        Ok((store, headers, lost))
    }

    /// Writes a record; durable when this returns its number. Records that wait at the same time
    /// share one sync. Should the caller stop waiting, the record may still be written. A private
    /// part that was erased is stored as empty.
    ///
    /// # Errors
    /// [`DeskStoreError::Busy`], [`DeskStoreError::NoSpace`] and [`DeskStoreError::TooLarge`] keep
    /// nothing; after [`DeskStoreError::Stopped`] only a restart helps.
    pub async fn append(&self, record: DeskRecord) -> Result<Seq, DeskStoreError> {
        let (answer, answered) = oneshot::channel();
        let append = self.prepare(record, Some(answer))?;
        self.queue.ask(Job::Append(append))?;
        answered.await.unwrap_or(Err(DeskStoreError::Stopped))
    }

    /// Writes a record that can be found again from the chain, soon and without waiting: for
    /// [`DeskRecord::Resolved`] and [`DeskRecord::Downloaded`]. A power cut may take it back, until
    /// the next record that is waited for.
    ///
    /// # Errors
    /// [`DeskStoreError::Busy`], [`DeskStoreError::TooLarge`], [`DeskStoreError::Stopped`].
    pub fn append_unsynced(&self, record: DeskRecord) -> Result<(), DeskStoreError> {
        let append = self.prepare(record, None)?;
        self.queue.ask(Job::Append(append))
    }

    /// Makes everything written up to now durable.
    ///
    /// # Errors
    /// [`DeskStoreError::Busy`], [`DeskStoreError::Stopped`].
    pub async fn sync(&self) -> Result<(), DeskStoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue.ask(Job::Sync(answer))?;
        answered.await.unwrap_or(Err(DeskStoreError::Stopped))
    }

    /// Reads a record from disk, checked, with its private part opened. Blocks for the disk.
    ///
    /// # Errors
    /// [`DeskStoreError::NotFound`], [`DeskStoreError::Damaged`], [`DeskStoreError::Io`].
    pub fn read(&self, seq: Seq) -> Result<DeskRecord, DeskStoreError> {
        let (slot, stored) = self.index.read(seq)?;
        self.open_private(slot, stored)
    }

    /// Reads the small and public part of a record from disk, checked. Blocks for the disk.
    ///
    /// # Errors
    /// [`DeskStoreError::NotFound`], [`DeskStoreError::Damaged`], [`DeskStoreError::Io`].
    pub fn read_header(&self, seq: Seq) -> Result<DeskHeaderBody, DeskStoreError> {
        let (_slot, stored) = self.index.read(seq)?;
        Ok(stored.into_header_body())
    }

    /// Tells how many records there are, written and perhaps not yet synced.
    #[must_use]
    pub fn watch_records(&self) -> watch::Receiver<Seq> {
        self.index.watch()
    }

    /// Forgets the private part of every record of a request, for good: their keys are overwritten
    /// and synced. Returns how many there were. Copies of the `document-keys` file are not reached.
    ///
    /// # Errors
    /// [`DeskStoreError::Busy`], [`DeskStoreError::Stopped`].
    #[doc(alias = "forget")]
    pub async fn erase(&self, request_id: RequestId) -> Result<u32, DeskStoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue.ask(Job::Erase(request_id, answer))?;
        answered.await.unwrap_or(Err(DeskStoreError::Stopped))
    }

    /// Records and other work that wait for the writer: a measure of how busy the disk is.
    #[must_use]
    pub fn waiting_records(&self) -> usize {
        self.queue.waiting()
    }

    /// Seals and encodes a record, on the caller's thread.
    fn prepare(
        &self,
        record: DeskRecord,
        answer: Option<oneshot::Sender<Result<Seq, DeskStoreError>>>,
    ) -> Result<Append, DeskStoreError> {
        let (stored, key) = self.seal(record)?;
        let payload = Payload::encode(&stored);
        let got = payload.0.len();
        if got > RECORD_BYTES_MAX {
            return Err(DeskStoreError::TooLarge {
                got,
                max: RECORD_BYTES_MAX,
            });
        }
        Ok(Append {
            kind: stored.kind(),
            payload,
            key,
            answer,
        })
    }

    fn seal(&self, record: DeskRecord) -> Result<(Stored, Option<SealedKey>), DeskStoreError> {
        let Some((request_id, attempt, draft, document)) = record.private() else {
            return Ok((Stored::new(record, Vec::new()), None));
        };
        let (sealed, key) = self.documents.seal(request_id, attempt, draft, document)?;
        Ok((Stored::new(record, sealed), Some(key)))
    }

    fn open_private(&self, slot: u32, stored: Stored) -> Result<DeskRecord, DeskStoreError> {
        let Some((request_id, attempt, sealed)) = stored.sealed() else {
            return Ok(stored.into_record(Private::Erased, Private::Erased));
        };
        let Some(key) = self.keys.read_slot(slot, request_id)? else {
            return Ok(stored.into_record(Private::Erased, Private::Erased));
        };
        let (draft, document) = self
            .documents
            .open(request_id, attempt, sealed, &key)
            .ok_or_else(|| self.keys.damaged_slot(slot))?;
        Ok(stored.into_record(draft, document))
    }
}

impl fmt::Debug for DeskStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeskStore")
    }
}

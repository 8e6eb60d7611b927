//! The thread that writes: everything that waits goes out in one write and one sync a file.
//!
//! Guards: nobody is answered before the bytes are durable, keys before the records that need
//! them; a full disk costs the records that did not fit and nothing else; after any other failed
//! write nothing is promised any more.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::disk::{Disk, is_no_space};
use super::document_keys::DocumentKeys;
use super::documents::SealedKey;
use super::error::DeskStoreError;
use super::frame::{CHECK_BYTES, HEAD_BYTES};
use super::journal::{Batch, Index, Journal};
use super::record::{RequestId, Seq};
use super::stored::{NO_SLOT, Payload};

/// Records that wait for the writer; beyond it appends are refused as busy.
pub const QUEUE_RECORDS_MAX: usize = 4096;

/// Bytes that wait for the writer; beyond it appends are refused as busy.
pub const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Records that one write takes.
const BATCH_RECORDS_MAX: usize = 1024;

/// Bytes after which a batch takes no more records.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How a waiting caller is told.
type Answer<T> = oneshot::Sender<Result<T, DeskStoreError>>;

/// A record ready to be written.
pub(super) struct Append {
    pub(super) kind: u8,
    pub(super) payload: Payload,
    /// The key of its private part, if it has one.
    pub(super) key: Option<SealedKey>,
    /// Who waits for the sync; nobody for records that may be lost.
    pub(super) answer: Option<Answer<Seq>>,
}

/// What the writer is asked.
pub(super) enum Job {
    Append(Append),
    Erase(RequestId, Answer<u32>),
    Sync(Answer<()>),
}

impl Job {
    fn bytes(&self) -> usize {
        match self {
            Self::Append(append) => append.payload.0.len() + HEAD_BYTES + CHECK_BYTES,
            Self::Erase(..) | Self::Sync(_) => 0,
        }
    }
}

/// The way to the writer. Dropped, it waits until all that was asked is done and synced.
pub(super) struct Queue {
    sender: Option<SyncSender<Job>>,
    waiting: Arc<Waiting>,
    thread: Option<JoinHandle<()>>,
}

/// What was asked and not yet taken up by the writer, or not yet done.
#[derive(Default)]
struct Waiting {
    jobs: AtomicUsize,
    bytes: AtomicUsize,
}

impl Queue {
    /// Starts the writer.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(writer: Writer) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE_RECORDS_MAX);
        let waiting = Arc::new(Waiting::default());
        let counter = Arc::clone(&waiting);
        let thread = std::thread::Builder::new()
            .name("desk-journal".into())
            .spawn(move || writer.run(&receiver, &counter))?;
        Ok(Self {
            sender: Some(sender),
            waiting,
            thread: Some(thread),
        })
    }

    /// Asks the writer, without waiting.
    ///
    /// # Errors
    /// [`DeskStoreError::Busy`], [`DeskStoreError::Stopped`].
    pub(super) fn ask(&self, job: Job) -> Result<(), DeskStoreError> {
        let bytes = job.bytes();
        let before = self.waiting.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.waiting.jobs.fetch_add(1, Ordering::Relaxed);
        let asked = if bytes > 0 && before + bytes > QUEUE_BYTES_MAX {
            Err(DeskStoreError::Busy)
        } else if let Some(sender) = &self.sender {
            sender.try_send(job).map_err(|error| match error {
                TrySendError::Full(_) => DeskStoreError::Busy,
                TrySendError::Disconnected(_) => DeskStoreError::Stopped,
            })
        } else {
            Err(DeskStoreError::Stopped)
        };
        if asked.is_err() {
            self.waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.waiting.jobs.fetch_sub(1, Ordering::Relaxed);
        }
        asked
    }

    /// Jobs that the writer has not taken up.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.jobs.load(Ordering::Relaxed)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the desk journal's writer ended by a panic");
        }
    }
}

/// Everything the writer owns.
pub(super) struct Writer {
    pub(super) disk: Box<dyn Disk>,
    pub(super) keys: Arc<DocumentKeys>,
    pub(super) index: Arc<Index>,
    pub(super) journal: Journal,
    pub(super) next_slot: u32,
    /// Turn of the last mark.
    pub(super) turn: u64,
    /// Whether records were written since the last sync.
    pub(super) unsynced: bool,
    /// Whether a write failed in a way that leaves the disk in doubt.
    pub(super) stopped: bool,
}

impl Writer {
    fn run(mut self, jobs: &Receiver<Job>, waiting: &Waiting) {
        while let Ok(first) = jobs.recv() {
            let mut appends = Vec::new();
            let mut bytes = 0;
            let mut next = Some(first);
            let mut last = None;
            while let Some(job) = next {
                bytes += job.bytes();
                waiting.jobs.fetch_sub(1, Ordering::Relaxed);
                match job {
                    Job::Append(append) => appends.push(append),
                    other @ (Job::Erase(..) | Job::Sync(_)) => last = Some(other),
                }
                let room = appends.len() < BATCH_RECORDS_MAX && bytes < BATCH_BYTES_MAX;
                next = (room && last.is_none())
                    .then(|| jobs.try_recv().ok())
                    .flatten();
            }
            self.commit(appends);
            waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
            match last {
                Some(Job::Erase(request_id, answer)) => tell(answer, self.erase(&request_id)),
                Some(Job::Sync(answer)) => tell(answer, self.sync()),
                Some(Job::Append(_)) | None => {}
            }
        }
        if let Err(error) = self.sync() {
            tracing::error!(%error, "the last desk records may be lost");
        }
    }

    /// Writes records and tells everybody who waits.
    fn commit(&mut self, mut appends: Vec<Append>) {
        if appends.is_empty() {
            return;
        }
        match self.write(&mut appends) {
            Ok(first_seq) => {
                for (seq, append) in (first_seq..).zip(appends) {
                    if let Some(answer) = append.answer {
                        tell(answer, Ok(seq));
                    }
                }
            }
            Err(error) => {
                let no_space = self.settle(&error);
                for answer in appends.into_iter().filter_map(|append| append.answer) {
                    let error = if no_space {
                        DeskStoreError::NoSpace
                    } else {
                        DeskStoreError::Stopped
                    };
                    tell(answer, Err(error));
                }
            }
        }
    }

    /// After a failed write: cuts what was written of it. Returns whether writing may go on.
    fn settle(&mut self, error: &io::Error) -> bool {
        if self.stopped {
            return false;
        }
        let goes_on = is_no_space(error) && self.journal.cut(self.disk.as_ref()).is_ok();
        if goes_on {
            tracing::warn!("no space for the desk journal; nothing was promised");
        } else {
            tracing::error!(%error, "the desk journal stopped: a write failed");
            self.stopped = true;
        }
        goes_on
    }

    /// Keys, sync; records, sync; mark. Returns the number of the first record.
    fn write(&mut self, appends: &mut [Append]) -> io::Result<Seq> {
        self.check_running()?;
        let disk = self.disk.as_ref();
        let bytes: usize = appends
            .iter()
            .map(|append| append.payload.0.len() + HEAD_BYTES + CHECK_BYTES)
            .sum();
        if self.journal.is_full_for(bytes) {
            self.journal.begin_segment(disk, &self.index)?;
            self.unsynced = false;
        }

        let (batch, keys, next_slot) = lay_out(&self.journal, self.next_slot, appends)?;
        if !keys.is_empty() {
            self.keys.write_slots(disk, self.next_slot, &keys)?;
            crash_point!("desk.keys-synced");
        }
        self.journal.write(disk, &batch)?;
        let waited_for = appends.iter().any(|append| append.answer.is_some());
        if waited_for {
            crash_point!("desk.records-written");
            self.journal.sync(disk)?;
            crash_point!("desk.records-synced");
        }

        // Nothing below may fail the records: they are as durable as they were meant to be.
        let first_seq = self.journal.next_seq;
        self.journal.advance(&batch);
        self.next_slot = next_slot;
        self.index.publish(&batch.places);
        self.unsynced = !waited_for;
        if waited_for {
            self.mark();
            crash_point!("desk.mark-written");
        }
        Ok(first_seq)
    }

    /// Moves the mark. A mark that stays behind promises less, which is safe.
    fn mark(&mut self) {
        self.turn += 1;
        let mark = self.journal.mark();
        if let Err(error) = self.keys.write_mark(self.disk.as_ref(), self.turn, &mark) {
            tracing::warn!(%error, "the desk journal's mark stays behind");
        }
    }

    fn sync(&mut self) -> Result<(), DeskStoreError> {
        if self.stopped {
            return Err(DeskStoreError::Stopped);
        }
        if !self.unsynced {
            return Ok(());
        }
        match self.journal.sync(self.disk.as_ref()) {
            Ok(()) => {
                self.unsynced = false;
                self.mark();
                Ok(())
            }
            Err(error) => {
                // Records that readers have seen already: they can not be taken back.
                tracing::error!(%error, "the desk journal stopped: a sync failed");
                self.stopped = true;
                Err(DeskStoreError::Stopped)
            }
        }
    }

    fn erase(&mut self, request_id: &RequestId) -> Result<u32, DeskStoreError> {
        if self.stopped {
            return Err(DeskStoreError::Stopped);
        }
        self.keys
            .erase(self.disk.as_ref(), request_id)
            .map_err(|error| {
                tracing::error!(%error, "the desk journal stopped: an erasure failed");
                self.stopped = true;
                DeskStoreError::Stopped
            })
    }

    fn check_running(&self) -> io::Result<()> {
        if self.stopped {
            return Err(io::Error::other("stopped by an earlier failure"));
        }
        Ok(())
    }
}

/// Gives each record its place and each key its slot; returns also the next slot that is free.
fn lay_out(
    journal: &Journal,
    first_slot: u32,
    appends: &mut [Append],
) -> io::Result<(Batch, Vec<SealedKey>, u32)> {
    let mut batch = journal.batch();
    let mut keys = Vec::new();
    let mut slot = first_slot;
    for append in appends {
        if let Some(key) = append.key {
            if slot == NO_SLOT {
                return Err(io::ErrorKind::StorageFull.into());
            }
            append.payload.set_slot(slot);
            keys.push(key);
            slot += 1;
        }
        journal.push(&mut batch, append.kind, &append.payload);
    }
    Ok((batch, keys, slot))
}

/// Answers. Nobody listens any more when the caller gave up; what was written stays.
fn tell<T>(answer: Answer<T>, result: Result<T, DeskStoreError>) {
    drop(answer.send(result));
}

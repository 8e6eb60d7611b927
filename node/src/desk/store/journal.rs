//! The append-only chain of records, over segments: where the next one goes, and where each lies.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use crate::keys::atomic_file;

use super::disk::{Disk, sync_or_stop};
use super::document_keys::Mark;
use super::error::DeskStoreError;
use super::frame::{self, CHECK_BYTES, Check, HEAD_BYTES, Head};
use super::record::Seq;
use super::segment::{SEGMENT_HEADER_BYTES, Segment, header};
use super::stored::{Payload, Stored};

/// Where a record lies; 8 bytes for each record of the journal.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Index of the segment.
    pub(super) segment: u32,
    /// Offset in it; segments are far below 4 GiB.
    pub(super) offset: u32,
}

/// Where every record lies. Shared by the writer, which adds, and readers.
#[derive(Default)]
pub(super) struct Index(RwLock<Places>, watch::Sender<Seq>);

#[derive(Default)]
struct Places {
    segments: Vec<Arc<Segment>>,
    places: Vec<Place>,
}

impl Index {
    /// Adds a segment behind the others; returns its index.
    pub(super) fn add_segment(&self, segment: Arc<Segment>) -> u32 {
        let mut places = self.0.write().unwrap_or_else(PoisonError::into_inner);
        places.segments.push(segment);
        u32::try_from(places.segments.len() - 1).expect("4 billion segments fit no disk")
    }

    /// An added segment by the number of its first record.
    pub(super) fn segment_of(&self, first_seq: Seq) -> Option<Arc<Segment>> {
        let places = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = places
            .segments
            .iter()
            .find(|segment| segment.first_seq == first_seq);
        found.cloned()
    }

    /// Index of the last segment.
    pub(super) fn last_segment(&self) -> u32 {
        let places = self.0.read().unwrap_or_else(PoisonError::into_inner);
        u32::try_from(places.segments.len().saturating_sub(1))
            .expect("4 billion segments fit no disk")
    }

    /// Makes records visible to readers.
    pub(super) fn publish(&self, new: &[Place]) {
        let mut places = self.0.write().unwrap_or_else(PoisonError::into_inner);
        places.places.extend_from_slice(new);
        let count = u64::try_from(places.places.len()).unwrap_or(u64::MAX);
        drop(places);
        self.1.send_replace(count);
    }

    /// Tells how many records there are.
    pub(super) fn watch(&self) -> watch::Receiver<Seq> {
        self.1.subscribe()
    }

    fn find(&self, seq: Seq) -> Option<(Arc<Segment>, u64)> {
        let places = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let place = places.places.get(usize::try_from(seq).ok()?)?;
        let segment = places.segments.get(usize::try_from(place.segment).ok()?)?;
        Some((Arc::clone(segment), u64::from(place.offset)))
    }

    /// Reads a record, checking it against the one before.
    ///
    /// # Errors
    /// [`DeskStoreError::NotFound`], [`DeskStoreError::Damaged`], [`DeskStoreError::Io`].
    pub(super) fn read(&self, seq: Seq) -> Result<(u32, Stored), DeskStoreError> {
        let (segment, offset) = self.find(seq).ok_or(DeskStoreError::NotFound(seq))?;
        let damage = Damage {
            path: segment.path.clone(),
            offset,
        };
        let read = |bytes: &mut [u8], from: u64| {
            use std::os::unix::fs::FileExt as _;
            segment.file.read_exact_at(bytes, from).map_err(|error| {
                if error.kind() == io::ErrorKind::UnexpectedEof {
                    damage.error("the file ends too early")
                } else {
                    DeskStoreError::io(&segment.path)(error)
                }
            })
        };
        let mut before = [0; CHECK_BYTES + HEAD_BYTES];
        read(&mut before, offset - as_u64(CHECK_BYTES))?;
        let (previous, head) = split_before(&before);
        let head = Head::parse(head)
            .filter(|head| head.seq == seq)
            .ok_or_else(|| damage.error("record head"))?;
        let mut content = vec![0; head.length + CHECK_BYTES];
        read(&mut content, offset + as_u64(HEAD_BYTES))?;
        let (bytes, check) = content.split_at(head.length);
        if frame::check(previous, head.kind, seq, bytes) != check {
            return Err(damage.error("record check"));
        }
        Payload::decode(head.kind, bytes).ok_or_else(|| damage.error("record of another version"))
    }
}

/// Where to point when a record turns out to be damaged.
struct Damage {
    path: PathBuf,
    offset: u64,
}

impl Damage {
    /// The refusal.
    fn error(&self, what: &'static str) -> DeskStoreError {
        DeskStoreError::damaged(&self.path, self.offset, what)
    }
}

fn split_before(bytes: &[u8; CHECK_BYTES + HEAD_BYTES]) -> (&Check, &[u8; HEAD_BYTES]) {
    let (previous, rest) = bytes
        .split_first_chunk()
        .expect("the array is check and head");
    let head = rest.try_into().expect("the array is check and head");
    (previous, head)
}

/// The end of the journal, where the writer appends.
pub(super) struct Journal {
    pub(super) dir: PathBuf,
    pub(super) tail: Arc<Segment>,
    /// Index of the tail segment.
    pub(super) tail_index: u32,
    /// Bytes of the tail segment.
    pub(super) length: u64,
    /// Check of the last record.
    pub(super) chain: Check,
    /// Number of the next record.
    pub(super) next_seq: Seq,
    /// The tail is closed before it grows beyond this many bytes.
    pub(super) segment_bytes_max: u64,
}

/// Records laid out for one write behind the present end.
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) places: Vec<Place>,
    chain: Check,
}

impl Journal {
    /// Starts laying out records.
    pub(super) fn batch(&self) -> Batch {
        Batch {
            bytes: Vec::new(),
            places: Vec::new(),
            chain: self.chain,
        }
    }

    /// Adds a record to a batch; returns its number.
    pub(super) fn push(&self, batch: &mut Batch, kind: u8, payload: &Payload) -> Seq {
        let seq = self.next_seq + as_u64(batch.places.len());
        let offset = self.length + as_u64(batch.bytes.len());
        batch.places.push(Place {
            segment: self.tail_index,
            offset: u32::try_from(offset).expect("segments and batches are far below 4 GiB"),
        });
        batch.chain = frame::push(&mut batch.bytes, &batch.chain, kind, seq, &payload.0);
        seq
    }

    /// Writes a batch behind the end. On an error the end is as it was.
    pub(super) fn write(&mut self, disk: &dyn Disk, batch: &Batch) -> io::Result<()> {
        disk.write_at(&self.tail.file, &batch.bytes, self.length)
    }

    /// Makes everything up to here durable.
    pub(super) fn sync(&self, disk: &dyn Disk) -> io::Result<()> {
        sync_or_stop(disk, &self.tail.file)
    }

    /// Cuts off what was written behind the end.
    pub(super) fn cut(&self, disk: &dyn Disk) -> io::Result<()> {
        disk.set_length(&self.tail.file, self.length)
    }

    /// Moves the end behind a batch that was written.
    pub(super) fn advance(&mut self, batch: &Batch) {
        self.length += as_u64(batch.bytes.len());
        self.next_seq += as_u64(batch.places.len());
        self.chain = batch.chain;
    }

    /// The mark that says: durable up to here.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            first_seq: self.tail.first_seq,
            length: self.length,
            chain: self.chain,
        }
    }

    /// Whether this many more bytes belong into a new segment.
    pub(super) fn is_full_for(&self, bytes: usize) -> bool {
        self.length > as_u64(SEGMENT_HEADER_BYTES)
            && self.length + as_u64(bytes) > self.segment_bytes_max
    }

    /// Closes the tail and begins a new segment, both durable when this returns. On an error the
    /// tail is as it was.
    pub(super) fn begin_segment(&mut self, disk: &dyn Disk, index: &Index) -> io::Result<()> {
        self.sync(disk)?;
        let segment = create_segment(disk, &self.dir, self.next_seq, &self.chain)?;
        crash_point!("desk.segment-synced");
        self.tail = Arc::new(segment);
        self.tail_index = index.add_segment(Arc::clone(&self.tail));
        self.length = as_u64(SEGMENT_HEADER_BYTES);
        Ok(())
    }
}

/// Makes a segment with its header, durable with its directory entry.
pub(super) fn create_segment(
    disk: &dyn Disk,
    dir: &Path,
    first_seq: Seq,
    previous: &Check,
) -> io::Result<Segment> {
    let segment = Segment::create(dir, first_seq)?;
    let made = disk
        .write_at(&segment.file, &header(first_seq, previous), 0)
        .and_then(|()| {
            crash_point!("desk.segment-created");
            sync_or_stop(disk, &segment.file)
        })
        .and_then(|()| atomic_file::sync_directory_of(&segment.path));
    match made {
        Ok(()) => Ok(segment),
        Err(error) => {
            std::fs::remove_file(&segment.path)?;
            Err(error)
        }
    }
}

/// A length in memory as an offset on disk.
pub(super) fn as_u64(length: usize) -> u64 {
    u64::try_from(length).expect("usize has at most 64 bits")
}

//! Puts streamed bodies together again, within bounds that hold against any peer.
//!
//! A stream is named by its publisher and an id of the publisher's choice; what it may take up is
//! charged to the neighbour that delivered its first part, because a neighbour is a connection and
//! cannot be made up. Complete bodies of heights that consensus has not started are kept, since a
//! peer that is ahead streams each body once. Who may propose, and whether the seal is right, is
//! judged by the caller, who knows the validator set.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};

use arc_malachitebft_app_channel::app::types::PeerId;
use bytes::{Bytes, BytesMut};

use super::part::{PART_BYTES, Part, PartHeader, STREAM_ID_BYTES_MAX, Seal, parts_of};

/// Unfinished streams of one neighbour. A healthy one has a few: it relays for everybody.
pub(super) const STREAMS_PER_NEIGHBOUR_MAX: usize = 16;

/// Unfinished streams in all.
pub(super) const STREAMS_MAX: usize = 128;

/// Bytes of unfinished streams of one neighbour, in blocks of the largest size.
pub(super) const BLOCKS_PER_NEIGHBOUR_MAX: usize = 4;

/// An unfinished stream is given up after this long. Parts follow each other within milliseconds.
pub(super) const STREAM_AGE_MAX: Duration = Duration::from_secs(30);

/// Bodies kept for heights that have not started, from one neighbour and in all.
pub(super) const KEPT_PER_NEIGHBOUR_MAX: usize = 4;
pub(super) const KEPT_MAX: usize = 16;

/// Heights above the next undecided one for which parts are still looked at.
pub(crate) const HEIGHTS_AHEAD_MAX: u64 = 4;

/// Where a part came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// Who published the stream, as the message declares it.
    pub(crate) publisher: PeerId,
    /// Who handed it to us.
    pub(crate) neighbour: PeerId,
}

/// A body with all its parts, not yet judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assembled {
    pub(crate) header: PartHeader,
    pub(crate) seal: Seal,
    pub(crate) body: Bytes,
}

/// Why a part was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PartRefused {
    /// The stream id is too long.
    #[error("stream id too long")]
    StreamId,
    /// Count, index, length or seal do not fit together, or the body would be too large.
    #[error("part has a wrong shape")]
    Shape,
    /// Another header than the first part of the stream had.
    #[error("part contradicts its stream")]
    Contradiction,
    /// The neighbour or everybody together has too many streams or bytes under way.
    #[error("too much under way")]
    Full,
}

pub(super) struct Stream {
    neighbour: PeerId,
    opened: Instant,
    pub(super) header: PartHeader,
    parts: BTreeMap<u32, Bytes>,
    bytes: usize,
    seal: Option<Seal>,
}

/// Streams under way and bodies kept for later.
pub(crate) struct Assembler {
    block_bytes_max: usize,
    pub(super) streams: BTreeMap<(PeerId, Bytes), Stream>,
    pub(super) kept: Vec<(PeerId, Assembled)>,
}

impl Assembler {
    pub(crate) fn new(block_bytes_max: usize) -> Self {
        Self {
            block_bytes_max,
            streams: BTreeMap::new(),
            kept: Vec::new(),
        }
    }

    /// Takes one part; gives the body when it was the last one missing.
    ///
    /// # Errors
    /// [`PartRefused`]; the part is forgotten, the rest of its stream is not.
    pub(crate) fn add(
        &mut self,
        now: Instant,
        origin: Origin,
        stream_id: Bytes,
        part: Part,
    ) -> Result<Option<Assembled>, PartRefused> {
        if stream_id.len() > STREAM_ID_BYTES_MAX {
            return Err(PartRefused::StreamId);
        }
        self.check_shape(&part)?;
        self.streams
            .retain(|_, stream| now.saturating_duration_since(stream.opened) < STREAM_AGE_MAX);
        let key = (origin.publisher, stream_id);
        if !self.streams.contains_key(&key) {
            self.open(now, origin, key.clone(), part.header)?;
        }
        self.charge(&key, &part)?;
        let Some(stream) = self.streams.get_mut(&key) else {
            return Err(PartRefused::Full);
        };
        if stream.header != part.header {
            return Err(PartRefused::Contradiction);
        }
        if let Entry::Vacant(place) = stream.parts.entry(part.index) {
            stream.bytes = stream.bytes.saturating_add(part.data.len());
            stream.seal = stream.seal.or(part.seal);
            place.insert(part.data);
        }
        if u32::try_from(stream.parts.len()) != Ok(part.header.count) {
            return Ok(None);
        }
        Ok(self.streams.remove(&key).and_then(Stream::join))
    }

    /// Keeps a complete body whose height has not started. Returns whether there was room.
    pub(crate) fn keep(&mut self, neighbour: PeerId, assembled: Assembled) -> bool {
        let of_neighbour = self
            .kept
            .iter()
            .filter(|(from, _)| *from == neighbour)
            .count();
        if self.kept.len() >= KEPT_MAX || of_neighbour >= KEPT_PER_NEIGHBOUR_MAX {
            return false;
        }
        self.kept.push((neighbour, assembled));
        true
    }

    /// Hands over what was kept for a height.
    pub(crate) fn take(&mut self, height: u64) -> Vec<Assembled> {
        let (ready, later) = std::mem::take(&mut self.kept)
            .into_iter()
            .partition(|(_, assembled)| assembled.header.height == height);
        self.kept = later;
        let ready: Vec<(PeerId, Assembled)> = ready;
        ready.into_iter().map(|(_, assembled)| assembled).collect()
    }

    /// Forgets everything below a height.
    pub(crate) fn forget_below(&mut self, height: u64) {
        self.streams
            .retain(|_, stream| stream.header.height >= height);
        self.kept
            .retain(|(_, assembled)| assembled.header.height >= height);
    }

    /// Whether everything held is within the bounds above; asked by `piao-fuzz` alone.
    #[cfg(feature = "testing")]
    pub(crate) fn within_bounds(&self) -> bool {
        let mut held: BTreeMap<PeerId, usize> = BTreeMap::new();
        for stream in self.streams.values() {
            let bytes = held.entry(stream.neighbour).or_default();
            *bytes = bytes.saturating_add(stream.bytes);
        }
        let allowed = self
            .block_bytes_max
            .saturating_mul(BLOCKS_PER_NEIGHBOUR_MAX);
        self.streams.len() <= STREAMS_MAX
            && self.kept.len() <= KEPT_MAX
            && held.values().all(|bytes| *bytes <= allowed)
    }

    fn check_shape(&self, part: &Part) -> Result<(), PartRefused> {
        let count = part.header.count;
        let last = part.index.checked_add(1) == Some(count);
        let full = part.data.len() == PART_BYTES;
        let fits = count >= 1
            && count <= parts_of(self.block_bytes_max)
            && part.index < count
            && part.data.len() <= PART_BYTES
            && (last || full)
            && last == part.seal.is_some();
        if fits {
            Ok(())
        } else {
            Err(PartRefused::Shape)
        }
    }

    fn open(
        &mut self,
        now: Instant,
        origin: Origin,
        key: (PeerId, Bytes),
        header: PartHeader,
    ) -> Result<(), PartRefused> {
        let of_neighbour = self
            .streams
            .values()
            .filter(|stream| stream.neighbour == origin.neighbour)
            .count();
        if self.streams.len() >= STREAMS_MAX || of_neighbour >= STREAMS_PER_NEIGHBOUR_MAX {
            return Err(PartRefused::Full);
        }
        let stream = Stream {
            neighbour: origin.neighbour,
            opened: now,
            header,
            parts: BTreeMap::new(),
            bytes: 0,
            seal: None,
        };
        self.streams.insert(key, stream);
        Ok(())
    }

    /// Checks that the part's bytes fit its stream and the account of the neighbour that opened it.
    fn charge(&self, key: &(PeerId, Bytes), part: &Part) -> Result<(), PartRefused> {
        let Some(stream) = self.streams.get(key) else {
            return Err(PartRefused::Full);
        };
        let length = part.data.len();
        if stream.bytes.saturating_add(length) > self.block_bytes_max {
            return Err(PartRefused::Shape);
        }
        let held: usize = self
            .streams
            .values()
            .filter(|other| other.neighbour == stream.neighbour)
            .fold(0, |held, other| held.saturating_add(other.bytes));
        let allowed = self
            .block_bytes_max
            .saturating_mul(BLOCKS_PER_NEIGHBOUR_MAX);
        if held.saturating_add(length) > allowed {
            return Err(PartRefused::Full);
        }
        Ok(())
    }
}

impl Stream {
    /// The body, if the last part was among them.
    fn join(self) -> Option<Assembled> {
        let seal = self.seal?;
        let mut parts = self.parts.into_values();
        let first = parts.next()?;
        if self.header.count == 1 {
            return Some(Assembled {
                header: self.header,
                seal,
                body: first,
            });
        }
        let mut body = BytesMut::with_capacity(self.bytes);
        body.extend_from_slice(&first);
        for part in parts {
            body.extend_from_slice(&part);
        }
        Some(Assembled {
            header: self.header,
            seal,
            body: body.freeze(),
        })
    }
}

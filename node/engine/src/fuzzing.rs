//! A door for `piao-fuzz` (feature `testing`): bytes to messages and back, without a network.
//!
//! Nothing of it is built into a node.

use std::fmt::Debug;
use std::io;
use std::time::Instant;

use arc_malachitebft_app_channel::app::consensus::LivenessMsg;
use arc_malachitebft_app_channel::app::streaming::StreamMessage;
use arc_malachitebft_app_channel::app::types::codec::Codec;
use arc_malachitebft_app_channel::app::types::core::{PolkaCertificate, ValidatorProof};
use arc_malachitebft_app_channel::app::types::sync::{Request, Response, Status};
use arc_malachitebft_app_channel::app::types::{PeerId, ProposedValue, SignedConsensusMsg};
use bytes::Bytes;
use piao_chain::signature::KeyId;

use crate::codec::{Mirrored, WireCodec};
use crate::context::Ctx;
use crate::parts::{Assembler, Origin, Part};
use crate::wal::{WalSummary, summarize};

/// Kinds of messages that [`reencoded`] knows, numbered from 0.
pub const MESSAGES: u8 = 10;

/// Decodes a message of a kind; `None` when it is refused or the kind is unknown, else what the
/// message encodes to.
#[must_use]
pub fn reencoded(kind: u8, bytes: &[u8]) -> Option<Result<Vec<u8>, String>> {
    match kind {
        0 => again::<SignedConsensusMsg<Ctx>>(bytes),
        1 => again::<LivenessMsg<Ctx>>(bytes),
        2 => again::<Part>(bytes),
        3 => again::<StreamMessage<Part>>(bytes),
        4 => again::<ProposedValue<Ctx>>(bytes),
        5 => again::<PolkaCertificate<Ctx>>(bytes),
        6 => again::<ValidatorProof<Ctx>>(bytes),
        7 => again::<Status<Ctx>>(bytes),
        8 => again::<Request<Ctx>>(bytes),
        9 => again::<Response<Ctx>>(bytes),
        _ => None,
    }
}

fn again<T: Mirrored + Debug>(bytes: &[u8]) -> Option<Result<Vec<u8>, String>> {
    let message: T = WireCodec.decode(Bytes::copy_from_slice(bytes)).ok()?;
    let encoded = WireCodec.encode(&message);
    Some(match encoded {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(error) => Err(format!("{message:?}: {error}")),
    })
}

/// Streams of proposal parts under way.
pub struct Streams {
    assembler: Assembler,
    now: Instant,
}

impl Streams {
    /// No streams yet.
    #[must_use]
    pub fn new(block_bytes_max: usize) -> Self {
        Self {
            assembler: Assembler::new(block_bytes_max),
            now: Instant::now(),
        }
    }

    /// Takes a stream message as a neighbour sends it; gives the body when it is complete.
    pub fn add(&mut self, neighbour: u8, bytes: &[u8]) -> Option<Vec<u8>> {
        let message: StreamMessage<Part> = WireCodec.decode(Bytes::copy_from_slice(bytes)).ok()?;
        let peer = PeerId::from_bytes(&[0, 3, 1, 2, neighbour]).ok()?;
        let origin = Origin {
            publisher: peer,
            neighbour: peer,
        };
        let part = message.content.as_data()?.clone();
        let stream_id = message.stream_id.to_bytes();
        let complete = self
            .assembler
            .add(self.now, origin, stream_id, part)
            .ok()??;
        let body = complete.body.to_vec();
        self.assembler.keep(peer, complete);
        Some(body)
    }

    /// Whether what is held stays within the bounds of the assembler.
    #[must_use]
    pub fn within_bounds(&self) -> bool {
        self.assembler.within_bounds()
    }
}

/// Reads a write-ahead log; `us` is the key whose signatures count.
///
/// # Errors
/// When the log can't be read at all.
pub fn read_log(bytes: Vec<u8>, us: &KeyId) -> io::Result<WalSummary> {
    summarize(bytes, us)
}

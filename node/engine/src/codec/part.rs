//! Mirrors of proposal parts and of the stream that carries them.

use arc_malachitebft_app_channel::app::streaming::{StreamContent, StreamId, StreamMessage};
use piao_chain::digest::BlockId;
use piao_chain::signature::{KeyId, Signature};
use serde::{Deserialize, Serialize};

use super::{Mirrored, WireError};
use crate::parts::{PART_BYTES, Part, PartHeader, STREAM_ID_BYTES_MAX, Seal};

/// Header and seal of a part are below 200 bytes.
const PART_OVERHEAD_BYTES_MAX: usize = 512;

#[derive(Serialize, Deserialize)]
pub(crate) struct WirePart {
    height: u64,
    round: u32,
    valid_round: Option<u32>,
    proposer: KeyId,
    count: u32,
    index: u32,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
    seal: Option<(BlockId, Signature)>,
}

impl Mirrored for Part {
    type Wire = WirePart;
    const BYTES_MAX: usize = PART_BYTES + PART_OVERHEAD_BYTES_MAX;

    fn to_wire(&self) -> Result<WirePart, WireError> {
        Ok(WirePart {
            height: self.header.height,
            round: self.header.round,
            valid_round: self.header.valid_round,
            proposer: self.header.proposer,
            count: self.header.count,
            index: self.index,
            data: self.data.to_vec(),
            seal: self.seal.map(|seal| (seal.block_id, seal.signature)),
        })
    }

    fn from_wire(wire: WirePart) -> Result<Self, WireError> {
        let header = PartHeader {
            height: wire.height,
            round: wire.round,
            valid_round: wire.valid_round,
            proposer: wire.proposer,
            count: wire.count,
        };
        let seal = wire.seal.map(|(block_id, signature)| Seal {
            block_id,
            signature,
        });
        Ok(Self {
            header,
            index: wire.index,
            data: wire.data.into(),
            seal,
        })
    }
}

/// A stream message; no part is the engine's end marker, which this node never sends.
#[derive(Serialize, Deserialize)]
pub(crate) struct WireStream {
    #[serde(with = "serde_bytes")]
    stream_id: Vec<u8>,
    sequence: u64,
    part: Option<WirePart>,
}

impl Mirrored for StreamMessage<Part> {
    type Wire = WireStream;
    const BYTES_MAX: usize = <Part as Mirrored>::BYTES_MAX + STREAM_ID_BYTES_MAX + 64;

    fn to_wire(&self) -> Result<WireStream, WireError> {
        Ok(WireStream {
            stream_id: self.stream_id.to_bytes().to_vec(),
            sequence: self.sequence,
            part: self.content.as_data().map(Mirrored::to_wire).transpose()?,
        })
    }

    fn from_wire(wire: WireStream) -> Result<Self, WireError> {
        let content = match wire.part {
            None => StreamContent::Fin,
            Some(part) => StreamContent::Data(Part::from_wire(part)?),
        };
        Ok(Self::new(
            StreamId::new(wire.stream_id.into()),
            wire.sequence,
            content,
        ))
    }
}

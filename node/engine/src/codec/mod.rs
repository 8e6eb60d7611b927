//! Bytes of every message the engine sends or stores.
//!
//! Each engine type has a *mirror*: a plain struct that `piao_chain::codec` encodes canonically, so
//! there is one byte string per message and no second codec. Every mirror has a bound, checked
//! before decoding, and every refusal is an error: bytes come from strangers.

mod certificate;
mod message;
mod part;
mod sync;

use arc_malachitebft_app_channel::app::types::codec::{Codec, HasEncodedLen};
use arc_malachitebft_app_channel::app::types::core::Round;
use arc_malachitebft_app_channel::app::types::sync::Response;
use bytes::Bytes;
use piao_chain::codec;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::Ctx;

pub(crate) use certificate::{to_chain_certificate, to_engine_certificate};
pub(crate) use sync::RESPONSE_BYTES_MAX;

/// Why bytes are not a message, or a message has no bytes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    /// Not the canonical encoding of the mirror, or longer than its bound.
    #[error(transparent)]
    Codec(#[from] codec::CodecError),
    /// A round below −1 or above `u32`.
    #[error("round {0} does not exist")]
    Round(i64),
    /// A message that must belong to a round does not.
    #[error("message without a round")]
    NoRound,
    /// Signers of a commit certificate that are not distinct and ascending.
    #[error("signers out of order")]
    Signers,
    /// Bytes that name no peer.
    #[error("malformed peer id")]
    PeerId,
}

/// A type with a plain twin that is what travels.
pub(crate) trait Mirrored: Sized {
    /// The twin.
    type Wire: Serialize + DeserializeOwned;
    /// Longest encoding, in bytes.
    const BYTES_MAX: usize;

    fn to_wire(&self) -> Result<Self::Wire, WireError>;
    fn from_wire(wire: Self::Wire) -> Result<Self, WireError>;
}

/// The engine's codec for the network and for its write-ahead log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WireCodec;

impl<T: Mirrored> Codec<T> for WireCodec {
    type Error = WireError;

    fn encode(&self, message: &T) -> Result<Bytes, WireError> {
        let bytes = codec::encode(&message.to_wire()?);
        if bytes.len() > T::BYTES_MAX {
            return Err(codec::CodecError::TooLong {
                got: bytes.len(),
                max: T::BYTES_MAX,
            }
            .into());
        }
        Ok(bytes.into())
    }

    fn decode(&self, bytes: Bytes) -> Result<T, WireError> {
        T::from_wire(codec::decode_bounded(&bytes, T::BYTES_MAX)?)
    }
}

impl HasEncodedLen<Response<Ctx>> for WireCodec {
    fn encoded_len(&self, response: &Response<Ctx>) -> Result<usize, WireError> {
        self.encode(response).map(|bytes| bytes.len())
    }
}

/// The round of a message that must have one.
fn round_number(round: Round) -> Result<u32, WireError> {
    round.as_u32().ok_or(WireError::NoRound)
}

/// −1 is "no round".
fn round_or_nil(round: i64) -> Result<Round, WireError> {
    if round == -1 {
        return Ok(Round::Nil);
    }
    u32::try_from(round)
        .map(Round::Some)
        .map_err(|_range| WireError::Round(round))
}

#[cfg(test)]
mod tests;

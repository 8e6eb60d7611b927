//! Mirrors of value sync: how a node that fell behind asks for decided blocks.

use arc_malachitebft_app_channel::app::types::PeerId;
use arc_malachitebft_app_channel::app::types::sync::{RawDecidedValue, Request, Response, Status};
use arc_malachitebft_sync::{ValueRequest, ValueResponse};
use piao_chain::certificate::CommitCertificate;
use piao_chain::limits::BLOCK_BYTES_CEILING;
use serde::{Deserialize, Serialize};

use super::{Mirrored, WireError, to_chain_certificate, to_engine_certificate};
use crate::context::{Ctx, Height};

/// The largest response: one block at its ceiling, its certificate, and the frame. It is also what
/// `piao_chain::codec` decodes at most.
pub(crate) const RESPONSE_BYTES_MAX: usize = BLOCK_BYTES_CEILING + 48 * 1024;

/// Heights and a peer id, which is at most 42 bytes of key and a little framing.
const STATUS_BYTES_MAX: usize = 256;

#[derive(Serialize, Deserialize)]
pub(crate) struct WireStatus {
    #[serde(with = "serde_bytes")]
    peer_id: Vec<u8>,
    tip_height: u64,
    history_min_height: u64,
}

impl Mirrored for Status<Ctx> {
    type Wire = WireStatus;
    const BYTES_MAX: usize = STATUS_BYTES_MAX;

    fn to_wire(&self) -> Result<WireStatus, WireError> {
        Ok(WireStatus {
            peer_id: self.peer_id.to_bytes(),
            tip_height: self.tip_height.0,
            history_min_height: self.history_min_height.0,
        })
    }

    fn from_wire(wire: WireStatus) -> Result<Self, WireError> {
        Ok(Self {
            peer_id: PeerId::from_bytes(&wire.peer_id).map_err(|_source| WireError::PeerId)?,
            tip_height: Height(wire.tip_height),
            history_min_height: Height(wire.history_min_height),
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WireRequest {
    from: u64,
    to: u64,
}

impl Mirrored for Request<Ctx> {
    type Wire = WireRequest;
    const BYTES_MAX: usize = STATUS_BYTES_MAX;

    fn to_wire(&self) -> Result<WireRequest, WireError> {
        let Self::ValueRequest(request) = self;
        Ok(WireRequest {
            from: request.range.start().0,
            to: request.range.end().0,
        })
    }

    fn from_wire(wire: WireRequest) -> Result<Self, WireError> {
        Ok(Self::ValueRequest(ValueRequest::new(
            Height(wire.from)..=Height(wire.to),
        )))
    }
}

#[derive(Serialize, Deserialize)]
struct WireDecided {
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
    certificate: CommitCertificate,
}

impl WireDecided {
    fn into_value(self) -> Result<RawDecidedValue<Ctx>, WireError> {
        // The engine puts signers in order by itself, so another order would be a second spelling.
        if !self
            .certificate
            .signatures
            .is_sorted_by(|(a, _), (b, _)| a < b)
        {
            return Err(WireError::Signers);
        }
        let certificate = to_engine_certificate(&self.certificate);
        Ok(RawDecidedValue::new(self.body.into(), certificate))
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WireResponse {
    start: u64,
    blocks: Vec<WireDecided>,
}

impl Mirrored for Response<Ctx> {
    type Wire = WireResponse;
    const BYTES_MAX: usize = RESPONSE_BYTES_MAX;

    fn to_wire(&self) -> Result<WireResponse, WireError> {
        let Self::ValueResponse(response) = self;
        let decided = |value: &RawDecidedValue<Ctx>| {
            let certificate = to_chain_certificate(&value.certificate.trim_vote_extensions())?;
            Ok(WireDecided {
                body: value.value_bytes.to_vec(),
                certificate,
            })
        };
        Ok(WireResponse {
            start: response.start_height.0,
            blocks: response
                .values
                .iter()
                .map(decided)
                .collect::<Result<_, WireError>>()?,
        })
    }

    fn from_wire(wire: WireResponse) -> Result<Self, WireError> {
        let start = Height(wire.start);
        let values = wire.blocks.into_iter().map(WireDecided::into_value);
        let values = values.collect::<Result<_, _>>()?;
        Ok(Self::ValueResponse(ValueResponse::new(start, values)))
    }
}

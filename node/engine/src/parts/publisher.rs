//! Streams our own block bodies to the other validators.

use std::time::{SystemTime, UNIX_EPOCH};

use arc_malachitebft_app_channel::NetworkMsg;
use arc_malachitebft_app_channel::app::streaming::{StreamContent, StreamId, StreamMessage};
use bytes::{BufMut as _, Bytes, BytesMut};
use piao_chain::digest::{BlockId, ChainId};
use piao_chain::signature::SecretKey;
use tokio::sync::mpsc;

use super::part::{PartHeader, Seal, split};
use crate::context::Ctx;

/// A round of ours in which a block is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) height: u64,
    pub(crate) round: u32,
    pub(crate) valid_round: Option<u32>,
    pub(crate) block_id: BlockId,
}

/// The engine's network is gone.
#[derive(Debug, thiserror::Error)]
#[error("the engine's network has stopped")]
pub(crate) struct NetworkGone;

/// Seals, cuts and sends.
pub(crate) struct Publisher {
    network: mpsc::Sender<NetworkMsg<Ctx>>,
    key: SecretKey,
    chain_id: ChainId,
    /// Distinguishes runs of this node: gossip drops a message it has seen, and a body that is
    /// streamed again after a crash must not be one.
    run: u128,
    streams: u64,
    last: Option<Turn>,
}

impl Publisher {
    pub(crate) fn new(
        network: mpsc::Sender<NetworkMsg<Ctx>>,
        key: SecretKey,
        chain_id: ChainId,
    ) -> Self {
        let run = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        Self {
            network,
            key,
            chain_id,
            run,
            streams: 0,
            last: None,
        }
    }

    /// Whether this was the last body streamed.
    pub(crate) fn has_streamed(&self, turn: &Turn) -> bool {
        self.last.as_ref() == Some(turn)
    }

    /// Streams a body.
    ///
    /// # Errors
    /// [`NetworkGone`].
    pub(crate) async fn stream(&mut self, turn: Turn, body: &Bytes) -> Result<(), NetworkGone> {
        let id = self.next_id();
        let header = PartHeader {
            height: turn.height,
            round: turn.round,
            valid_round: turn.valid_round,
            proposer: self.key.public_key().id(),
            count: 0,
        };
        let seal = Seal::sign(
            &self.key,
            &self.chain_id,
            turn.height,
            turn.round,
            turn.block_id,
        );
        for part in split(header, seal, body) {
            let sequence = u64::from(part.index);
            let message = StreamMessage::new(id.clone(), sequence, StreamContent::Data(part));
            self.network
                .send(NetworkMsg::PublishProposalPart(message))
                .await
                .map_err(|_closed| NetworkGone)?;
        }
        self.last = Some(turn);
        Ok(())
    }

    fn next_id(&mut self) -> StreamId {
        self.streams = self.streams.saturating_add(1);
        let mut id = BytesMut::with_capacity(24);
        id.put_u128(self.run);
        id.put_u64(self.streams);
        StreamId::new(id.freeze())
    }
}

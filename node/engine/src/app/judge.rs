//! The blocks of others: who is believed before the host is asked.

use std::time::Instant;

use arc_malachitebft_app_channel::Reply;
use arc_malachitebft_app_channel::app::streaming::{StreamContent, StreamMessage};
use arc_malachitebft_app_channel::app::types::{PeerId, ProposedValue};
use tracing::{debug, warn};

use super::proposal::undecided_value;
use super::run::{App, HostGone, answer};
use crate::context::Ctx;
use crate::host::{BodySource, Checked, HostRequest, UndecidedBlock};
use crate::parts::{Assembled, HEIGHTS_AHEAD_MAX, Origin, Part, PartHeader};

impl App {
    pub(super) async fn on_part(
        &mut self,
        neighbour: PeerId,
        publisher: Option<PeerId>,
        message: StreamMessage<Part>,
        reply: Reply<Option<ProposedValue<Ctx>>>,
    ) -> Result<(), HostGone> {
        let origin = Origin {
            publisher: publisher.unwrap_or(neighbour),
            neighbour,
        };
        let value = self.take_part(origin, message).await?;
        answer(reply, value);
        Ok(())
    }

    async fn take_part(
        &mut self,
        origin: Origin,
        message: StreamMessage<Part>,
    ) -> Result<Option<ProposedValue<Ctx>>, HostGone> {
        let StreamContent::Data(part) = message.content else {
            return Ok(None);
        };
        if !self.is_wanted(&part.header) {
            return Ok(None);
        }
        let height = part.header.height;
        let stream_id = message.stream_id.to_bytes();
        let assembled = match self.assembler.add(Instant::now(), origin, stream_id, part) {
            Ok(Some(assembled)) => assembled,
            Ok(None) => return Ok(None),
            Err(refused) => {
                debug!(%refused, from = %origin.neighbour, height, "part dropped");
                return Ok(None);
            }
        };
        if self.is_running(height) {
            return self.judge(assembled).await;
        }
        // Nobody can execute it yet, but it is streamed only once: keep it for its height.
        let sealed = self.is_sealed_by_its_proposer(&assembled);
        if !self.assembler.keep(origin.neighbour, assembled) {
            debug!(from = %origin.neighbour, height, "no room for a block of a later height");
        }
        if sealed {
            self.note_ahead(height).await?;
        }
        Ok(None)
    }

    /// Whether a stream can matter: not decided, not far ahead, and from the proposer of its round
    /// as soon as that is known.
    fn is_wanted(&self, header: &PartHeader) -> bool {
        let first = self.progress.height;
        let near =
            header.height >= first && header.height <= first.saturating_add(HEIGHTS_AHEAD_MAX);
        near && (!self.is_running(header.height) || self.is_from_its_proposer(header))
    }

    pub(super) fn is_running(&self, height: u64) -> bool {
        self.progress.running && height == self.progress.height
    }

    pub(super) fn is_our_turn(&self, height: u64, round: u32) -> bool {
        let members = self.progress.members.as_ref();
        members.is_some_and(|members| members.proposer(height, round).0 == self.me)
    }

    fn is_from_its_proposer(&self, header: &PartHeader) -> bool {
        let members = self.progress.members.as_ref();
        members.is_some_and(|set| set.proposer(header.height, header.round).0 == header.proposer)
    }

    fn is_sealed_by_its_proposer(&self, assembled: &Assembled) -> bool {
        let Some(members) = &self.progress.members else {
            return false;
        };
        let Assembled { header, seal, .. } = assembled;
        let (proposer, key) = members.proposer(header.height, header.round);
        proposer == header.proposer && seal.verify(key, &self.chain_id, header)
    }

    /// Judges a complete body of the running height.
    pub(super) async fn judge(
        &mut self,
        assembled: Assembled,
    ) -> Result<Option<ProposedValue<Ctx>>, HostGone> {
        let Assembled { header, seal, .. } = assembled;
        if !self.is_sealed_by_its_proposer(&assembled) {
            debug!(
                height = header.height,
                round = header.round,
                "not sealed by its proposer"
            );
            return Ok(None);
        }
        let question = |reply| HostRequest::Check {
            height: header.height,
            round: header.round,
            valid_round: header.valid_round,
            proposer: header.proposer,
            body: assembled.body,
            source: BodySource::Proposed,
            reply,
        };
        match self.ask(question).await? {
            Checked::Block { block_id, valid } if block_id == seal.block_id => {
                let block = UndecidedBlock {
                    block_id,
                    proposer: header.proposer,
                    valid_round: header.valid_round,
                    valid,
                };
                Ok(Some(undecided_value(header.height, header.round, &block)))
            }
            Checked::Block { .. } | Checked::Malformed => {
                warn!(
                    height = header.height,
                    proposer = %header.proposer,
                    "a proposer sealed a body that is not the block it names"
                );
                Ok(None)
            }
            Checked::Unavailable => Ok(None),
        }
    }
}

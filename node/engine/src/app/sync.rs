//! Value sync: serving decided blocks to others, and taking them when we are behind.

use std::ops::RangeInclusive;

use arc_malachitebft_app_channel::Reply;
use arc_malachitebft_app_channel::app::engine::host::SyncedValueOutcome;
use arc_malachitebft_app_channel::app::types::core::Round;
use arc_malachitebft_app_channel::app::types::sync::RawDecidedValue;
use bytes::Bytes;

use super::proposal::undecided_value;
use super::run::{App, HostGone, answer};
use crate::codec::to_engine_certificate;
use crate::config::SYNC_BATCH_MAX;
use crate::context::{Address, Ctx, Height};
use crate::host::{BodySource, Checked, HostRequest, UndecidedBlock};

impl App {
    pub(super) async fn on_history_min(&mut self, reply: Reply<Height>) -> Result<(), HostGone> {
        let height = self.ask(|reply| HostRequest::HistoryMin { reply }).await?;
        answer(reply, Height(height));
        Ok(())
    }

    pub(super) async fn on_decided_blocks(
        &mut self,
        range: RangeInclusive<Height>,
        reply: Reply<Vec<RawDecidedValue<Ctx>>>,
    ) -> Result<(), HostGone> {
        let from = range.start().0;
        // The engine does not check the range; a peer wrote it.
        let to = range.end().0.min(from.saturating_add(SYNC_BATCH_MAX - 1));
        if to < from {
            answer(reply, Vec::new());
            return Ok(());
        }
        let blocks = self
            .ask(|reply| HostRequest::DecidedBlocks { from, to, reply })
            .await?;
        let values = blocks
            .into_iter()
            .map(|(body, proof)| RawDecidedValue::new(body, to_engine_certificate(&proof)))
            .collect();
        answer(reply, values);
        Ok(())
    }

    /// A block whose certificate the engine has verified.
    pub(super) async fn on_synced(
        &mut self,
        height: Height,
        round: Round,
        proposer: Address,
        body: Bytes,
        reply: Reply<SyncedValueOutcome<Ctx>>,
    ) -> Result<(), HostGone> {
        let (height, proposer) = (height.0, proposer.0);
        let Some(round) = round.as_u32() else {
            answer(reply, SyncedValueOutcome::PeerFault);
            return Ok(());
        };
        if height != self.progress.height {
            // Not ours to judge now: executed after its parent, and never twice.
            answer(reply, SyncedValueOutcome::LocalTransientError);
            return Ok(());
        }
        let question = |reply| HostRequest::Check {
            height,
            round,
            valid_round: None,
            proposer,
            body,
            source: BodySource::Synced,
            reply,
        };
        let outcome = match self.ask(question).await? {
            Checked::Block { block_id, valid } => {
                let block = UndecidedBlock {
                    block_id,
                    proposer,
                    valid_round: None,
                    valid,
                };
                SyncedValueOutcome::Verdict(undecided_value(height, round, &block))
            }
            Checked::Malformed => SyncedValueOutcome::PeerFault,
            Checked::Unavailable => SyncedValueOutcome::LocalTransientError,
        };
        answer(reply, outcome);
        Ok(())
    }
}

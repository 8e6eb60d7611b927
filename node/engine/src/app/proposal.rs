//! Our rounds: building a block and streaming it.

use std::time::Duration;

use arc_malachitebft_app_channel::Reply;
use arc_malachitebft_app_channel::app::types::core::{Round, Validity};
use arc_malachitebft_app_channel::app::types::{LocallyProposedValue, ProposedValue};
use piao_chain::digest::BlockId;
use tracing::{debug, warn};

use super::run::{App, HostGone, answer};
use crate::context::{Address, BlockValue, Ctx, Height};
use crate::host::{HostRequest, UndecidedBlock};
use crate::parts::Turn;

impl App {
    /// Tells the engine what is already known of a round, and streams our own block again if this
    /// node fell over after it proposed.
    pub(super) async fn on_round(
        &mut self,
        height: Height,
        round: Round,
        reply: Reply<Vec<ProposedValue<Ctx>>>,
    ) -> Result<(), HostGone> {
        let Some(round) = round.as_u32() else {
            answer(reply, Vec::new());
            return Ok(());
        };
        let height = height.0;
        self.progress.running = height == self.progress.height;
        let held = self
            .ask(|reply| HostRequest::Undecided {
                height,
                round,
                reply,
            })
            .await?;
        let mut values: Vec<_> = held
            .iter()
            .map(|block| undecided_value(height, round, block))
            .collect();
        for assembled in self.assembler.take(height) {
            values.extend(self.judge(assembled).await?);
        }
        answer(reply, values);
        if self.is_our_turn(height, round) {
            self.stream_own(height, round, &held).await?;
        }
        Ok(())
    }

    pub(super) async fn on_build(
        &mut self,
        height: Height,
        round: Round,
        within: Duration,
        reply: Reply<LocallyProposedValue<Ctx>>,
    ) -> Result<(), HostGone> {
        let Some(number) = round.as_u32() else {
            return Ok(());
        };
        let question = |reply| HostRequest::Build {
            height: height.0,
            round: number,
            within,
            reply,
        };
        let Some(block) = self.ask(question).await? else {
            warn!(
                height = height.0,
                round = number,
                "no block for our turn; the round will time out"
            );
            return Ok(());
        };
        if block.body.len() > self.block_bytes_max {
            warn!(
                height = height.0,
                bytes = block.body.len(),
                "our own block is too large to send"
            );
            return Ok(());
        }
        answer(
            reply,
            LocallyProposedValue::new(height, round, BlockValue(block.block_id)),
        );
        let turn = Turn {
            height: height.0,
            round: number,
            valid_round: None,
            block_id: block.block_id,
        };
        self.stream(turn, &block.body).await
    }

    /// Our turn again, with a block that a quorum prevoted in an earlier round.
    pub(super) async fn on_restream(
        &mut self,
        height: Height,
        round: Round,
        valid_round: Round,
        block_id: BlockId,
    ) -> Result<(), HostGone> {
        let Some(round) = round.as_u32() else {
            return Ok(());
        };
        let turn = Turn {
            height: height.0,
            round,
            valid_round: valid_round.as_u32(),
            block_id,
        };
        self.stream_held(turn).await
    }

    /// After a crash: the others may have lost what we proposed before it.
    async fn stream_own(
        &mut self,
        height: u64,
        round: u32,
        held: &[UndecidedBlock],
    ) -> Result<(), HostGone> {
        for block in held {
            if block.proposer == self.me {
                let UndecidedBlock {
                    block_id,
                    valid_round,
                    ..
                } = *block;
                self.stream_held(Turn {
                    height,
                    round,
                    valid_round,
                    block_id,
                })
                .await?;
            }
        }
        Ok(())
    }

    async fn stream_held(&mut self, turn: Turn) -> Result<(), HostGone> {
        let Turn {
            height, block_id, ..
        } = turn;
        match self
            .ask(|reply| HostRequest::Body {
                height,
                block_id,
                reply,
            })
            .await?
        {
            Some(body) => self.stream(turn, &body).await,
            None => {
                warn!(height, %block_id, "the body of our own proposal is missing");
                Ok(())
            }
        }
    }

    /// Streams a body to those who vote on it: to nobody, when we alone do. Nodes without a vote
    /// that miss it learn the decided block through value sync.
    async fn stream(&mut self, turn: Turn, body: &bytes::Bytes) -> Result<(), HostGone> {
        let alone = self
            .progress
            .members
            .as_ref()
            .is_none_or(|members| members.len() == 1);
        let Some(publisher) = &mut self.publisher else {
            return Ok(());
        };
        if alone || publisher.has_streamed(&turn) {
            return Ok(());
        }
        if let Err(gone) = publisher.stream(turn, body).await {
            // The engine's channel closes next; the loop ends there.
            debug!(%gone, "a block was not streamed");
        }
        Ok(())
    }
}

/// What the engine calls a proposed value.
pub(super) fn undecided_value(
    height: u64,
    round: u32,
    block: &UndecidedBlock,
) -> ProposedValue<Ctx> {
    ProposedValue {
        height: Height(height),
        round: Round::Some(round),
        valid_round: block.valid_round.map_or(Round::Nil, Round::Some),
        proposer: Address(block.proposer),
        value: BlockValue(block.block_id),
        validity: Validity::from_bool(block.valid),
    }
}

//! What others do: who is further than we are, and who breaks the rules.

use arc_malachitebft_app_channel::app::engine::util::events::Event;
use arc_malachitebft_app_channel::app::types::core::{SignedProposal, SignedVote};
use arc_malachitebft_app_channel::app::types::{MisbehaviorEvidence, SignedConsensusMsg};
use piao_chain::signature::{KeyId, Signature};
use tokio::sync::broadcast::error::RecvError;
use tracing::warn;

use super::run::{App, HostGone};
use crate::context::Ctx;
use crate::host::{HostRequest, Misconduct};

impl App {
    /// Watches for messages of heights above ours: value sync does not wake a parked node.
    pub(super) async fn on_event(
        &mut self,
        event: Result<Event<Ctx>, RecvError>,
    ) -> Result<(), HostGone> {
        match event {
            Ok(Event::Received(SignedConsensusMsg::Vote(vote))) => self.on_vote_seen(&vote).await,
            Ok(Event::Received(SignedConsensusMsg::Proposal(proposal))) => {
                self.on_proposal_seen(&proposal).await
            }
            // What was missed may have been such a message. Going on needlessly costs one block.
            Err(RecvError::Lagged(_)) => self.note_ahead(self.progress.height).await,
            Ok(_) | Err(RecvError::Closed) => Ok(()),
        }
    }

    async fn on_vote_seen(&mut self, vote: &SignedVote<Ctx>) -> Result<(), HostGone> {
        let body = &vote.message;
        if !self.progress.would_be_ahead(body.height.0) {
            return Ok(());
        }
        let voter = self
            .progress
            .members
            .as_ref()
            .and_then(|set| set.get(&body.address.0));
        if voter.is_some_and(|key| self.verifier.vote(body, &vote.signature, key)) {
            self.note_ahead(body.height.0).await?;
        }
        Ok(())
    }

    async fn on_proposal_seen(&mut self, proposal: &SignedProposal<Ctx>) -> Result<(), HostGone> {
        let body = &proposal.message;
        if !self.progress.would_be_ahead(body.height.0) {
            return Ok(());
        }
        let proposer = self
            .progress
            .members
            .as_ref()
            .and_then(|set| set.get(&body.address.0));
        if proposer.is_some_and(|key| self.verifier.proposal(body, &proposal.signature, key)) {
            self.note_ahead(body.height.0).await?;
        }
        Ok(())
    }

    /// Notes that a validator works on this height, and wakes a parked host.
    pub(super) async fn note_ahead(&mut self, height: u64) -> Result<(), HostGone> {
        if !self.progress.would_be_ahead(height) {
            return Ok(());
        }
        self.progress.ahead = height;
        if self.handover.parked {
            self.tell(HostRequest::PeerAhead { height }).await?;
        }
        Ok(())
    }

    pub(super) async fn report_misbehaviour(
        &self,
        height: u64,
        evidence: MisbehaviorEvidence<Ctx>,
    ) -> Result<(), HostGone> {
        let votes = evidence.votes.into_iter().flat_map(|(voter, pairs)| {
            pairs
                .into_iter()
                .filter_map(move |(a, b)| Some((voter.0, double_vote(&a, &b)?)))
        });
        let proposals = evidence
            .proposals
            .into_iter()
            .flat_map(|(proposer, pairs)| {
                pairs
                    .into_iter()
                    .filter_map(move |(a, b)| Some((proposer.0, double_proposal(&a, &b)?)))
            });
        let found: Vec<(KeyId, Misconduct)> = votes.chain(proposals).collect();
        for (validator, misconduct) in found {
            warn!(height, %validator, "a validator signed two contradicting messages");
            self.tell(HostRequest::Misbehaviour {
                height,
                validator,
                misconduct,
            })
            .await?;
        }
        Ok(())
    }
}

fn double_vote(first: &SignedVote<Ctx>, second: &SignedVote<Ctx>) -> Option<Misconduct> {
    let plain = |vote: &SignedVote<Ctx>| -> Option<(_, Signature)> {
        Some((vote.message.to_chain()?, vote.signature))
    };
    Some(Misconduct::DoubleVote {
        first: plain(first)?,
        second: plain(second)?,
    })
}

fn double_proposal(
    first: &SignedProposal<Ctx>,
    second: &SignedProposal<Ctx>,
) -> Option<Misconduct> {
    let plain = |proposal: &SignedProposal<Ctx>| -> Option<(_, Signature)> {
        Some((proposal.message.to_chain()?, proposal.signature))
    };
    Some(Misconduct::DoubleProposal {
        first: plain(first)?,
        second: plain(second)?,
    })
}

//! The loop itself: receive, dispatch, one method for each message.

use arc_malachitebft_app_channel::app::consensus::VoteExtensionError;
use arc_malachitebft_app_channel::app::types::core::LinearTimeouts;
use arc_malachitebft_app_channel::{AppMsg, Channels, Reply};
use piao_chain::digest::ChainId;
use piao_chain::signature::KeyId;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tracing::debug;

use super::height::{Beside, Handover, Progress};
use crate::context::{Address, Ctx};
use crate::host::{Answer, HostRequest};
use crate::parts::{Assembler, Publisher};
use crate::signer::ChainVerifier;

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The engine closed its channel.
    EngineClosed,
    /// The host dropped an answer or its channel, or answered nonsense.
    HostGone,
}

/// The host cannot be asked any more.
#[derive(Debug)]
pub(super) struct HostGone;

/// What a loop is made of.
pub(crate) struct AppParts {
    pub(crate) chain_id: ChainId,
    /// The key id this node votes under, or would.
    pub(crate) me: KeyId,
    pub(crate) host: mpsc::Sender<HostRequest>,
    /// Present when this node has a validator key.
    pub(crate) publisher: Option<Publisher>,
    pub(crate) timeouts: LinearTimeouts,
    pub(crate) block_bytes_max: usize,
    /// Told when the engine is listening and asks where to start.
    pub(crate) ready: oneshot::Sender<()>,
}

/// State of the loop.
pub(crate) struct App {
    pub(super) chain_id: ChainId,
    pub(super) me: KeyId,
    pub(super) verifier: ChainVerifier,
    pub(super) host: mpsc::Sender<HostRequest>,
    pub(super) publisher: Option<Publisher>,
    pub(super) timeouts: LinearTimeouts,
    pub(super) block_bytes_max: usize,
    pub(super) ready: Option<oneshot::Sender<()>>,
    pub(super) assembler: Assembler,
    pub(super) progress: Progress,
    pub(super) handover: Handover,
    /// At most two: the commit of a height and the start of the next.
    pub(super) beside: JoinSet<Beside>,
}

impl App {
    pub(crate) fn new(parts: AppParts) -> Self {
        Self {
            chain_id: parts.chain_id,
            me: parts.me,
            verifier: ChainVerifier::new(parts.chain_id),
            host: parts.host,
            publisher: parts.publisher,
            timeouts: parts.timeouts,
            block_bytes_max: parts.block_bytes_max,
            ready: Some(parts.ready),
            assembler: Assembler::new(parts.block_bytes_max),
            progress: Progress::default(),
            handover: Handover::default(),
            beside: JoinSet::new(),
        }
    }

    /// Serves the engine until it closes its channel or the host is gone.
    pub(crate) async fn run(mut self, mut channels: Channels<Ctx>) -> Ended {
        let mut events = channels.events.subscribe();
        loop {
            let step = tokio::select! {
                message = channels.consensus.recv() => match message {
                    Some(message) => self.on_message(message).await,
                    None => return Ended::EngineClosed,
                },
                Some(done) = self.beside.join_next() => self.on_beside(done).await,
                event = events.recv() => self.on_event(event).await,
            };
            if let Err(HostGone) = step {
                return Ended::HostGone;
            }
        }
    }

    async fn on_message(&mut self, message: AppMsg<Ctx>) -> Result<(), HostGone> {
        match message {
            AppMsg::ConsensusReady { reply } => self.on_ready(reply).await,
            AppMsg::StartedRound {
                height,
                round,
                reply_value,
                ..
            } => self.on_round(height, round, reply_value).await,
            AppMsg::GetValue {
                height,
                round,
                timeout,
                reply,
            } => self.on_build(height, round, timeout, reply).await,
            AppMsg::RestreamProposal {
                height,
                round,
                valid_round,
                value_id,
                ..
            } => self.on_restream(height, round, valid_round, value_id).await,
            AppMsg::ReceivedProposalPart {
                from,
                published_by,
                part,
                reply,
            } => self.on_part(from, published_by, part, reply).await,
            AppMsg::Decided {
                certificate, reply, ..
            } => self.on_decided(&certificate, reply).await,
            AppMsg::Finalized {
                certificate,
                evidence,
                reply,
                ..
            } => self.on_finalized(certificate.height, evidence, reply).await,
            AppMsg::GetHistoryMinHeight { reply } => self.on_history_min(reply).await,
            AppMsg::GetDecidedValues { range, reply } => self.on_decided_blocks(range, reply).await,
            AppMsg::ProcessSyncedValue {
                height,
                round,
                proposer,
                value_bytes,
                reply,
            } => {
                self.on_synced(height, round, proposer, value_bytes, reply)
                    .await
            }
            // Vote extensions are off at every height; should one come all the same, none is good.
            AppMsg::ExtendVote { reply, .. } => {
                answer(reply, None);
                Ok(())
            }
            AppMsg::VerifyVoteExtensions {
                extensions, reply, ..
            } => {
                refuse_extensions(extensions, reply);
                Ok(())
            }
        }
    }

    /// Puts a question to the host and waits for the answer.
    pub(super) async fn ask<T>(
        &self,
        question: impl FnOnce(Answer<T>) -> HostRequest,
    ) -> Result<T, HostGone> {
        let answer = self.put(question).await?;
        answer.await.map_err(|_dropped| HostGone)
    }

    /// Puts a question to the host and leaves the waiting to the caller.
    pub(super) async fn put<T>(
        &self,
        question: impl FnOnce(Answer<T>) -> HostRequest,
    ) -> Result<oneshot::Receiver<T>, HostGone> {
        let (reply, answer) = oneshot::channel();
        self.tell(question(reply)).await?;
        Ok(answer)
    }

    pub(super) async fn tell(&self, request: HostRequest) -> Result<(), HostGone> {
        self.host.send(request).await.map_err(|_closed| HostGone)
    }
}

/// Answers the engine. It may have stopped waiting; then it is shutting down.
pub(super) fn answer<T>(reply: Reply<T>, value: T) {
    if reply.send(value).is_err() {
        debug!("the engine no longer waits for this answer");
    }
}

fn refuse_extensions(
    extensions: Vec<(Address, ())>,
    reply: Reply<Vec<(Address, Result<(), VoteExtensionError>)>>,
) {
    let refused = |(voter, ())| (voter, Err(VoteExtensionError::InvalidVoteExtension));
    answer(reply, extensions.into_iter().map(refused).collect());
}

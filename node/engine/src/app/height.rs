//! From one height to the next: decided, committed, over, and parked until there is work.

use arc_malachitebft_app_channel::Reply;
use arc_malachitebft_app_channel::app::engine::host::{HeightParams, Next};
use arc_malachitebft_app_channel::app::types::MisbehaviorEvidence;
use arc_malachitebft_app_channel::app::types::core::CommitCertificate;
use tokio::sync::oneshot;
use tokio::task::JoinError;
use tracing::error;

use super::run::{App, HostGone, answer};
use crate::codec::to_chain_certificate;
use crate::context::{Ctx, Height, Members};
use crate::host::{HeightStart, HostRequest};

/// Where this node stands.
#[derive(Default)]
pub(super) struct Progress {
    /// The lowest height that is not decided here.
    pub(super) height: u64,
    /// Whether consensus has started that height.
    pub(super) running: bool,
    /// Who votes at `height`; while it is parked, who voted at the one before.
    pub(super) members: Option<Members>,
    /// The highest height that a validator was seen to work on.
    pub(super) ahead: u64,
}

impl Progress {
    fn start(&mut self, start: &HeightStart) {
        self.height = start.height;
        self.members = Some(Members::from(&start.validators));
    }

    /// Whether a message of this height would show that others are further than we are, and did
    /// not show it before.
    pub(super) fn would_be_ahead(&self, height: u64) -> bool {
        let beyond = if self.running {
            height > self.height
        } else {
            height >= self.height
        };
        beyond && height > self.ahead
    }
}

/// Between the decision of a height and the start of the next.
#[derive(Default)]
pub(super) struct Handover {
    /// The commit that the host has not confirmed.
    committing: Option<u64>,
    /// The engine's wish for the next height, held until that commit is confirmed.
    over: Option<(u64, Reply<Next<Ctx>>)>,
    /// Whether the host owes the next height.
    pub(super) parked: bool,
}

/// What a task beside the loop brings back.
pub(super) enum Beside {
    Committed {
        height: u64,
    },
    Start {
        start: HeightStart,
        reply: Reply<Next<Ctx>>,
    },
    HostGone,
}

impl App {
    pub(super) async fn on_ready(
        &mut self,
        reply: Reply<(Height, HeightParams<Ctx>)>,
    ) -> Result<(), HostGone> {
        if let Some(ready) = self.ready.take() {
            answer(ready, ());
        }
        let start = self.ask(|reply| HostRequest::Start { reply }).await?;
        self.progress.start(&start);
        answer(reply, (Height(start.height), self.height_params(&start)));
        Ok(())
    }

    fn height_params(&self, start: &HeightStart) -> HeightParams<Ctx> {
        HeightParams::new(
            Members::from(&start.validators),
            self.timeouts,
            start.target_time,
        )
    }

    pub(super) async fn on_decided(
        &mut self,
        certificate: &CommitCertificate<Ctx>,
        reply: Reply<()>,
    ) -> Result<(), HostGone> {
        let height = certificate.height.0;
        let Ok(certificate) = to_chain_certificate(certificate) else {
            // A decision has a round, or the engine is not the one this was written for.
            error!(height, "the engine decided without a round");
            return Err(HostGone);
        };
        self.progress.height = height.saturating_add(1);
        self.progress.running = false;
        self.assembler.forget_below(self.progress.height);
        self.handover.committing = Some(height);
        let committed = self
            .put(|reply| HostRequest::Commit { certificate, reply })
            .await?;
        self.beside.spawn(async move {
            if committed.await.is_err() {
                return Beside::HostGone;
            }
            answer(reply, ());
            Beside::Committed { height }
        });
        Ok(())
    }

    pub(super) async fn on_finalized(
        &mut self,
        height: Height,
        evidence: MisbehaviorEvidence<Ctx>,
        reply: Reply<Next<Ctx>>,
    ) -> Result<(), HostGone> {
        self.report_misbehaviour(height.0, evidence).await?;
        if self.handover.committing.is_some() {
            self.handover.over = Some((height.0, reply));
            return Ok(());
        }
        self.ask_next(height.0, reply).await
    }

    pub(super) async fn on_beside(
        &mut self,
        done: Result<Beside, JoinError>,
    ) -> Result<(), HostGone> {
        match done {
            Ok(Beside::Committed { height }) => {
                self.handover
                    .committing
                    .take_if(|committing| *committing == height);
                if let Some((height, reply)) = self.handover.over.take() {
                    self.ask_next(height, reply).await?;
                }
                Ok(())
            }
            Ok(Beside::Start { start, reply }) => self.start_next(&start, reply),
            Ok(Beside::HostGone) => Err(HostGone),
            Err(failure) => {
                error!(%failure, "a task beside the engine loop failed");
                Err(HostGone)
            }
        }
    }

    async fn ask_next(&mut self, height: u64, reply: Reply<Next<Ctx>>) -> Result<(), HostGone> {
        let next = self
            .put(|reply| HostRequest::Next { height, reply })
            .await?;
        self.beside.spawn(wait_for_start(next, reply));
        self.handover.parked = true;
        if self.progress.ahead > height {
            self.tell(HostRequest::PeerAhead {
                height: self.progress.ahead,
            })
            .await?;
        }
        Ok(())
    }

    fn start_next(&mut self, start: &HeightStart, reply: Reply<Next<Ctx>>) -> Result<(), HostGone> {
        if start.height != self.progress.height {
            error!(
                expected = self.progress.height,
                got = start.height,
                "the host wants to go on at another height than the next"
            );
            return Err(HostGone);
        }
        self.handover.parked = false;
        self.progress.start(start);
        answer(
            reply,
            Next::Start(Height(start.height), self.height_params(start)),
        );
        Ok(())
    }
}

async fn wait_for_start(next: oneshot::Receiver<HeightStart>, reply: Reply<Next<Ctx>>) -> Beside {
    match next.await {
        Ok(start) => Beside::Start { start, reply },
        Err(_dropped) => Beside::HostGone,
    }
}

//! Between the engine and its host: who is heard, and what is said besides.

use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use piao_engine::byzantine::start_with_tongue;
use piao_engine::{BuiltBlock, EngineConfig, HostRequest};
use piao_node::byzantine::{Conduct, Starting};
use tokio::sync::{mpsc, oneshot};

use crate::contradict::contradict;
use crate::dice::Dice;
use crate::spoil::spoil;

/// Requests of the engine that may wait for the host, as in a node.
const REQUESTS_MAX: usize = 64;

/// What it does that no validator should. Shares are probabilities, 0 to 1.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Vices {
    /// Share of its votes that it contradicts with another.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub(crate) equivocate_votes: f64,
    /// Share of its proposals that it contradicts with another, body and all.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub(crate) equivocate_proposals: f64,
    /// Share of its turns in which it proposes a block that breaks a rule.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub(crate) invalid_blocks: f64,
    /// Hears everything, and never votes or proposes.
    #[arg(long)]
    pub(crate) silent: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_source| "no number".to_owned())?;
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err("from 0 to 1".to_owned())
}

/// The last block that was built here: a second one is made from it.
#[derive(Clone, Default)]
pub(crate) struct LastBuilt(Arc<Mutex<Option<(u64, u32, BuiltBlock)>>>);

impl LastBuilt {
    fn note(&self, height: u64, round: u32, block: &BuiltBlock) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((height, round, block.clone()));
    }

    /// The block of a turn, if it was the last.
    pub(crate) fn of(&self, height: u64, round: u32) -> Option<BuiltBlock> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, in_round, block) = last.as_ref()?;
        (*at == height && *in_round == round).then(|| block.clone())
    }
}

/// How such a node starts its engine.
pub(crate) fn of(vices: Vices, seed: u64) -> Box<Conduct> {
    Box::new(move |config, host| start(vices, Dice::new(seed), config, host))
}

fn start(
    vices: Vices,
    mut dice: Dice,
    mut config: EngineConfig,
    host: mpsc::Sender<HostRequest>,
) -> Starting {
    Box::pin(async move {
        // A node that follows because it was wiped has no key here, and nothing to say.
        if let Some(key) = &config.validator_key {
            let me = key.public_key().id();
            tracing::warn!(%me, ?vices, "on purpose: this node breaks the rules");
        }
        if vices.silent {
            config.validator_key = None;
        }
        let last = LastBuilt::default();
        let spoils = Dice::new(dice.below(u64::MAX));
        let host = between(host, vices.invalid_blocks, spoils, last.clone());
        let (engine, tapped) = start_with_tongue(config, host).await?;
        if let Some((tongue, said)) = tapped {
            tokio::spawn(contradict(tongue, said, vices, dice, last));
        }
        Ok(engine)
    })
}

/// Passes the engine's requests on; blocks that are built come back spoilt, or not.
fn between(
    host: mpsc::Sender<HostRequest>,
    share: f64,
    mut dice: Dice,
    last: LastBuilt,
) -> mpsc::Sender<HostRequest> {
    let (send, mut requests) = mpsc::channel(REQUESTS_MAX);
    tokio::spawn(async move {
        while let Some(request) = requests.recv().await {
            let request = match request {
                HostRequest::Build {
                    height,
                    round,
                    within,
                    reply,
                } => {
                    let dice = dice.hits(share).then(|| Dice::new(dice.below(u64::MAX)));
                    let (answer, built) = oneshot::channel();
                    tokio::spawn(pass_on(built, reply, (height, round), dice, last.clone()));
                    HostRequest::Build {
                        height,
                        round,
                        within,
                        reply: answer,
                    }
                }
                other => other,
            };
            if host.send(request).await.is_err() {
                return;
            }
        }
    });
    send
}

async fn pass_on(
    built: oneshot::Receiver<Option<BuiltBlock>>,
    reply: oneshot::Sender<Option<BuiltBlock>>,
    (height, round): (u64, u32),
    dice: Option<Dice>,
    last: LastBuilt,
) {
    // Without an answer the reply is dropped too: the host is gone.
    let Ok(mut built) = built.await else {
        return;
    };
    if let (Some(block), Some(mut dice)) = (&mut built, dice)
        && let Some((how, spoilt)) = spoil(block, &mut dice)
    {
        tracing::warn!(height, round, how, block_id = %spoilt.block_id, "on purpose: an invalid block");
        *block = spoilt;
    }
    if let Some(block) = &built {
        last.note(height, round, block);
    }
    // The engine may be gone.
    drop(reply.send(built));
}

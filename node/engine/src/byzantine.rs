//! A door for a validator that breaks the rules on purpose, so that others can be held against it.
//!
//! No node walks through it: only `piao-byzantine` is built with this feature
//! (`node/decisions/0008-byzantine.md`). What the engine is about to say is shown, and anything else
//! can be said under the same key. The engine itself stays correct, its log too.

use arc_malachitebft_app_channel::app::engine::network::NetworkMsg;
use arc_malachitebft_app_channel::app::engine::util::events::Event;
use arc_malachitebft_app_channel::app::types::SignedConsensusMsg;
use arc_malachitebft_app_channel::app::types::core::{NilOrVal, Round, SignedMessage, VoteType};
use arc_malachitebft_app_channel::{Channels, EngineHandle};
use bytes::Bytes;
use piao_chain::digest::ChainId;
use piao_chain::signature::SecretKey;
use piao_chain::vote::{Proposal, Vote, VoteKind};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use crate::config::EngineConfig;
use crate::context::{self, Address, BlockValue, Ctx, Height};
use crate::engine::{Engine, start_tapped};
use crate::error::EngineError;
use crate::host::HostRequest;
use crate::parts::{Publisher, Turn};

/// Messages of the engine that may wait to be contradicted; more are let pass.
const SAID_MAX: usize = 256;

/// What the engine is about to say under the validator's key, and will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A vote.
    Vote(Vote),
    /// A proposal.
    Proposal(Proposal),
}

/// Says what the engine never would.
pub struct Tongue {
    publish: Box<dyn Fn(SignedConsensusMsg<Ctx>) -> bool + Send + Sync>,
    publisher: Publisher,
    key: SecretKey,
    chain_id: ChainId,
}

/// A running engine, and what it takes to contradict it; `None` for a node without a validator key.
pub type Tapped = (Engine, Option<(Tongue, mpsc::Receiver<Said>)>);

/// Starts an engine as [`start`](crate::start) does, with a tongue beside it.
///
/// # Errors
/// As [`start`](crate::start).
pub async fn start_with_tongue(
    config: EngineConfig,
    host: mpsc::Sender<HostRequest>,
) -> Result<Tapped, EngineError> {
    start_tapped(config, host, tap).await
}

fn tap(
    config: &EngineConfig,
    channels: &Channels<Ctx>,
    handle: &EngineHandle,
) -> Option<(Tongue, mpsc::Receiver<Said>)> {
    let key = config.validator_key.clone()?;
    let mut children = handle.actor.get_cell().get_children().into_iter();
    let network =
        children.find(|child| child.is_message_type_of::<NetworkMsg<Ctx>>() == Some(true))?;
    let publish = move |message| {
        let message = NetworkMsg::<Ctx>::PublishConsensusMsg(message);
        network.send_message(message).is_ok()
    };
    let tongue = Tongue {
        publish: Box::new(publish),
        publisher: Publisher::new(channels.network.clone(), key.clone(), config.chain_id),
        key,
        chain_id: config.chain_id,
    };
    let (send, said) = mpsc::channel(SAID_MAX);
    let mut events = channels.events.subscribe();
    tokio::spawn(async move {
        loop {
            let said = match events.recv().await {
                Ok(Event::Published(SignedConsensusMsg::Vote(vote))) => {
                    vote.message.to_chain().map(Said::Vote)
                }
                Ok(Event::Published(SignedConsensusMsg::Proposal(proposal))) => {
                    proposal.message.to_chain().map(Said::Proposal)
                }
                Ok(_) | Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => return,
            };
            if let Some(said) = said {
                // One that finds no room is not contradicted.
                let _full = send.try_send(said);
            }
        }
    });
    Some((tongue, said))
}

impl Tongue {
    /// Says a vote; whether the swarm took it.
    #[must_use]
    pub fn vote(&self, vote: &Vote) -> bool {
        let message = context::Vote {
            kind: match vote.kind {
                VoteKind::Prevote => VoteType::Prevote,
                VoteKind::Precommit => VoteType::Precommit,
            },
            height: Height(vote.height),
            round: Round::Some(vote.round),
            value: vote.block_id.map_or(NilOrVal::Nil, NilOrVal::Val),
            address: self.me(),
        };
        let signature = vote.sign(&self.key, &self.chain_id);
        (self.publish)(SignedConsensusMsg::Vote(SignedMessage::new(
            message, signature,
        )))
    }

    /// Says a proposal and streams its body; whether the swarm took it.
    pub async fn propose(&mut self, proposal: &Proposal, body: &Bytes) -> bool {
        let valid_round = u32::try_from(proposal.pol_round).ok();
        let message = context::Proposal {
            height: Height(proposal.height),
            round: Round::Some(proposal.round),
            value: BlockValue(proposal.block_id),
            pol_round: valid_round.map_or(Round::Nil, Round::Some),
            address: self.me(),
        };
        let signature = proposal.sign(&self.key, &self.chain_id);
        let signed = SignedMessage::new(message, signature);
        let turn = Turn {
            height: proposal.height,
            round: proposal.round,
            valid_round,
            block_id: proposal.block_id,
        };
        (self.publish)(SignedConsensusMsg::Proposal(signed))
            && self.publisher.stream(turn, body).await.is_ok()
    }

    fn me(&self) -> Address {
        Address(self.key.public_key().id())
    }
}

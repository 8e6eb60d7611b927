//! The protocols of the swarm, with their bounds.

use std::time::Duration;

use libp2p::PeerId;
use libp2p::allow_block_list::{self, AllowedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::gossipsub::{
    self, ConfigBuilder, IdentTopic, MessageAuthenticity, MessageId, PeerScoreParams,
    PeerScoreThresholds, TopicScoreParams, ValidationMode,
};
use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use piao_chain::digest::ChainId;

use super::batch::BATCH_BYTES_MAX;

/// Room for the frame around a batch: topic, signature, sender.
const FRAME_BYTES: usize = 2 * 1024;
/// Connections of one peer: both sides may dial at once.
const CONNECTIONS_PER_PEER_MAX: u32 = 2;
/// Connections being set up at once.
const PENDING_MAX: u32 = 64;
/// How long a message is remembered, so that its copies are dropped unseen.
const REMEMBERED_FOR: Duration = Duration::from_secs(120);
/// How often the mesh is looked after.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// Messages that may wait for one slow peer.
const QUEUE_PER_PEER_MAX: usize = 1_024;
/// A peer below this is no longer listened to.
const GRAYLIST_SCORE: f64 = -80.0;
/// What one refused batch costs, squared with their number.
const REFUSED_WEIGHT: f64 = -10.0;

/// What the swarm speaks.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) allowed: allow_block_list::Behaviour<AllowedPeers>,
    pub(super) limits: connection_limits::Behaviour,
    pub(super) gossipsub: gossipsub::Behaviour,
}

/// The topic of a network: nodes of another network share nothing.
pub(super) fn topic(chain_id: &ChainId) -> IdentTopic {
    IdentTopic::new(format!("piao/{chain_id}/transactions/1"))
}

/// The topic on which members tell their heights.
pub(super) fn tips_topic(chain_id: &ChainId) -> IdentTopic {
    IdentTopic::new(format!("piao/{chain_id}/tips/1"))
}

impl Behaviour {
    /// The behaviour for one network.
    ///
    /// # Errors
    /// What the library says of its own configuration, in one line.
    pub(super) fn new(keypair: &Keypair, chain_id: &ChainId) -> Result<Self, String> {
        let config = ConfigBuilder::default()
            .protocol_id_prefix("/piao/gossip")
            .max_transmit_size(BATCH_BYTES_MAX.saturating_add(FRAME_BYTES))
            .validation_mode(ValidationMode::Strict)
            .validate_messages()
            .duplicate_cache_time(REMEMBERED_FOR)
            .heartbeat_interval(HEARTBEAT)
            .connection_handler_queue_len(QUEUE_PER_PEER_MAX)
            .message_id_fn(message_id)
            .build()
            .map_err(|error| error.to_string())?;
        let authenticity = MessageAuthenticity::Signed(keypair.clone());
        let mut gossipsub: gossipsub::Behaviour = gossipsub::Behaviour::new(authenticity, config)?;
        let topic = topic(chain_id);
        gossipsub.with_peer_score(score(&topic), thresholds())?;
        for topic in [topic, tips_topic(chain_id)] {
            gossipsub
                .subscribe(&topic)
                .map_err(|error| error.to_string())?;
        }
        let limits = ConnectionLimits::default()
            .with_max_established_per_peer(Some(CONNECTIONS_PER_PEER_MAX))
            .with_max_pending_incoming(Some(PENDING_MAX))
            .with_max_pending_outgoing(Some(PENDING_MAX));
        Ok(Self {
            allowed: allow_block_list::Behaviour::default(),
            limits: connection_limits::Behaviour::new(limits),
            gossipsub,
        })
    }
}

/// By content, so that the same batch by another way or under another signature is a copy. Who tells
/// a height counts too: two members may be equally far.
fn message_id(message: &gossipsub::Message) -> MessageId {
    let mut hasher = blake3::Hasher::new();
    if message.topic.as_str().contains("/tips/") {
        hasher.update(&message.source.map(PeerId::to_bytes).unwrap_or_default());
        hasher.update(&message.sequence_number.unwrap_or(0).to_be_bytes());
    }
    hasher.update(&message.data);
    MessageId::new(&hasher.finalize().as_bytes()[..20])
}

/// Refused batches cost a peer its standing. Nothing else does: on a network of members an honest
/// peer may be slow, quiet, or on the same machine.
fn score(topic: &IdentTopic) -> PeerScoreParams {
    let of_topic = TopicScoreParams {
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: REFUSED_WEIGHT,
        ..TopicScoreParams::default()
    };
    let mut params = PeerScoreParams {
        ip_colocation_factor_weight: 0.0,
        ..PeerScoreParams::default()
    };
    params.topics.insert(topic.hash(), of_topic);
    params
}

fn thresholds() -> PeerScoreThresholds {
    PeerScoreThresholds {
        gossip_threshold: GRAYLIST_SCORE / 4.0,
        publish_threshold: GRAYLIST_SCORE / 2.0,
        graylist_threshold: GRAYLIST_SCORE,
        ..PeerScoreThresholds::default()
    }
}

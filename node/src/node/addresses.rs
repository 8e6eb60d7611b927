//! Where a node listens and whom it connects with: what the operator set, else what the members
//! told each other.

use libp2p::{Multiaddr, PeerId};
use zeroize::Zeroizing;

use super::error::NodeError;
use super::open::Parts;
use crate::config::Settings;
use crate::gossip::{Gossip, GossipConfig};
use crate::network::{Member, NetworkError, NetworkFiles, network_peer_id};

/// Where nodes listen that nobody was told of.
const ANYWHERE: &str = "/ip4/127.0.0.1/tcp/0";

/// Addresses of this node and of its peers.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    pub(super) consensus_listen: String,
    /// Everybody else's, each with its peer id, so that nobody else answers there.
    pub(super) consensus_peers: Vec<String>,
    gossip_listen: String,
    gossip_peers: Vec<(PeerId, Multiaddr)>,
    /// Where the members look for this node, when it listens elsewhere.
    gossip_told: Option<Multiaddr>,
}

impl Addresses {
    pub(super) fn of(settings: &Settings, network: &NetworkFiles) -> Result<Self, NodeError> {
        let seed = network.keyring.load_bytes("network");
        let me = network_peer_id(&*seed.map_err(NetworkError::from)?);
        let members = &network.members.members;
        let (mine, others): (Vec<&Member>, Vec<&Member>) =
            members.iter().partition(|member| member.peer() == Some(me));
        let told = |address: fn(&Member) -> &String| {
            let mine = mine.first().map(|member| address(member).clone());
            mine.unwrap_or_else(|| ANYWHERE.to_owned())
        };
        let consensus = others
            .iter()
            .map(|member| format!("{}/p2p/{}", member.consensus, member.peer_id));
        let gossip = others
            .iter()
            .filter_map(|member| Some((member.peer()?, member.gossip.parse().ok()?)));
        let set = |setting: &Option<String>, told: String| setting.clone().unwrap_or(told);
        Ok(Self {
            consensus_listen: set(&settings.p2p_listen, told(|member| &member.consensus)),
            consensus_peers: consensus.chain(settings.persistent_peers.clone()).collect(),
            gossip_listen: set(&settings.gossip_listen, told(|member| &member.gossip)),
            gossip_peers: gossip.collect(),
            gossip_told: mine
                .first()
                .filter(|member| {
                    settings
                        .gossip_listen
                        .as_ref()
                        .is_some_and(|set| *set != member.gossip)
                })
                .and_then(|member| member.gossip.parse().ok()),
        })
    }
}

/// Starts gossip where there are other members.
pub(super) async fn start_gossip(
    network: &NetworkFiles,
    addresses: &Addresses,
    parts: &Parts,
) -> Result<Option<Gossip>, NodeError> {
    if network.members.members.is_empty() {
        return Ok(None);
    }
    let seed = network.keyring.load_bytes("network");
    let config = GossipConfig {
        chain_id: *parts.chain.chain_id(),
        network_key: Zeroizing::new(*seed.map_err(NetworkError::from)?),
        told: addresses.gossip_told.clone(),
        clock: *parts.chain.clock(),
        listen: addresses.gossip_listen.clone(),
        members: addresses.gossip_peers.clone(),
    };
    Ok(Some(Gossip::start(config, parts.admission.clone()).await?))
}

//! What a node tells the engine, and what the engine is told from it.

use std::path::PathBuf;
use std::time::Duration;

use arc_malachitebft_app_channel::app::config::{ConsensusConfig, NodeConfig, ValueSyncConfig};
use arc_malachitebft_app_channel::app::types::core::LinearTimeouts;
use piao_chain::digest::ChainId;
use piao_chain::limits::BLOCK_BYTES_CEILING;
use piao_chain::signature::SecretKey;
use zeroize::Zeroizing;

use crate::address::Address;
use crate::codec::RESPONSE_BYTES_MAX;
use crate::error::EngineError;
use crate::parts::PART_BYTES;
use crate::signed::SignedPrecommits;

/// Heights a peer may ask for at once.
pub const SYNC_BATCH_MAX: u64 = 16;

/// Room beside a block body in a message: certificate, header, framing.
const FRAME_BYTES: usize = 32 * 1024;

/// A sync response may hold several small blocks, up to this many bytes, whatever the block bound.
const SYNC_RESPONSE_BYTES_MIN: usize = 512 * 1024;

/// Connections from one address on a loopback network, where every node has the same one.
const LOOPBACK_CONNECTIONS_MAX: usize = 256;

/// Connections from one public address, on top of those of the persistent peers, which the engine
/// counts too.
const PUBLIC_CONNECTIONS_MAX: usize = 8;

/// Times a dial is repeated, each later than the one before, until the engine's timer begins anew. By
/// its default of 5 a peer that is back may wait eight seconds to be dialled; so it is about one.
const DIAL_RETRIES: usize = 1;

/// How long each step of a round waits. Each grows by `delta` a round, up to `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the proposal.
    pub propose: Duration,
    /// For more prevotes once two thirds are in without a majority.
    pub prevote: Duration,
    /// For more precommits, likewise.
    pub precommit: Duration,
    /// Growth of the three a round.
    pub delta: Duration,
    /// Until votes are sent again when a round does not end.
    pub rebroadcast: Duration,
    /// Upper bound of all of them.
    pub max: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            propose: Duration::from_secs(1),
            prevote: Duration::from_millis(500),
            precommit: Duration::from_millis(500),
            delta: Duration::from_millis(250),
            rebroadcast: Duration::from_secs(2),
            max: Duration::from_secs(10),
        }
    }
}

impl From<Timeouts> for LinearTimeouts {
    fn from(timeouts: Timeouts) -> Self {
        Self {
            propose: timeouts.propose,
            propose_delta: timeouts.delta,
            prevote: timeouts.prevote,
            prevote_delta: timeouts.delta,
            precommit: timeouts.precommit,
            precommit_delta: timeouts.delta,
            rebroadcast: timeouts.rebroadcast,
            max_timeout: timeouts.max,
        }
    }
}

/// Everything an engine needs besides its host.
#[derive(Clone)]
pub struct EngineConfig {
    /// The network; in every signed byte string.
    pub chain_id: ChainId,
    /// Name of this node in the engine's logs and metrics.
    pub moniker: String,
    /// File of the engine's write-ahead log. Missing folders are made.
    pub wal_path: PathBuf,
    /// Where to listen: `/ip4/<address>/tcp/<port>` or `/ip6/…`; port 0 takes a free one.
    pub listen: String,
    /// Peers to stay connected with, in the same form, optionally followed by `/p2p/<peer id>`.
    pub persistent_peers: Vec<String>,
    /// Whether nobody else may connect.
    pub only_persistent_peers: bool,
    /// Seed of the Ed25519 network key. Another key than the validator's.
    pub network_key: Zeroizing<[u8; 32]>,
    /// The key this node votes with at heights whose set has it; `None` for a node that never votes.
    pub validator_key: Option<SecretKey>,
    /// Where the precommits that it signs are noted.
    pub signed: SignedPrecommits,
    /// The chain parameter: bytes of a block body, 1 to `BLOCK_BYTES_CEILING`.
    pub block_bytes_max: usize,
    /// Timeouts of consensus steps.
    pub timeouts: Timeouts,
    /// How often the own tip is announced to peers; 1 to 2 s brings a lagging peer back soon. Zero
    /// announces each decided height and says nothing between, so on a network that decides on
    /// demand an announcement that was lost leaves a peer behind until the next block.
    pub status_update_interval: Duration,
}

/// The engine's configuration, as its builder takes it.
#[derive(Clone)]
pub(crate) struct EngineSettings {
    moniker: String,
    consensus: ConsensusConfig,
    sync: ValueSyncConfig,
}

impl EngineSettings {
    /// Derives every size from the block bound.
    pub(crate) fn derive(config: &EngineConfig, listen: &Address) -> Result<Self, EngineError> {
        let block = config.block_bytes_max;
        if block == 0 || block > BLOCK_BYTES_CEILING {
            return Err(EngineError::BlockBytes(block));
        }
        let response = block
            .saturating_add(FRAME_BYTES)
            .clamp(SYNC_RESPONSE_BYTES_MIN, RESPONSE_BYTES_MAX);

        let mut consensus = ConsensusConfig::default();
        let p2p = &mut consensus.p2p;
        p2p.listen_addr = listen.to_multiaddr()?;
        p2p.persistent_peers_only = config.only_persistent_peers;
        if config.only_persistent_peers {
            // Who may connect is known by name. By address a member that starts again would be kept
            // out for half a minute wherever it does not call from the address it listens on.
            p2p.discovery.ip_throttle_duration = Duration::ZERO;
        }
        p2p.discovery.dial_max_retries = DIAL_RETRIES;
        for peer in &config.persistent_peers {
            p2p.persistent_peers
                .push(Address::parse(peer)?.to_multiaddr()?);
        }
        p2p.pubsub_max_size = bytes(block.min(PART_BYTES).saturating_add(FRAME_BYTES));
        p2p.rpc_max_size = bytes(response.saturating_add(FRAME_BYTES));
        p2p.discovery.max_connections_per_ip = connections_per_address(config, listen);

        let sync = ValueSyncConfig {
            status_update_interval: config.status_update_interval,
            max_response_size: bytes(response),
            batch_size: usize::try_from(SYNC_BATCH_MAX).unwrap_or(usize::MAX),
            ..ValueSyncConfig::default()
        };
        Ok(Self {
            moniker: config.moniker.clone(),
            consensus,
            sync,
        })
    }
}

fn connections_per_address(config: &EngineConfig, listen: &Address) -> usize {
    if listen.socket.ip().is_loopback() {
        return LOOPBACK_CONNECTIONS_MAX;
    }
    config
        .persistent_peers
        .len()
        .saturating_add(PUBLIC_CONNECTIONS_MAX)
}

/// A byte count in the engine's type, which it does not export but parses from digits.
fn bytes<T: std::str::FromStr<Err = String>>(count: usize) -> T {
    count.to_string().parse().expect("digits are a byte count")
}

impl NodeConfig for EngineSettings {
    fn moniker(&self) -> &str {
        &self.moniker
    }

    fn consensus(&self) -> &ConsensusConfig {
        &self.consensus
    }

    fn consensus_mut(&mut self) -> &mut ConsensusConfig {
        &mut self.consensus
    }

    fn value_sync(&self) -> &ValueSyncConfig {
        &self.sync
    }

    fn value_sync_mut(&mut self) -> &mut ValueSyncConfig {
        &mut self.sync
    }
}

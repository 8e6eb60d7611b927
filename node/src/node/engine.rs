//! What the engine and its host are told, and the check before the engine opens its log.

use std::path::PathBuf;
use std::time::Duration;

use piao_chain::signature::{KeyId, SecretKey};
use zeroize::Zeroizing;

use super::error::NodeError;
use crate::config::Settings;
use crate::consensus::HostConfig;
use crate::dev::{DevError, DevNetwork};
use crate::journal::BlockJournal;
use crate::ledger::ChainView;

/// How often the own tip is announced to peers. A missed announcement must be repeated.
const STATUS_UPDATE_INTERVAL: Duration = Duration::from_secs(2);

/// The engine's log resets silently when its height differs from the one it is started at, and a
/// validator that voted on a block it lost could vote differently. So before the engine opens it:
/// a log beyond the journal, or a vote on a body that is not here, means that the journal lost its
/// tail, and the node must not vote.
///
/// # Errors
/// [`NodeError::TailLost`], [`NodeError::Wal`].
pub(super) fn check_wal(
    settings: &Settings,
    journal: &BlockJournal,
    me: &KeyId,
) -> Result<(), NodeError> {
    if let Some(mended) = piao_engine::mend_wal(&wal_path(settings), journal.tip())? {
        tracing::warn!(%mended, "the engine's log was mended");
    }
    let Some(wal) = piao_engine::inspect_wal(&wal_path(settings), me)? else {
        return Ok(());
    };
    let tip = journal.tip();
    let next = tip.saturating_add(1);
    let lost = NodeError::TailLost {
        wal: wal.height,
        tip,
    };
    if wal.height > next {
        return Err(lost);
    }
    if wal.height == next && wal.signed {
        for block_id in &wal.blocks {
            if journal.body(next, block_id)?.is_none() {
                return Err(lost);
            }
        }
    }
    Ok(())
}

fn wal_path(settings: &Settings) -> PathBuf {
    settings.data.join("wal").join("consensus.wal")
}

/// How the host paces the chain.
pub(super) fn host_config(settings: &Settings) -> HostConfig {
    let interval = Duration::from_millis(settings.block_interval_ms);
    HostConfig {
        heartbeat: Duration::from_millis(settings.heartbeat_ms),
        block_interval: (!interval.is_zero()).then_some(interval),
    }
}

/// What the engine is started with.
pub(super) fn engine_config(
    settings: &Settings,
    network: &DevNetwork,
    chain: &ChainView,
    validator_key: SecretKey,
) -> Result<piao_engine::EngineConfig, NodeError> {
    let seed = network
        .keyring
        .load_bytes("network")
        .map_err(DevError::from)?;
    Ok(piao_engine::EngineConfig {
        chain_id: *chain.chain_id(),
        moniker: "piaod".to_owned(),
        wal_path: wal_path(settings),
        listen: settings.p2p_listen.clone(),
        persistent_peers: settings.persistent_peers.clone(),
        network_key: Zeroizing::new(*seed),
        validator_key: Some(validator_key),
        block_bytes_max: usize::try_from(chain.params().block_bytes_max).unwrap_or(usize::MAX),
        timeouts: piao_engine::Timeouts::default(),
        status_update_interval: STATUS_UPDATE_INTERVAL,
    })
}

//! What the engine and its host are told, and the check before the engine opens its log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use piao_chain::digest::BlockId;
use piao_chain::signature::{KeyId, SecretKey};
use piao_engine::SignedPrecommits;
use zeroize::Zeroizing;

use super::addresses::Addresses;
use super::error::NodeError;
use super::loss::{Heights, TailLost};
use crate::config::Settings;
use crate::consensus::HostConfig;
use crate::journal::{BlockJournal, JournalError};
use crate::ledger::ChainView;
use crate::network::{NetworkError, NetworkFiles};

/// How often the own tip is announced to peers. A missed announcement must be repeated.
const STATUS_UPDATE_INTERVAL: Duration = Duration::from_secs(2);

/// What the engine's log says about the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WalVerdict {
    /// It belongs to the journal's tip, to the height above it, or is not there.
    Fine,
    /// It speaks of heights that the journal does not have; up to this one they may be decided.
    Ahead {
        /// Height of the log.
        height: u64,
        /// Last height that may have been decided.
        decided: u64,
    },
    /// What this node signed above the tip can't be read.
    Damaged {
        /// What is wrong.
        what: String,
        /// Height of the log, as far as it can be told.
        height: Option<u64>,
    },
    /// It is damaged, but of a height that is decided: the engine begins it anew.
    Stale {
        /// What is wrong.
        what: &'static str,
    },
}

/// The engine's log resets silently when its height differs from the one it is started at, and a
/// validator that voted on a block it lost could vote differently. So before the engine opens it:
/// a log beyond the journal, or a vote on a body that is not here, means that the journal lost its
/// tail, and the node must not vote.
///
/// # Errors
/// When the log, or a body in the journal, can't be read for reasons of the system.
pub(crate) fn judge_wal(
    path: &Path,
    me: &KeyId,
    tip: u64,
    has_body: &dyn Fn(u64, &BlockId) -> Result<bool, JournalError>,
) -> Result<WalVerdict, NodeError> {
    let wal = match piao_engine::inspect_wal(path, me) {
        Ok(None) => return Ok(WalVerdict::Fine),
        Ok(Some(wal)) => wal,
        Err(error @ piao_engine::WalError::Read { .. }) => return Err(error.into()),
        Err(error) => {
            return Ok(WalVerdict::Damaged {
                what: error.to_string(),
                height: None,
            });
        }
    };
    let next = tip.saturating_add(1);
    if let Some(what) = wal.damage {
        if wal.highest < next {
            return Ok(WalVerdict::Stale { what });
        }
        return Ok(WalVerdict::Damaged {
            what: what.to_owned(),
            height: Some(wal.highest),
        });
    }
    if wal.height > next {
        let before = wal.height.saturating_sub(1);
        return Ok(WalVerdict::Ahead {
            height: wal.height,
            decided: if wal.signed { wal.height } else { before },
        });
    }
    if wal.height == next && wal.signed {
        for block_id in &wal.blocks {
            if !has_body(next, block_id)? {
                return Ok(WalVerdict::Ahead {
                    height: next,
                    decided: next,
                });
            }
        }
    }
    Ok(WalVerdict::Fine)
}

/// Refuses to go on unless the log and the journal agree.
///
/// # Errors
/// [`NodeError::TailLost`], [`NodeError::WalDamaged`], [`NodeError::Wal`].
pub(super) fn check_wal(
    settings: &Settings,
    journal: &BlockJournal,
    keys: &[KeyId],
) -> Result<(), NodeError> {
    let path = wal_path(settings);
    if let Some(mended) = piao_engine::mend_wal(&path, journal.tip())? {
        tracing::warn!(%mended, "the engine's log was mended");
    }
    let tip = journal.tip();
    let has_body = |height, id: &BlockId| Ok(journal.body(height, id)?.is_some());
    for me in keys {
        refuse(judge_wal(&path, me, tip, &has_body)?, settings, tip)?;
    }
    Ok(())
}

/// What a verdict on the log means for a start.
fn refuse(verdict: WalVerdict, settings: &Settings, tip: u64) -> Result<(), NodeError> {
    match verdict {
        WalVerdict::Fine => Ok(()),
        WalVerdict::Stale { what } => {
            tracing::warn!(%what, "the engine's log is damaged, of a height that is decided: it is begun anew");
            Ok(())
        }
        WalVerdict::Ahead { height, decided } => Err(NodeError::TailLost(Box::new(TailLost {
            witness: "the engine's log",
            height,
            tip,
            lost: Heights::above(tip, decided),
            data: settings.data.clone(),
        }))),
        WalVerdict::Damaged { what, .. } => Err(NodeError::WalDamaged {
            path: wal_path(settings),
            what,
            next: tip.saturating_add(1),
            data: settings.data.clone(),
        }),
    }
}

pub(crate) fn wal_path(settings: &Settings) -> PathBuf {
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
    network: &NetworkFiles,
    chain: &ChainView,
    (addresses, validator_key): (&Addresses, Option<SecretKey>),
    signed: SignedPrecommits,
) -> Result<piao_engine::EngineConfig, NodeError> {
    let seed = network
        .keyring
        .load_bytes("network")
        .map_err(NetworkError::from)?;
    Ok(piao_engine::EngineConfig {
        chain_id: *chain.chain_id(),
        moniker: "piaod".to_owned(),
        wal_path: wal_path(settings),
        listen: addresses.consensus_listen.clone(),
        persistent_peers: addresses.consensus_peers.clone(),
        only_persistent_peers: !network.members.members.is_empty(),
        network_key: Zeroizing::new(*seed),
        validator_key,
        signed,
        block_bytes_max: usize::try_from(chain.params().block_bytes_max).unwrap_or(usize::MAX),
        timeouts: piao_engine::Timeouts::default(),
        status_update_interval: STATUS_UPDATE_INTERVAL,
    })
}

//! Opening what lies on disk: the network, the journal, the state.

use std::sync::Arc;

use piao_chain::genesis::Genesis;

use super::error::NodeError;
use crate::clock::Clock;
use crate::config::Settings;
use crate::dev::{DevNetwork, prepare};
use crate::journal::BlockJournal;
use crate::ledger::{ChainView, Tip};
use crate::mempool::{Admission, PoolLimits};
use crate::storage::{Restored, Store, StoreOptions, recover};

/// What kind of network the node runs.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// A development network, made on first start.
    Dev {
        /// Seed of its keys.
        seed: Option<u64>,
    },
    /// Whatever lies in the data directory.
    Existing,
}

/// The parts that stand on disk.
pub(super) struct Parts {
    pub(super) chain: Arc<ChainView>,
    pub(super) admission: Arc<Admission>,
    pub(super) journal: BlockJournal,
}

impl Parts {
    pub(super) fn open(
        settings: &Settings,
        network: &DevNetwork,
        clock: Clock,
    ) -> Result<Self, NodeError> {
        let (journal, restored) = restore(settings, &network.genesis, false)?;
        let certificate = match restored.tip.height {
            0 => None,
            height => journal
                .reader()
                .block(height)?
                .map(|block| block.certificate),
        };
        let tip = Tip {
            header: restored.tip,
            id: restored.tip_id,
            certificate,
            tree: restored.tree,
            history: restored.history,
        };
        let chain = Arc::new(ChainView::new(
            network.genesis.clone(),
            tip,
            Arc::new(restored.cache),
            journal.reader(),
            clock,
        ));
        let limits = PoolLimits {
            transactions_max: settings.mempool_transactions_max,
            bytes_max: settings.mempool_bytes_max,
        };
        Ok(Self {
            admission: Arc::new(Admission::new(Arc::clone(&chain), limits)),
            chain,
            journal,
        })
    }
}

/// Opens the journal and brings the state level with it. `anew` discards the state first.
fn restore(
    settings: &Settings,
    genesis: &Genesis,
    anew: bool,
) -> Result<(BlockJournal, Restored), NodeError> {
    let blocks = settings.data.join("blocks");
    let (journal, recovered) = BlockJournal::open(&blocks, &genesis.chain_id())?;
    if let Some(cut) = recovered.truncated {
        tracing::warn!(%cut, "an unfinished record was cut off the journal");
    }
    let mut options = StoreOptions::new(&settings.data.join("state"), &genesis.chain_id());
    options.cache_bytes = settings.state_cache_bytes;
    let store = if anew {
        Store::create(&options)?
    } else {
        Store::open(&options)?
    };
    let restored = recover(&journal.reader(), genesis, store, &mut progress())?;
    if let Some(reason) = &restored.rebuilt {
        tracing::warn!(%reason, "the state was made again from the journal");
    }
    Ok((journal, restored))
}

/// Says how far a long rebuild is, every few thousand blocks.
fn progress() -> impl FnMut(u64, u64) {
    const EVERY_BLOCKS: u64 = 2_000;
    |height, of| {
        if height % EVERY_BLOCKS == 0 || height == of {
            tracing::info!(height, of, "rebuilding the state");
        }
    }
}

/// Builds the state anew from the journal; height and invoices it holds then.
///
/// # Errors
/// [`NodeError`].
pub fn reindex(settings: &Settings, clock: Clock) -> Result<(u64, u64), NodeError> {
    let network = network(settings, Mode::Existing, &clock)?;
    let (_journal, restored) = restore(settings, &network.genesis, true)?;
    let height = restored.tip.height;
    let totals =
        piao_chain::state::StateView::leaf(&restored.cache, piao_chain::state::Slot::TOTALS);
    let invoices = match totals {
        Ok(Some(piao_chain::state::Leaf::Totals(totals))) => totals.issued_count,
        _ => 0,
    };
    restored.cache.close().map_err(|error| NodeError::Ended {
        part: "the state store",
        reason: error.to_string(),
    })?;
    Ok((height, invoices))
}

/// The network of a data directory.
pub(super) fn network(
    settings: &Settings,
    mode: Mode,
    clock: &Clock,
) -> Result<DevNetwork, NodeError> {
    let there = settings.data.join("genesis").exists();
    match mode {
        Mode::Dev { seed } => Ok(prepare(&settings.data, seed, clock)?),
        Mode::Existing if there => Ok(prepare(&settings.data, None, clock)?),
        Mode::Existing => Err(NodeError::NoNetwork(settings.data.display().to_string())),
    }
}

//! Opening what lies on disk: the network, the journal, the state, the desk.
//!
//! Guards: nothing is served, and nothing is signed, before the journal, the engine's log, the state
//! and the desk agree; what does not is refused in one line with the way out.

use std::path::Path;
use std::sync::Arc;

use piao_chain::genesis::Genesis;
use piao_chain::signature::{KeyId, SecretKey};
use piao_chain::state::{Leaf, Slot, StateUnavailable, StateView as _, validators_at};
use piao_chain::tax::RuleSet;
use piao_chain::validator::ValidatorSet;

use super::accept_loss::Acceptance;
use super::engine::check_wal;
use super::error::NodeError;
use super::loss::{BlocksDamaged, Heights, TailLost};
use super::progress::Progress;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::store::{DeskHeader, DeskStore};
use crate::dev::prepare;
use crate::journal::{self, BlockJournal, Depth, JournalError};
use crate::ledger::{ChainView, Tip};
use crate::mempool::{Admission, PoolLimits};
use crate::network::{NetworkError, NetworkFiles, Role, VotingKeys};
use crate::storage::{RecoverError, Restored, Store, StoreError, StoreOptions, recover};

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

/// What to do with blocks that were acknowledged and are not there, or not whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnLoss {
    /// Refuse to start. The only choice that loses nothing.
    #[default]
    Refuse,
    /// Go on without them: `--accept-loss`.
    Accept,
}

/// Who a node is to consensus.
#[derive(Clone, Debug)]
pub struct Me {
    /// Id of the validator key; of the network key, which is in no validator set, without one.
    pub id: KeyId,
    /// The key it votes with, if it does.
    pub validator_key: Option<SecretKey>,
    /// Every key it may vote with; which one follows from the set.
    pub keys: VotingKeys,
}

impl Me {
    fn of(network: &NetworkFiles) -> Result<Self, NodeError> {
        if network.record.has(Role::Validator) {
            let keys = VotingKeys::load(&network.keyring)?;
            // Checked when the network's files were opened.
            let key = network.keyring.load("validator");
            let key = key.map_err(NetworkError::from)?;
            return Ok(Self {
                id: key.public_key().id(),
                validator_key: Some(key),
                keys,
            });
        }
        let seed = network.keyring.load_bytes("network");
        let seed = seed.map_err(NetworkError::from)?;
        Ok(Self {
            id: SecretKey::from_seed(&seed).public_key().id(),
            validator_key: None,
            keys: VotingKeys::default(),
        })
    }
}

impl Me {
    /// Goes by the key that decides the next height, if one of its keys does.
    fn choose(&mut self, set: &ValidatorSet) {
        if let Some(key) = self.keys.in_set(set, Some(&self.id)) {
            self.id = key.public_key().id();
            self.validator_key = Some(key.clone());
        }
    }

    /// Ids of every key it may have signed with.
    fn ids(&self) -> Vec<KeyId> {
        let keys = self.keys.iter().map(|(_name, key)| key.public_key().id());
        let mut ids: Vec<KeyId> = keys.chain([self.id]).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// Everything a start finds on disk, checked against each other, before anything is served.
#[derive(Debug)]
pub struct Opened {
    /// Genesis, keys.
    pub network: NetworkFiles,
    /// Who this node is to consensus.
    pub me: Me,
    /// The block journal.
    pub journal: BlockJournal,
    /// The state at its tip.
    pub restored: Restored,
    /// The desk's records.
    pub desk: DeskStore,
    /// Their headers.
    pub headers: Vec<DeskHeader>,
    /// What the operator must hear: what was given up.
    pub notices: Vec<String>,
}

impl Opened {
    /// Opens a data directory as a start does, up to where the engine would start.
    ///
    /// # Errors
    /// [`NodeError`]; each is one line with the way out.
    pub fn open(settings: &Settings, mode: Mode, on_loss: OnLoss) -> Result<Self, NodeError> {
        let clock = Clock::with_offset_ms(settings.clock_offset_ms);
        let network = network(settings, mode, &clock)?;
        let mut me = Me::of(&network)?;
        let master = network
            .keyring
            .load_bytes("desk-master")
            .map_err(NetworkError::from)?;
        let mut notices = Vec::new();
        if on_loss == OnLoss::Accept {
            let acceptance = Acceptance::plan(settings, &network.genesis, &me.id, &master)?;
            notices = acceptance.carry_out()?;
        }
        let (journal, restored) = restore(settings, &network.genesis, &me.ids(), false)?;
        let next = restored.tip.height.saturating_add(1);
        let set = validators_at(&restored.cache, &network.genesis.validators, next);
        me.choose(&set.map_err(state_unavailable)?);
        let (desk, headers) = DeskStore::open(&settings.data.join("desk"), &master)?;
        Ok(Self {
            network,
            me,
            journal,
            restored,
            desk,
            headers,
            notices,
        })
    }
}

/// The parts that stand on disk.
pub(super) struct Parts {
    pub(super) chain: Arc<ChainView>,
    pub(super) admission: Arc<Admission>,
    pub(super) journal: BlockJournal,
}

impl Parts {
    pub(super) fn of(
        settings: &Settings,
        genesis: &Genesis,
        journal: BlockJournal,
        restored: Restored,
        clock: Clock,
    ) -> Result<Self, NodeError> {
        let certificate = match restored.tip.height {
            0 => None,
            height => journal
                .reader()
                .block(height)?
                .map(|block| block.certificate),
        };
        let tip = Tip::of(
            (restored.tip, restored.tip_id),
            certificate,
            (restored.tree, restored.history),
            &restored.cache,
            genesis,
        )
        .map_err(state_unavailable)?;
        let chain = Arc::new(ChainView::new(
            genesis.clone(),
            tip,
            Arc::new(restored.cache),
            journal.reader(),
            clock,
        ));
        check_rule_sets(&chain)?;
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

pub(super) fn state_unavailable(why: StateUnavailable) -> NodeError {
    NodeError::Ended {
        part: "state",
        reason: why.0,
    }
}

/// Every rule set in force or scheduled is one of this version.
fn check_rule_sets(chain: &ChainView) -> Result<(), NodeError> {
    let schedule = chain.rule_sets().map_err(state_unavailable)?;
    let first = (1, chain.params().rule_set);
    let unknown = core::iter::once(first)
        .chain(schedule.entries())
        .find(|(_from, id)| RuleSet::by_id(*id).is_none());
    match unknown {
        Some((from_height, id)) => Err(NodeError::RuleSetUnknown { id, from_height }),
        None => Ok(()),
    }
}

/// Opens the journal, checks the engine's log against it, and brings the state level with it.
/// `anew` discards the state first.
fn restore(
    settings: &Settings,
    genesis: &Genesis,
    me: &[KeyId],
    anew: bool,
) -> Result<(BlockJournal, Restored), NodeError> {
    restore_telling(settings, genesis, me, anew, &mut Progress::in_the_log())
}

fn restore_telling(
    settings: &Settings,
    genesis: &Genesis,
    me: &[KeyId],
    anew: bool,
    progress: &mut Progress,
) -> Result<(BlockJournal, Restored), NodeError> {
    let blocks = settings.data.join("blocks");
    let (journal, recovered) = BlockJournal::open(&blocks, &genesis.chain_id())
        .map_err(|error| explain(error, settings, genesis))?;
    if let Some(cut) = recovered.truncated {
        tracing::warn!(%cut, "an unfinished record was cut off the journal");
    }
    check_wal(settings, &journal, me)?;
    let options = state_options(settings, genesis);
    let state = |error: StoreError| explain_state(error, settings);
    let store = if anew {
        Store::create(&options).map_err(state)?
    } else {
        let store = Store::open(&options).map_err(state)?;
        check_state_tip(settings, &store, journal.tip())?;
        store
    };
    let reader = journal.reader();
    progress.begin(&reader);
    let restored = recover(&reader, genesis, store, &mut |height, of| {
        progress.tell(height, of);
    });
    let restored = restored.map_err(|error| match error {
        RecoverError::Journal(error) => explain(error, settings, genesis),
        RecoverError::Store(error) => explain_state(error, settings),
        error => NodeError::Recover {
            error: Box::new(error),
            data: settings.data.clone(),
        },
    })?;
    if let Some(reason) = &restored.rebuilt {
        tracing::warn!(%reason, "the state was made again from the journal");
    }
    Ok((journal, restored))
}

pub(super) fn state_options(settings: &Settings, genesis: &Genesis) -> StoreOptions {
    let mut options = StoreOptions::new(&settings.data.join("state"), &genesis.chain_id());
    options.cache_bytes = settings.state_cache_bytes;
    options
}

/// The state is written behind the journal. Ahead of it, it remembers blocks the journal lost.
fn check_state_tip(settings: &Settings, store: &Store, tip: u64) -> Result<(), NodeError> {
    match store.tip() {
        Some(stored) if stored.height > tip => Err(NodeError::TailLost(Box::new(TailLost {
            witness: "the state",
            height: stored.height,
            tip,
            lost: Heights::above(tip, stored.height),
            data: settings.data.clone(),
        }))),
        _ => Ok(()),
    }
}

/// Names the heights that a journal can't give any more.
fn explain(error: JournalError, settings: &Settings, genesis: &Genesis) -> NodeError {
    match error {
        JournalError::Damaged {
            file, offset, what, ..
        } => blocks_damaged(settings, genesis, &file, Some(offset), what.to_owned()),
        JournalError::TailLost {
            file,
            found,
            acknowledged,
        } => {
            let what = format!("it ends at height {found}, height {acknowledged} was acknowledged");
            blocks_damaged(settings, genesis, &file, None, what)
        }
        error @ JournalError::OtherChain { .. } => NodeError::OtherChain {
            error: Box::new(error),
            genesis: settings.data.join("genesis"),
        },
        other => other.into(),
    }
}

fn blocks_damaged(
    settings: &Settings,
    genesis: &Genesis,
    file: &Path,
    offset: Option<u64>,
    what: String,
) -> NodeError {
    let blocks = settings.data.join("blocks");
    let chain_id = genesis.chain_id();
    match journal::inspect(&blocks, &chain_id, Depth::Records, &mut |_seen| {}) {
        Ok(found) => NodeError::BlocksDamaged(Box::new(BlocksDamaged {
            file: file.to_owned(),
            offset,
            what,
            lost: Heights::above(found.tip, found.promised),
            data: settings.data.clone(),
        })),
        Err(error) => error.into(),
    }
}

fn explain_state(error: StoreError, settings: &Settings) -> NodeError {
    match error {
        // It says so itself.
        StoreError::Corrupt { .. } => error.into(),
        error => NodeError::State {
            error: Box::new(error),
            data: settings.data.clone(),
        },
    }
}

/// What a rebuild came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reindexed {
    /// Blocks executed.
    pub height: u64,
    /// Invoices they issued.
    pub invoices: u64,
}

/// Builds the state anew from the journal, telling how far it is.
///
/// # Errors
/// [`NodeError`].
pub fn reindex(settings: &Settings, progress: &mut Progress) -> Result<Reindexed, NodeError> {
    let clock = Clock::with_offset_ms(settings.clock_offset_ms);
    let network = network(settings, Mode::Existing, &clock)?;
    let me = Me::of(&network)?.ids();
    let (_journal, restored) = restore_telling(settings, &network.genesis, &me, true, progress)?;
    let height = restored.tip.height;
    let invoices = match restored.cache.leaf(Slot::TOTALS) {
        Ok(Some(Leaf::Totals(totals))) => totals.issued_count,
        _ => 0,
    };
    restored
        .cache
        .close()
        .map_err(|error| explain_state(error, settings))?;
    Ok(Reindexed { height, invoices })
}

/// The network of a data directory.
pub(super) fn network(
    settings: &Settings,
    mode: Mode,
    clock: &Clock,
) -> Result<NetworkFiles, NodeError> {
    let data = &settings.data;
    let unlock = settings.unlock_path();
    match mode {
        Mode::Dev { seed } => Ok(prepare(data, &unlock, seed, clock)?),
        Mode::Existing => Ok(NetworkFiles::open(data, &unlock)?),
    }
}

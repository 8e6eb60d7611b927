//! From the journal to a state to go on with: at every start, and for `piaod reindex`.
//!
//! Guards: the node goes on only from a state whose slot root is the one in the tip's header. What
//! the store lacks is executed again; a store that contradicts the journal is made again from
//! genesis.

use std::path::Path;

use piao_chain::block::{Block, Header};
use piao_chain::certificate::CertificateError;
use piao_chain::digest::BlockId;
use piao_chain::execute::{Basis, BlockError, Parent, SignatureCheck, verify_block};
use piao_chain::genesis::Genesis;
use piao_chain::proof::history::History;
use piao_chain::signature::PublicKey;
use piao_chain::state::{SlotTree, validators_at};
use piao_chain::transaction::SignedTransaction;
use piao_chain::validator::ValidatorSet;

use super::error::StoreError;
use super::follow::StateCache;
use super::store::{Store, StoreOptions, Tip};
use crate::journal::{JournalError, JournalReader};

/// A state to go on with.
#[derive(Debug)]
pub struct Restored {
    /// Reads of the state after the tip, and where further blocks are committed.
    pub cache: StateCache,
    /// Its slot tree.
    pub tree: SlotTree,
    /// Ids of all blocks, genesis included.
    pub history: History,
    /// Header of the last decided block.
    pub tip: Header,
    /// Its id.
    pub tip_id: BlockId,
    /// Blocks that were executed again.
    pub replayed: u64,
    /// Why the store was made again from genesis, when it was.
    pub rebuilt: Option<String>,
}

/// Why there is no state to go on with. Each text is one line for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tip's certificate proves nothing.
    #[error("the block journal's tip at height {height} is not certified: {error}")]
    Certificate {
        /// Its height.
        height: u64,
        /// Why.
        error: CertificateError,
    },
    /// The tip's header does not bind the blocks below it.
    #[error("the block journal's tip at height {height} does not bind the blocks below it")]
    History {
        /// Its height.
        height: u64,
    },
    /// A block of the journal is not one that this version could have decided.
    #[error("block {height} of the journal cannot be executed again: {error}")]
    Replay {
        /// Its height.
        height: u64,
        /// Why.
        error: Box<BlockError>,
    },
    /// A block came to other outcomes than were journalled.
    #[error("block {height} of the journal does not come to the outcomes it was decided with")]
    Outcomes {
        /// Its height.
        height: u64,
    },
    /// A height that the journal counts but does not hold.
    #[error("block {height} is missing in the journal")]
    Missing {
        /// The height.
        height: u64,
    },
}

/// What was journalled was checked before: signatures are not checked a second time.
struct Journalled;

impl SignatureCheck for Journalled {
    fn is_valid(&self, _transaction: &SignedTransaction, _keys: &[PublicKey]) -> bool {
        true
    }
}

/// Opens the store in a folder and brings it to the journal's tip. `anew` discards what is there
/// first: that is `piaod reindex`.
///
/// # Errors
/// [`RecoverError`]; see its variants.
pub fn restore(
    dir: &Path,
    cache_bytes: u64,
    journal: &JournalReader,
    genesis: &Genesis,
    anew: bool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, RecoverError> {
    let options = StoreOptions {
        cache_bytes,
        ..StoreOptions::new(dir, &genesis.chain_id())
    };
    let store = if anew {
        Store::create(&options)?
    } else {
        Store::open(&options)?
    };
    recover(journal, genesis, store, progress)
}

/// Brings the store to the journal's tip. `progress` is told the height reached and the tip's.
///
/// # Errors
/// [`RecoverError`]; see its variants.
pub fn recover(
    journal: &JournalReader,
    genesis: &Genesis,
    store: Store,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, RecoverError> {
    let ground = Ground::of(journal, genesis)?;
    let discarded = store.discarded().map(str::to_owned);
    let (store, rebuilt, start) = match ground.start(&store)? {
        Ok(start) => (store, discarded, start),
        Err(reason) => {
            let store = store.discard()?;
            let start = ground.begin(&store)?;
            (store, Some(reason), start)
        }
    };
    let from_genesis = start.tip.height == 0;
    match ground.replay(start, StateCache::start(store)?, rebuilt, progress) {
        Ok(restored) => Ok(restored),
        // Whatever the store held that no checksum and no root sees: once more from genesis.
        Err((RecoverError::Replay { height, error }, cache)) if !from_genesis => {
            let reason = format!("block {height} could not be executed on it: {error}");
            let store = cache.into_store().ok_or_else(|| StoreError::Stopped {
                reason: reason.clone(),
            })?;
            let store = store.discard()?;
            let start = ground.begin(&store)?;
            let cache = StateCache::start(store)?;
            ground
                .replay(start, cache, Some(reason), progress)
                .map_err(|(error, _cache)| error)
        }
        Err((error, _cache)) => Err(error),
    }
}

/// What the journal and genesis say.
struct Ground<'a> {
    journal: &'a JournalReader,
    genesis: &'a Genesis,
    header: Header,
    id: BlockId,
    history: History,
}

/// A state some way up the chain.
struct Start {
    tree: SlotTree,
    tip: Header,
    tip_id: BlockId,
}

impl<'a> Ground<'a> {
    /// Reads the ids of all blocks and checks that the tip is certified and binds them.
    fn of(journal: &'a JournalReader, genesis: &'a Genesis) -> Result<Self, RecoverError> {
        let header = genesis.header();
        let id = header.id();
        let mut history = History::default();
        history.push(&id);
        for id in journal.ids() {
            history.push(&id);
        }
        let ground = Self {
            journal,
            genesis,
            header,
            id,
            history,
        };
        ground.check_tip()?;
        Ok(ground)
    }

    /// The tip binds the blocks below it.
    fn check_tip(&self) -> Result<(), RecoverError> {
        let height = self.journal.tip();
        if height == 0 {
            return Ok(());
        }
        let missing = RecoverError::Missing { height };
        let header = self.journal.header(height)?.ok_or(missing)?;
        if self.history.root_at(height) != Some(header.hist_root) {
            return Err(RecoverError::History { height });
        }
        Ok(())
    }

    /// Header and id of a height.
    fn block(&self, height: u64) -> Result<(Header, BlockId), RecoverError> {
        if height == 0 {
            return Ok((self.header.clone(), self.id));
        }
        let missing = || RecoverError::Missing { height };
        let header = self.journal.header(height)?.ok_or_else(missing)?;
        let id = self.journal.id(height).ok_or_else(missing)?;
        Ok((header, id))
    }

    /// Where the store stands, or why it can't be gone on with.
    fn start(&self, store: &Store) -> Result<Result<Start, String>, RecoverError> {
        let Some(stored) = store.tip() else {
            return Ok(Ok(self.begin(store)?));
        };
        let tip = self.journal.tip();
        if stored.height > tip {
            let reason = format!("it is at height {}, the journal at {tip}", stored.height);
            return Ok(Err(reason));
        }
        let (header, id) = self.block(stored.height)?;
        if id != stored.block_id {
            let reason = format!("its block {} is another than the journal's", stored.height);
            return Ok(Err(reason));
        }
        let leaves = store.leaves()?;
        let tree = SlotTree::build(leaves.iter().map(|(slot, leaf)| (*slot, leaf)));
        if tree.root() != header.state_root {
            let reason = format!("its root at height {} is not the block's", stored.height);
            return Ok(Err(reason));
        }
        Ok(Ok(Start {
            tree,
            tip: header,
            tip_id: id,
        }))
    }

    /// Writes genesis into an empty store.
    fn begin(&self, store: &Store) -> Result<Start, RecoverError> {
        let state = self.genesis.initial_state();
        let tree = SlotTree::build(state.leaves.iter().map(|(slot, leaf)| (*slot, leaf)));
        let tip = Tip {
            height: 0,
            block_id: self.id,
            time_ms: self.header.time_ms,
        };
        store.apply(tip, &state)?;
        Ok(Start {
            tree,
            tip: self.header.clone(),
            tip_id: self.id,
        })
    }

    /// Executes every block above the start. On an error the cache comes back, for a second try.
    fn replay(
        &self,
        start: Start,
        cache: StateCache,
        rebuilt: Option<String>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Restored, (RecoverError, StateCache)> {
        cache.read_issued_from(self.journal.clone());
        let (first, of) = (start.tip.height, self.journal.tip());
        let mut at = start;
        for height in first.saturating_add(1)..=of {
            if let Err(error) = self.step(&mut at, &cache, height) {
                return Err((error, cache));
            }
            progress(height, of);
        }
        if let Err(error) = self.check_certificate(&cache, of) {
            return Err((error, cache));
        }
        Ok(Restored {
            cache,
            tree: at.tree,
            history: self.history.clone(),
            tip: at.tip,
            tip_id: at.tip_id,
            replayed: of.saturating_sub(first),
            rebuilt,
        })
    }

    /// The tip is certified by the set that decided it, which the state at the tip knows.
    fn check_certificate(&self, cache: &StateCache, height: u64) -> Result<(), RecoverError> {
        if height == 0 {
            return Ok(());
        }
        let decision = self.journal.decision(height)?;
        let (_outcomes, certificate) = decision.ok_or(RecoverError::Missing { height })?;
        certificate
            .verify(&self.header.chain_id, &self.decider(cache, height)?)
            .map_err(|error| RecoverError::Certificate { height, error })
    }

    /// The set that decides a height, one above the state or below.
    fn decider(&self, cache: &StateCache, height: u64) -> Result<ValidatorSet, RecoverError> {
        let set = validators_at(cache, &self.genesis.validators, height);
        set.map_err(|why| RecoverError::Replay {
            height,
            error: Box::new(why.into()),
        })
    }

    /// Executes one block and commits what it changes.
    fn step(&self, at: &mut Start, cache: &StateCache, height: u64) -> Result<(), RecoverError> {
        let missing = || RecoverError::Missing { height };
        let stored = self.journal.block(height)?.ok_or_else(missing)?;
        let block = Block::decode(&stored.body).map_err(|_source| RecoverError::Replay {
            height,
            error: Box::new(BlockError::Header("body")),
        })?;
        let validators = self.decider(cache, height)?;
        let basis = Basis {
            view: cache,
            tree: &at.tree,
            parent: Parent {
                header: &at.tip,
                id: at.tip_id,
                hist_root: self.history.root_at(height).ok_or_else(missing)?,
                validators: &validators,
            },
        };
        let executed =
            verify_block(&basis, &block, &Journalled).map_err(|error| RecoverError::Replay {
                height,
                error: Box::new(error),
            })?;
        if executed.outcomes != stored.outcomes {
            return Err(RecoverError::Outcomes { height });
        }
        let tip = Tip {
            height,
            block_id: stored.block_id,
            time_ms: block.header.time_ms,
        };
        cache.commit(tip, executed.delta)?;
        crash_point!("state.replayed-block");
        at.tree.apply(executed.tree);
        at.tip = block.header;
        at.tip_id = stored.block_id;
        Ok(())
    }
}

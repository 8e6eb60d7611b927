//! What everybody but the writer sees of the chain.
//!
//! Guards: tip, tree, history and state are of one block whenever [`ChainView::tip`] is held. Hold
//! it briefly, and never ask for it twice at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use piao_chain::block::Block;
use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::{BlockId, ChainId, TransactionId};
use piao_chain::genesis::Genesis;
use piao_chain::outcome::Outcome;
use piao_chain::proof::SetLink;
use piao_chain::signature::{KeyId, PublicKey};
use piao_chain::state::{
    Account, AccountLimits, Announcements, IssueLimits, KeyLeaf, Leaf, Misbehaviour,
    MisbehaviourList, Params, RuleSetSchedule, ScheduledSet, Slot, StateUnavailable,
    StateView as _, Totals, set_changes,
};
use piao_chain::tax::RuleSet;
use piao_chain::transaction::{Identity, Payload, SignedTransaction};
use piao_chain::validator::ValidatorSet;

use tokio::sync::watch;

use super::finality::Finality;
use super::links::Links;
use super::recent::{Place, Recent};
use super::tip::{Tip, TipGuard, TipLock};
use crate::clock::Clock;
use crate::journal::{JournalError, JournalReader};
use crate::storage::StateCache;

/// Reports of misbehaviour kept for people.
const REPORTED_MAX: usize = 256;

/// A block read back from the journal.
#[derive(Clone, Debug)]
pub struct CommittedBlock {
    /// Its id.
    pub id: BlockId,
    /// Header and transactions.
    pub block: Block,
    /// What came of them.
    pub outcomes: Vec<Outcome>,
    /// Who decided it.
    pub certificate: CommitCertificate,
}

/// Why a block can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The journal refused.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The state refused.
    #[error(transparent)]
    State(#[from] StateUnavailable),
    /// The body does not decode, though its checksum holds: another version wrote it.
    #[error("block {0} does not decode")]
    Undecodable(u64),
}

/// The read side of the chain.
#[derive(Debug)]
pub struct ChainView {
    genesis: Genesis,
    chain_id: ChainId,
    tip: TipLock,
    cache: Arc<StateCache>,
    reader: JournalReader,
    recent: Mutex<Recent>,
    finality: Finality,
    clock: Clock,
    links: Links,
    reported: Mutex<VecDeque<(u64, Misbehaviour)>>,
    /// Height of the tip, for whoever wants to be told of blocks.
    heights: watch::Sender<u64>,
}

impl ChainView {
    /// Puts the read side together.
    #[must_use]
    pub fn new(
        genesis: Genesis,
        tip: Tip,
        cache: Arc<StateCache>,
        reader: JournalReader,
        clock: Clock,
    ) -> Self {
        Self {
            chain_id: genesis.chain_id(),
            heights: watch::Sender::new(tip.header.height),
            genesis,
            tip: TipLock::new(tip),
            cache,
            reader,
            recent: Mutex::default(),
            finality: Finality::default(),
            clock,
            links: Links::default(),
            reported: Mutex::default(),
        }
    }

    /// Genesis.
    #[must_use]
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The network.
    #[must_use]
    pub fn chain_id(&self) -> &ChainId {
        &self.chain_id
    }

    /// The node's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The tip, held still. Not asked for again while it is held.
    pub fn tip(&self) -> TipGuard<'_> {
        self.tip.read()
    }

    /// Height of the tip.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.tip.height()
    }

    /// State after the tip.
    #[must_use]
    pub fn cache(&self) -> &StateCache {
        &self.cache
    }

    /// Who waits for transactions.
    #[must_use]
    pub fn finality(&self) -> &Finality {
        &self.finality
    }

    /// The set that votes on the next block.
    #[must_use]
    pub fn validators(&self) -> Arc<ValidatorSet> {
        self.tip.validators()
    }

    /// Every set after that of genesis, oldest first: in force, past or waiting.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn set_changes(&self) -> Result<Vec<ScheduledSet>, StateUnavailable> {
        set_changes(self.cache())
    }

    /// The changes of validators that led from genesis to the set that decided a height.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn links(&self, height: u64) -> Result<Vec<SetLink>, ReadError> {
        self.links.up_to(self, &self.set_changes()?, height)
    }

    /// Every set there is in the state, that of genesis too; none of the others when the state can't
    /// be read.
    #[must_use]
    pub fn known_sets(&self) -> Vec<ValidatorSet> {
        let later = self.set_changes().unwrap_or_default();
        let genesis = self.genesis.validators.clone();
        let later = later.into_iter().rev().map(|set| set.validators);
        later.chain([genesis]).collect()
    }

    /// What validators did wrong at a height, as far as it was reported.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn misbehaviour(&self, height: u64) -> Result<MisbehaviourList, StateUnavailable> {
        let Some(slot) = Slot::misbehaviour(height) else {
            return Ok(MisbehaviourList::default());
        };
        Ok(match self.cache.leaf(slot)? {
            Some(Leaf::Misbehaviour(list)) => list,
            _ => MisbehaviourList::default(),
        })
    }

    /// The keys a transaction of an account names, if the state knows them all.
    #[must_use]
    pub fn keys_of(&self, transaction: &SignedTransaction) -> Option<Vec<PublicKey>> {
        let key = |id: &KeyId| {
            let index = self.cache.key_index(id).ok()??;
            match self.cache.leaf(Slot::key(index)).ok()?? {
                Leaf::Key(key, _leaf) => Some(key),
                _ => None,
            }
        };
        transaction.body().signers.iter().map(key).collect()
    }

    /// A key of an account, and what is known of it.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn key(&self, id: &KeyId) -> Result<Option<(PublicKey, KeyLeaf)>, StateUnavailable> {
        let Some(index) = self.cache.key_index(id)? else {
            return Ok(None);
        };
        Ok(match self.cache.leaf(Slot::key(index))? {
            Some(Leaf::Key(key, leaf)) => Some((key, leaf)),
            _ => None,
        })
    }

    /// The account a key is bound to.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn account_of_key(&self, id: &KeyId) -> Result<Option<u32>, StateUnavailable> {
        let found = self.key(id)?;
        Ok(found.map(|(_key, leaf)| leaf.account))
    }

    /// An account and its identity.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn account(&self, number: u32) -> Result<Option<(Identity, Account)>, StateUnavailable> {
        Ok(match self.cache.leaf(Slot::account(number))? {
            Some(Leaf::Account(identity, account)) => Some((identity, account)),
            _ => None,
        })
    }

    /// Parameters after the tip; those of genesis when the state can't be read, which every
    /// caller that decides anything finds out by its own reads.
    #[must_use]
    pub fn params(&self) -> Params {
        match self.cache.leaf(Slot::PARAMS) {
            Ok(Some(Leaf::Params(params))) => params,
            _ => self.genesis.initial_params(),
        }
    }

    /// Rule sets after that of genesis, and from which height on.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn rule_sets(&self) -> Result<RuleSetSchedule, StateUnavailable> {
        Ok(match self.cache.leaf(Slot::RULE_SETS)? {
            Some(Leaf::RuleSets(schedule)) => schedule,
            _ => RuleSetSchedule::default(),
        })
    }

    /// Announced maintenance: the latest announcements, over or not.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn announcements(&self) -> Result<Announcements, StateUnavailable> {
        Ok(match self.cache.leaf(Slot::ANNOUNCEMENTS)? {
            Some(Leaf::Announcements(all)) => all,
            _ => Announcements::default(),
        })
    }

    /// The rule set in force in the block after the tip.
    ///
    /// # Errors
    /// [`StateUnavailable`], also when this version does not know it: a node that opened knows all
    /// that are scheduled.
    pub fn rules(&self) -> Result<&'static RuleSet, StateUnavailable> {
        let height = self.height().saturating_add(1);
        let id = self
            .rule_sets()?
            .in_force_at(height, self.params().rule_set);
        RuleSet::by_id(id).ok_or_else(|| StateUnavailable(format!("rule set {id} is not known")))
    }

    /// The limits an account is under, and what it issued on its last counted day.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn limits(&self, number: u32) -> Result<(IssueLimits, AccountLimits), StateUnavailable> {
        let Some(Leaf::DefaultLimits(default)) = self.cache.leaf(Slot::DEFAULT_LIMITS)? else {
            return Ok(<_>::default());
        };
        let counted = match self.cache.leaf(Slot::limits(number))? {
            Some(Leaf::Limits(limits)) => limits,
            _ => AccountLimits::default(),
        };
        Ok((counted.in_force(default), counted))
    }

    /// Totals after the tip.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn totals(&self) -> Result<Totals, StateUnavailable> {
        Ok(match self.cache.leaf(Slot::TOTALS)? {
            Some(Leaf::Totals(totals)) => totals,
            _ => Totals::default(),
        })
    }

    /// A committed block; `None` at height 0 and above the tip.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn block(&self, height: u64) -> Result<Option<CommittedBlock>, ReadError> {
        let Some(stored) = self.reader.block(height)? else {
            return Ok(None);
        };
        let block =
            Block::decode(&stored.body).map_err(|_source| ReadError::Undecodable(height))?;
        Ok(Some(CommittedBlock {
            id: stored.block_id,
            block,
            outcomes: stored.outcomes,
            certificate: stored.certificate,
        }))
    }

    /// The read side of the journal.
    #[must_use]
    pub fn reader(&self) -> &JournalReader {
        &self.reader
    }

    /// Where a recent transaction stands.
    #[must_use]
    pub fn place_of(&self, id: &TransactionId) -> Option<Place> {
        self.lock_recent().get(id)
    }

    /// Where a transaction stands, told by its replay guard: for as long as its window, also after
    /// a restart. `None` when the guard is free or another transaction took it.
    #[must_use]
    pub fn place_of_guard(&self, transaction: &SignedTransaction) -> Option<Place> {
        let body = transaction.body();
        let used = self.cache.idem(body.account, &body.idem).ok()??;
        let committed = self.block(used.height).ok()??;
        let index = usize::try_from(used.index).ok()?;
        let taker = committed.block.transactions.get(index)?;
        (taker.id() == transaction.id()).then_some(Place {
            height: used.height,
            index: used.index,
        })
    }

    /// Where the invoice with an issuance index was issued.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn place_of_issuance(
        &self,
        sequence: u64,
    ) -> Result<Option<(Place, CommittedBlock)>, ReadError> {
        let Some(height) = self.reader.height_of_issuance(sequence) else {
            return Ok(None);
        };
        let Some(committed) = self.block(height)? else {
            return Ok(None);
        };
        let slot = Slot::new(piao_chain::state::SlotKind::Invoice, sequence).map(Slot::as_u64);
        let index = committed.outcomes.iter().position(|outcome| {
            outcome
                .effects
                .iter()
                .any(|effect| Some(effect.slot) == slot)
        });
        let index = index.and_then(|index| u32::try_from(index).ok());
        Ok(index.map(|index| (Place { height, index }, committed)))
    }

    /// What was reported since this node started, the height it was done at first, oldest first, as
    /// far as it is kept.
    #[must_use]
    pub fn reported(&self) -> Vec<(u64, Misbehaviour)> {
        self.lock_reported().iter().copied().collect()
    }

    /// Remembers what a block reports.
    pub(super) fn note_reports(&self, block: &Block, outcomes: &[Outcome]) {
        for (transaction, outcome) in block.transactions.iter().zip(outcomes) {
            let Payload::ReportMisbehaviour(report) = &transaction.body().payload else {
                continue;
            };
            if !outcome.is_applied() {
                continue;
            }
            let entry = Misbehaviour {
                validator: report.validator.id(),
                offence: report.evidence.offence(),
                round: report.round,
                reported_at: block.header.height,
            };
            tracing::warn!(
                validator = %entry.validator, height = report.height, offence = entry.offence.as_str(),
                "misbehaviour of a validator is on chain"
            );
            let mut reported = self.lock_reported();
            if reported.len() >= REPORTED_MAX {
                reported.pop_front();
            }
            reported.push_back((report.height, entry));
        }
    }

    fn lock_reported(&self) -> std::sync::MutexGuard<'_, VecDeque<(u64, Misbehaviour)>> {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the tip to a committed block: called by the writer, after the journal's sync.
    pub(super) fn advance(&self, change: impl FnOnce(&mut Tip)) {
        self.tip.change(change);
    }

    /// Tells whoever watches that the tip is at a height: called by the writer once the mempool and
    /// those who wait for a transaction know of the block.
    pub(super) fn tell_height(&self, height: u64) {
        self.heights.send_replace(height);
    }

    /// Tells of each new block. Several may pass unseen; the last one does not.
    #[must_use]
    pub fn watch_height(&self) -> watch::Receiver<u64> {
        self.heights.subscribe()
    }

    /// Remembers where a block's transactions stand.
    pub fn remember(&self, height: u64, block: &Block) {
        let mut recent = self.lock_recent();
        for (index, transaction) in (0u32..).zip(&block.transactions) {
            recent.add(transaction.id(), Place { height, index });
        }
    }

    fn lock_recent(&self) -> std::sync::MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

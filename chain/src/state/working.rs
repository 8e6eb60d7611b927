//! The state of a block under execution: the view before it and the changes so far.
//!
//! A transaction writes into changes of its own, kept when it applies and dropped whole when it
//! fails.

use super::validators::{self, Decider};
use super::view::StateUnavailable;
use super::{
    Account, AccountLimits, Announcements, IdemRecord, InvoiceLeaf, IssueLimits, IssuedInvoice,
    KeyLeaf, Leaf, Misbehaviour, MisbehaviourList, Params, RedProposal, RuleSetSchedule,
    ScheduledSet, Slot, SlotKind, StateDelta, StateView, Totals,
};
use crate::digest::InvoiceId;
use crate::signature::{KeyId, PublicKey};
use crate::transaction::{Idem, Identity, OrderKey};
use crate::validator::ValidatorSet;

/// View, changes of the block, changes of the transaction.
pub struct Working<'a, V: ?Sized> {
    view: &'a V,
    block: StateDelta,
    transaction: StateDelta,
}

impl<'a, V: StateView + ?Sized> Working<'a, V> {
    /// Starts with no changes.
    pub fn new(view: &'a V) -> Self {
        Self {
            view,
            block: StateDelta::default(),
            transaction: StateDelta::default(),
        }
    }

    /// Keeps the changes of the transaction.
    pub fn keep(&mut self) {
        self.block.extend(core::mem::take(&mut self.transaction));
    }

    /// Drops the changes of the transaction.
    pub fn discard(&mut self) {
        self.transaction = StateDelta::default();
    }

    /// The block's changes, kept ones only.
    pub fn into_delta(self) -> StateDelta {
        self.block
    }

    /// The leaf of a slot as the transaction sees it.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn leaf(&self, slot: Slot) -> Result<Option<Leaf>, StateUnavailable> {
        if let Some(leaf) = self
            .transaction
            .leaves
            .get(&slot)
            .or_else(|| self.block.leaves.get(&slot))
        {
            return Ok(Some(leaf.clone()));
        }
        self.view.leaf(slot)
    }

    /// An account and its identity.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn account(&self, number: u32) -> Result<Option<(Identity, Account)>, StateUnavailable> {
        Ok(match self.leaf(Slot::account(number))? {
            Some(Leaf::Account(identity, account)) => Some((identity, account)),
            _ => None,
        })
    }

    /// A key by its id.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn key(&self, id: &KeyId) -> Result<Option<(PublicKey, KeyLeaf)>, StateUnavailable> {
        let Some(index) = self.key_index(id)? else {
            return Ok(None);
        };
        Ok(match self.leaf(Slot::key(index))? {
            Some(Leaf::Key(key, leaf)) => Some((key, leaf)),
            _ => None,
        })
    }

    fn key_index(&self, id: &KeyId) -> Result<Option<u32>, StateUnavailable> {
        let written = self.transaction.keys.get(id);
        match written.or_else(|| self.block.keys.get(id)) {
            Some(index) => Ok(Some(*index)),
            None => self.view.key_index(id),
        }
    }

    /// Parameters in force.
    ///
    /// # Errors
    /// [`StateUnavailable`], also when genesis was never applied.
    pub fn params(&self) -> Result<Params, StateUnavailable> {
        match self.leaf(Slot::PARAMS)? {
            Some(Leaf::Params(params)) => Ok(params),
            _ => Err(StateUnavailable("no parameters".into())),
        }
    }

    /// The schedule of rule sets; empty until one is activated.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn rule_sets(&self) -> Result<RuleSetSchedule, StateUnavailable> {
        Ok(match self.leaf(Slot::RULE_SETS)? {
            Some(Leaf::RuleSets(schedule)) => schedule,
            _ => RuleSetSchedule::default(),
        })
    }

    /// The newest validator set, in force or waiting; `None` before the first change.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn newest_validators(&self) -> Result<Option<ScheduledSet>, StateUnavailable> {
        validators::newest(&|slot| self.leaf(slot))
    }

    /// Who decides a height.
    pub(crate) fn decider(&self, height: u64) -> Result<Decider, StateUnavailable> {
        validators::decider(&|slot| self.leaf(slot), height)
    }

    /// What validators did wrong at a height; empty where nothing was reported.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn misbehaviour(&self, height: u64) -> Result<MisbehaviourList, StateUnavailable> {
        let Some(slot) = Slot::misbehaviour(height) else {
            return Ok(MisbehaviourList::default());
        };
        Ok(match self.leaf(slot)? {
            Some(Leaf::Misbehaviour(list)) => list,
            _ => MisbehaviourList::default(),
        })
    }

    /// Announced maintenance; empty until some is announced.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn announcements(&self) -> Result<Announcements, StateUnavailable> {
        Ok(match self.leaf(Slot::ANNOUNCEMENTS)? {
            Some(Leaf::Announcements(all)) => all,
            _ => Announcements::default(),
        })
    }

    /// Limits of every account without its own; `None` when no account of the chain has any.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn default_limits(&self) -> Result<Option<IssueLimits>, StateUnavailable> {
        Ok(match self.leaf(Slot::DEFAULT_LIMITS)? {
            Some(Leaf::DefaultLimits(limits)) => Some(limits),
            _ => None,
        })
    }

    /// An account's own limits and the count of its day.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn account_limits(&self, number: u32) -> Result<AccountLimits, StateUnavailable> {
        Ok(match self.leaf(Slot::limits(number))? {
            Some(Leaf::Limits(limits)) => limits,
            _ => AccountLimits::default(),
        })
    }

    /// Totals of the chain.
    ///
    /// # Errors
    /// [`StateUnavailable`], also when genesis was never applied.
    pub fn totals(&self) -> Result<Totals, StateUnavailable> {
        match self.leaf(Slot::TOTALS)? {
            Some(Leaf::Totals(totals)) => Ok(totals),
            _ => Err(StateUnavailable("no totals".into())),
        }
    }

    /// The account with an identity.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn account_of(&self, identity: &Identity) -> Result<Option<u32>, StateUnavailable> {
        match self
            .transaction
            .accounts
            .get(identity)
            .or_else(|| self.block.accounts.get(identity))
        {
            Some(number) => Ok(Some(*number)),
            None => self.view.account_of(identity),
        }
    }

    /// The issuance index of an order's invoice.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn order(&self, key: &OrderKey) -> Result<Option<u64>, StateUnavailable> {
        match self
            .transaction
            .orders
            .get(key)
            .or_else(|| self.block.orders.get(key))
        {
            Some(index) => Ok(Some(*index)),
            None => self.view.order(key),
        }
    }

    /// The issuance index of the invoice that stands for an order: one that red letters took back
    /// whole, or that was replaced, stands for nothing.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn standing_order(&self, key: &OrderKey) -> Result<Option<u64>, StateUnavailable> {
        let Some(index) = self.order(key)? else {
            return Ok(None);
        };
        let Some(leaf) = self.invoice(index)? else {
            return Ok(Some(index));
        };
        let Some(issued) = self.issued(index)? else {
            return Ok(Some(index));
        };
        Ok(leaf.is_in_force(issued.facts()).then_some(index))
    }

    /// An invoice as it was issued; `None` when there is none with this index yet.
    ///
    /// # Errors
    /// [`StateUnavailable`], also when an issued one is not where the blocks are kept.
    pub fn issued(&self, index: u64) -> Result<Option<IssuedInvoice>, StateUnavailable> {
        if let Some(issued) = self.block.issued.get(&index) {
            return Ok(Some(issued.clone()));
        }
        if index == 0 || index > self.totals()?.issued_count {
            return Ok(None);
        }
        match self.view.issued(index)? {
            Some(issued) => Ok(Some(issued)),
            None => Err(StateUnavailable(format!("invoice {index} is not found"))),
        }
    }

    /// What happened to the invoice with an issuance index; `None` before anything did.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn invoice(&self, index: u64) -> Result<Option<InvoiceLeaf>, StateUnavailable> {
        let Some(slot) = Slot::new(SlotKind::Invoice, index) else {
            return Ok(None);
        };
        Ok(match self.leaf(slot)? {
            Some(Leaf::Invoice(_id, leaf)) => Some(leaf),
            _ => None,
        })
    }

    /// The red letter last proposed for the invoice with an issuance index.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn red_proposal(&self, index: u64) -> Result<Option<RedProposal>, StateUnavailable> {
        let Some(slot) = Slot::red_proposal(index) else {
            return Ok(None);
        };
        Ok(match self.leaf(slot)? {
            Some(Leaf::RedProposal(_id, proposal)) => Some(proposal),
            _ => None,
        })
    }

    /// Who used a replay guard.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn idem(&self, account: u32, idem: &Idem) -> Result<Option<IdemRecord>, StateUnavailable> {
        let key = (account, *idem);
        match self
            .transaction
            .idems
            .get(&key)
            .or_else(|| self.block.idems.get(&key))
        {
            Some(record) => Ok(Some(*record)),
            None => self.view.idem(account, idem),
        }
    }

    /// Whether a top-up reference was credited.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn top_up(&self, reference: &[u8; 32]) -> Result<bool, StateUnavailable> {
        if self.transaction.top_ups.contains_key(reference)
            || self.block.top_ups.contains_key(reference)
        {
            return Ok(true);
        }
        self.view.top_up(reference)
    }

    /// Writes an account.
    pub fn set_account(&mut self, number: u32, identity: Identity, account: Account) {
        self.set(Slot::account(number), Leaf::Account(identity, account));
    }

    /// Registers an account under its identity.
    pub fn add_account(&mut self, number: u32, identity: Identity, account: Account) {
        self.transaction.accounts.insert(identity.clone(), number);
        self.set_account(number, identity, account);
    }

    /// Writes what happened to an issued invoice.
    pub fn set_invoice(&mut self, index: u64, id: InvoiceId, leaf: InvoiceLeaf) {
        if let Some(slot) = Slot::new(SlotKind::Invoice, index) {
            self.set(slot, Leaf::Invoice(id, leaf));
        }
    }

    /// Writes the red letter proposed for an issued invoice.
    pub fn set_red_proposal(&mut self, index: u64, id: InvoiceId, proposal: RedProposal) {
        if let Some(slot) = Slot::red_proposal(index) {
            self.set(slot, Leaf::RedProposal(id, proposal));
        }
    }

    /// Remembers what an applied transaction issued.
    pub fn add_issued(&mut self, index: u64, issued: IssuedInvoice) {
        self.transaction.issued.insert(index, issued);
    }

    /// Writes a bound key, also when its index is not at hand.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn set_key(&mut self, key: PublicKey, leaf: KeyLeaf) -> Result<(), StateUnavailable> {
        if let Some(index) = self.key_index(&key.id())? {
            self.set(Slot::key(index), Leaf::Key(key, leaf));
        }
        Ok(())
    }

    /// Binds a key.
    pub fn add_key(&mut self, index: u32, key: PublicKey, leaf: KeyLeaf) {
        self.transaction.keys.insert(key.id(), index);
        self.set(Slot::key(index), Leaf::Key(key, leaf));
    }

    /// Writes the parameters.
    pub fn set_params(&mut self, params: Params) {
        self.set(Slot::PARAMS, Leaf::Params(params));
    }

    /// Writes the schedule of rule sets.
    pub fn set_rule_sets(&mut self, schedule: RuleSetSchedule) {
        self.set(Slot::RULE_SETS, Leaf::RuleSets(schedule));
    }

    /// Writes announced maintenance.
    pub fn set_announcements(&mut self, all: Announcements) {
        self.set(Slot::ANNOUNCEMENTS, Leaf::Announcements(all));
    }

    /// Adds a validator set behind the newest; the first time behind that of genesis.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn add_validators(
        &mut self,
        genesis: &ValidatorSet,
        set: ScheduledSet,
    ) -> Result<(), StateUnavailable> {
        let mut count = validators::count(&|slot| self.leaf(slot))?;
        if count == 0 {
            let first = ScheduledSet {
                from_height: 0,
                validators: genesis.clone(),
            };
            self.set(Slot::validators(0), Leaf::Validators(first));
            count = 1;
        }
        self.set(Slot::validators(count), Leaf::Validators(set));
        let count = count.saturating_add(1);
        self.set(Slot::SET_COUNT, Leaf::SetCount(count));
        Ok(())
    }

    /// Adds to what validators did wrong at a height.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn add_misbehaviour(
        &mut self,
        height: u64,
        entry: Misbehaviour,
    ) -> Result<(), StateUnavailable> {
        let mut list = self.misbehaviour(height)?;
        list.add(entry);
        if let Some(slot) = Slot::misbehaviour(height) {
            self.set(slot, Leaf::Misbehaviour(list));
        }
        Ok(())
    }

    /// Writes the limits of every account without its own.
    pub fn set_default_limits(&mut self, limits: IssueLimits) {
        self.set(Slot::DEFAULT_LIMITS, Leaf::DefaultLimits(limits));
    }

    /// Writes an account's own limits and the count of its day.
    pub fn set_account_limits(&mut self, number: u32, limits: AccountLimits) {
        self.set(Slot::limits(number), Leaf::Limits(limits));
    }

    /// Writes the totals.
    pub fn set_totals(&mut self, totals: Totals) {
        self.set(Slot::TOTALS, Leaf::Totals(totals));
    }

    /// Remembers an order.
    pub fn add_order(&mut self, key: OrderKey, index: u64) {
        self.transaction.orders.insert(key, index);
    }

    /// Remembers a replay guard.
    pub fn add_idem(&mut self, account: u32, idem: Idem, record: IdemRecord) {
        self.transaction.idems.insert((account, idem), record);
    }

    /// Remembers a top-up.
    pub fn add_top_up(&mut self, reference: [u8; 32], account: u32, amount_fen: i64) {
        self.transaction
            .top_ups
            .insert(reference, (account, amount_fen));
    }

    fn set(&mut self, slot: Slot, leaf: Leaf) {
        self.transaction.leaves.insert(slot, leaf);
    }
}

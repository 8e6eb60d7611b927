//! The door of the mempool: every check a block would make, asked of the state at the tip.
//!
//! Guards: what is let in will very probably apply; what is refused is refused with all its
//! faults at once; fee, quota and limits of what is in flight are spoken for.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use piao_chain::digest::TransactionId;
use piao_chain::execute::{ExecuteError, Execution};
use piao_chain::failure::FailureCode;
use piao_chain::fault::{Fault, sort_catalogue_order};
use piao_chain::state::{Account, IssueLimits, StateUnavailable, Working};
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::{
    FLAG_ANCHOR_FAILURE, IssueInvoice, Payload, SignedTransaction, Terms,
};
use tokio::sync::{Notify, mpsc};

use super::checked::CheckedSignatures;
use super::pool::{Pool, PoolError, PoolLimits, Reserved};
use super::reasons::{execute_faults, invoice_faults};
use crate::ledger::ChainView;

/// How long after a block a transaction must still be valid to be let in, in milliseconds.
const VALIDITY_LEFT_MS_MIN: u64 = 1_000;

/// A transaction was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// It waits from now on.
    New,
    /// It was waiting already.
    Known,
}

/// Whether a refusal by the state is what the sender wants a block to hold.
fn is_anchored(transaction: &SignedTransaction) -> bool {
    transaction.body().flags & FLAG_ANCHOR_FAILURE != 0
}

/// The account that issues an invoice, as it stands at the tip.
#[derive(Debug)]
struct Seller {
    number: u32,
    account: Account,
    /// The issuance index of an invoice that stands for the order.
    used: Option<u64>,
}

/// The mempool and its door.
#[derive(Debug)]
pub struct Admission {
    chain: Arc<ChainView>,
    pool: Mutex<Pool>,
    checked: CheckedSignatures,
    work: Notify,
    /// Where what is new here is announced to other nodes, if there are any.
    announce: OnceLock<mpsc::Sender<SignedTransaction>>,
}

impl Admission {
    /// An empty mempool before a chain.
    #[must_use]
    pub fn new(chain: Arc<ChainView>, limits: PoolLimits) -> Self {
        Self {
            chain,
            pool: Mutex::new(Pool::new(limits)),
            checked: CheckedSignatures::default(),
            work: Notify::new(),
            announce: OnceLock::new(),
        }
    }

    /// Announces what this node lets in from now on; only the first call counts.
    pub(crate) fn announce_to(&self, announce: mpsc::Sender<SignedTransaction>) {
        let _first = self.announce.set(announce);
    }

    /// Tells other nodes. Without room it is left to the next repetition.
    fn announce(&self, transaction: SignedTransaction) {
        if let Some(announce) = self.announce.get() {
            let _room = announce.try_send(transaction);
        }
    }

    /// The pool, locked. Hold it briefly: admission and block building wait meanwhile.
    pub fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Height of the tip that is asked.
    pub(crate) fn height(&self) -> u64 {
        self.chain.height()
    }

    /// The memory of good signatures, shared with block checks.
    #[must_use]
    pub fn checked(&self) -> &CheckedSignatures {
        &self.checked
    }

    /// Wakes when so many transactions can be put into a block, at least one.
    pub async fn wait_for_work(&self, transactions: usize) {
        loop {
            let notified = self.work.notified();
            if self.pool().offers(transactions) {
                return;
            }
            notified.await;
        }
    }

    /// Lets a transaction in, or says everything that speaks against it.
    ///
    /// A held one reserves its fee but is not offered to blocks before [`Self::release`].
    ///
    /// # Errors
    /// All faults, in catalogue order.
    pub fn admit(
        &self,
        transaction: SignedTransaction,
        held: bool,
    ) -> Result<Admitted, Vec<Fault>> {
        let announced = (!held).then(|| transaction.clone());
        let admitted = self.insert(transaction, held)?;
        if let (Admitted::New, Some(transaction)) = (admitted, announced) {
            self.announce(transaction);
        }
        Ok(admitted)
    }

    /// The same for one that another node sent, which goes on by itself.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(crate) fn admit_from_peer(
        &self,
        transaction: SignedTransaction,
    ) -> Result<Admitted, Vec<Fault>> {
        self.insert(transaction, false)
    }

    fn insert(&self, transaction: SignedTransaction, held: bool) -> Result<Admitted, Vec<Fault>> {
        if self.pool().contains(&transaction.id()) {
            return Ok(Admitted::Known);
        }
        let fee_fen = self.judge(&transaction)?;
        let inserted = {
            let mut pool = self.pool();
            // Asked again under the lock: two transactions may have passed the judge at once.
            self.check_reserved(&transaction, pool.reserved(transaction.body().account))?;
            pool.insert(transaction, fee_fen, held)
        };
        match inserted {
            Ok(()) => {
                if !held {
                    self.work.notify_one();
                }
                Ok(Admitted::New)
            }
            Err(PoolError::Full) => Err(vec![Fault::new(FailureCode::PoolFull)]),
            Err(PoolError::GuardTaken) => Err(vec![Fault::new(FailureCode::DuplicateIdem)]),
            Err(PoolError::OrderTaken) => Err(vec![Fault::new(FailureCode::InFlight)]),
        }
    }

    /// Offers a held transaction to blocks.
    pub fn release(&self, transaction: &SignedTransaction) {
        self.pool().release(&transaction.id());
        self.work.notify_one();
        self.announce(transaction.clone());
    }

    /// Takes a transaction out again.
    pub fn withdraw(&self, id: &TransactionId) {
        self.pool().remove(id);
    }

    /// All that speaks against an invoice of an account at the tip, beside its own facts. Reserves
    /// nothing.
    #[must_use]
    pub fn invoice_faults(&self, account: u32, invoice: &IssueInvoice) -> Vec<Fault> {
        let Ok(Some(seller)) = self.seller(account, Some(invoice)) else {
            return vec![Fault::at(
                FailureCode::TaxpayerNotRegistered,
                "/seller/tax_id",
            )];
        };
        let reserved = self.pool().reserved(account);
        match self.refusals(&seller, invoice, u32::MAX, reserved) {
            Ok(refusals) => invoice_faults(&refusals),
            Err(_unavailable) => vec![Fault::new(FailureCode::StoreCorrupt)],
        }
    }

    /// What limits an account as it stands, whatever the amount, with what is in flight counted
    /// as done.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn limit_refusals(
        &self,
        account: u32,
        now: BlockTime,
    ) -> Result<Vec<(FailureCode, Vec<i64>)>, StateUnavailable> {
        let reserved = self.pool().reserved(account);
        let (limits, issued) = self.limits(account, now, reserved)?;
        Ok(limits.refusals(0, issued, IssueDate::of(now)))
    }

    /// The limits an account is under, and its invoices of the day, those in flight included.
    fn limits(
        &self,
        account: u32,
        now: BlockTime,
        reserved: Reserved,
    ) -> Result<(IssueLimits, u32), StateUnavailable> {
        let (limits, counted) = self.chain.limits(account)?;
        let issued = counted.issued_on(IssueDate::of(now));
        Ok((limits, issued.saturating_add(reserved.invoices)))
    }

    /// All that speaks against a transaction; the fee it would be charged otherwise.
    fn judge(&self, transaction: &SignedTransaction) -> Result<i64, Vec<Fault>> {
        let tip = self.chain.tip();
        let now_ms = self.chain.clock().now().ms().max(tip.header.time_ms);
        let body = transaction.body();
        if let Payload::IssueInvoice(invoice) = &body.payload {
            let faults = invoice.facts.faults();
            if !faults.is_empty() {
                return Err(faults);
            }
        }
        let height = tip.header.height.saturating_add(1);
        let unavailable = |_why| vec![Fault::new(FailureCode::StoreCorrupt)];
        let cache = self.chain.cache();
        let mut execution = Execution::begin(
            cache,
            *self.chain.chain_id(),
            (height, now_ms),
            &tip.validators,
        )
        .map_err(unavailable)?;
        if let Err(error) = execution.check_admissible(transaction, &self.checked) {
            return Err(execute_faults(&error)
                .unwrap_or_else(|| vec![Fault::new(FailureCode::StoreCorrupt)]));
        }
        if body.valid_until_ms < now_ms.saturating_add(VALIDITY_LEFT_MS_MIN) {
            return Err(vec![Fault::new(FailureCode::TransactionWindow)]);
        }
        match &body.payload {
            Payload::IssueInvoice(invoice) => {
                let fee_fen = execution.params().fees_at(height).issue_fen;
                let failures_max = execution.params().failures_per_account_per_day;
                drop(tip);
                let reserved = self.pool().reserved(body.account);
                let found = self.seller(body.account, Some(invoice));
                let Some(seller) = found.map_err(unavailable)? else {
                    return Err(vec![Fault::new(FailureCode::TaxpayerNotRegistered)]);
                };
                let fee_max_fen = body.fee_max_fen;
                let refusals = self
                    .refusals(&seller, invoice, fee_max_fen, reserved)
                    .map_err(unavailable)?;
                if refusals.is_empty() {
                    Ok(i64::from(fee_fen))
                } else if is_anchored(transaction) {
                    // Its refusal is to stand in a block, which takes no issuing fee. It costs
                    // nothing to wait, so no more wait than blocks may take in a day.
                    if reserved.count >= failures_max {
                        return Err(vec![Fault::new(FailureCode::FailureAllowanceUsed)]);
                    }
                    Ok(0)
                } else {
                    let mut faults = invoice_faults(&refusals);
                    sort_catalogue_order(&mut faults);
                    Err(faults)
                }
            }
            _ => match execution.try_run(transaction, &self.checked) {
                Ok(outcome) => {
                    let fee_fen = i64::from(outcome.fee_charged_fen);
                    drop(tip);
                    let reserved = self.pool().reserved(body.account);
                    self.check_fee(body.account, fee_fen, reserved)?;
                    Ok(fee_fen)
                }
                Err(ExecuteError::Unavailable(why)) => Err(unavailable(why)),
                Err(error) => Err(execute_faults(&error).unwrap_or_default()),
            },
        }
    }

    fn check_reserved(
        &self,
        transaction: &SignedTransaction,
        reserved: Reserved,
    ) -> Result<(), Vec<Fault>> {
        let body = transaction.body();
        let Payload::IssueInvoice(invoice) = &body.payload else {
            return Ok(());
        };
        let unavailable = |_why| vec![Fault::new(FailureCode::StoreCorrupt)];
        let Some(seller) = self.seller(body.account, None).map_err(unavailable)? else {
            return Err(vec![Fault::new(FailureCode::TaxpayerNotRegistered)]);
        };
        let refusals = self
            .refusals(&seller, invoice, body.fee_max_fen, reserved)
            .map_err(unavailable)?;
        if refusals.is_empty() || is_anchored(transaction) {
            Ok(())
        } else {
            Err(invoice_faults(&refusals))
        }
    }

    /// Whether a fee is left beside what is in flight.
    fn check_fee(&self, number: u32, fee_fen: i64, reserved: Reserved) -> Result<(), Vec<Fault>> {
        if fee_fen == 0 {
            return Ok(());
        }
        let unavailable = |_why| vec![Fault::new(FailureCode::StoreCorrupt)];
        let found = self.chain.account(number).map_err(unavailable)?;
        let balance_fen = found.map_or(0, |(_identity, account)| account.fee_balance_fen);
        let left_fen = balance_fen.saturating_sub(reserved.fee_fen);
        if left_fen >= fee_fen {
            return Ok(());
        }
        let evidence = vec![left_fen.max(0), fee_fen, fee_fen.saturating_sub(left_fen)];
        Err(invoice_faults(&[(FailureCode::FeeReserved, evidence)]))
    }

    /// The account, and whether the order of the invoice has one; without an invoice that is not
    /// asked.
    fn seller(
        &self,
        number: u32,
        invoice: Option<&IssueInvoice>,
    ) -> Result<Option<Seller>, StateUnavailable> {
        let Some((_identity, account)) = self.chain.account(number)? else {
            return Ok(None);
        };
        let used = match invoice {
            Some(invoice) => Working::new(self.chain.cache()).standing_order(&invoice.order_key)?,
            None => None,
        };
        Ok(Some(Seller {
            number,
            account,
            used,
        }))
    }

    /// State-dependent refusals with what is in flight counted as done.
    fn refusals(
        &self,
        seller: &Seller,
        invoice: &IssueInvoice,
        fee_max_fen: u32,
        reserved: Reserved,
    ) -> Result<Vec<(FailureCode, Vec<i64>)>, StateUnavailable> {
        let params = self.chain.params();
        let rule_sets = self.chain.rule_sets()?;
        let tip = self.chain.tip();
        let height = tip.header.height.saturating_add(1);
        let fee_fen = params.fees_at(height).issue_fen;
        let now_ms = self.chain.clock().now().ms().max(tip.header.time_ms);
        drop(tip);
        let now = BlockTime::from_ms(now_ms);
        let (limits, issued_today) = self.limits(seller.number, now, reserved)?;
        let terms = Terms {
            now,
            rule_set: rule_sets.in_force_at(height, params.rule_set),
            fee_fen,
            fee_max_fen,
            limits,
            issued_today,
        };
        let account = &seller.account;
        let mut after = account.clone();
        after.use_quota(reserved.amount_fen, terms.today());
        after.fee_balance_fen = after.fee_balance_fen.saturating_sub(reserved.fee_fen);
        let mut refusals = invoice.refusals(&after, seller.used, &terms);
        let fee = i64::from(fee_fen);
        for (code, evidence) in &mut refusals {
            // Enough money, but spoken for: another code, and the figures of the whole balance.
            if *code == FailureCode::FeeBalanceInsufficient {
                if account.fee_balance_fen >= fee {
                    *code = FailureCode::FeeReserved;
                }
                let short = fee.saturating_sub(after.fee_balance_fen);
                *evidence = vec![after.fee_balance_fen.max(0), fee, short];
            }
        }
        refusals.sort_by_key(|(code, _evidence)| *code);
        Ok(refusals)
    }
}

//! Issuing an invoice (SPEC 4.2.4).
//!
//! Guards: the tax facts are right under the rule set they name, an order has one invoice in force,
//! the //! fee is paid, quota and limits hold.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::{IssuedContent, Terms, TransactionBody, TransactionError, numbering};
use crate::digest::{Digest, Hasher, Tag};
use crate::failure::FailureCode;
use crate::limits::FIELDS_MAX;
use crate::state::{Account, AccountStatus, Slot, StateView, Working};
use crate::tax::{TaxFacts, check_issue_date};
use crate::time::{BlockTime, IssueDate};

/// Names an order without telling it: only who holds the merchant's secret can make or test one.
pub type OrderKey = [u8; 32];

/// Issues one invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueInvoice {
    /// What everyone may judge.
    pub facts: TaxFacts,
    /// Root over the salted fields of the document.
    pub doc_root: Digest,
    /// Fields of the document, decoys not counted.
    pub field_count: u16,
    /// The order it is for.
    pub order_key: OrderKey,
    /// Commitment to the holder's key, for claims.
    pub holder: Option<Digest>,
    /// Slots of payments it belongs to, at most [`crate::limits::PAYMENTS_MAX`]; empty in this
    /// version, which has no payments.
    pub payments: Vec<Slot>,
}

/// `H("order", secret || 0x01 || lp(order_ref) || lp(order_part))`.
#[must_use]
pub fn order_key(secret: &[u8; 32], order_ref: &str, order_part: &str) -> OrderKey {
    Hasher::new(Tag::Order)
        .with(secret)
        .with(&[1])
        .with_prefixed(order_ref.as_bytes())
        .with_prefixed(order_part.as_bytes())
        .finish()
}

/// The order key of an invoice without an order: `H("order", secret || 0x00 || idem)`.
#[must_use]
pub fn order_key_without_ref(secret: &[u8; 32], idem: &super::Idem) -> OrderKey {
    Hasher::new(Tag::Order)
        .with(secret)
        .with(&[0])
        .with(idem)
        .finish()
}

/// `H("idem", secret || lp(key) || u32 attempt)[..16]`.
#[must_use]
pub fn idem_of(secret: &[u8; 32], key: &str, attempt: u32) -> super::Idem {
    let digest = Hasher::new(Tag::Idem)
        .with(secret)
        .with_prefixed(key.as_bytes())
        .with(&attempt.to_be_bytes())
        .finish();
    crate::digest::truncate(&digest)
}

/// What the status of an account says against issuing.
pub(super) fn status_refusal(status: AccountStatus) -> Option<(FailureCode, Vec<i64>)> {
    match status {
        AccountStatus::Active => None,
        AccountStatus::Suspended => Some((FailureCode::TaxpayerSuspended, vec![])),
        AccountStatus::Revoked => Some((FailureCode::TaxpayerRevoked, vec![])),
    }
}

/// What the balance and the agreed fee say against a fee.
pub(super) fn fee_refusals(
    account: &Account,
    fee_fen: u32,
    fee_max_fen: u32,
) -> Vec<(FailureCode, Vec<i64>)> {
    let mut found = Vec::new();
    let (fee, balance) = (i64::from(fee_fen), account.fee_balance_fen);
    if balance < fee {
        let evidence = vec![balance, fee, fee.saturating_sub(balance)];
        found.push((FailureCode::FeeBalanceInsufficient, evidence));
    }
    if fee_fen > fee_max_fen {
        let evidence = vec![fee, i64::from(fee_max_fen)];
        found.push((FailureCode::FeeQuoteStale, evidence));
    }
    found
}

impl IssueInvoice {
    /// # Errors
    /// The first fault of [`TaxFacts::check`]; [`FailureCode::TransactionMalformed`] for counts
    /// out of bounds and for payments, which this version has none of.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        self.facts.check().map_err(|breach| breach.code)?;
        let fields = usize::from(self.field_count);
        if body.account == 0 || fields == 0 || fields > FIELDS_MAX || !self.payments.is_empty() {
            return Err(FailureCode::TransactionMalformed.into());
        }
        Ok(())
    }

    /// Refuses in catalogue order; see [`IssueInvoice::refusal`].
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        self.apply_as(context, state, (0, context.body.fee_max_fen))
    }

    /// The same as one of several effects, with what is left of the agreed fee.
    pub(super) fn apply_as<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
        (sub_index, fee_max_fen): (u32, u32),
    ) -> Result<Applied, Refusal> {
        let Some((identity, mut account)) = state.account(context.body.account)? else {
            return Err(Refusal::failed(FailureCode::TaxpayerNotRegistered, &[]));
        };
        let fee_fen = context.params.fees_at(context.height).issue_fen;
        let used = state.standing_order(&self.order_key)?;
        let now = BlockTime::from_ms(context.time_ms);
        let (default, mut counted) = match context.default_limits {
            Some(default) => (default, state.account_limits(context.body.account)?),
            None => Default::default(),
        };
        let terms = Terms {
            now,
            rule_set: context.rule_set,
            fee_fen,
            fee_max_fen,
            limits: counted.in_force(default),
            issued_today: counted.issued_on(IssueDate::of(now)),
        };
        if let Some((code, evidence)) = self.refusal(&account, used, &terms) {
            return Err(Refusal::failed(code, &evidence));
        }

        let mut totals = state.totals()?;
        let place = (self.facts.issued_on, sub_index);
        let effect = numbering::issue(context, place, (&mut account, &mut totals), fee_fen)?;
        account.use_quota(self.facts.totals.amount.fen(), terms.today());
        if terms.limits.invoices_per_day > 0 {
            counted.count(terms.today());
            state.set_account_limits(context.body.account, counted);
        }
        state.add_order(self.order_key, totals.issued_count);
        state.set_account(context.body.account, identity, account);
        state.set_totals(totals);
        Ok(Applied {
            effects: vec![effect],
            fee_charged_fen: fee_fen,
        })
    }

    /// The first state-dependent reason against issuing, in catalogue order, with its evidence.
    ///
    /// `used` is the issuance index of an invoice that already stands for the order.
    #[must_use]
    pub fn refusal(
        &self,
        account: &Account,
        used: Option<u64>,
        terms: &Terms,
    ) -> Option<(FailureCode, Vec<i64>)> {
        self.refusals(account, used, terms).into_iter().next()
    }

    /// All state-dependent reasons against issuing, in catalogue order, with their evidence:
    /// the same rules, asked by a door that collects every fault.
    #[must_use]
    pub fn refusals(
        &self,
        account: &Account,
        used: Option<u64>,
        terms: &Terms,
    ) -> Vec<(FailureCode, Vec<i64>)> {
        let mut found = Vec::new();
        found.extend(status_refusal(account.status));
        let issued_on = self.facts.issued_on;
        if let Err(code) = check_issue_date(issued_on, terms.now) {
            let today = terms.today().days();
            found.push((code, vec![i64::from(issued_on.days()), i64::from(today)]));
        }
        if let Err(breach) = self.facts.check_taxpayer(account.taxpayer) {
            found.push((breach.code, vec![]));
        }
        if let Some(index) = used {
            let index = i64::try_from(index).unwrap_or(i64::MAX);
            found.push((FailureCode::DuplicateOrder, vec![index]));
        }
        let after = self.quota_after(account, terms.today());
        if after > account.month_quota_fen {
            found.push((
                FailureCode::QuotaMonthExceeded,
                vec![after, account.month_quota_fen],
            ));
        }
        let amount_fen = self.facts.totals.amount.fen();
        let limits = &terms.limits;
        found.extend(limits.refusals(amount_fen, terms.issued_today, terms.today()));
        found.extend(fee_refusals(account, terms.fee_fen, terms.fee_max_fen));
        if self.facts.rule_set != terms.rule_set {
            let evidence = vec![i64::from(self.facts.rule_set), i64::from(terms.rule_set)];
            found.push((FailureCode::RulesetUnknown, evidence));
        }
        found
    }

    /// What the account will have invoiced in the month of the block, in fen. The block's month
    /// and not the invoice's: block time only moves forward, so a quota can't be reset by dating
    /// an invoice back over the turn of a month.
    fn quota_after(&self, account: &Account, today: IssueDate) -> i64 {
        let amount_fen = self.facts.totals.amount.fen();
        account.quota_used_on(today).saturating_add(amount_fen)
    }

    /// What it is issued as.
    pub(super) fn content(&self) -> IssuedContent<'_> {
        IssuedContent {
            facts: &self.facts,
            doc_root: &self.doc_root,
            field_count: self.field_count,
            original: None,
            order_key: Some(&self.order_key),
        }
    }
}

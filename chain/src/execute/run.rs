//! Running one transaction against the working state of a block (SPEC 5.1, 5.2).

use crate::digest::ChainId;
use crate::failure::FailureCode;
use crate::limits::{MISBEHAVIOUR_AGE_MAX, VALIDITY_WINDOW_MS};
use crate::outcome::Outcome;
use crate::signature::PublicKey;
use crate::state::validators::Decider;
use crate::state::{
    IdemRecord, IssueLimits, IssuedInvoice, KeyRole, Params, Slot, StateDelta, StateUnavailable,
    StateView, Working,
};
use crate::time::{BlockTime, IssueDate};
use crate::transaction::{
    Applied, Context, FLAG_ANCHOR_FAILURE, Payload, Refusal, ReportMisbehaviour, RoleNeeded,
    SignedTransaction, TransactionBody, TransactionError,
};
use crate::validator::ValidatorSet;

/// Why a transaction did not run to an outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError {
    /// A block that holds it is invalid.
    #[error(transparent)]
    Inadmissible(#[from] TransactionError),
    /// It would fail, its sender did not ask to keep the refusal, and the proposer leaves it out.
    #[error("would fail: {}", .0.code())]
    LeftOut(FailureCode, Vec<i64>),
    /// The state could not be read.
    #[error(transparent)]
    Unavailable(#[from] StateUnavailable),
}

impl From<FailureCode> for ExecuteError {
    fn from(code: FailureCode) -> Self {
        Self::Inadmissible(code.into())
    }
}

/// Decides whether a transaction's signatures hold. A node remembers what it has checked; the
/// verdict must be that of [`VerifyEach`].
pub trait SignatureCheck {
    /// Whether every signature verifies under its key, Ed25519-strict.
    fn is_valid(&self, transaction: &SignedTransaction, keys: &[PublicKey]) -> bool;
}

/// Checks every signature anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct VerifyEach;

impl SignatureCheck for VerifyEach {
    fn is_valid(&self, transaction: &SignedTransaction, keys: &[PublicKey]) -> bool {
        transaction.verify_signatures(keys)
    }
}

/// A block under execution.
pub struct Execution<'a, V: ?Sized> {
    state: Working<'a, V>,
    chain_id: ChainId,
    height: u64,
    time_ms: u64,
    params: Params,
    rule_set: u16,
    default_limits: Option<IssueLimits>,
    validators: &'a ValidatorSet,
}

impl<'a, V: StateView + ?Sized> Execution<'a, V> {
    /// Starts a block on the state before it. `validators` is the set that votes on it.
    ///
    /// # Errors
    /// [`StateUnavailable`].
    pub fn begin(
        view: &'a V,
        chain_id: ChainId,
        (height, time_ms): (u64, u64),
        validators: &'a ValidatorSet,
    ) -> Result<Self, StateUnavailable> {
        let state = Working::new(view);
        let params = state.params()?;
        // What a block activates is ahead of it, so the state before it decides.
        let rule_set = state.rule_sets()?.in_force_at(height, params.rule_set);
        let default_limits = state.default_limits()?;
        Ok(Self {
            state,
            chain_id,
            height,
            time_ms,
            params,
            rule_set,
            default_limits,
            validators,
        })
    }

    /// Parameters in force in this block: those of the state before it.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Rule set in force in this block.
    #[must_use]
    pub fn rule_set(&self) -> u16 {
        self.rule_set
    }

    /// The state as changed so far.
    #[must_use]
    pub fn state(&self) -> &Working<'a, V> {
        &self.state
    }

    /// The block's changes.
    #[must_use]
    pub fn into_delta(self) -> StateDelta {
        self.state.into_delta()
    }

    /// Runs a transaction of a given block: it must come to an outcome.
    ///
    /// # Errors
    /// [`ExecuteError::Inadmissible`], [`ExecuteError::Unavailable`].
    pub fn run(
        &mut self,
        transaction: &SignedTransaction,
        signatures: &dyn SignatureCheck,
    ) -> Result<Outcome, ExecuteError> {
        self.run_keeping(true, transaction, signatures)
    }

    /// Runs a transaction a proposer would like to include. What would fail is left out, unless
    /// its sender set [`FLAG_ANCHOR_FAILURE`].
    ///
    /// # Errors
    /// [`ExecuteError`]; nothing of the transaction is kept then.
    pub fn try_run(
        &mut self,
        transaction: &SignedTransaction,
        signatures: &dyn SignatureCheck,
    ) -> Result<Outcome, ExecuteError> {
        let anchored = transaction.body().flags & FLAG_ANCHOR_FAILURE != 0;
        self.run_keeping(anchored, transaction, signatures)
    }

    /// Runs a transaction; a failure becomes an outcome or is left out.
    fn run_keeping(
        &mut self,
        failures: bool,
        transaction: &SignedTransaction,
        signatures: &dyn SignatureCheck,
    ) -> Result<Outcome, ExecuteError> {
        self.check_admissible(transaction, signatures)?;
        match self.apply(transaction) {
            Ok(applied) => self.keep_applied(transaction, applied),
            Err(Refusal::Failed { code, evidence }) if failures => {
                self.keep_failed(transaction, code, evidence)
            }
            Err(Refusal::Failed { code, evidence }) => Err(ExecuteError::LeftOut(code, evidence)),
            Err(Refusal::Unavailable(why)) => Err(why.into()),
        }
    }

    /// Everything that makes a transaction inadmissible, in the order of SPEC 5.1: stateless
    /// checks, keys, signatures, window, replay guard, failure allowance.
    ///
    /// # Errors
    /// [`ExecuteError::Inadmissible`], [`ExecuteError::Unavailable`].
    pub fn check_admissible(
        &self,
        transaction: &SignedTransaction,
        signatures: &dyn SignatureCheck,
    ) -> Result<(), ExecuteError> {
        let body = transaction.body();
        transaction.check(&self.chain_id)?;
        let keys = self.signer_keys(body)?;
        if !signatures.is_valid(transaction, &keys) {
            return Err(FailureCode::SignatureInvalid.into());
        }
        let opens = body.valid_until_ms.saturating_sub(VALIDITY_WINDOW_MS);
        if self.time_ms < opens || self.time_ms > body.valid_until_ms {
            return Err(FailureCode::TransactionWindow.into());
        }
        if let Some(record) = self.state.idem(body.account, &body.idem)? {
            // A record whose window has passed guards nothing; pruning may or may not have
            // happened, and replicas must agree either way.
            if record.valid_until_ms >= self.time_ms {
                return Err(FailureCode::DuplicateIdem.into());
            }
        }
        self.check_allowance(body)?;
        match &body.payload {
            Payload::ReportMisbehaviour(report) => self.check_report(report),
            _ => Ok(()),
        }
    }

    /// SPEC 4.2.9: a report that says nothing new, or nothing that can be judged, stands in no
    /// block.
    fn check_report(&self, report: &ReportMisbehaviour) -> Result<(), ExecuteError> {
        let not_new = || Err(FailureCode::MisbehaviourNotNew.into());
        let age = self.height.checked_sub(report.height);
        if age.is_none_or(|age| age > MISBEHAVIOUR_AGE_MAX) {
            return not_new();
        }
        let accused = report.validator.id();
        let votes = match self.state.decider(report.height)? {
            // Nothing ever followed, so the set of genesis votes on this block too.
            Decider::Genesis => self.validators.get(&accused).is_some(),
            Decider::Set(set) => set.get(&accused).is_some(),
            Decider::LongPast => false,
        };
        if !votes || self.state.misbehaviour(report.height)?.names(&accused) {
            return not_new();
        }
        Ok(())
    }

    /// The set that votes on the next block, as the state before this one says.
    pub(super) fn next_validators(&self) -> Result<ValidatorSet, StateUnavailable> {
        match self.state.decider(self.height.saturating_add(1))? {
            Decider::Set(set) => Ok(*set),
            Decider::Genesis | Decider::LongPast => Ok(self.validators.clone()),
        }
    }

    fn signer_keys(&self, body: &TransactionBody) -> Result<Vec<PublicKey>, ExecuteError> {
        let role = body.payload.role_needed(body);
        if let (RoleNeeded::Validator, [reporter]) = (role, body.signers.as_slice())
            && let Some(member) = self.validators.get(reporter)
        {
            return Ok(vec![member.public_key]);
        }
        if body.account == 0 {
            let keys: Option<Vec<PublicKey>> = body
                .signers
                .iter()
                .map(|id| self.params.authority_key(id).copied())
                .collect();
            let keys = keys.ok_or(FailureCode::KeyUnknown)?;
            if keys.len() < usize::from(self.params.authority_threshold) {
                return Err(FailureCode::AuthorityRequired.into());
            }
            return Ok(keys);
        }
        let mut keys = Vec::with_capacity(1);
        for id in &body.signers {
            let (key, leaf) = self.state.key(id)?.ok_or(FailureCode::KeyUnknown)?;
            if leaf.account != body.account || leaf.from_height > self.height {
                return Err(FailureCode::KeyUnknown.into());
            }
            if !leaf.is_active_at(self.height) {
                return Err(FailureCode::KeyRevoked.into());
            }
            let fits = match role {
                RoleNeeded::Issue => leaf.role == KeyRole::Issue,
                RoleNeeded::Admin => leaf.role == KeyRole::Admin,
                RoleNeeded::Any => true,
                RoleNeeded::Authority | RoleNeeded::Validator => {
                    return Err(FailureCode::AuthorityRequired.into());
                }
            };
            if !fits {
                return Err(FailureCode::PermissionDenied.into());
            }
            keys.push(key);
        }
        Ok(keys)
    }

    fn check_allowance(&self, body: &TransactionBody) -> Result<(), ExecuteError> {
        let Some((_identity, account)) = self.state.account(body.account)? else {
            return Ok(());
        };
        let today = self.today().days();
        if account.failures_day == today
            && account.failures >= self.params.failures_per_account_per_day
        {
            return Err(FailureCode::FailureAllowanceUsed.into());
        }
        Ok(())
    }

    fn apply(&mut self, transaction: &SignedTransaction) -> Result<Applied, Refusal> {
        let context = Context {
            body: transaction.body(),
            txid: transaction.id(),
            height: self.height,
            time_ms: self.time_ms,
            params: &self.params,
            rule_set: self.rule_set,
            default_limits: self.default_limits,
            validators: self.validators,
        };
        let result = transaction.body().payload.apply(&context, &mut self.state);
        if result.is_err() {
            self.state.discard();
        }
        result
    }

    fn keep_applied(
        &mut self,
        transaction: &SignedTransaction,
        applied: Applied,
    ) -> Result<Outcome, ExecuteError> {
        if matches!(transaction.body().payload, Payload::SetLimits(_)) {
            self.default_limits = self.state.default_limits()?;
        }
        let outcome = Outcome {
            code: 0,
            evidence: Vec::new(),
            effects: applied.effects,
            fee_charged_fen: applied.fee_charged_fen,
        };
        self.remember_issued(transaction, &outcome);
        self.remember_idem(transaction.body());
        self.state.keep();
        Ok(outcome)
    }

    /// What was issued can be corrected by a later transaction, of this very block too.
    fn remember_issued(&mut self, transaction: &SignedTransaction, outcome: &Outcome) {
        for effect in &outcome.effects {
            let index = Slot::from_u64(effect.slot).map_or(0, Slot::index);
            let issued = IssuedInvoice::find(transaction, outcome, self.time_ms, index);
            if let Some(issued) = issued {
                self.state.add_issued(index, issued);
            }
        }
    }

    /// A failure changes nothing but the failure counter and the failure fee.
    fn keep_failed(
        &mut self,
        transaction: &SignedTransaction,
        code: FailureCode,
        evidence: Vec<i64>,
    ) -> Result<Outcome, ExecuteError> {
        let body = transaction.body();
        let mut fee_charged_fen = 0;
        if let Some((identity, mut account)) = self.state.account(body.account)? {
            let today = self.today().days();
            if account.failures_day != today {
                account.failures_day = today;
                account.failures = 0;
            }
            account.failures = account.failures.saturating_add(1);
            let fee = self
                .params
                .fees_at(self.height)
                .failure_fen
                .min(body.fee_max_fen);
            let affordable = u32::try_from(account.fee_balance_fen).unwrap_or(u32::MAX);
            fee_charged_fen = fee.min(affordable);
            let charged = i64::from(fee_charged_fen);
            account.fee_balance_fen = account.fee_balance_fen.saturating_sub(charged);
            let mut totals = self.state.totals()?;
            totals.collected_fen = totals.collected_fen.saturating_add(charged);
            self.state.set_account(body.account, identity, account);
            self.state.set_totals(totals);
        }
        self.remember_idem(body);
        self.state.keep();
        Ok(Outcome {
            code: code.number(),
            evidence,
            effects: Vec::new(),
            fee_charged_fen,
        })
    }

    /// Where the transaction stands is filled in by the assembler, which knows the index.
    fn remember_idem(&mut self, body: &TransactionBody) {
        let record = IdemRecord {
            valid_until_ms: body.valid_until_ms,
            height: self.height,
            index: 0,
        };
        self.state.add_idem(body.account, body.idem, record);
    }

    fn today(&self) -> IssueDate {
        IssueDate::of(BlockTime::from_ms(self.time_ms))
    }
}

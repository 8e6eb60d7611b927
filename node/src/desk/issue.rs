//! Issuing: judge, compose, reserve, sync, hand over, wait.

use std::sync::Arc;

use piao_api::backend::{DraftVerdict, IssueOrder, IssueReply, Refusal};
use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::{Desk as DeskFacts, Draft, Preflight, SellerFacts, preflight};
use piao_chain::state::{Account, AccountStatus, StateUnavailable};
use piao_chain::time::BlockTime;

use super::compose::{Composed, compose};
use super::in_flight::{AccountKey, Turn};
use super::index::Entry;
use super::outcome::Standing;
use super::{Desk, Merchant};
use crate::mempool::Admitted;

impl Desk {
    /// Judges a draft by every rule and by the state at the tip.
    ///
    /// # Errors
    /// When the account is not one this desk signs for, or the state can't be read.
    pub fn check(&self, account: u32, draft: &Draft) -> Result<DraftVerdict, Refusal> {
        let merchant = self.merchant_or_refuse(account)?;
        let (found, state_faults, _composed) = self.judge(merchant, draft, "check", 0)?;
        let mut faults = found.faults;
        faults.extend(state_faults);
        Ok(DraftVerdict {
            faults,
            warnings: found.warnings,
            totals: found.totals.map(Into::into),
            fee: Fen::new(i64::from(self.fee_fen())),
            rule_set: self.chain.params().rule_set,
        })
    }

    /// Issues a draft once per key, for ever.
    ///
    /// # Errors
    /// As [`piao_api::backend::Backend::issue`].
    pub async fn issue(self: &Arc<Self>, order: IssueOrder) -> Result<IssueReply, Refusal> {
        self.merchant_or_refuse(order.account)?;
        let key: AccountKey = (order.account, order.key.as_str().to_owned());
        let mut prepared_anew = false;
        loop {
            let turn = self.in_flight.claim(key.clone());
            let claim = match turn {
                Turn::Mine(claim) => claim,
                Turn::Crowded => return Err(Refusal::of(FailureCode::InFlight)),
                Turn::Wait(mut done) => {
                    // It closes when the first call has accepted or refused; both end the wait.
                    drop(done.changed().await);
                    continue;
                }
            };
            let known = self.index().get(&key).cloned();
            let attempt = match known {
                Some(entry) => {
                    let accepted = self.accepted(entry.seq)?;
                    if accepted.draft.as_ref() != Some(&order.draft) {
                        return Err(key_conflict());
                    }
                    match self.standing(key.0, &entry)? {
                        Standing::Never(_) => Some(entry),
                        Standing::Final(_) | Standing::Possible => {
                            drop(claim);
                            return self.reply(&key, order.wait, true).await;
                        }
                    }
                }
                None => None,
            };
            let accepted = self.accept(&key, &order.draft, attempt).await;
            drop(claim);
            let reply = match accepted {
                Ok(()) => self.reply(&key, order.wait, false).await,
                Err(refusal) => Err(refusal),
            };
            match reply {
                // Another rule set came into force between preparing and the block. Sets never go
                // back, so what names the old one is past for good, and is prepared once more.
                Err(refusal) if is_of_older_rules(&refusal) && !prepared_anew => {
                    prepared_anew = true;
                }
                reply => return reply,
            }
        }
    }

    /// Accepts a draft: when this returns it is synced and offered to blocks.
    async fn accept(
        &self,
        key: &AccountKey,
        draft: &Draft,
        earlier: Option<Entry>,
    ) -> Result<(), Refusal> {
        let merchant = self.merchant_or_refuse(key.0)?;
        let attempt = earlier
            .as_ref()
            .map_or(0, |entry| entry.attempt.saturating_add(1));
        let (found, state_faults, composed) = self.judge(merchant, draft, &key.1, attempt)?;
        let mut faults = found.faults;
        faults.extend(state_faults);
        if let Some(refusal) = Refusal::sorted(faults) {
            return Err(refusal);
        }
        let composed = composed.ok_or_else(|| Refusal::of(FailureCode::Internal))?;
        let transaction = composed.transaction.clone();
        let admitted = self.admission.admit(transaction.clone(), true);
        let admitted = admitted.map_err(|faults| {
            Refusal::sorted(faults).unwrap_or_else(|| Refusal::of(FailureCode::Internal))
        })?;
        crash_point!("desk.reserved");
        let saved = self.save_accepted(key, draft, attempt, earlier.as_ref(), &composed);
        match saved.await {
            Ok(entry) => {
                crash_point!("desk.saved");
                self.index().add(key.clone(), entry);
            }
            Err(refusal) => {
                if admitted == Admitted::New {
                    self.admission.withdraw(&transaction.id());
                }
                return Err(refusal);
            }
        }
        crash_point!("desk.before-release");
        self.admission.release(&transaction);
        crash_point!("desk.released");
        Ok(())
    }

    /// The draft by its own rules and by the state at the tip, and what would be issued.
    pub(super) fn judge(
        &self,
        merchant: &Merchant,
        draft: &Draft,
        key: &str,
        attempt: u32,
    ) -> Result<(Preflight, Vec<Fault>, Option<Composed>), Refusal> {
        let broken = |_why| Refusal::of(FailureCode::StoreCorrupt);
        let found = self.chain.account(merchant.account).map_err(broken)?;
        let Some((_identity, account)) = found else {
            return Err(Refusal::of(FailureCode::TaxpayerNotRegistered));
        };
        let now = {
            let tip_ms = self.chain.tip().header.time_ms;
            let clock_ms = self.chain.clock().now().ms();
            BlockTime::from_ms(clock_ms.max(tip_ms))
        };
        let facts = DeskFacts {
            seller: SellerFacts {
                tax_id: merchant.tax_id.clone(),
                name: merchant.name.clone(),
                taxpayer: account.taxpayer,
            },
            now,
            rules: self.chain.rules().map_err(broken)?,
        };
        let found = preflight(draft, &facts);
        let composed = match &found.prepared {
            Some(prepared) => {
                let composed = compose(&self.chain, merchant, prepared, key, attempt);
                Some(composed.map_err(|fault| Refusal::new(*fault))?)
            }
            None => None,
        };
        let mut faults = match &composed {
            Some(composed) => self
                .admission
                .invoice_faults(merchant.account, &composed.invoice),
            // The draft can't be judged by its amounts; the account still can.
            None => self
                .account_faults(&account, merchant.account, now)
                .map_err(broken)?,
        };
        faults.retain(|fault| !found.faults.iter().any(|known| known.code == fault.code));
        Ok((found, faults, composed))
    }

    fn account_faults(
        &self,
        state: &Account,
        account: u32,
        now: BlockTime,
    ) -> Result<Vec<Fault>, StateUnavailable> {
        let balance_fen = state.fee_balance_fen;
        let mut faults = Vec::new();
        match state.status {
            AccountStatus::Active => {}
            AccountStatus::Suspended => faults.push((FailureCode::TaxpayerSuspended, vec![])),
            AccountStatus::Revoked => faults.push((FailureCode::TaxpayerRevoked, vec![])),
        }
        faults.extend(self.admission.limit_refusals(account, now)?);
        let fee_fen = i64::from(self.fee_fen());
        let reserved_fen = self.admission.pool().reserved(account).fee_fen;
        let available_fen = balance_fen.saturating_sub(reserved_fen).max(0);
        if available_fen < fee_fen {
            let code = if balance_fen < fee_fen {
                FailureCode::FeeBalanceInsufficient
            } else {
                FailureCode::FeeReserved
            };
            let short_fen = fee_fen.saturating_sub(available_fen);
            faults.push((code, vec![available_fen, fee_fen, short_fen]));
        }
        Ok(crate::mempool::invoice_faults(&faults))
    }

    fn fee_fen(&self) -> u32 {
        let height = self.chain.height().saturating_add(1);
        self.chain.params().fees_at(height).issue_fen
    }
}

/// Whether nothing but the rule set it names speaks against an invoice.
fn is_of_older_rules(refusal: &Refusal) -> bool {
    let mut faults = refusal.faults.iter();
    faults.all(|fault| fault.code == FailureCode::RulesetUnknown)
}

pub(super) fn key_conflict() -> Refusal {
    Refusal::of(FailureCode::IdempotencyKeyConflict)
}

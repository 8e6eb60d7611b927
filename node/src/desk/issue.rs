//! Issuing: judge, compose, reserve, sync, hand over, wait.

use std::sync::Arc;

use piao_api::backend::{DraftVerdict, IssueOrder, IssueReply, Refusal, Wait};
use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::{Desk as DeskFacts, Draft, Preflight, SellerFacts, preflight};
use piao_chain::state::{Account, AccountStatus, StateUnavailable};
use piao_chain::time::BlockTime;

use super::ask::Ask;
use super::compose::{Composed, Signed, compose};
use super::elsewhere::Done;
use super::in_flight::{AccountKey, Turn};
use super::index::Entry;
use super::outbox::{Stage, passes};
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
        let draft = Box::new(order.draft);
        let ask = match order.anchor_failure {
            true => Ask::Anchored(draft),
            false => Ask::Invoice(draft),
        };
        self.settle(&key, &ask, order.wait).await
    }

    /// Does what is asked once per key, for ever.
    pub(super) async fn settle(
        self: &Arc<Self>,
        key: &AccountKey,
        ask: &Ask,
        wait: Wait,
    ) -> Result<IssueReply, Refusal> {
        let mut anew_left = ask.anew_max();
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
            let known = match self.known(key, ask)? {
                Known::Nothing => None,
                Known::ToGoOn(entry) => Some(*entry),
                Known::Settled => {
                    drop(claim);
                    return self.reply(key, wait, true).await;
                }
            };
            let accepted = self.accept_or_find(key, ask, known.clone()).await;
            let accepted = match accepted {
                Ok(Done::Elsewhere(place)) => {
                    if let Some(entry) = &known {
                        // Where the writer is busy the outbox finds it again.
                        let _noted = self.note_final(key, entry, place);
                    }
                    return self.final_reply(place, true);
                }
                Err(refusal) if is_kept(&refusal, wait) => {
                    self.tell_before_refusing(key.0, &refusal).await;
                    self.keep(key, ask, known.as_ref(), &refusal).await
                }
                Err(refusal) => {
                    self.tell_before_refusing(key.0, &refusal).await;
                    Err(refusal)
                }
                Ok(Done::Here) => Ok(()),
            };
            drop(claim);
            let reply = match accepted {
                Ok(()) => self.reply(key, wait, false).await,
                Err(refusal) => Err(refusal),
            };
            match reply {
                Err(refusal) if anew_left > 0 && ask.is_overtaken_by(&codes_of(&refusal)) => {
                    anew_left -= 1;
                }
                reply => return reply,
            }
        }
    }

    /// What is known of a key, for what is asked with it now.
    fn known(&self, key: &AccountKey, ask: &Ask) -> Result<Known, Refusal> {
        let Some(entry) = self.index().get(key).cloned() else {
            return Ok(Known::Nothing);
        };
        if self.ask_of(entry.seq)?.as_ref() != Some(ask) {
            return Err(key_conflict());
        }
        if let Some(code) = self.anchored_end(key.0, &entry)? {
            return Err(Refusal::of(code));
        }
        Ok(match self.standing(key.0, &entry)? {
            Standing::Never(_) if entry.stage != Stage::Cancelled => Known::ToGoOn(Box::new(entry)),
            _ => Known::Settled,
        })
    }

    /// Accepts what is asked: when this returns it is synced and offered to blocks. Whoever accepts
    /// a correction sees to it that no other one of the same invoice is made meanwhile.
    pub(super) async fn accept(
        self: &Arc<Self>,
        key: &AccountKey,
        ask: &Ask,
        earlier: Option<Entry>,
    ) -> Result<(), Refusal> {
        let attempt = earlier.as_ref().map_or(0, Entry::next_attempt);
        let signed = match ask {
            Ask::Invoice(draft) => self.sign_invoice(key, draft, attempt),
            Ask::Anchored(draft) => self.sign_anchored(key, draft, attempt),
            Ask::Correction(correction) => self.sign_correction(key, correction, attempt).await,
        };
        let signed = crate::maintenance::unless_it_lasts(&self.chain, signed)?;
        let transaction = signed.transaction.clone();
        let admitted = self.admission.admit(transaction.clone(), true);
        let admitted = admitted.map_err(|faults| {
            let refusal = Refusal::sorted(faults);
            let refusal = refusal.unwrap_or_else(|| Refusal::of(FailureCode::Internal));
            match ask {
                Ask::Invoice(_) | Ask::Anchored(_) => refusal,
                Ask::Correction(correction) => {
                    self.refusal_of_correction(correction, earlier.as_ref(), refusal)
                }
            }
        })?;
        crash_point!("desk.reserved");
        let saved = self.save_accepted(key, ask, attempt, earlier.as_ref(), signed);
        match saved.await {
            Ok(entry) => {
                crash_point!("desk.saved");
                let now_ms = self.chain.clock().now().ms();
                self.jobs.put(key.0, &entry, now_ms);
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
        self.tell_balance(key.0).await;
        Ok(())
    }

    fn sign_invoice(
        &self,
        key: &AccountKey,
        draft: &Draft,
        attempt: u32,
    ) -> Result<Signed, Refusal> {
        let merchant = self.merchant_or_refuse(key.0)?;
        let (found, state_faults, composed) = self.judge(merchant, draft, &key.1, attempt)?;
        let mut faults = found.faults;
        faults.extend(state_faults);
        if let Some(refusal) = Refusal::sorted(faults) {
            return Err(refusal);
        }
        let composed = composed.ok_or_else(|| Refusal::of(FailureCode::Internal))?;
        Ok(composed.into())
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

    pub(super) fn fee_fen(&self) -> u32 {
        let height = self.chain.height().saturating_add(1);
        self.chain.params().fees_at(height).issue_fen
    }
}

/// What is known of a key.
enum Known {
    /// Nothing: it is free.
    Nothing,
    /// A request of which nothing may become final as it stands; it may be tried again.
    ToGoOn(Box<Entry>),
    /// A request that is final, may become so, or was given up.
    Settled,
}

/// Whether a request that is refused so is kept: what speaks against it ends by itself. Another
/// party's answer takes longer than any caller waits.
fn is_kept(refusal: &Refusal, wait: Wait) -> bool {
    if wait != Wait::Accepted && refusal.code() != FailureCode::RedConfirmRequired {
        return false;
    }
    let is_of_older_rules = codes_of(refusal)
        .iter()
        .all(|code| *code == FailureCode::RulesetUnknown);
    passes(&refusal.faults) && !is_of_older_rules
}

fn codes_of(refusal: &Refusal) -> Vec<FailureCode> {
    refusal.faults.iter().map(|fault| fault.code).collect()
}

pub(super) fn key_conflict() -> Refusal {
    Refusal::of(FailureCode::IdempotencyKeyConflict)
}

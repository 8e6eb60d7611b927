//! Crediting top-ups where this node may: a faucet on a development network.
//!
//! Guards: a reference counts once, for ever, which the chain enforces; a key asks for one top-up.

use std::time::Duration;

use piao_api::backend::{Refusal, TopUpOrder};
use piao_api::wire;
use piao_chain::digest::{Tag, hash};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::limits::TOP_UP_FEN_MAX;
use piao_chain::state::StateView as _;
use piao_chain::transaction::{CreditFees, Payload, SignedTransaction};

use super::Desk;
use super::in_flight::{AccountKey, Turn};
use super::index::TopUpEntry;
use super::issue::key_conflict;
use super::outcome::{Standing, standing_of};
use crate::ledger::Settled;

/// How long a top-up may take to become final.
const FINAL_WITHIN: Duration = Duration::from_secs(10);

impl Desk {
    /// Credits a top-up; final when it returns.
    ///
    /// # Errors
    /// As [`piao_api::backend::Backend::top_up`].
    pub async fn top_up(&self, order: TopUpOrder) -> Result<wire::TopUp, Refusal> {
        let key: AccountKey = (order.account, order.key.as_str().to_owned());
        // Top-ups and invoices have keys of their own; the claim only has to tell top-ups apart.
        let claim_key = (order.account, format!("top-up {}", order.key.as_str()));
        let _claim = loop {
            match self.in_flight.claim(claim_key.clone()) {
                Turn::Mine(claim) => break claim,
                Turn::Wait(mut done) => drop(done.changed().await),
                Turn::Crowded => return Err(Refusal::of(FailureCode::InFlight)),
            }
        };
        let known = self.index().top_up(&key).cloned();
        let entry = match known {
            Some(entry) => {
                let same =
                    entry.reference == order.reference && entry.amount_fen == order.amount.fen();
                if !same {
                    return Err(key_conflict());
                }
                entry
            }
            None => self.accept_top_up(&key, &order).await?,
        };
        self.finish_top_up(&order, &entry).await
    }

    async fn accept_top_up(
        &self,
        key: &AccountKey,
        order: &TopUpOrder,
    ) -> Result<TopUpEntry, Refusal> {
        let Some(authority) = &self.authority else {
            return Err(Refusal::of(FailureCode::PermissionDenied));
        };
        let broken = |_why| Refusal::of(FailureCode::StoreCorrupt);
        if self.chain.account(order.account).map_err(broken)?.is_none() {
            return Err(Refusal::of(FailureCode::FeeAccountUnknown));
        }
        let amount_fen = order.amount.fen();
        if !(1..=TOP_UP_FEN_MAX).contains(&amount_fen) {
            return Err(Refusal::new(
                Fault::at(FailureCode::TopupInvalid, "/amount").got(order.amount.to_string()),
            ));
        }
        let ref_hash = reference_digest(order.account, &order.reference);
        if self.chain.cache().top_up(&ref_hash).map_err(broken)? {
            return Err(Refusal::new(
                Fault::at(FailureCode::TopupDuplicate, "/ref").got(order.reference.clone()),
            ));
        }
        let payload = Payload::CreditFees(CreditFees {
            account: order.account,
            amount_fen,
            ref_hash,
        });
        let mut idem = [0; 16];
        getrandom::fill(&mut idem).map_err(|_source| Refusal::of(FailureCode::Internal))?;
        let transaction = crate::dev::authority_transaction(&self.chain, authority, idem, payload)
            .map_err(|fault| Refusal::new(*fault))?;
        let seq = self.save_top_up(key, order, &transaction).await?;
        crash_point!("top-up.saved");
        let entry = TopUpEntry {
            reference: order.reference.clone(),
            amount_fen,
            seq,
            idem,
        };
        self.index().add_top_up(key.clone(), entry.clone());
        Ok(entry)
    }

    async fn finish_top_up(
        &self,
        order: &TopUpOrder,
        entry: &TopUpEntry,
    ) -> Result<wire::TopUp, Refusal> {
        let transaction: SignedTransaction = self.top_up_transaction(entry.seq)?;
        let watch = self.chain.finality().watch(transaction.id());
        let valid_until_ms = transaction.body().valid_until_ms;
        let standing = standing_of(&self.chain, 0, &entry.idem, valid_until_ms, None)?;
        let height = match standing {
            Standing::Final(place) => place.height,
            Standing::Never(code) => return Err(Refusal::of(code)),
            Standing::Possible => {
                let admitted = self.admission.admit(transaction.clone(), false);
                admitted.map_err(|faults| {
                    Refusal::sorted(faults).unwrap_or_else(|| Refusal::of(FailureCode::Internal))
                })?;
                let Some(watch) = watch else {
                    return Err(Refusal::of(FailureCode::InFlight));
                };
                match tokio::time::timeout(FINAL_WITHIN, watch).await {
                    Ok(Ok(Settled::Final(settled))) => match settled.outcome.failure() {
                        None => settled.place.height,
                        Some(code) => return Err(Refusal::of(code)),
                    },
                    Ok(Ok(Settled::Dropped(fault))) => return Err(Refusal::new(fault)),
                    Ok(Err(_)) | Err(_) => return Err(Refusal::of(FailureCode::ConfirmTimeout)),
                }
            }
        };
        let account = self
            .chain
            .account(order.account)
            .map_err(|_why| Refusal::of(FailureCode::StoreCorrupt))?;
        let balance_fen = account.map_or(0, |(_identity, account)| account.fee_balance_fen);
        crash_point!("top-up.before-answer");
        Ok(wire::TopUp {
            reference: entry.reference.clone(),
            account: order.account,
            amount: piao_chain::amount::Fen::new(entry.amount_fen).to_string(),
            txid: transaction.id().to_string(),
            height,
            fee_balance: piao_chain::amount::Fen::new(balance_fen).to_string(),
        })
    }
}

/// A reference of one account: two merchants may use the same text.
pub(crate) fn reference_digest(account: u32, reference: &str) -> piao_chain::digest::Digest {
    hash(Tag::TopUp, format!("{account} {reference}").as_bytes())
}

//! Putting an issued invoice right: red letters and reissue, once per key, for ever.
//!
//! Guards: what is taken back is computed from the state at the tip and judged again by every
//! validator; corrections of one invoice are made one after the other, so that each sees what the
//! one before left.

use std::collections::BTreeMap;
use std::sync::Arc;

use piao_api::backend::{IssueReply, RedLetterOrder, Refusal, ReissueOrder, Wait};
use piao_chain::codec;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::state::{Leaf, ProposalState, Slot, StateView as _};
use piao_chain::tax::{
    RED_ERROR, RedPart, RedReference, ReversibleLine, TaxFacts, all_that_is_left, red_facts,
};
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::{
    Idem, IssueRedLetter, Payload, ReissueInvoice, SUITE, SignedTransaction, TransactionBody,
    VERSION, idem_of,
};

use super::compose::PrivateDocument;
use super::in_flight::{AccountKey, Turn};
use super::index::Entry;
use super::issue::key_conflict;
use super::outcome::Standing;
use super::red_document::RedTexts;
use super::{Desk, Merchant};
use crate::backend::{Issued, find, leaf_of};

/// How long a correction stays valid, in ms: 10 minutes, as an invoice of the desk.
const VALID_FOR_MS: u64 = 10 * 60 * 1000;

/// How often a correction is made anew because another one came in between.
const ATTEMPTS_MAX: u32 = 5;

/// Locks for corrections, each for many invoices.
pub(super) const CORRECTION_LOCKS: usize = 64;

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Correction {
    /// A red letter.
    RedLetter(RedLetterOrder),
    /// A replacement.
    Reissue(Box<ReissueOrder>),
}

/// A signed correction that is on no disk yet.
struct Corrected {
    transaction: SignedTransaction,
    /// Encoded private documents, as the store keeps them.
    document: Vec<u8>,
}

impl Correction {
    fn number(&self) -> &str {
        match self {
            Self::RedLetter(order) => &order.number,
            Self::Reissue(order) => &order.number,
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::RedLetter(order) => order.key.as_str(),
            Self::Reissue(order) => order.key.as_str(),
        }
    }

    fn wait(&self) -> Wait {
        match self {
            Self::RedLetter(order) => order.wait,
            Self::Reissue(order) => order.wait,
        }
    }

    fn owns(&self, account: u32) -> bool {
        match self {
            Self::RedLetter(order) => order.caller.owns(account),
            Self::Reissue(order) => order.caller.owns(account),
        }
    }

    /// What a key is bound to: never the JSON of a draft, so an invoice under the same key is
    /// another request.
    fn bytes(&self) -> Result<Vec<u8>, Refusal> {
        let internal = |_source| Refusal::of(FailureCode::Internal);
        let text = match self {
            Self::RedLetter(order) => {
                let lines = order.lines.as_ref().map(|lines| {
                    let line = |line: &piao_api::backend::RedLine| {
                        (line.line, line.amount.fen(), line.quantity.clone())
                    };
                    lines.iter().map(line).collect::<Vec<_>>()
                });
                let order = ("red-letter", &order.number, order.reason, lines);
                serde_json::to_string(&order).map_err(internal)?
            }
            Self::Reissue(order) => {
                let order = ("reissue", &order.number, &order.draft);
                serde_json::to_string(&order).map_err(internal)?
            }
        };
        Ok(format!("correction\n{text}").into_bytes())
    }
}

impl Desk {
    /// Makes a correction once per key, for ever.
    ///
    /// # Errors
    /// As [`piao_api::backend::Backend::issue_red_letter`].
    pub async fn correct(self: &Arc<Self>, correction: Correction) -> Result<IssueReply, Refusal> {
        let (account, index) = self.original_of(&correction).await?;
        let key: AccountKey = (account, correction.key().to_owned());
        let bytes = correction.bytes()?;
        let shard = usize::try_from(index).unwrap_or(0) % CORRECTION_LOCKS;
        let lock = self.corrections.get(shard);
        let lock = lock.ok_or_else(|| Refusal::of(FailureCode::Internal))?;
        let _one_at_a_time = lock.lock().await;
        for attempts_left in (0..ATTEMPTS_MAX).rev() {
            let claim = loop {
                match self.in_flight.claim(key.clone()) {
                    Turn::Mine(claim) => break claim,
                    Turn::Crowded => return Err(Refusal::of(FailureCode::InFlight)),
                    Turn::Wait(mut done) => drop(done.changed().await),
                }
            };
            let known = self.index().get(&key).cloned();
            if let Some(entry) = &known {
                if self.draft_bytes(entry.seq)?.as_ref() != Some(&bytes) {
                    return Err(key_conflict());
                }
                if !matches!(self.standing(key.0, entry)?, Standing::Never(_)) {
                    drop(claim);
                    return self.reply(&key, correction.wait(), true).await;
                }
            }
            let accepted = self.accept_correction(&key, &correction, &bytes, known);
            let accepted = accepted.await;
            drop(claim);
            let reply = match accepted {
                Ok(()) => self.reply(&key, correction.wait(), false).await,
                Err(refusal) => Err(refusal),
            };
            match reply {
                Err(refusal) if attempts_left > 0 && is_overtaken(&refusal) => {}
                reply => return reply,
            }
        }
        Err(Refusal::of(FailureCode::InFlight))
    }

    /// The account and issuance index of the invoice that is to be put right.
    async fn original_of(self: &Arc<Self>, correction: &Correction) -> Result<(u32, u64), Refusal> {
        let (desk, correction) = (Arc::clone(self), correction.clone());
        let look = move || {
            let found = find(&desk.chain, correction.number())?;
            let account = found.issued()?.account();
            if !correction.owns(account) {
                return Err(Refusal::of(FailureCode::InvoiceNotFound));
            }
            desk.merchant_or_refuse(account)?;
            Ok((account, found.index))
        };
        let looked = tokio::task::spawn_blocking(look).await;
        looked.map_err(|_source| Refusal::of(FailureCode::Internal))?
    }

    /// Accepts a correction: when this returns it is synced and offered to blocks.
    async fn accept_correction(
        self: &Arc<Self>,
        key: &AccountKey,
        correction: &Correction,
        bytes: &[u8],
        earlier: Option<Entry>,
    ) -> Result<(), Refusal> {
        let internal = || Refusal::of(FailureCode::Internal);
        let attempt = earlier
            .as_ref()
            .map_or(0, |entry| entry.attempt.saturating_add(1));
        let (desk, owned, text) = (Arc::clone(self), correction.clone(), key.1.clone());
        let made = tokio::task::spawn_blocking(move || desk.make(&owned, &text, attempt)).await;
        let made = made.map_err(|_source| internal())??;
        let transaction = made.transaction.clone();
        let admitted = self.admission.admit(transaction.clone(), true);
        admitted.map_err(|faults| Refusal::sorted(faults).unwrap_or_else(internal))?;
        let saved = self.save_correction(
            key,
            bytes,
            (attempt, earlier.as_ref()),
            (&transaction, made.document),
        );
        match saved.await {
            Ok(entry) => self.index().add(key.clone(), entry),
            Err(refusal) => {
                self.admission.withdraw(&transaction.id());
                return Err(refusal);
            }
        }
        self.admission.release(&transaction);
        Ok(())
    }

    /// The transaction of one attempt, and its documents.
    fn make(&self, correction: &Correction, key: &str, attempt: u32) -> Result<Corrected, Refusal> {
        let found = find(&self.chain, correction.number())?;
        let original = found.issued()?;
        let merchant = self.merchant_or_refuse(original.account())?;
        let idem = idem_of(&merchant.secret.0, key, attempt);
        match correction {
            Correction::RedLetter(order) => {
                let (red, private) = self.red_letter(&original, order)?;
                let payload = Payload::IssueRedLetter(Box::new(red));
                Ok(Corrected {
                    transaction: self.seal(merchant, idem, payload)?,
                    document: codec::encode(&private),
                })
            }
            Correction::Reissue(order) => {
                let (found, _state, composed) = self.judge(merchant, &order.draft, key, attempt)?;
                if let Some(refusal) = Refusal::sorted(found.faults) {
                    return Err(refusal);
                }
                let composed = composed.ok_or_else(|| Refusal::of(FailureCode::Internal))?;
                let whole = RedLetterOrder {
                    caller: order.caller.clone(),
                    number: order.number.clone(),
                    reason: RED_ERROR,
                    lines: None,
                    key: order.key.clone(),
                    wait: order.wait,
                };
                let (red, private) = self.red_letter(&original, &whole)?;
                let payload = Payload::ReissueInvoice(Box::new(ReissueInvoice {
                    red,
                    invoice: composed.invoice,
                }));
                Ok(Corrected {
                    transaction: self.seal(merchant, idem, payload)?,
                    document: codec::encode(&vec![private, composed.private]),
                })
            }
        }
    }

    /// A red letter against the state at the tip, and its document.
    fn red_letter(
        &self,
        original: &Issued<'_>,
        order: &RedLetterOrder,
    ) -> Result<(IssueRedLetter, PrivateDocument), Refusal> {
        let broken = |_why| Refusal::of(FailureCode::StoreCorrupt);
        let internal = || Refusal::of(FailureCode::Internal);
        let facts = original.invoice.facts;
        if facts.red.is_some() {
            return Err(Refusal::of(FailureCode::OriginalIsRed));
        }
        let slot = Slot::from_u64(original.effect.slot).ok_or_else(internal)?;
        let leaf = leaf_of(&self.chain, slot)?.unwrap_or_default();
        let parts = parts_of(order, facts, &leaf.reversed_fen)?;
        let now = self.now();
        let reference = RedReference {
            original_slot: slot.as_u64(),
            reason: order.reason,
            confirmation: self.confirmation(slot.index(), order.reason, &parts)?,
        };
        let dated = (IssueDate::of(now), self.chain.rules().map_err(broken)?.id);
        let red = red_facts(facts, &leaf.reversed_fen, &parts, reference, dated);
        let red = red.ok_or_else(internal)?;
        let lines: Vec<u16> = parts.iter().map(|part| part.line).collect();
        let quantities = order.lines.iter().flatten();
        let quantities: BTreeMap<u16, String> = quantities
            .filter_map(|line| Some((line.line, line.quantity.clone()?)))
            .collect();
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_source| internal())?;
        let number = original.effect.number;
        let texts = RedTexts {
            facts: &red,
            lines: &lines,
            quantities: &quantities,
            original: number.as_str(),
            confirmation: reference.confirmation.map(|slot| format!("{slot:x}")),
            issued_at: &now.to_rfc3339().unwrap_or_default(),
            seed,
        };
        let private = texts.document(self.private_original(original)?.as_ref());
        let private = private.map_err(|_source| internal())?;
        let letter = IssueRedLetter {
            original: number,
            doc_root: private.document.root(),
            field_count: private.document.field_count(),
            facts: red,
            original_lines: lines,
        };
        Ok((letter, private))
    }

    /// The document of the original, if this desk holds it.
    fn private_original(&self, original: &Issued<'_>) -> Result<Option<PrivateDocument>, Refusal> {
        let idem = original.transaction.body().idem;
        let seq = self
            .index()
            .by_guard(original.account(), idem)
            .map(|(_key, entry)| entry.seq);
        match seq {
            Some(seq) => self.private_of(seq, original.part),
            None => Ok(None),
        }
    }

    /// The slot of an accepted confirmation of just this, if there is one.
    fn confirmation(
        &self,
        index: u64,
        reason: u8,
        parts: &[RedPart],
    ) -> Result<Option<u64>, Refusal> {
        let Some(slot) = Slot::red_proposal(index) else {
            return Ok(None);
        };
        let leaf = self.chain.cache().leaf(slot);
        let leaf = leaf.map_err(|_why| Refusal::of(FailureCode::StoreCorrupt))?;
        let Some(Leaf::RedProposal(_id, proposal)) = leaf else {
            return Ok(None);
        };
        let fits = proposal.state == ProposalState::Accepted
            && proposal.reason == reason
            && proposal.parts == parts;
        Ok(fits.then(|| slot.as_u64()))
    }

    /// Signs a payload of a merchant. The fee agreed to is that of everything it issues.
    pub(super) fn seal(
        &self,
        merchant: &Merchant,
        idem: Idem,
        payload: Payload,
    ) -> Result<SignedTransaction, Refusal> {
        let height = self.chain.height().saturating_add(1);
        let fees = self.chain.params().fees_at(height);
        let fee_max_fen = fees.issue_fen.saturating_mul(payload.issues());
        let body = TransactionBody {
            version: VERSION,
            suite: SUITE,
            chain_id: *self.chain.chain_id(),
            account: merchant.account,
            signers: vec![merchant.key.public_key().id()],
            idem,
            valid_until_ms: self.now().ms().saturating_add(VALID_FOR_MS),
            fee_max_fen: fee_max_fen.max(fees.failure_fen),
            flags: 0,
            payload,
        };
        let sealed = SignedTransaction::sign(body, &[&merchant.key]);
        let sealed = sealed.map_err(|error| Refusal::of(error.code))?;
        if sealed.encoded_len() > piao_chain::limits::TX_BYTES_MAX {
            return Err(Refusal::of(FailureCode::TooManyLines));
        }
        Ok(sealed)
    }

    /// The clock, or the tip where that is ahead.
    pub(super) fn now(&self) -> BlockTime {
        let tip_ms = self.chain.tip().header.time_ms;
        BlockTime::from_ms(self.chain.clock().now().ms().max(tip_ms))
    }
}

/// What an order takes back, ascending by line.
fn parts_of(
    order: &RedLetterOrder,
    original: &TaxFacts,
    reversed_fen: &[i64],
) -> Result<Vec<RedPart>, Refusal> {
    let Some(lines) = &order.lines else {
        let all = all_that_is_left(original, reversed_fen);
        if all.is_empty() {
            let fault = Fault::new(FailureCode::RedAmountExceeded);
            return Err(Refusal::new(fault.expected("nothing is left to reverse")));
        }
        return Ok(all);
    };
    let mut parts = BTreeMap::new();
    let mut faults = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let pointer = format!("/lines/{at}/line");
        if ReversibleLine::of(original, line.line).is_none() {
            let fault = Fault::at(FailureCode::RedAmountExceeded, pointer.clone());
            let expected = "a line of the original that is no discount";
            faults.push(fault.got(line.line.to_string()).expected(expected));
        }
        if parts.insert(line.line, line.amount.fen()).is_some() {
            let fault = Fault::at(FailureCode::RedReasonLines, pointer);
            faults.push(fault.got(line.line.to_string()).expected("each line once"));
        }
    }
    if let Some(refusal) = Refusal::sorted(faults) {
        return Err(refusal);
    }
    let part = |(line, amount_fen)| RedPart { line, amount_fen };
    Ok(parts.into_iter().map(part).collect())
}

/// Whether a correction was refused only because another one came before it, or another rule set.
fn is_overtaken(refusal: &Refusal) -> bool {
    let codes = [FailureCode::LineTaxMismatch, FailureCode::RulesetUnknown];
    refusal
        .faults
        .iter()
        .all(|fault| codes.contains(&fault.code))
}

//! Putting an issued invoice right: red letters and reissue, once per key, for ever.
//!
//! Guards: what is taken back is computed from the state at the tip and judged again by every
//! validator; corrections of one invoice are made one after the other, so that each sees what the
//! one before left.

use std::collections::BTreeMap;
use std::sync::Arc;

use piao_api::backend::{IssueReply, RedLetterOrder, RedLine, Refusal, ReissueOrder, Wait};
use piao_api::caller::Caller;
use piao_api::idempotency::IdempotencyKey;
use piao_chain::codec;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::InvoiceNumber;
use piao_chain::signature::SecretKey;
use piao_chain::state::{ProposalState, Slot};
use piao_chain::tax::{
    RedPart, RedReference, ReversibleLine, TaxFacts, all_that_is_left, red_facts,
};
use piao_chain::time::IssueDate;
use piao_chain::transaction::{
    Idem, IssueRedLetter, Payload, ReissueInvoice, SUITE, SignedTransaction, TransactionBody,
    VERSION, idem_of,
};

use super::ask::{Ask, Correction, RedLetterAsk, TakenLine};
use super::compose::{PrivateDocument, Signed};
use super::elsewhere::Done;
use super::in_flight::AccountKey;
use super::index::Entry;
use super::red_document::RedTexts;
use super::{Desk, Merchant};
use crate::backend::{Issued, find, leaf_of, proposal_of};

/// How long a correction stays valid, in ms: 10 minutes, as an invoice of the desk.
pub(super) const VALID_FOR_MS: u64 = 10 * 60 * 1000;

/// Locks for corrections, each for many invoices.
pub(super) const CORRECTION_LOCKS: usize = 64;

impl Desk {
    /// Issues a red letter once per key, for ever.
    ///
    /// # Errors
    /// As [`piao_api::backend::Backend::issue_red_letter`].
    pub async fn issue_red_letter(
        self: &Arc<Self>,
        order: RedLetterOrder,
    ) -> Result<IssueReply, Refusal> {
        let taken = |lines: Vec<RedLine>| lines.into_iter().map(TakenLine::of).collect();
        let correction = Correction::RedLetter(RedLetterAsk {
            number: order.number,
            reason: order.reason,
            lines: order.lines.map(taken),
        });
        self.correct(correction, &order.caller, &order.key, order.wait)
            .await
    }

    /// Replaces an invoice once per key, for ever.
    ///
    /// # Errors
    /// As [`piao_api::backend::Backend::reissue`].
    pub async fn replace(self: &Arc<Self>, order: ReissueOrder) -> Result<IssueReply, Refusal> {
        let correction = Correction::Reissue {
            number: order.number,
            draft: Box::new(order.draft),
        };
        self.correct(correction, &order.caller, &order.key, order.wait)
            .await
    }

    async fn correct(
        self: &Arc<Self>,
        correction: Correction,
        caller: &Caller,
        key: &IdempotencyKey,
        wait: Wait,
    ) -> Result<IssueReply, Refusal> {
        let (desk, asked, caller) = (Arc::clone(self), correction.clone(), caller.clone());
        let owner = move || {
            let found = find(&desk.chain, asked.number())?;
            let original = found.issued()?;
            desk.owner_of(&original, &caller)?;
            desk.note_original(&original)?;
            Ok(original.account())
        };
        let account = tokio::task::spawn_blocking(owner).await;
        let account = account.map_err(|_source| Refusal::of(FailureCode::Internal))??;
        let _one_at_a_time = self.corrections_of(&correction)?.lock().await;
        let key: AccountKey = (account, key.as_str().to_owned());
        self.settle(&key, &Ask::Correction(correction), wait).await
    }

    /// Accepts what is asked, unless it corrects an invoice that is being corrected right now.
    ///
    /// # Errors
    /// [`FailureCode::InFlight`] then; as [`Desk::accept_or_find`].
    pub(super) async fn accept_alone(
        self: &Arc<Self>,
        key: &AccountKey,
        ask: &Ask,
        earlier: Option<Entry>,
    ) -> Result<Done, Refusal> {
        let _one_at_a_time = match ask {
            Ask::Invoice(_) | Ask::Anchored(_) => None,
            Ask::Correction(correction) => {
                let lock = self.corrections_of(correction)?.try_lock();
                Some(lock.map_err(|_taken| Refusal::of(FailureCode::InFlight))?)
            }
        };
        self.accept_or_find(key, ask, earlier).await
    }

    /// The lock of the corrections of an invoice.
    fn corrections_of(&self, correction: &Correction) -> Result<&tokio::sync::Mutex<()>, Refusal> {
        let number: Result<InvoiceNumber, _> = correction.number().parse();
        let sequence = number.map_or(0, |number| number.sequence());
        let shard = usize::try_from(sequence).unwrap_or(0) % CORRECTION_LOCKS;
        let lock = self.corrections.get(shard);
        lock.ok_or_else(|| Refusal::of(FailureCode::Internal))
    }

    /// Refuses whoever may not put an invoice right.
    fn owner_of(&self, original: &Issued<'_>, caller: &Caller) -> Result<(), Refusal> {
        let account = original.account();
        if !caller.owns(account) {
            return Err(Refusal::of(FailureCode::InvoiceNotFound));
        }
        self.merchant_or_refuse(account)?;
        Ok(())
    }

    /// Notes that the original's request is final, in a record before that of the correction: once
    /// the order is free again, the chain alone would not tell that it was issued.
    fn note_original(&self, original: &Issued<'_>) -> Result<(), Refusal> {
        let idem = original.transaction.body().idem;
        let found = self
            .index()
            .by_guard(original.account(), idem)
            .map(|(key, entry)| (key.clone(), entry.clone()));
        match found {
            Some((key, entry)) if entry.is_open() || self.jobs.has(key.0, entry.born) => {
                self.note_final(&key, &entry, original.place)
            }
            _ => Ok(()),
        }
    }

    /// The transaction of one attempt, and its documents.
    pub(super) async fn sign_correction(
        self: &Arc<Self>,
        key: &AccountKey,
        correction: &Correction,
        attempt: u32,
    ) -> Result<Signed, Refusal> {
        let (desk, correction, text) = (Arc::clone(self), correction.clone(), key.1.clone());
        let made = tokio::task::spawn_blocking(move || desk.make(&correction, &text, attempt));
        let made = made.await;
        made.map_err(|_source| Refusal::of(FailureCode::Internal))?
    }

    fn make(&self, correction: &Correction, key: &str, attempt: u32) -> Result<Signed, Refusal> {
        let found = find(&self.chain, correction.number())?;
        let original = found.issued()?;
        let merchant = self.merchant_or_refuse(original.account())?;
        let idem = idem_of(&merchant.secret.0, key, attempt);
        match correction {
            Correction::RedLetter(ask) => {
                let (red, private) = self.red_letter(&original, ask)?;
                let payload = Payload::IssueRedLetter(Box::new(red));
                Ok(Signed {
                    transaction: self.seal(merchant, idem, payload)?,
                    documents: codec::encode(&private),
                })
            }
            Correction::Reissue { draft, .. } => {
                let (found, _state, composed) = self.judge(merchant, draft, key, attempt)?;
                if let Some(refusal) = Refusal::sorted(found.faults) {
                    return Err(refusal);
                }
                let composed = composed.ok_or_else(|| Refusal::of(FailureCode::Internal))?;
                let (red, private) = self.red_letter(&original, &correction.taken())?;
                let payload = Payload::ReissueInvoice(Box::new(ReissueInvoice {
                    red,
                    invoice: composed.invoice,
                }));
                Ok(Signed {
                    transaction: self.seal(merchant, idem, payload)?,
                    documents: codec::encode(&vec![private, composed.private]),
                })
            }
        }
    }

    /// A red letter against the state at the tip, and its document.
    fn red_letter(
        &self,
        original: &Issued<'_>,
        ask: &RedLetterAsk,
    ) -> Result<(IssueRedLetter, PrivateDocument), Refusal> {
        let broken = |_why| Refusal::of(FailureCode::StoreCorrupt);
        let internal = || Refusal::of(FailureCode::Internal);
        let facts = original.invoice.facts;
        if facts.red.is_some() {
            return Err(Refusal::of(FailureCode::OriginalIsRed));
        }
        let slot = Slot::from_u64(original.effect.slot).ok_or_else(internal)?;
        let leaf = leaf_of(&self.chain, slot)?.unwrap_or_default();
        let parts = parts_of(ask, facts, &leaf.reversed_fen)?;
        let now = self.now();
        let reference = RedReference {
            original_slot: slot.as_u64(),
            reason: ask.reason,
            confirmation: self.confirmation(slot.index(), ask.reason, &parts)?,
        };
        let dated = (IssueDate::of(now), self.chain.rules().map_err(broken)?.id);
        let red = red_facts(facts, &leaf.reversed_fen, &parts, reference, dated);
        let red = red.ok_or_else(internal)?;
        let lines: Vec<u16> = parts.iter().map(|part| part.line).collect();
        let quantities = ask.lines.iter().flatten();
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
        let Some(proposal) = proposal_of(&self.chain, index)? else {
            return Ok(None);
        };
        let fits = proposal.state == ProposalState::Accepted
            && proposal.reason == reason
            && proposal.parts == parts;
        let slot = Slot::red_proposal(index).filter(|_slot| fits);
        Ok(slot.map(Slot::as_u64))
    }

    /// Signs a payload of a merchant. The fee agreed to is that of everything it issues.
    pub(super) fn seal(
        &self,
        merchant: &Merchant,
        idem: Idem,
        payload: Payload,
    ) -> Result<SignedTransaction, Refusal> {
        let until_ms = self.now().ms().saturating_add(VALID_FOR_MS);
        let signer = merchant.signing_key(&self.chain);
        self.seal_until(merchant, signer, (idem, until_ms), payload)
    }

    /// The same with one of the merchant's keys, valid until a block time in ms since 1970.
    pub(super) fn seal_until(
        &self,
        merchant: &Merchant,
        signer: &SecretKey,
        (idem, valid_until_ms): (Idem, u64),
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
            signers: vec![signer.public_key().id()],
            idem,
            valid_until_ms,
            fee_max_fen: fee_max_fen.max(fees.failure_fen),
            flags: 0,
            payload,
        };
        let sealed = SignedTransaction::sign(body, &[signer]);
        let sealed = sealed.map_err(|error| Refusal::of(error.code))?;
        if sealed.encoded_len() > piao_chain::limits::TX_BYTES_MAX {
            return Err(Refusal::of(FailureCode::TooManyLines));
        }
        Ok(sealed)
    }
}

/// What an order takes back, ascending by line.
pub(super) fn parts_of(
    ask: &RedLetterAsk,
    original: &TaxFacts,
    reversed_fen: &[i64],
) -> Result<Vec<RedPart>, Refusal> {
    let Some(lines) = &ask.lines else {
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
        if parts.insert(line.line, line.amount_fen).is_some() {
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

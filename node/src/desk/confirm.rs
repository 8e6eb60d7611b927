//! The other party's confirmation of a red letter, from the side that proposes it.
//!
//! Guards: what the buyer has booked is taken back with its consent only; it is asked once for a
//! request, whatever dies in between, and asked again only when the merchant says so. Which
//! proposal a request rests on is on disk before the proposal leaves, so that an older answer never
//! passes for the one that is waited for.

use piao_api::backend::Refusal;
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::state::{ProposalState, RedProposal, Slot};
use piao_chain::tax::RedPart;
use piao_chain::time::BlockTime;
use piao_chain::transaction::{
    AnswerRedLetter, Payload, ProposeRedLetter, RedAnswer, SignedTransaction, idem_of,
};

use super::ask::{Ask, Correction};
use super::correct::{VALID_FOR_MS, parts_of};
use super::in_flight::AccountKey;
use super::index::Entry;
use super::outbox::{Stage, Synced};
use super::store::{Proposed, StepKind};
use super::{Desk, Merchant};
use crate::backend::{confirmation_view, find, leaf_of, proposal_of};

/// How far the clock of a node may be ahead of the others': a chain that stands still has no block
/// that would say that nobody answered in time.
const CLOCK_MARGIN_MS: u64 = 60 * 1000;

/// What is to be confirmed.
struct Wanted {
    /// Issuance index of the invoice.
    index: u64,
    /// Its slot.
    original_slot: u64,
    reason: u8,
    parts: Vec<RedPart>,
}

impl Wanted {
    fn is_in(&self, proposal: &RedProposal) -> bool {
        proposal.reason == self.reason && proposal.parts == self.parts
    }

    /// Why a red letter can't be issued, that needs a confirmation and has none.
    fn refusal(&self, found: &RedProposal, rests_on: Option<Proposed>, now_ms: u64) -> Refusal {
        let until = BlockTime::from_ms(found.lapses_ms());
        let until_text = until.to_rfc3339().unwrap_or_default();
        let fault = match (found.stands(now_ms), self.is_in(found)) {
            (true, true) => Fault::new(FailureCode::RedConfirmRequired)
                .expected(format!("an answer until {until_text}")),
            (true, false) => Fault::new(FailureCode::RedConfirmPendingExists)
                .got(format!("other parts, proposed until {until_text}")),
            (false, true) if rests_on.is_some_and(|one| is_new(found, one)) => {
                Fault::new(match found.state {
                    ProposalState::Refused => FailureCode::RedConfirmRefused,
                    _ => FailureCode::RedConfirmExpired,
                })
            }
            (false, _) => Fault::new(FailureCode::RedConfirmRequired),
        };
        Refusal::new(fault)
    }
}

/// Whether a proposal is the one a request rests on, or came after it.
const fn is_new(found: &RedProposal, rests_on: Proposed) -> bool {
    found.proposed_ms > rests_on.after_ms
}

impl Desk {
    /// What a refusal of a correction means: where a confirmation is missing, how far that is.
    pub(super) fn refusal_of_correction(
        &self,
        correction: &Correction,
        earlier: Option<&Entry>,
        refusal: Refusal,
    ) -> Refusal {
        let needs_one = matches!(
            refusal.code(),
            FailureCode::RedConfirmRequired | FailureCode::OriginalUsedForDeduction
        );
        if !needs_one {
            return refusal;
        }
        let rests_on = earlier.and_then(|entry| entry.proposed);
        let judged = self.wanted(correction).and_then(|wanted| {
            let found = proposal_of(&self.chain, wanted.index)?;
            let now_ms = self.lapse_clock_ms();
            Ok(found.map_or_else(
                || Refusal::of(FailureCode::RedConfirmRequired),
                |found| wanted.refusal(&found, rests_on, now_ms),
            ))
        });
        judged.unwrap_or_else(|unreadable| unreadable)
    }

    /// Whether the other party may still answer what a request rests on.
    pub(super) fn is_unanswered(&self, entry: &Entry) -> bool {
        let waits = matches!(
            entry.stage,
            Stage::Waiting {
                code: FailureCode::RedConfirmRequired,
                ..
            }
        );
        let Some(rests_on) = entry.proposed.filter(|_one| waits) else {
            return false;
        };
        let found = proposal_of(&self.chain, rests_on.index);
        found.is_ok_and(|found| {
            found.is_some_and(|found| {
                let is_open = found.state == ProposalState::Open;
                is_new(&found, rests_on) && is_open && !found.is_lapsed(self.lapse_clock_ms())
            })
        })
    }

    /// Whether a proposal for an invoice waits for nobody any more.
    pub(super) fn is_answered(&self, index: u64) -> bool {
        let found = proposal_of(&self.chain, index);
        found.is_ok_and(|found| {
            found.is_some_and(|found| {
                found.state != ProposalState::Open || found.is_lapsed(self.lapse_clock_ms())
            })
        })
    }

    /// Sees to it that the confirmation a request waits for is proposed.
    ///
    /// # Errors
    /// Why it can't be proposed; the store's.
    pub(super) async fn propose(
        &self,
        key: &AccountKey,
        correction: &Correction,
    ) -> Result<(), Refusal> {
        let wanted = self.wanted(correction)?;
        let found = proposal_of(&self.chain, wanted.index)?;
        let stood_ms = found.as_ref().map_or(0, |found| found.proposed_ms);
        let stands = found.is_some_and(|found| found.stands(self.lapse_clock_ms()));
        let entry = self.entry(key)?;
        let tip_ms = self.chain.tip().header.time_ms;
        let rests_on = match entry.proposed {
            // On its way: the very same again, unless no block can hold it any more.
            Some(rests_on) if stands || tip_ms <= rests_on.valid_until_ms => rests_on,
            _ => {
                let rests_on = Proposed {
                    index: wanted.index,
                    // One that stands already will do.
                    after_ms: stood_ms.saturating_sub(u64::from(stands)),
                    valid_until_ms: self.now().ms().saturating_add(VALID_FOR_MS),
                };
                let kind = StepKind::Proposed(rests_on);
                self.step(key, &entry, kind, Synced::Yes).await?;
                rests_on
            }
        };
        if stands {
            return Ok(());
        }
        let merchant = self.merchant_or_refuse(key.0)?;
        let until_ms = rests_on.valid_until_ms;
        let payload = Payload::ProposeRedLetter(ProposeRedLetter {
            original_slot: wanted.original_slot,
            reason: wanted.reason,
            parts: wanted.parts,
        });
        // A key of a caller has no such characters.
        let name = format!("{}\npropose {until_ms}", key.1);
        self.hand_in(merchant, (&name, until_ms), payload)
    }

    /// Takes back what was proposed for a request that was given up; whether nothing of it is left.
    ///
    /// # Errors
    /// Why it can't be taken back now.
    pub(super) fn withdraw(&self, key: &AccountKey, entry: &Entry) -> Result<bool, Refusal> {
        let Some(rests_on) = entry.proposed else {
            return Ok(true);
        };
        let found = proposal_of(&self.chain, rests_on.index)?;
        let Some(found) = found.filter(|found| is_new(found, rests_on)) else {
            return Ok(self.chain.tip().header.time_ms > rests_on.valid_until_ms);
        };
        let Some(Ask::Correction(correction)) = self.ask_of(entry.seq)? else {
            return Ok(true);
        };
        let is_own = found.proposed_by == key.0 && self.wanted(&correction)?.is_in(&found);
        if !is_own || !found.stands(self.lapse_clock_ms()) {
            return Ok(true);
        }
        let merchant = self.merchant_or_refuse(key.0)?;
        let slot = Slot::red_proposal(rests_on.index).map_or(0, Slot::as_u64);
        let payload = Payload::AnswerRedLetter(AnswerRedLetter {
            proposal_slot: slot,
            answer: RedAnswer::Withdraw,
        });
        let name = format!("{}\nwithdraw {}", key.1, found.proposed_ms);
        let until_ms = self.now().ms().saturating_add(VALID_FOR_MS);
        self.hand_in(merchant, (&name, until_ms), payload)?;
        Ok(false)
    }

    /// The confirmation a request rests on, once it is proposed.
    pub(super) fn confirmation_view(
        &self,
        entry: &Entry,
        ask: Option<&Ask>,
    ) -> Result<Option<wire::Confirmation>, Refusal> {
        let (Some(rests_on), Some(Ask::Correction(correction))) = (entry.proposed, ask) else {
            return Ok(None);
        };
        let found = proposal_of(&self.chain, rests_on.index)?;
        let found = found.filter(|found| is_new(found, rests_on));
        Ok(found.map(|found| {
            let now_ms = self.lapse_clock_ms();
            confirmation_view(correction.number(), rests_on.index, &found, now_ms)
        }))
    }

    /// Signs and hands in what needs no record: it is made again from what is known.
    fn hand_in(
        &self,
        merchant: &Merchant,
        (name, until_ms): (&str, u64),
        payload: Payload,
    ) -> Result<(), Refusal> {
        let idem = idem_of(&merchant.secret.0, name, 0);
        let transaction: SignedTransaction = {
            let signer = merchant.signing_key(&self.chain);
            self.seal_until(merchant, signer, (idem, until_ms), payload)?
        };
        match self.admission.admit(transaction, false) {
            Ok(_admitted) => Ok(()),
            Err(faults) => {
                // In the pool or a block already, or somebody else was faster.
                let is_there = |fault: &Fault| {
                    matches!(
                        fault.code,
                        FailureCode::DuplicateIdem
                            | FailureCode::RedConfirmPendingExists
                            | FailureCode::RedConfirmExpired
                    )
                };
                if faults.iter().all(is_there) {
                    return Ok(());
                }
                let refusal = Refusal::sorted(faults);
                Err(refusal.unwrap_or_else(|| Refusal::of(FailureCode::Internal)))
            }
        }
    }

    fn wanted(&self, correction: &Correction) -> Result<Wanted, Refusal> {
        let found = find(&self.chain, correction.number())?;
        let original = found.issued()?;
        let slot = Slot::from_u64(original.effect.slot);
        let slot = slot.ok_or_else(|| Refusal::of(FailureCode::StoreCorrupt))?;
        let leaf = leaf_of(&self.chain, slot)?.unwrap_or_default();
        let ask = correction.taken();
        Ok(Wanted {
            index: slot.index(),
            original_slot: slot.as_u64(),
            reason: ask.reason,
            parts: parts_of(&ask, original.invoice.facts, &leaf.reversed_fen)?,
        })
    }

    /// The time by which a proposal is taken for lapsed: block time, or the clock where no block
    /// comes.
    fn lapse_clock_ms(&self) -> u64 {
        let tip_ms = self.chain.tip().header.time_ms;
        let clock_ms = self.chain.clock().now().ms();
        clock_ms.saturating_sub(CLOCK_MARGIN_MS).max(tip_ms)
    }
}

//! Rules that a red letter and the proposal of one share (SPEC 4.2.10, 4.8.10).
//!
//! Guards: an invoice is taken back at most once, line by line; what the buyer has booked is taken
//! back with its consent only.

use super::issue_red_letter::as_i64;
use crate::failure::FailureCode;
use crate::state::{
    InvoiceLeaf, ProposalState, RedProposal, Slot, USE_DEDUCTED, USE_REFUND_CLAIMED,
};
use crate::tax::{RED_ERROR, RedPart, ReversibleLine, TaxFacts, TaxLine, red_line, reversed_of};

/// A code with its evidence.
pub(super) type Found = (FailureCode, Vec<i64>);

/// The reason that comes first in catalogue order.
pub(super) fn first(mut found: Vec<Found>) -> Option<Found> {
    found.sort_by_key(|(code, _evidence)| *code);
    found.into_iter().next()
}

/// What a red letter stands on: the invoice and what happened to it.
pub(super) struct Ground<'a> {
    pub(super) original: &'a TaxFacts,
    pub(super) leaf: &'a InvoiceLeaf,
}

impl Ground<'_> {
    /// What speaks against taking back these parts for this reason.
    pub(super) fn refusals(&self, reason: u8, parts: &[RedPart]) -> Vec<Found> {
        if self.original.red.is_some() {
            return vec![(FailureCode::OriginalIsRed, vec![])];
        }
        let mut found = Vec::new();
        let exceeded = parts.iter().find_map(|part| {
            let left = self.left_of(part.line);
            let over = part.amount_fen > left;
            over.then(|| vec![i64::from(part.line), part.amount_fen, left])
        });
        if let Some(evidence) = exceeded {
            found.push((FailureCode::RedAmountExceeded, evidence));
        }
        let left_after = self.left_fen().saturating_sub(sum(parts));
        if reason == RED_ERROR && left_after > 0 {
            found.push((FailureCode::RedReasonPartial, vec![left_after]));
        }
        if self.leaf.claim != 0 {
            let evidence = vec![i64::from(self.leaf.claim)];
            found.push((FailureCode::OriginalClaimed, evidence));
        }
        found
    }

    /// What is left of a line, in fen; 0 of one that can't be taken back.
    fn left_of(&self, line: u16) -> i64 {
        let whole = ReversibleLine::of(self.original, line).map_or(0, |line| line.amount_fen);
        whole.saturating_sub(reversed_of(&self.leaf.reversed_fen, line))
    }

    /// What is left of the whole invoice, in fen.
    fn left_fen(&self) -> i64 {
        let whole = self.original.totals.amount.fen();
        whole.saturating_sub(self.leaf.reversed_total_fen())
    }

    /// What the confirmation says: needed where the buyer has booked the invoice, and where one is
    /// named it must be an accepted one of the same reason and parts.
    pub(super) fn confirmation(
        &self,
        (original_slot, confirmation): (u64, Option<u64>),
        (reason, parts): (u8, &[RedPart]),
        proposal: Option<&RedProposal>,
        now_ms: u64,
    ) -> Option<Found> {
        let Some(named) = confirmation else {
            let booked = i64::from(self.leaf.booked_use);
            return match self.leaf.booked_use {
                0 => None,
                USE_DEDUCTED | USE_REFUND_CLAIMED => {
                    Some((FailureCode::OriginalUsedForDeduction, vec![booked]))
                }
                _ => Some((FailureCode::RedConfirmRequired, vec![booked])),
            };
        };
        let index = super::issue_red_letter::invoice_index(original_slot);
        let slot = Slot::red_proposal(index).map(Slot::as_u64);
        let Some(proposal) = proposal.filter(|_| slot == Some(named)) else {
            return Some((FailureCode::RedConfirmRequired, vec![]));
        };
        if let Some(found) = unusable(proposal, now_ms) {
            return Some(found);
        }
        let same = proposal.reason == reason && proposal.parts == parts;
        (!same).then_some((FailureCode::RedFactsMismatch, vec![0]))
    }
}

/// Why a proposal can't be used for a red letter, if so.
fn unusable(proposal: &RedProposal, now_ms: u64) -> Option<Found> {
    let lapses = as_i64(proposal.lapses_ms());
    match proposal.state {
        ProposalState::Accepted => None,
        ProposalState::Refused => Some((FailureCode::RedConfirmRefused, vec![])),
        ProposalState::Open if !proposal.is_lapsed(now_ms) => {
            Some((FailureCode::RedConfirmRequired, vec![lapses]))
        }
        ProposalState::Open | ProposalState::Withdrawn | ProposalState::Used => {
            Some((FailureCode::RedConfirmExpired, vec![lapses]))
        }
    }
}

/// What differs from the figures that follow from the original: the tax of a line, its deduction,
/// or anything else, which a red letter repeats.
pub(super) fn figures(facts: &TaxFacts, ground: &Ground<'_>, parts: &[RedPart]) -> Vec<Found> {
    let (original, reversed) = (ground.original, &ground.leaf.reversed_fen);
    let mut found = Vec::new();
    let head = facts.kind == original.kind
        && facts.buyer == original.buyer
        && facts.special_business == original.special_business
        && facts.waive_reason == original.waive_reason
        && facts.currency == original.currency;
    if !head {
        found.push((FailureCode::RedFactsMismatch, vec![0]));
    }
    for (part, line) in parts.iter().zip(&facts.lines) {
        // Of more than is left no figures follow; that is refused by itself.
        let within = part.amount_fen <= ground.left_of(part.line);
        let expected = red_line(original, reversed, *part).filter(|_| within);
        let Some(expected) = expected else { continue };
        let number = i64::from(part.line);
        if line.tax != expected.tax {
            let evidence = vec![number, line.tax.fen(), expected.tax.fen()];
            found.push((FailureCode::LineTaxMismatch, evidence));
        }
        if line.deduction != expected.deduction {
            let evidence = vec![number, line.deduction.fen(), expected.deduction.fen()];
            found.push((FailureCode::DeductionInvalid, evidence));
        }
        let repeated = TaxLine {
            tax: line.tax,
            deduction: line.deduction,
            ..expected
        };
        if repeated != *line {
            found.push((FailureCode::RedFactsMismatch, vec![number]));
        }
    }
    found
}

/// Sum of parts, in fen.
fn sum(parts: &[RedPart]) -> i64 {
    let amounts = parts.iter().map(|part| part.amount_fen);
    amounts.fold(0, i64::saturating_add)
}

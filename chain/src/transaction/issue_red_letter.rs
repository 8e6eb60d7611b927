//! Issuing a red letter (SPEC 4.2.10).
//!
//! Guards: what is taken back of each line is of that line and was not taken back before; what the
//! buyer has booked is taken back with its consent only; a red letter is final.

use serde::{Deserialize, Serialize};

use super::issue_invoice::{fee_refusals, status_refusal};
use super::payload::{Applied, Context, Refusal};
use super::red_rules::{self, Ground};
use super::{IssuedContent, TransactionBody, TransactionError, numbering};
use crate::digest::Digest;
use crate::failure::FailureCode;
use crate::invoice::InvoiceNumber;
use crate::limits::{FIELDS_MAX, LINES_MAX};
use crate::outcome::Effect;
use crate::state::{
    Account, InvoiceLeaf, IssuedInvoice, ProposalState, RedMark, RedProposal, Slot, StateView,
    Working,
};
use crate::tax::{RedPart, TaxFacts, check_issue_date, reversed_of};
use crate::time::{BlockTime, IssueDate};

/// Takes back parts of an invoice, or all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRedLetter {
    /// Number of the invoice it corrects; `facts.red` holds its slot.
    pub original: InvoiceNumber,
    /// Its own facts: all amounts negative, everything else the original's.
    pub facts: TaxFacts,
    /// For each line the number of the original's line, from 1, ascending.
    pub original_lines: Vec<u16>,
    /// Root over the salted fields of its document.
    pub doc_root: Digest,
    /// Fields of the document, decoys not counted.
    pub field_count: u16,
}

/// What an applied red letter brought about.
pub(super) struct Reversed {
    pub(super) effect: Effect,
    pub(super) fee_fen: u32,
    /// The original after it.
    pub(super) leaf: InvoiceLeaf,
    pub(super) original: IssuedInvoice,
}

impl IssueRedLetter {
    /// # Errors
    /// The first fault of [`TaxFacts::check_red`]; [`FailureCode::TransactionMalformed`] for
    /// counts out of bounds and line numbers that do not ascend.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        self.facts.check_red().map_err(|breach| breach.code)?;
        let fields = usize::from(self.field_count);
        let lines = &self.original_lines;
        let ascending = lines.iter().zip(lines.iter().skip(1)).all(|(a, b)| a < b);
        let numbered = lines
            .iter()
            .all(|line| (1..=LINES_MAX).contains(&usize::from(*line)));
        let paired = lines.len() == self.facts.lines.len();
        let sized = body.account != 0 && fields != 0 && fields <= FIELDS_MAX;
        if ascending && numbered && paired && sized {
            Ok(())
        } else {
            Err(FailureCode::TransactionMalformed.into())
        }
    }

    /// Refuses in catalogue order.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let reversed = self.reverse(context, state)?;
        let index = original_index(&self.facts);
        let id = reversed.original.invoice_id();
        state.set_invoice(index, id, reversed.leaf);
        Ok(Applied {
            effects: vec![reversed.effect],
            fee_charged_fen: reversed.fee_fen,
        })
    }

    /// Issues it and says what becomes of the original, whose leaf the caller writes.
    pub(super) fn reverse<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Reversed, Refusal> {
        let number = context.body.account;
        let Some((identity, mut account)) = state.account(number)? else {
            return Err(Refusal::failed(FailureCode::TaxpayerNotRegistered, &[]));
        };
        let index = original_index(&self.facts);
        let original = state.issued(index)?;
        let mut leaf = state.invoice(index)?.unwrap_or_default();
        let proposal = state.red_proposal(index)?;
        let fee_fen = context.params.fees_at(context.height).issue_fen;

        let mut found = Vec::new();
        found.extend(status_refusal(account.status));
        found.extend(fee_refusals(&account, fee_fen, context.body.fee_max_fen));
        found.extend(self.date_and_rules(context, original.as_ref()));
        match original.as_ref().filter(|one| self.names(one, number)) {
            None => found.push((FailureCode::OriginalNotFound, vec![as_i64(index)])),
            Some(one) => {
                let ground = Ground {
                    original: one.facts(),
                    leaf: &leaf,
                };
                found.extend(self.against(&ground, proposal.as_ref(), context.time_ms));
            }
        }
        let found = red_rules::first(found);
        let original = match (found, original) {
            (Some((code, evidence)), _) => return Err(Refusal::failed(code, &evidence)),
            (None, Some(original)) => original,
            (None, None) => return Err(Refusal::failed(FailureCode::OriginalNotFound, &[])),
        };

        let mut totals = state.totals()?;
        let place = (self.facts.issued_on, 0);
        let effect = numbering::issue(context, place, (&mut account, &mut totals), fee_fen)?;
        self.give_back_quota(&mut account, context.time_ms, original.time_ms());
        if let Some(before) = leaf.last_red {
            // Where there was one, the new red letter leads to it: all of an invoice are found.
            let own = InvoiceLeaf {
                last_red: Some(before),
                ..InvoiceLeaf::default()
            };
            let own_index = invoice_index(effect.slot);
            state.set_invoice(own_index, account.last_invoice_id, own);
        }
        self.take_back(&mut leaf, original.facts().lines.len());
        leaf.last_red = Some(RedMark {
            slot: effect.slot,
            number: effect.number,
            time_ms: context.time_ms,
        });
        if let (Some(mut used), true) = (proposal, self.confirmation().is_some()) {
            used.state = ProposalState::Used;
            state.set_red_proposal(index, original.invoice_id(), used);
        }
        state.set_account(number, identity, account);
        state.set_totals(totals);
        Ok(Reversed {
            effect,
            fee_fen,
            leaf,
            original,
        })
    }

    /// What it takes back, by line of the original.
    #[must_use]
    pub fn parts(&self) -> Vec<RedPart> {
        let lines = self.original_lines.iter().zip(&self.facts.lines);
        lines
            .map(|(line, red)| RedPart {
                line: *line,
                amount_fen: red.amount.fen().saturating_neg(),
            })
            .collect()
    }

    /// What it is issued as.
    pub(super) fn content(&self) -> IssuedContent<'_> {
        IssuedContent {
            facts: &self.facts,
            doc_root: &self.doc_root,
            field_count: self.field_count,
            original: Some(self.original),
            order_key: None,
        }
    }

    fn confirmation(&self) -> Option<u64> {
        self.facts.red.and_then(|red| red.confirmation)
    }

    /// Whether an invoice is the one it corrects: its number, and of the account that acts.
    fn names(&self, original: &IssuedInvoice, account: u32) -> bool {
        original.account() == account && original.effect().number == self.original
    }

    /// Its date, and the rule set it names.
    fn date_and_rules(
        &self,
        context: &Context<'_>,
        original: Option<&IssuedInvoice>,
    ) -> Vec<(FailureCode, Vec<i64>)> {
        let mut found = Vec::new();
        let now = BlockTime::from_ms(context.time_ms);
        let (issued_on, today) = (self.facts.issued_on, IssueDate::of(now));
        let days = |date: IssueDate| i64::from(date.days());
        if let Err(code) = check_issue_date(issued_on, now) {
            found.push((code, vec![days(issued_on), days(today)]));
        } else if let Some(first) = original.map(|one| one.facts().issued_on)
            && issued_on < first
        {
            let evidence = vec![days(issued_on), days(first)];
            found.push((FailureCode::DateTooOld, evidence));
        }
        let (named, in_force) = (self.facts.rule_set, context.rule_set);
        if named != in_force {
            let evidence = vec![i64::from(named), i64::from(in_force)];
            found.push((FailureCode::RulesetUnknown, evidence));
        }
        found
    }

    /// What the original and its state say against it.
    fn against(
        &self,
        ground: &Ground<'_>,
        proposal: Option<&RedProposal>,
        now_ms: u64,
    ) -> Vec<(FailureCode, Vec<i64>)> {
        let Some(red) = self.facts.red else {
            return vec![(FailureCode::OriginalNotFound, vec![])];
        };
        let parts = self.parts();
        let mut found = ground.refusals(red.reason, &parts);
        if found
            .iter()
            .any(|(code, _)| *code == FailureCode::OriginalIsRed)
        {
            return found;
        }
        found.extend(red_rules::figures(&self.facts, ground, &parts));
        let named = (red.original_slot, red.confirmation);
        found.extend(ground.confirmation(named, (red.reason, &parts), proposal, now_ms));
        found
    }

    /// Gives back what the original used of the quota, in the month it was issued in.
    fn give_back_quota(&self, account: &mut Account, now_ms: u64, issued_ms: u64) {
        let date = |ms| IssueDate::of(BlockTime::from_ms(ms));
        let (today, issued) = (date(now_ms), date(issued_ms));
        if today.month_key() == issued.month_key() {
            let amount_fen = self.facts.totals.amount.fen().saturating_neg();
            account.give_back_quota(amount_fen, today);
        }
    }

    /// Writes down what was taken back.
    fn take_back(&self, leaf: &mut InvoiceLeaf, lines: usize) {
        leaf.reversed_fen.resize(lines, 0);
        for part in self.parts() {
            let before = reversed_of(&leaf.reversed_fen, part.line);
            let at = usize::from(part.line).saturating_sub(1);
            if let Some(reversed) = leaf.reversed_fen.get_mut(at) {
                *reversed = before.saturating_add(part.amount_fen);
            }
        }
    }
}

/// Issuance index of the invoice that facts of a red letter name; 0, which none has, otherwise.
pub(super) fn original_index(facts: &TaxFacts) -> u64 {
    facts.red.map_or(0, |red| invoice_index(red.original_slot))
}

/// Issuance index of an invoice's slot; 0, which no invoice has, for any other number.
pub(super) fn invoice_index(slot: u64) -> u64 {
    Slot::from_u64(slot)
        .filter(|slot| slot.kind() == crate::state::SlotKind::Invoice)
        .map_or(0, Slot::index)
}

/// A number as evidence.
pub(super) fn as_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

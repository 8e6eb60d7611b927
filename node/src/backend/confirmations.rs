//! Proposed red letters as wire types, and those that wait for an account's answer.

use piao_api::backend::{Cut, Refusal};
use piao_api::wire::{self, ConfirmationState};
use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::state::{Leaf, ProposalState, RedProposal, Slot, SlotKind, StateView as _};

use super::render::time_text;
use crate::ledger::ChainView;

/// Proposals looked through for one page; a page may be short and say that there is more.
const PROPOSALS_PER_PAGE_MAX: usize = 2_000;

/// Beyond every index.
const INDEX_END: u64 = 1 << 36;

/// What is proposed for the invoice with an issuance index, if anything was.
///
/// # Errors
/// [`FailureCode::StoreCorrupt`].
pub(crate) fn proposal_of(chain: &ChainView, index: u64) -> Result<Option<RedProposal>, Refusal> {
    let Some(slot) = Slot::red_proposal(index) else {
        return Ok(None);
    };
    match chain.cache().leaf(slot) {
        Ok(Some(Leaf::RedProposal(_id, proposal))) => Ok(Some(proposal)),
        Ok(None) => Ok(None),
        _ => Err(Refusal::of(FailureCode::StoreCorrupt)),
    }
}

/// A proposal as the contract shows it, at a time.
pub(crate) fn confirmation_view(
    number: &str,
    index: u64,
    proposal: &RedProposal,
    now_ms: u64,
) -> wire::Confirmation {
    let state = match proposal.state {
        ProposalState::Open if proposal.is_lapsed(now_ms) => ConfirmationState::Lapsed,
        ProposalState::Open => ConfirmationState::Open,
        ProposalState::Accepted => ConfirmationState::Accepted,
        ProposalState::Refused => ConfirmationState::Refused,
        ProposalState::Withdrawn => ConfirmationState::Withdrawn,
        ProposalState::Used => ConfirmationState::Used,
    };
    let yuan = |fen: i64| Fen::new(fen).to_string();
    let amounts = proposal.parts.iter().map(|part| part.amount_fen);
    let lines = proposal.parts.iter().map(|part| wire::ConfirmationLine {
        line: part.line,
        amount: yuan(part.amount_fen),
    });
    let slot = Slot::red_proposal(index).map_or(0, Slot::as_u64);
    wire::Confirmation {
        id: format!("{slot:x}"),
        number: number.to_owned(),
        state,
        reason: format!("{:02}", proposal.reason),
        lines: lines.collect(),
        amount: yuan(amounts.fold(0, i64::saturating_add)),
        proposed_by: proposal.proposed_by,
        answered_by: proposal.answered_by,
        proposed_at: time_text(proposal.proposed_ms),
        lapses_at: time_text(proposal.lapses_ms()),
    }
}

/// What is proposed for an invoice, as of the tip.
///
/// # Errors
/// [`FailureCode::StoreCorrupt`].
pub(super) fn of_invoice(
    chain: &ChainView,
    (number, index): (&str, u64),
) -> Result<Option<wire::Confirmation>, Refusal> {
    let found = proposal_of(chain, index)?;
    let now_ms = now_ms(chain);
    Ok(found.map(|found| confirmation_view(number, index, &found, now_ms)))
}

/// Open proposals that an account is to answer, those of the latest invoices first.
///
/// # Errors
/// [`FailureCode::ParameterInvalid`] for a foreign cursor.
pub(super) fn waiting_for(
    chain: &ChainView,
    account: u32,
    cut: &Cut,
) -> Result<wire::Page<wire::Confirmation>, Refusal> {
    let mut below = match &cut.cursor {
        None => INDEX_END,
        Some(cursor) => cursor
            .parse()
            .map_err(|_source| Refusal::new(Fault::at(FailureCode::ParameterInvalid, "/cursor")))?,
    };
    let limit = usize::try_from(cut.limit).unwrap_or(usize::MAX);
    let now_ms = now_ms(chain);
    let mut data = Vec::new();
    let next = |below: u64| {
        let slot = chain
            .tip()
            .tree
            .last_below(SlotKind::RedLetterProposal, below);
        slot.map(Slot::index)
    };
    let mut left = PROPOSALS_PER_PAGE_MAX;
    let mut at = next(below);
    while let Some(index) = at.filter(|_index| data.len() < limit && left > 0) {
        left = left.saturating_sub(1);
        below = index;
        let found = proposal_of(chain, index)?.filter(|found| found.answered_by == account);
        if let Some(found) = found
            && found.state == ProposalState::Open
            && !found.is_lapsed(now_ms)
        {
            data.push(confirmation_view(
                &number_of(chain, index)?,
                index,
                &found,
                now_ms,
            ));
        }
        at = next(below);
    }
    Ok(wire::Page {
        data,
        has_more: at.is_some(),
        next_cursor: at.map(|_index| below.to_string()),
    })
}

fn number_of(chain: &ChainView, index: u64) -> Result<String, Refusal> {
    let broken = || Refusal::of(FailureCode::StoreCorrupt);
    let issued = chain.cache().issued(index).map_err(|_why| broken())?;
    let issued = issued.ok_or_else(broken)?;
    Ok(issued.effect().number.to_string())
}

/// Whether a proposal has lapsed is said by block time, or the clock where that is ahead.
fn now_ms(chain: &ChainView) -> u64 {
    let tip_ms = chain.tip().header.time_ms;
    chain.clock().now().ms().max(tip_ms)
}

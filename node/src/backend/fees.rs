//! Accounts and the movements of their fee balances.
//!
//! Movements are read back from the blocks, newest first: the chain is the ledger. A cursor holds
//! where the page ended and the balance there, so that no sum has to be made again.

use piao_api::backend::{Cut, Refusal};
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::outcome::Outcome;
use piao_chain::state::AccountStatus;
use piao_chain::tax::Taxpayer;
use piao_chain::transaction::{Identity, Payload, SignedTransaction};

use super::render::{broken, time_text, yuan};
use crate::desk::{Desk, Forecast, Move};
use crate::ledger::ChainView;
use crate::mempool::Reserved;

/// Blocks looked through for one page; a page may be short and say that there is more.
const BLOCKS_PER_PAGE_MAX: u64 = 512;

/// An account at the tip.
pub(super) fn account(
    chain: &ChainView,
    number: u32,
    reserved: Reserved,
    name: Option<String>,
    forecast: Forecast,
) -> Result<wire::Account, Refusal> {
    let height = chain.height();
    let found = chain
        .account(number)
        .map_err(|_why| Refusal::of(FailureCode::StoreCorrupt))?;
    let (identity, account) = found.ok_or_else(|| Refusal::of(FailureCode::FeeAccountUnknown))?;
    let fee_fen = i64::from(chain.params().fees_at(height.saturating_add(1)).issue_fen);
    let available_fen = account
        .fee_balance_fen
        .saturating_sub(reserved.fee_fen)
        .max(0);
    let can_issue = available_fen.checked_div(fee_fen).unwrap_or(i64::MAX);
    let can_issue = u64::try_from(can_issue).unwrap_or_default();
    Ok(wire::Account {
        account: number,
        name,
        tax_id: match &identity {
            Identity::Clear(uscc) => Some(uscc.to_string()),
            Identity::Sealed(_) => None,
        },
        taxpayer: match account.taxpayer {
            Taxpayer::General => "general",
            Taxpayer::SmallScale => "small_scale",
        }
        .to_owned(),
        status: match account.status {
            AccountStatus::Active => "active",
            AccountStatus::Suspended => "suspended",
            AccountStatus::Revoked => "revoked",
        }
        .to_owned(),
        fee_balance: yuan(account.fee_balance_fen),
        reserved: yuan(reserved.fee_fen),
        available: yuan(available_fen),
        fee: yuan(fee_fen),
        can_issue,
        invoices_per_day: forecast.per_day_text(),
        days_left: forecast.days_left(can_issue),
        low: forecast.is_low(can_issue),
        issued_count: account.counter,
        height,
    })
}

/// Where a page of movements starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    /// Only blocks below this height, and in it only below this index.
    height: u64,
    index: u32,
    /// The balance before everything newer.
    balance_fen: i64,
    /// Of what was held back and released, only below this number.
    below: u64,
}

impl Mark {
    fn encode(self) -> String {
        let Self {
            height,
            index,
            balance_fen,
            below,
        } = self;
        format!("{height}.{index}.{balance_fen}.{below}")
    }

    fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let from = Self {
            height: parts.next()?.parse().ok()?,
            index: parts.next()?.parse().ok()?,
            balance_fen: parts.next()?.parse().ok()?,
            below: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(from)
    }
}

/// A page of movements, newest first: those of the chain, and between them what this node held back
/// and released. `desk` gives these, and the texts of top-ups this node made.
pub(super) fn movements(
    chain: &ChainView,
    number: u32,
    cut: &Cut,
    desk: &Desk,
) -> Result<wire::Page<wire::LedgerEntry>, Refusal> {
    let mut from = start(chain, number, cut)?;
    let limit = usize::try_from(cut.limit).unwrap_or(usize::MAX);
    let lowest = from.height.saturating_sub(BLOCKS_PER_PAGE_MAX);
    let mut data = Vec::new();
    'blocks: while from.height > lowest && from.height > 0 {
        let found = chain.block(from.height).map_err(|error| broken(&error))?;
        let Some(committed) = found else { break };
        let time_ms = committed.block.header.time_ms;
        let room = limit.saturating_sub(data.len());
        for (below, one) in desk.moves_after(number, from.below, time_ms, room) {
            from.below = below;
            data.push(held_or_released(&from, &one));
        }
        let pairs = committed.block.transactions.iter().zip(&committed.outcomes);
        let rows: Vec<_> = (0u32..).zip(pairs).collect();
        for (index, (transaction, outcome)) in rows.into_iter().rev() {
            if index >= from.index {
                continue;
            }
            if data.len() >= limit {
                break 'blocks;
            }
            from.index = index;
            let Some((kind, amount_fen)) = movement(number, transaction, outcome) else {
                continue;
            };
            let reserved_fen = match kind {
                wire::LedgerKind::IssueFee if desk.signed(number, transaction) => {
                    -i64::from(transaction.body().fee_max_fen)
                }
                _ => 0,
            };
            data.push(wire::LedgerEntry {
                height: committed.block.header.height,
                index,
                at: time_text(time_ms),
                txid: transaction.id().to_string(),
                kind,
                amount: yuan(amount_fen),
                reserved: yuan(reserved_fen),
                balance: yuan(from.balance_fen),
                number: outcome
                    .effects
                    .first()
                    .map(|effect| effect.number.to_string()),
                reference: desk.reference_of(&transaction.body().idem),
            });
            from.balance_fen = from.balance_fen.saturating_sub(amount_fen);
        }
        if data.len() >= limit {
            break;
        }
        from.height = from.height.saturating_sub(1);
        from.index = u32::MAX;
    }
    let has_more = from.height > 0;
    Ok(wire::Page {
        data,
        has_more,
        next_cursor: has_more.then(|| from.encode()),
    })
}

/// What was held back or released after the block a page has come to.
fn held_or_released(from: &Mark, one: &Move) -> wire::LedgerEntry {
    wire::LedgerEntry {
        height: from.height,
        index: 0,
        at: time_text(one.at_ms),
        txid: one.txid.to_string(),
        kind: if one.fee_fen < 0 {
            wire::LedgerKind::Release
        } else {
            wire::LedgerKind::Reserve
        },
        amount: yuan(0),
        reserved: yuan(one.fee_fen),
        balance: yuan(from.balance_fen),
        number: None,
        reference: None,
    }
}

fn start(chain: &ChainView, number: u32, cut: &Cut) -> Result<Mark, Refusal> {
    if let Some(cursor) = &cut.cursor {
        return Mark::decode(cursor)
            .ok_or_else(|| Refusal::new(Fault::at(FailureCode::ParameterInvalid, "/cursor")));
    }
    let tip = chain.tip();
    let height = tip.header.height;
    let found = chain.account(number);
    drop(tip);
    let found = found.map_err(|_why| Refusal::of(FailureCode::StoreCorrupt))?;
    let (_identity, account) = found.ok_or_else(|| Refusal::of(FailureCode::FeeAccountUnknown))?;
    Ok(Mark {
        height,
        index: u32::MAX,
        balance_fen: account.fee_balance_fen,
        below: u64::MAX,
    })
}

/// What a transaction moved in an account, in fen.
fn movement(
    number: u32,
    transaction: &SignedTransaction,
    outcome: &Outcome,
) -> Option<(wire::LedgerKind, i64)> {
    let body = transaction.body();
    if let Payload::CreditFees(credit) = &body.payload
        && credit.account == number
        && outcome.is_applied()
    {
        return Some((wire::LedgerKind::TopUp, credit.amount_fen));
    }
    let charged = i64::from(outcome.fee_charged_fen);
    if body.account != number || charged == 0 {
        return None;
    }
    let kind = if outcome.is_applied() {
        wire::LedgerKind::IssueFee
    } else {
        wire::LedgerKind::FailureFee
    };
    Some((kind, charged.saturating_neg()))
}

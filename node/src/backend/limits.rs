//! What an account may issue, and what is used of it.

use piao_api::backend::Refusal;
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::state::QuotaStatus;
use piao_chain::time::{BlockTime, IssueDate};

use super::render::yuan;
use crate::ledger::ChainView;
use crate::mempool::Reserved;

/// Limits of an account at the tip, for the day and month of the next block.
pub(super) fn limits(
    chain: &ChainView,
    number: u32,
    reserved: Reserved,
) -> Result<wire::Limits, Refusal> {
    let broken = |_why| Refusal::of(FailureCode::StoreCorrupt);
    let (height, time_ms) = {
        let tip = chain.tip();
        (tip.header.height, tip.header.time_ms)
    };
    let now_ms = chain.clock().now().ms().max(time_ms);
    let today = IssueDate::of(BlockTime::from_ms(now_ms));
    let found = chain.account(number).map_err(broken)?;
    let (_identity, account) = found.ok_or_else(|| Refusal::of(FailureCode::FeeAccountUnknown))?;
    let (limits, counted) = chain.limits(number).map_err(broken)?;
    let per_day = (limits.invoices_per_day > 0).then_some(limits.invoices_per_day);
    Ok(wire::Limits {
        account: number,
        suspended: limits.quota == QuotaStatus::Suspended,
        single_invoice: (limits.single_invoice_fen > 0).then(|| yuan(limits.single_invoice_fen)),
        invoices_per_day: per_day,
        issued_today: per_day.map(|_limit| counted.issued_on(today)),
        month_quota: yuan(account.month_quota_fen),
        month_used: yuan(account.quota_used_on(today)),
        in_flight: reserved.invoices,
        height,
    })
}

//! Announced maintenance at this node: whether it lasts now, and what whoever wants to issue is told
//! (`chain/SPEC.md` 4.2.17).
//!
//! Guards: it is judged by the node's clock, unless the chain is ahead of it, as every deadline here;
//! nothing but issuing stops, and what is wrong with a draft is still told with it.

use std::time::Duration;

use piao_api::backend::Refusal;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::state::{Announcement, StateUnavailable};
use piao_chain::time::BlockTime;

use crate::ledger::ChainView;

/// Now, in ms since 1970: the node's clock, unless the chain is ahead of it.
fn now_ms(chain: &ChainView) -> u64 {
    let tip_ms = chain.tip().header.time_ms;
    chain.clock().now().ms().max(tip_ms)
}

/// The announced maintenance that lasts now.
///
/// # Errors
/// [`StateUnavailable`].
pub(crate) fn lasting(chain: &ChainView) -> Result<Option<Announcement>, StateUnavailable> {
    let all = chain.announcements()?;
    // Most chains have never announced any: no clock is read then.
    if all.entries().is_empty() {
        return Ok(None);
    }
    Ok(all.in_force_at(now_ms(chain)).copied())
}

/// What is about to be issued, unless maintenance lasts; everything that speaks against it, if it
/// does.
///
/// # Errors
/// As `issued`; [`FailureCode::Maintenance`], with the announcement's number and its end.
pub(crate) fn unless_it_lasts<T>(
    chain: &ChainView,
    issued: Result<T, Refusal>,
) -> Result<T, Refusal> {
    let lasting = lasting(chain).map_err(|_why| Refusal::of(FailureCode::StoreCorrupt))?;
    let Some(announcement) = lasting else {
        return issued;
    };
    let until = BlockTime::from_ms(announcement.until_ms);
    let fault = Fault::new(FailureCode::Maintenance)
        .got(announcement.id.to_string())
        .not_before(until);
    let Err(refused) = issued else {
        let left_ms = announcement.until_ms.saturating_sub(now_ms(chain));
        let from = BlockTime::from_ms(announcement.from_ms);
        let text = |time: BlockTime| time.to_rfc3339().unwrap_or_default();
        let detail = format!(
            "announcement {}: {} / {}, {} – {}",
            announcement.id,
            announcement.reason.zh(),
            announcement.reason.en(),
            text(from),
            text(until)
        );
        let refusal = Refusal::new(fault).detail(detail);
        return Err(refusal.retry_after(Duration::from_millis(left_ms)));
    };
    let mut all = refused;
    all.faults.push(fault);
    piao_chain::fault::sort_catalogue_order(&mut all.faults);
    Err(all)
}

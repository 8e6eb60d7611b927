//! Announced maintenance, as the contract shows it.

use piao_api::backend::Refusal;
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::state::Announcement;

use super::render::time_text;
use crate::ledger::ChainView;

/// The latest announcements, newest first.
pub(super) fn list(chain: &ChainView) -> Result<Vec<wire::Announcement>, Refusal> {
    let all = chain.announcements();
    let all = all.map_err(|_why| Refusal::of(FailureCode::StoreCorrupt))?;
    let tip_ms = chain.tip().header.time_ms;
    let now_ms = chain.clock().now().ms().max(tip_ms);
    let newest_first = all.entries().iter().rev();
    Ok(newest_first.map(|one| shown(one, now_ms)).collect())
}

fn shown(one: &Announcement, now_ms: u64) -> wire::Announcement {
    use wire::AnnouncementState::{Announced, Lasting, Over};
    wire::Announcement {
        id: one.id,
        reason: one.reason.as_str().to_owned(),
        zh: one.reason.zh().to_owned(),
        en: one.reason.en().to_owned(),
        from: time_text(one.from_ms),
        until: time_text(one.until_ms),
        announced_at: time_text(one.announced_ms),
        ended_at: one.ended_ms.map(time_text),
        state: match () {
            () if one.is_over_at(now_ms) => Over,
            () if one.lasts_at(now_ms) => Lasting,
            () => Announced,
        },
    }
}

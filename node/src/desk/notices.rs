//! What is worth telling and belongs to no request: a balance that runs out, announced maintenance.
//!
//! Guards: of each fall of a balance there is one notice, on disk before the first refusal that
//! follows from it; of each announcement one, and one when it is over, also across a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{MutexGuard, PoisonError};

use piao_api::backend::Refusal;
use piao_chain::failure::FailureCode;

use super::Desk;
use super::store::{DeskRecord, Notice, NoticeKind};

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Accounts whose balance was told to be low, and not to be restored since.
    low: BTreeSet<u32>,
    /// Announcements by number, and whether their end was told. Older ones than the chain keeps are
    /// forgotten.
    announced: BTreeMap<u32, bool>,
}

impl Told {
    /// Does what a record says.
    pub(super) fn replay(&mut self, notice: &Notice) {
        match notice.kind {
            NoticeKind::BalanceLow { .. } => {
                self.low.insert(notice.account);
            }
            NoticeKind::BalanceRestored { .. } => {
                self.low.remove(&notice.account);
            }
            NoticeKind::Published { announcement, .. } => {
                self.announced.entry(announcement).or_default();
            }
            NoticeKind::Ended { announcement } => {
                self.announced.insert(announcement, true);
            }
        }
    }

    /// Takes back what could not be written.
    fn undo(&mut self, notice: &Notice) {
        match notice.kind {
            NoticeKind::BalanceLow { .. } => {
                self.low.remove(&notice.account);
            }
            NoticeKind::BalanceRestored { .. } => {
                self.low.insert(notice.account);
            }
            NoticeKind::Published { announcement, .. } => {
                self.announced.remove(&announcement);
            }
            NoticeKind::Ended { announcement } => {
                self.announced.insert(announcement, false);
            }
        }
    }
}

/// A balance as a notice looks at it.
struct Balance {
    can_issue: u64,
    /// Whether there is any: an account that was never credited has not fallen.
    is_there: bool,
}

impl Desk {
    /// Tells whether the balance of an account fell low, or rose again; nothing where that was told.
    /// Synced when this returns.
    pub(super) async fn tell_balance(&self, account: u32) {
        let below = self.low_balance_invoices.get().copied();
        let Some(balance) = self.balance(account).filter(|one| one.is_there) else {
            return;
        };
        let was_low = self.told().low.contains(&account);
        // Whoever was refused for it is told that it rose only once something can be issued.
        let least = if was_low { 1 } else { 0 };
        let is_low = balance.can_issue < below.unwrap_or_default().max(least);
        if was_low != is_low {
            self.tell_fall(account, is_low, balance.can_issue).await;
        }
    }

    /// Tells that a balance is low before anybody is refused for it.
    pub(super) async fn tell_before_refusing(&self, account: u32, refusal: &Refusal) {
        let is_short = |code| {
            matches!(
                code,
                FailureCode::FeeBalanceInsufficient | FailureCode::FeeReserved
            )
        };
        if !refusal.faults.iter().any(|fault| is_short(fault.code)) {
            return;
        }
        if let Some(balance) = self.balance(account) {
            self.tell_fall(account, true, balance.can_issue).await;
        }
    }

    async fn tell_fall(&self, account: u32, is_low: bool, can_issue: u64) {
        // One at a time: whoever finds it told must find it on disk, too.
        let _turn = self.telling.lock().await;
        let is_new = {
            let mut told = self.told();
            if is_low {
                told.low.insert(account)
            } else {
                told.low.remove(&account)
            }
        };
        if !is_new {
            return;
        }
        let kind = if is_low {
            NoticeKind::BalanceLow { can_issue }
        } else {
            NoticeKind::BalanceRestored { can_issue }
        };
        let notice = self.notice(account, kind);
        if let Err(error) = self.store.append(DeskRecord::Notice(notice)).await {
            tracing::warn!(%error, account, "a balance that changed is not told of yet");
            self.told().undo(&notice);
        }
    }

    /// Tells what was announced and what of it is over; what can't be written is told later.
    pub(super) fn tell_announcements(&self) {
        let Ok(all) = self.chain.announcements() else {
            return;
        };
        let now_ms = self.now().ms();
        for one in all.entries() {
            let (announcement, is_over) = (one.id, one.is_over_at(now_ms));
            let known = self.told().announced.get(&announcement).copied();
            if known.is_none() {
                self.tell(NoticeKind::Published {
                    announcement,
                    from_ms: one.from_ms,
                    until_ms: one.until_ms,
                });
            }
            if is_over && known != Some(true) {
                self.tell(NoticeKind::Ended { announcement });
            }
        }
        if let Some(oldest) = all.entries().first() {
            self.told().announced.retain(|id, _ended| *id >= oldest.id);
        }
    }

    /// Tells everybody, soon.
    fn tell(&self, kind: NoticeKind) {
        let notice = self.notice(0, kind);
        self.told().replay(&notice);
        if self
            .store
            .append_unsynced(DeskRecord::Notice(notice))
            .is_err()
        {
            self.told().undo(&notice);
        }
    }

    fn notice(&self, account: u32, kind: NoticeKind) -> Notice {
        Notice {
            account,
            kind,
            at_ms: self.chain.clock().now().ms(),
        }
    }

    fn balance(&self, account: u32) -> Option<Balance> {
        let (_identity, state) = self.chain.account(account).ok()??;
        let fee_fen = i64::from(self.fee_fen());
        let reserved_fen = self.admission.pool().reserved(account).fee_fen;
        let available_fen = state.fee_balance_fen.saturating_sub(reserved_fen).max(0);
        let can_issue = available_fen.checked_div(fee_fen).unwrap_or(i64::MAX);
        Some(Balance {
            can_issue: u64::try_from(can_issue).unwrap_or_default(),
            is_there: state.fee_balance_fen > 0,
        })
    }

    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod notices_tests {
    use super::*;

    fn notice(kind: NoticeKind) -> Notice {
        Notice {
            account: 1,
            kind,
            at_ms: 0,
        }
    }

    #[test]
    fn what_was_told_is_known_after_a_replay() {
        let mut told = Told::default();
        told.replay(&notice(NoticeKind::BalanceLow { can_issue: 3 }));
        assert!(!told.low.insert(1), "told already");
        told.replay(&notice(NoticeKind::BalanceRestored { can_issue: 30 }));
        assert!(told.low.insert(1), "the next fall is told anew");
        told.replay(&notice(NoticeKind::Published {
            announcement: 4,
            from_ms: 1,
            until_ms: 2,
        }));
        assert_eq!(told.announced.get(&4), Some(&false));
        told.replay(&notice(NoticeKind::Ended { announcement: 4 }));
        assert_eq!(told.announced.get(&4), Some(&true));
    }
}

//! What has ended, and whom that wakes: a top-up landed, a limit was lifted, maintenance is over, the
//! disk has room again.
//!
//! Guards: nobody is woken by what got narrower, and nobody waits for his pause to be over once what
//! he waits for has ended.

use piao_chain::state::{AccountStatus, QuotaStatus};
use piao_chain::time::IssueDate;

use super::super::Desk;

/// What an account may issue, each figure the wider the higher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    /// 2 for an active account with an open quota.
    pub(super) may_issue: u8,
    /// The most that one invoice may be over, in fen; the highest number for no limit.
    pub(super) single_fen: u64,
    /// What is left of the month, in fen.
    pub(super) month_fen: u64,
    /// Invoices left of the day; the highest number for no limit.
    pub(super) today: u32,
}

impl Room {
    /// Whether any figure is higher.
    pub(super) const fn is_wider_than(self, before: Self) -> bool {
        self.may_issue > before.may_issue
            || self.single_fen > before.single_fen
            || self.month_fen > before.month_fen
            || self.today > before.today
    }
}

impl Desk {
    /// Wakes what waits for something that has ended.
    pub(super) fn wake_by_causes(&self) {
        let fee_fen = i64::from(self.fee_fen());
        for account in self.accounts() {
            let reserved_fen = self.admission.pool().reserved(account).fee_fen;
            if let Ok(Some((_identity, state))) = self.chain.account(account) {
                let available_fen = state.fee_balance_fen.saturating_sub(reserved_fen);
                self.jobs.note_available(account, available_fen, fee_fen);
            }
            // What can't be read wakes nobody; pauses go on.
            if let Some(room) = self.room(account) {
                self.jobs.note_room(account, room);
            }
        }
        if let Ok(lasting) = crate::maintenance::lasting(&self.chain) {
            self.jobs.note_maintenance(lasting.map(|one| one.id));
        }
        if let Some(disk) = self.disk.get() {
            self.jobs.note_disk(disk.is_low());
        }
    }

    fn room(&self, account: u32) -> Option<Room> {
        let today = IssueDate::of(self.now());
        let (limits, counted) = self.chain.limits(account).ok()?;
        let (_identity, state) = self.chain.account(account).ok()??;
        let may_issue = u8::from(state.status == AccountStatus::Active)
            + u8::from(limits.quota == QuotaStatus::Open);
        let left_fen = state
            .month_quota_fen
            .saturating_sub(state.quota_used_on(today));
        let single_fen = u64::try_from(limits.single_invoice_fen).unwrap_or_default();
        let per_day = limits.invoices_per_day;
        Some(Room {
            may_issue,
            single_fen: if single_fen == 0 {
                u64::MAX
            } else {
                single_fen
            },
            month_fen: u64::try_from(left_fen).unwrap_or_default(),
            today: if per_day == 0 {
                u32::MAX
            } else {
                per_day.saturating_sub(counted.issued_on(today))
            },
        })
    }
}

#[cfg(test)]
mod causes_tests {
    use super::*;

    #[test]
    fn a_room_is_wider_where_any_figure_rose() {
        let room = Room {
            may_issue: 1,
            single_fen: 5,
            month_fen: 5,
            today: 5,
        };
        assert!(!room.is_wider_than(room));
        let open = Room {
            may_issue: 2,
            today: 4,
            ..room
        };
        assert!(open.is_wider_than(room));
        assert!(room.is_wider_than(open), "another figure fell");
        let less = Room { today: 4, ..room };
        assert!(!less.is_wider_than(room));
    }
}

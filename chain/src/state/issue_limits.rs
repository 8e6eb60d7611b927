//! How much an account may issue at once and in a day, as the authority says (SPEC 4.2.6).
//!
//! Guards: limits and the day's count lie in leaves of their own, so an account without limits has
//! the bytes it always had and costs nothing; one rule says what they refuse, at the desk, at the
//! door of the mempool and in a block.

use serde::{Deserialize, Serialize};

use crate::failure::FailureCode;
use crate::time::IssueDate;

/// Whether an account may use its quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuotaStatus {
    /// As far as it goes.
    #[default]
    Open,
    /// Not for now.
    Suspended,
}

/// Limits of what an account may issue. Nought means no limit; the default has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueLimits {
    /// The most that one invoice may be over, net of tax, in fen; never negative.
    pub single_invoice_fen: i64,
    /// Invoices on one date of blocks in UTC+8.
    pub invoices_per_day: u32,
    /// Whether anything may be issued now.
    pub quota: QuotaStatus,
}

/// An account's own limits, and what it issued on the last day that was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLimits {
    /// Its own; `None` where those of every account hold.
    pub own: Option<IssueLimits>,
    /// The date `issued` speaks of, days since 1970 in UTC+8.
    pub day: u32,
    /// Invoices issued on that date while there was a daily limit.
    pub issued: u32,
}

impl IssueLimits {
    /// What these limits say against one more invoice over `amount_fen`, when `issued` are issued
    /// on the block's date: codes in catalogue order, with their evidence.
    #[must_use]
    pub fn refusals(
        &self,
        amount_fen: i64,
        issued: u32,
        today: IssueDate,
    ) -> Vec<(FailureCode, Vec<i64>)> {
        let mut found = Vec::new();
        if self.quota == QuotaStatus::Suspended {
            found.push((FailureCode::QuotaSuspended, vec![]));
        }
        if self.single_invoice_fen > 0 && amount_fen > self.single_invoice_fen {
            let evidence = vec![amount_fen, self.single_invoice_fen];
            found.push((FailureCode::SingleInvoiceLimit, evidence));
        }
        if self.invoices_per_day > 0 && issued >= self.invoices_per_day {
            let next_ms = today.saturating_add_days(1).begins().ms();
            let next_ms = i64::try_from(next_ms).unwrap_or(i64::MAX);
            let evidence = vec![issued.into(), self.invoices_per_day.into(), next_ms];
            found.push((FailureCode::DailyCountLimit, evidence));
        }
        found
    }
}

impl AccountLimits {
    /// The limits in force, where `default` are those of every account.
    #[must_use]
    pub fn in_force(&self, default: IssueLimits) -> IssueLimits {
        self.own.unwrap_or(default)
    }

    /// Invoices counted on a date.
    #[must_use]
    pub fn issued_on(&self, date: IssueDate) -> u32 {
        if self.day == date.days() {
            self.issued
        } else {
            0
        }
    }

    /// Counts one more invoice on a date.
    pub fn count(&mut self, date: IssueDate) {
        self.issued = self.issued_on(date).saturating_add(1);
        self.day = date.days();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: IssueDate = IssueDate::from_days(20_778);

    #[test]
    fn a_limit_holds_up_to_its_own_value_and_nought_is_none() {
        let none = IssueLimits::default();
        assert_eq!(none.refusals(i64::MAX, u32::MAX, DAY), []);
        let limits = IssueLimits {
            single_invoice_fen: 100,
            invoices_per_day: 2,
            quota: QuotaStatus::Open,
        };
        assert_eq!(limits.refusals(100, 1, DAY), []);
        // 2026-11-22 00:00 in China.
        let next_ms = 1_795_276_800_000;
        assert_eq!(
            limits.refusals(101, 2, DAY),
            [
                (FailureCode::SingleInvoiceLimit, vec![101, 100]),
                (FailureCode::DailyCountLimit, vec![2, 2, next_ms]),
            ]
        );
        let suspended = IssueLimits {
            quota: QuotaStatus::Suspended,
            ..none
        };
        assert_eq!(
            suspended.refusals(1, 0, DAY),
            [(FailureCode::QuotaSuspended, vec![])]
        );
    }

    #[test]
    fn every_date_counts_from_nought() {
        let mut counted = AccountLimits::default();
        counted.count(DAY);
        counted.count(DAY);
        assert_eq!(counted.issued_on(DAY), 2);
        let next = DAY.saturating_add_days(1);
        assert_eq!(counted.issued_on(next), 0);
        counted.count(next);
        assert_eq!((counted.issued_on(next), counted.issued_on(DAY)), (1, 0));
    }

    #[test]
    fn own_limits_stand_in_for_those_of_every_account() {
        let default = IssueLimits {
            invoices_per_day: 5,
            ..IssueLimits::default()
        };
        let mut account = AccountLimits::default();
        assert_eq!(account.in_force(default), default);
        account.own = Some(IssueLimits::default());
        assert_eq!(account.in_force(default), IssueLimits::default());
    }
}

//! How far the issue time of an invoice may lie from the time of the network.
//!
//! Guards: the same window at the desk and in a block, where `now` is the time of the block.

use crate::failure::FailureCode;
use crate::time::{BlockTime, IssueDate};

/// An issue time may be this far ahead, in milliseconds: clocks of tills drift by minutes.
pub const ISSUE_AHEAD_MS_MAX: u64 = 10 * 60 * 1000;

/// An issue date may lie this many days back: a month's end may be reported in the next month.
pub const ISSUE_AGE_DAYS_MAX: u32 = 31;

/// Checks the date of an invoice against the time of the network.
///
/// # Errors
/// [`FailureCode::DateInFuture`], [`FailureCode::DateTooOld`].
pub fn check_issue_date(issued_on: IssueDate, now: BlockTime) -> Result<(), FailureCode> {
    if issued_on > IssueDate::of(now.saturating_add_ms(ISSUE_AHEAD_MS_MAX)) {
        return Err(FailureCode::DateInFuture);
    }
    if issued_on.saturating_add_days(ISSUE_AGE_DAYS_MAX) < IssueDate::of(now) {
        return Err(FailureCode::DateTooOld);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_may_be_a_month_old_and_ten_minutes_ahead() {
        let now = BlockTime::parse_rfc3339("2026-11-21T23:55:00+08:00").unwrap();
        let check = |date: &str| check_issue_date(IssueDate::parse(date).unwrap(), now);
        assert_eq!(check("2026-11-21"), Ok(()));
        assert_eq!(check("2026-11-22"), Ok(()));
        assert_eq!(check("2026-11-23"), Err(FailureCode::DateInFuture));
        assert_eq!(check("2026-10-21"), Ok(()));
        assert_eq!(check("2026-10-20"), Err(FailureCode::DateTooOld));
    }
}

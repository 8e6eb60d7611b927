//! How long a balance lasts: the rate of the last days, by the requests of this desk.

use super::super::Desk;

/// Days the rate is taken of.
const DAYS: u64 = 7;

/// One day, in ms.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Requests looked at for the rate; a desk with more in its last days counts those alone.
const REQUESTS_MAX: usize = 50_000;

/// A balance that lasts for fewer days is low.
const DAYS_LOW: u64 = 3;

/// A balance that pays for fewer invoices is low.
const INVOICES_LOW: u64 = 10;

/// Requests of the last days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forecast {
    requests: u64,
    within_ms: u64,
}

impl Desk {
    /// The rate of an account in the last days, or since its first request if that is less.
    pub(crate) fn forecast(&self, account: u32) -> Forecast {
        let now_ms = self.now().ms();
        let since_ms = now_ms.saturating_sub(DAYS * DAY_MS);
        let index = self.index();
        let mut requests = 0u64;
        let mut first_ms = now_ms;
        for (_seq, key) in index.older_than(account, u64::MAX).take(REQUESTS_MAX) {
            let Some(entry) = index.get(key) else {
                continue;
            };
            if entry.created_at_ms < since_ms {
                break;
            }
            first_ms = first_ms.min(entry.created_at_ms);
            requests = requests.saturating_add(1);
        }
        Forecast {
            requests,
            // The first day counts as a whole one: one busy minute says little of a day.
            within_ms: now_ms.saturating_sub(first_ms).max(DAY_MS),
        }
    }
}

impl Forecast {
    /// Invoices in ten days.
    const fn in_ten_days(self) -> u64 {
        if self.within_ms == 0 {
            return 0;
        }
        let ten_days = self.requests.saturating_mul(10 * DAY_MS);
        ten_days.div_ceil(self.within_ms)
    }

    /// Invoices in a day, with one decimal; `None` while there were none.
    pub(crate) fn per_day_text(self) -> Option<String> {
        let tenths = self.in_ten_days();
        (tenths > 0).then(|| format!("{}.{}", tenths / 10, tenths % 10))
    }

    /// Whole days so many invoices last; `None` while there were none.
    pub(crate) fn days_left(self, can_issue: u64) -> Option<u64> {
        can_issue.saturating_mul(10).checked_div(self.in_ten_days())
    }

    /// Whether so many invoices last for few days, or are few.
    pub(crate) fn is_low(self, can_issue: u64) -> bool {
        let is_short = self
            .days_left(can_issue)
            .is_some_and(|days| days < DAYS_LOW);
        can_issue < INVOICES_LOW || is_short
    }
}

#[cfg(test)]
mod forecast_tests {
    use super::*;

    #[test]
    fn a_balance_lasts_for_as_long_as_the_last_days_say() {
        let week = Forecast {
            requests: 70,
            within_ms: 7 * DAY_MS,
        };
        assert_eq!(week.per_day_text().as_deref(), Some("10.0"));
        assert_eq!(week.days_left(100), Some(10));
        assert!(!week.is_low(30) && week.is_low(29));
        let quiet = Forecast::default();
        assert_eq!((quiet.per_day_text(), quiet.days_left(5)), (None, None));
        assert!(quiet.is_low(9) && !quiet.is_low(10));
    }
}

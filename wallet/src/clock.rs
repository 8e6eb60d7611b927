//! The only place that reads the clock of this machine.

use std::time::{SystemTime, UNIX_EPOCH};

use piao_chain::time::BlockTime;

/// Now. A clock before 1970 counts as 1970, which every proof then calls behind.
#[must_use]
pub(crate) fn now() -> BlockTime {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    BlockTime::from_ms(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

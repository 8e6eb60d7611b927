//! The only reading of the system's time in the node.

use std::time::{SystemTime, UNIX_EPOCH};

use piao_chain::time::BlockTime;

/// The wall clock, shifted by a fixed offset for tests of skewed clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    offset_ms: i64,
}

impl Clock {
    /// A clock that runs this many milliseconds ahead, or behind when negative.
    #[must_use]
    pub const fn with_offset_ms(offset_ms: i64) -> Self {
        Self { offset_ms }
    }

    /// Now. A clock before 1970 reads 1970.
    #[must_use]
    pub fn now(&self) -> BlockTime {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        BlockTime::from_ms(ms.saturating_add_signed(self.offset_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_moves_the_clock_by_itself() {
        let (now, ahead) = (
            Clock::default().now().ms(),
            Clock::with_offset_ms(3_600_000).now().ms(),
        );
        assert!(ahead - now >= 3_600_000);
        let behind = Clock::with_offset_ms(-3_600_000).now().ms();
        assert!(behind < now);
    }
}

//! A clock that is off: said once when it begins, once when it ends.

use piao_chain::limits::BLOCK_TIME_SKEW_MS;

/// What an announcement may take to arrive on a busy machine: so much is not the clock's.
const DELIVERY_MS: u64 = 1_000;

/// Says when the clock goes wrong and right again.
#[derive(Debug, Default)]
pub(super) struct ClockWatch {
    is_off: bool,
}

impl ClockWatch {
    /// Looks at how far the others' clocks are ahead of ours.
    pub(super) fn look(&mut self, ahead_ms: Option<i64>) {
        let off = ahead_ms.filter(|ahead| is_off(*ahead));
        match off {
            Some(ahead_ms) if !self.is_off => {
                tracing::warn!("{}", complaint(ahead_ms));
            }
            None if self.is_off => tracing::info!("the clock is right again"),
            _ => {}
        }
        self.is_off = off.is_some();
    }
}

/// Whether blocks by this clock would be voted down.
pub(crate) fn is_off(ahead_ms: i64) -> bool {
    ahead_ms.unsigned_abs() > BLOCK_TIME_SKEW_MS + DELIVERY_MS
}

/// One line for the operator.
pub(crate) fn complaint(ahead_ms: i64) -> String {
    let seconds = ahead_ms.unsigned_abs() / 1_000;
    let way = if ahead_ms > 0 { "behind" } else { "ahead of" };
    format!(
        "this machine's clock is {seconds} s {way} the other members': set it, its blocks are \
         voted down until then"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_minutes_are_off_and_a_second_is_not() {
        assert!(!is_off(1_000));
        assert!(!is_off(-3_000));
        assert!(is_off(120_000));
        assert!(is_off(-120_000));
        assert!(complaint(120_000).contains("120 s behind"));
        assert!(complaint(-120_500).contains("120 s ahead"));
    }
}

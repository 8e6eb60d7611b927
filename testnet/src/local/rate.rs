//! Invoices a second, from what a node has issued at two moments.

use std::collections::HashMap;
use std::time::Instant;

/// The last figure of each node.
#[derive(Debug, Default)]
pub(super) struct Rates {
    last: HashMap<String, (Instant, u64)>,
}

impl Rates {
    /// Takes a node's count; invoices a second since the last one.
    pub(super) fn take(&mut self, name: &str, count: u64, now: Instant) -> f64 {
        let before = self.last.insert(name.to_owned(), (now, count));
        let Some((then, earlier)) = before else {
            return 0.0;
        };
        let seconds = now.duration_since(then).as_secs_f64();
        let more = u32::try_from(count.saturating_sub(earlier)).unwrap_or(u32::MAX);
        if seconds > 0.0 {
            f64::from(more) / seconds
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_rate_is_what_came_in_between() {
        let mut rates = Rates::default();
        let start = Instant::now();
        assert!(rates.take("a", 10, start).abs() < f64::EPSILON);
        let later = start + Duration::from_secs(2);
        assert!((rates.take("a", 30, later) - 10.0).abs() < 1e-9);
        assert!(rates.take("b", 30, later).abs() < f64::EPSILON);
    }
}

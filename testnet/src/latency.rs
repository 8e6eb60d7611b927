//! Percentiles of a list of durations.

use std::time::Duration;

/// Durations, once sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// Sorts.
    pub(crate) fn new(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The duration that this many per mille stay at or below, in milliseconds; 0 without any.
    pub(crate) fn per_mille_ms(&self, per_mille: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let at = (self.0.len() * per_mille / 1_000).min(last);
        self.0
            .get(at)
            .map_or(0.0, |duration| duration.as_secs_f64() * 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_from_the_sorted_list() {
        let all = (1..=1_000).rev().map(Duration::from_millis).collect();
        let latencies = Latencies::new(all);
        assert!((latencies.per_mille_ms(500) - 501.0).abs() < 0.001);
        assert!((latencies.per_mille_ms(990) - 991.0).abs() < 0.001);
        assert!((Latencies::default().per_mille_ms(500)).abs() < 0.001);
    }
}

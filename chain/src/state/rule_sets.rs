//! Which rule set is in force at which height (SPEC 6.2, kind 7).
//!
//! Guards: the schedule lies in a leaf of its own, so parameters and genesis keep their bytes, and
//! heights and numbers only ascend: no later block is judged by an older rule set.

use serde::{Deserialize, Serialize};

use crate::limits::{RULE_SET_AHEAD_MAX, RULE_SETS_SCHEDULED_MAX};

/// Rule sets after that of genesis, each with the first height at which it is in force. Strictly
/// ascending in both, at most [`RULE_SETS_SCHEDULED_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleSetSchedule(Vec<(u64, u16)>);

/// Why a rule set can't be added to a schedule, with the numbers that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// It is not newer than the last one.
    #[error("rule set {id} is not above {last}")]
    NotNewer {
        /// The number given.
        id: u16,
        /// The last number in force or scheduled.
        last: u16,
    },
    /// Its height is not ahead, not after the last one's, or too far.
    #[error("height {from_height} is not from {earliest} to {latest}")]
    Height {
        /// The height given.
        from_height: u64,
        /// The first that would do.
        earliest: u64,
        /// The last that would do.
        latest: u64,
    },
    /// As many as may be wait already.
    #[error("{0} rule sets are scheduled")]
    Full(usize),
}

impl RuleSetSchedule {
    /// The rule set in force at a height, on a chain that began with `first`.
    #[must_use]
    pub fn in_force_at(&self, height: u64, first: u16) -> u16 {
        let begun = self.0.iter().rev().find(|(from, _id)| *from <= height);
        begun.map_or(first, |(_from, id)| *id)
    }

    /// Every entry: first height, and rule set.
    pub fn entries(&self) -> impl Iterator<Item = (u64, u16)> + '_ {
        self.0.iter().copied()
    }

    /// Adds a rule set in a block at `height`, and drops what is past: all before the one in force.
    ///
    /// # Errors
    /// [`ScheduleError`], in the order of its variants; the schedule is as it was then.
    pub fn add(
        &mut self,
        (from_height, id): (u64, u16),
        height: u64,
        first: u16,
    ) -> Result<(), ScheduleError> {
        let (last_height, last) = self.0.last().copied().unwrap_or((0, first));
        if id <= last {
            return Err(ScheduleError::NotNewer { id, last });
        }
        let earliest = height.max(last_height).saturating_add(1);
        let latest = height.saturating_add(RULE_SET_AHEAD_MAX);
        if !(earliest..=latest).contains(&from_height) {
            return Err(ScheduleError::Height {
                from_height,
                earliest,
                latest,
            });
        }
        let begun = self.0.iter().take_while(|(from, _id)| *from <= height);
        let past = begun.count().saturating_sub(1);
        let kept = self.0.len().saturating_sub(past);
        if kept >= RULE_SETS_SCHEDULED_MAX {
            return Err(ScheduleError::Full(kept));
        }
        self.0.drain(..past);
        self.0.push((from_height, id));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_set_is_in_force_from_its_height_until_the_next() {
        let mut schedule = RuleSetSchedule::default();
        assert_eq!(schedule.in_force_at(u64::MAX, 1), 1);
        schedule.add((10, 2), 4, 1).unwrap();
        schedule.add((20, 5), 4, 1).unwrap();
        let at = |height| schedule.in_force_at(height, 1);
        assert_eq!(
            [at(0), at(9), at(10), at(19), at(20), at(u64::MAX)],
            [1, 1, 2, 2, 5, 5]
        );
    }

    #[test]
    fn numbers_and_heights_only_ascend_and_stay_within_bounds() {
        let mut schedule = RuleSetSchedule::default();
        let not_newer = |id, last| Err(ScheduleError::NotNewer { id, last });
        assert_eq!(schedule.add((10, 1), 4, 1), not_newer(1, 1));
        let latest = 4 + RULE_SET_AHEAD_MAX;
        let (earliest, late) = (5, latest + 1);
        for from_height in [0, 4, late, u64::MAX] {
            let refused = Err(ScheduleError::Height {
                from_height,
                earliest,
                latest,
            });
            assert_eq!(schedule.add((from_height, 2), 4, 1), refused);
        }
        assert_eq!(schedule.clone().add((latest, 2), 4, 1), Ok(()));
        assert_eq!(schedule.add((5, 2), 4, 1), Ok(()));
        assert_eq!(schedule.add((6, 2), 4, 1), not_newer(2, 2));
        let refused = ScheduleError::Height {
            from_height: 5,
            earliest: 6,
            latest,
        };
        assert_eq!(schedule.add((5, 3), 4, 1), Err(refused));
    }

    #[test]
    fn the_schedule_is_bounded_and_forgets_what_is_past() {
        let mut schedule = RuleSetSchedule::default();
        let most = u16::try_from(RULE_SETS_SCHEDULED_MAX).unwrap();
        for id in 2..2 + most {
            schedule.add((u64::from(id) * 10, id), 0, 1).unwrap();
        }
        let next = (1_000, 2 + most);
        let full = Err(ScheduleError::Full(RULE_SETS_SCHEDULED_MAX));
        assert_eq!(schedule.add(next, 0, 1), full);
        assert_eq!(
            schedule.add(next, 29, 1),
            full,
            "the one in force is not past"
        );
        assert_eq!(schedule.add(next, 30, 1), Ok(()));
        assert_eq!(schedule.entries().next(), Some((30, 3)));
        assert_eq!(schedule.in_force_at(30, 1), 3);
    }
}

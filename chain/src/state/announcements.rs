//! Maintenance that the authority announced (SPEC 6.2, kind 6, index 3).
//!
//! Guards: the list is bounded and holds no words, only a reason of a closed list; a number names
//! one announcement for ever, because the newest entry is never dropped.

use serde::{Deserialize, Serialize, de};

use crate::limits::{ANNOUNCED_AHEAD_MS_MAX, ANNOUNCEMENTS_MAX};

/// Why there is maintenance. A closed list: nothing that somebody typed stands on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MaintenanceReason {
    /// None of the others, or not said.
    Other,
    /// Programs are replaced.
    Upgrade,
    /// New tax rules come into force.
    Rules,
    /// Machines or lines are repaired.
    Repair,
    /// A weakness is closed.
    Security,
    /// It is tried out.
    Drill,
}

impl MaintenanceReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Other,
        Self::Upgrade,
        Self::Rules,
        Self::Repair,
        Self::Security,
        Self::Drill,
    ];

    /// The word used in JSON, on pages and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Upgrade => "upgrade",
            Self::Rules => "rules",
            Self::Repair => "repair",
            Self::Security => "security",
            Self::Drill => "drill",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// What it means, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Other => "Planned maintenance",
            Self::Upgrade => "Programs are being upgraded",
            Self::Rules => "New tax rules come into force",
            Self::Repair => "Machines or lines are being repaired",
            Self::Security => "A security update is being installed",
            Self::Drill => "A drill",
        }
    }

    /// What it means, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Other => "计划内维护",
            Self::Upgrade => "系统升级",
            Self::Rules => "税收规则更新",
            Self::Repair => "设备或线路检修",
            Self::Security => "安全更新",
            Self::Drill => "维护演练",
        }
    }
}

/// A span of time in which desks issue nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Its number, from 1, ascending without gaps.
    pub id: u32,
    /// Why.
    pub reason: MaintenanceReason,
    /// When it begins, in ms since 1970 of block time.
    pub from_ms: u64,
    /// When it is over, in ms since 1970 of block time; above `from_ms`.
    pub until_ms: u64,
    /// Time of the block that announced it, in ms since 1970.
    pub announced_ms: u64,
    /// Time of the block that ended it early or called it off, in ms since 1970.
    pub ended_ms: Option<u64>,
}

impl Announcement {
    /// Whether it lasts at a time.
    #[must_use]
    pub const fn lasts_at(&self, time_ms: u64) -> bool {
        self.from_ms <= time_ms && !self.is_over_at(time_ms)
    }

    /// Whether it is over at a time, or was called off.
    #[must_use]
    pub const fn is_over_at(&self, time_ms: u64) -> bool {
        self.ended_ms.is_some() || self.until_ms <= time_ms
    }
}

/// The latest announcements: strictly ascending by number, at most [`ANNOUNCEMENTS_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Announcements(Vec<Announcement>);

/// Why something can't be announced or ended, with the numbers that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnnouncementError {
    /// It would be over already.
    #[error("{until_ms} is not after {time_ms}")]
    Past {
        /// The end given.
        until_ms: u64,
        /// Block time.
        time_ms: u64,
    },
    /// It begins too far ahead.
    #[error("{from_ms} is after {latest_ms}")]
    Far {
        /// The begin given.
        from_ms: u64,
        /// The last that would do.
        latest_ms: u64,
    },
    /// As many as may be are not over.
    #[error("{0} announcements are open")]
    Full(usize),
    /// No open announcement has the number.
    #[error("announcement {id} is not open; the last one is {last}")]
    NotOpen {
        /// The number given.
        id: u32,
        /// The last number, 0 where there is none.
        last: u32,
    },
}

impl Announcements {
    /// Those kept, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Announcement] {
        &self.0
    }

    /// The one that lasts at a time; of several the one that ends last.
    #[must_use]
    pub fn in_force_at(&self, time_ms: u64) -> Option<&Announcement> {
        let lasting = self.0.iter().filter(|one| one.lasts_at(time_ms));
        lasting.max_by_key(|one| (one.until_ms, one.id))
    }

    /// The number of the last one; 0 where there is none.
    #[must_use]
    pub fn last_id(&self) -> u32 {
        self.0.last().map_or(0, |one| one.id)
    }

    /// Adds one in a block of a time; its number. Where the list is full, the oldest that is over
    /// makes room.
    ///
    /// # Errors
    /// [`AnnouncementError`], in the order of its variants; the list is as it was then.
    pub fn add(
        &mut self,
        (from_ms, until_ms): (u64, u64),
        reason: MaintenanceReason,
        time_ms: u64,
    ) -> Result<u32, AnnouncementError> {
        if until_ms <= time_ms {
            return Err(AnnouncementError::Past { until_ms, time_ms });
        }
        let latest_ms = time_ms.saturating_add(ANNOUNCED_AHEAD_MS_MAX);
        if from_ms > latest_ms {
            return Err(AnnouncementError::Far { from_ms, latest_ms });
        }
        let id = self.last_id().saturating_add(1);
        if self.0.len() >= ANNOUNCEMENTS_MAX {
            let over = self.0.iter().position(|one| one.is_over_at(time_ms));
            let Some(over) = over else {
                return Err(AnnouncementError::Full(self.0.len()));
            };
            self.0.remove(over);
        }
        self.0.push(Announcement {
            id,
            reason,
            from_ms,
            until_ms,
            announced_ms: time_ms,
            ended_ms: None,
        });
        Ok(id)
    }

    /// Ends one in a block of a time, or calls it off before it began.
    ///
    /// # Errors
    /// [`AnnouncementError::NotOpen`].
    pub fn end(&mut self, id: u32, time_ms: u64) -> Result<(), AnnouncementError> {
        let last = self.last_id();
        let open = self
            .0
            .iter_mut()
            .find(|one| one.id == id && !one.is_over_at(time_ms));
        let one = open.ok_or(AnnouncementError::NotOpen { id, last })?;
        one.ended_ms = Some(time_ms);
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Announcements {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<Announcement>::deserialize(deserializer)?;
        let ascending = entries
            .iter()
            .zip(entries.iter().skip(1))
            .all(|(a, b)| a.id < b.id);
        let sound = entries
            .iter()
            .all(|one| one.id > 0 && one.from_ms < one.until_ms);
        if entries.is_empty() || entries.len() > ANNOUNCEMENTS_MAX || !ascending || !sound {
            return Err(de::Error::custom("not a list of announcements"));
        }
        Ok(Self(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(list: &mut Announcements, span: (u64, u64), time_ms: u64) -> Option<u32> {
        list.add(span, MaintenanceReason::Upgrade, time_ms).ok()
    }

    #[test]
    fn a_span_lasts_from_its_begin_to_before_its_end_or_until_it_is_ended() {
        let mut list = Announcements::default();
        assert_eq!(add(&mut list, (20, 30), 10), Some(1));
        assert_eq!(add(&mut list, (25, 40), 10), Some(2));
        let at = |list: &Announcements, time_ms| list.in_force_at(time_ms).map(|one| one.id);
        let seen = [19, 20, 24, 25, 29, 39, 40].map(|time_ms| at(&list, time_ms));
        let expected = [None, Some(1), Some(1), Some(2), Some(2), Some(2), None];
        assert_eq!(seen, expected);
        list.end(2, 26).unwrap();
        assert_eq!(at(&list, 26), Some(1));
        list.end(1, 27).unwrap();
        assert_eq!(at(&list, 27), None);
        let again = list.end(1, 28);
        assert_eq!(again, Err(AnnouncementError::NotOpen { id: 1, last: 2 }));
    }

    #[test]
    fn the_list_is_bounded_and_only_what_is_over_makes_room() {
        let mut list = Announcements::default();
        let most = u32::try_from(ANNOUNCEMENTS_MAX).unwrap();
        for id in 1..=most {
            let from = 100 + u64::from(id);
            assert_eq!(add(&mut list, (from, from + 10), 50), Some(id));
        }
        let full = list.add((200, 210), MaintenanceReason::Other, 60);
        assert_eq!(full, Err(AnnouncementError::Full(ANNOUNCEMENTS_MAX)));
        list.end(most, 60).unwrap();
        assert_eq!(add(&mut list, (200, 210), 61), Some(most + 1));
        assert_eq!(list.entries().len(), ANNOUNCEMENTS_MAX);
        let numbers: Vec<u32> = list.entries().iter().map(|one| one.id).collect();
        assert!(!numbers.contains(&most) && numbers.is_sorted());
    }

    #[test]
    fn the_newest_stays_so_no_number_comes_twice() {
        let mut list = Announcements::default();
        for id in 1..200 {
            let from = u64::from(id) * 10;
            assert_eq!(add(&mut list, (from, from + 5), from), Some(id));
        }
        assert_eq!(list.last_id(), 199);
    }

    #[test]
    fn what_is_over_or_too_far_ahead_is_refused() {
        let mut list = Announcements::default();
        let reason = MaintenanceReason::Drill;
        let past = AnnouncementError::Past {
            until_ms: 10,
            time_ms: 10,
        };
        assert_eq!(list.add((5, 10), reason, 10), Err(past));
        let latest_ms = 10 + ANNOUNCED_AHEAD_MS_MAX;
        let from_ms = latest_ms + 1;
        let far = AnnouncementError::Far { from_ms, latest_ms };
        assert_eq!(list.add((from_ms, from_ms + 1), reason, 10), Err(far));
        assert_eq!(list.add((latest_ms, from_ms), reason, 10), Ok(1));
    }

    #[test]
    fn every_reason_is_found_by_its_word() {
        for reason in MaintenanceReason::ALL {
            assert_eq!(MaintenanceReason::from_word(reason.as_str()), Some(reason));
        }
        assert_eq!(MaintenanceReason::from_word("holiday"), None);
    }
}

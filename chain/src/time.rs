//! Time as the chain knows it: the time of a block, and the date of an invoice in China.
//!
//! Guards: time always comes from outside, with its zone; there is no `now` here.
//! The date of an invoice is the date in UTC+8 (China has one zone and no summer time).

use core::fmt;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, UtcOffset};

/// Milliseconds of one day.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// How far China is ahead of UTC, in milliseconds.
const CHINA_AHEAD_MS: u64 = 8 * 60 * 60 * 1000;
/// How far China is ahead of UTC, in hours.
const CHINA_AHEAD_HOURS: i8 = 8;
/// The Julian day number of 1970-01-01.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Encoded as a bare `u64`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct BlockTime(u64);

/// A date in China: days since 1970-01-01. Encoded as a bare `u32`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct IssueDate(u32);

/// Why a text is not a time or date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not `yyyy-mm-ddThh:mm:ss[.fraction](Z|±hh:mm)`, or not a real date.
    #[error("not an RFC 3339 time with zone")]
    NotRfc3339,
    /// Not `yyyy-mm-dd`, or not a real date.
    #[error("not a date")]
    NotADate,
    /// Earlier than 1970.
    #[error("before 1970")]
    BeforeEpoch,
}

impl BlockTime {
    /// The moment `ms` milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn ms(self) -> u64 {
        self.0
    }

    /// This moment plus `ms` milliseconds, at most the end of time.
    #[must_use]
    pub const fn saturating_add_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Reads an RFC 3339 time; the zone is required, parts of a millisecond are dropped.
    ///
    /// Stricter than the standard allows: `T` and `Z` are capital, and there is no second 60,
    /// so that a time has one spelling per zone.
    ///
    /// # Errors
    /// [`TimeError::NotRfc3339`], [`TimeError::BeforeEpoch`].
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        let bytes = text.as_bytes();
        let strict = bytes.get(10) == Some(&b'T')
            && bytes.get(17..19).is_some_and(|seconds| seconds != b"60")
            && !bytes.ends_with(b"z");
        if !strict {
            return Err(TimeError::NotRfc3339);
        }
        let moment =
            OffsetDateTime::parse(text, &Rfc3339).map_err(|_source| TimeError::NotRfc3339)?;
        let ms = moment.unix_timestamp_nanos().div_euclid(1_000_000);
        u64::try_from(ms)
            .map(Self)
            .map_err(|_negative| TimeError::BeforeEpoch)
    }

    /// The moment in China's zone, with milliseconds only if there are any:
    /// `2026-11-21T10:00:00+08:00`. `None` after the year 9999.
    #[must_use]
    pub fn to_rfc3339(self) -> Option<String> {
        let nanos = i128::from(self.0).checked_mul(1_000_000)?;
        let zone = UtcOffset::from_hms(CHINA_AHEAD_HOURS, 0, 0).ok()?;
        let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .ok()?
            .checked_to_offset(zone)?;
        moment.format(&Rfc3339).ok()
    }
}

impl fmt::Display for BlockTime {
    /// RFC 3339 in UTC+8, or the bare milliseconds after the year 9999.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_rfc3339() {
            Some(text) => f.write_str(&text),
            None => write!(f, "{} ms", self.0),
        }
    }
}

impl IssueDate {
    /// The date `days` days after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: u32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> u32 {
        self.0
    }

    /// The date in China at a moment.
    #[must_use]
    pub fn of(moment: BlockTime) -> Self {
        let days = moment.0.saturating_add(CHINA_AHEAD_MS).div_euclid(DAY_MS);
        Self(u32::try_from(days).unwrap_or(u32::MAX))
    }

    /// The first moment of the date in China, at least the epoch.
    #[must_use]
    pub fn begins(self) -> BlockTime {
        let utc_ms = u64::from(self.0).saturating_mul(DAY_MS);
        BlockTime(utc_ms.saturating_sub(CHINA_AHEAD_MS))
    }

    /// The date `days` later, at most the end of the range.
    #[must_use]
    pub const fn saturating_add_days(self, days: u32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Reads `yyyy-mm-dd`.
    ///
    /// # Errors
    /// [`TimeError::NotADate`], [`TimeError::BeforeEpoch`].
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let bytes = text.as_bytes();
        let number = |part: Option<&str>| -> Option<u16> {
            part.filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?
                .parse()
                .ok()
        };
        if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return Err(TimeError::NotADate);
        }
        let year = number(text.get(0..4)).ok_or(TimeError::NotADate)?;
        let month = number(text.get(5..7)).ok_or(TimeError::NotADate)?;
        let day = number(text.get(8..10)).ok_or(TimeError::NotADate)?;
        Self::from_calendar(year, month, day)
    }

    /// The date of a day in the calendar.
    ///
    /// # Errors
    /// [`TimeError::NotADate`] if there is no such day, [`TimeError::BeforeEpoch`].
    pub fn from_calendar(year: u16, month: u16, day: u16) -> Result<Self, TimeError> {
        let date = calendar_date(year, month, day).ok_or(TimeError::NotADate)?;
        let days = date.to_julian_day().saturating_sub(EPOCH_JULIAN_DAY);
        u32::try_from(days)
            .map(Self)
            .map_err(|_negative| TimeError::BeforeEpoch)
    }

    /// Year, month 1–12 and day 1–31; `None` after the year 9999.
    #[must_use]
    pub fn calendar(self) -> Option<(u16, u8, u8)> {
        let julian_day = i32::try_from(self.0).ok()?.checked_add(EPOCH_JULIAN_DAY)?;
        let date = Date::from_julian_day(julian_day).ok()?;
        let year = u16::try_from(date.year()).ok()?;
        Some((year, u8::from(date.month()), date.day()))
    }

    /// The month as `yyyymm`, for instance 202611: the key of monthly quotas. `None` after 9999.
    #[must_use]
    pub fn month_key(self) -> Option<u32> {
        let (year, month, _) = self.calendar()?;
        u32::from(year)
            .checked_mul(100)?
            .checked_add(u32::from(month))
    }
}

impl fmt::Display for IssueDate {
    /// `2026-11-21`, or the bare number of days after the year 9999.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.calendar() {
            Some((year, month, day)) => write!(f, "{year:04}-{month:02}-{day:02}"),
            None => write!(f, "day {}", self.0),
        }
    }
}

/// A day of the calendar, if it exists. Any year from 0 to 9999: people were born before 1970.
#[must_use]
pub(crate) fn calendar_date(year: u16, month: u16, day: u16) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_invoice_is_the_date_in_china() {
        let cases = [
            ("2026-11-21T15:59:59Z", "2026-11-21"),
            ("2026-11-21T16:00:00Z", "2026-11-22"),
            ("2026-11-21T00:00:00+08:00", "2026-11-21"),
            ("2026-11-20T23:00:00-05:00", "2026-11-21"),
            ("1970-01-01T00:00:00Z", "1970-01-01"),
        ];
        for (text, date) in cases {
            let moment = BlockTime::parse_rfc3339(text).unwrap();
            assert_eq!(IssueDate::of(moment).to_string(), date, "{text}");
        }
    }

    #[test]
    fn a_time_needs_its_zone_and_must_exist() {
        let wrong = [
            "",
            "2026-11-21",
            "2026-11-21T10:00:00",
            "2026-11-21 10:00:00Z",
            "2026-11-21T10:00Z",
            "2026-02-30T10:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21t10:00:00Z",
            "2026-11-21T10:00:00z",
            "2026-11-21T10:00:60Z",
            "20261121T100000Z",
            "2026-11-21T10:00:00+0800",
            "2026-11-21T10:00:00Z ",
            "２026-11-21T10:00:00Z",
        ];
        for text in wrong {
            assert_eq!(
                BlockTime::parse_rfc3339(text),
                Err(TimeError::NotRfc3339),
                "{text:?}"
            );
        }
        assert_eq!(
            BlockTime::parse_rfc3339("1969-12-31T23:59:59Z"),
            Err(TimeError::BeforeEpoch)
        );
    }

    #[test]
    fn a_moment_is_written_in_the_zone_of_china() {
        let moment = BlockTime::parse_rfc3339("2026-11-21T02:00:00.25Z").unwrap();
        assert_eq!(moment.to_string(), "2026-11-21T10:00:00.25+08:00");
        assert_eq!(
            BlockTime::from_ms(0).to_string(),
            "1970-01-01T08:00:00+08:00"
        );
        assert_eq!(BlockTime::from_ms(u64::MAX).to_rfc3339(), None);
    }

    #[test]
    fn dates_round_trip_through_the_calendar() {
        for text in [
            "1970-01-01",
            "2019-04-01",
            "2024-02-29",
            "2027-12-31",
            "9999-12-31",
        ] {
            assert_eq!(IssueDate::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            IssueDate::parse("2026-11-21").unwrap().month_key(),
            Some(202_611)
        );
        assert_eq!(IssueDate::parse("2023-02-29"), Err(TimeError::NotADate));
        assert_eq!(IssueDate::parse("2023-2-09"), Err(TimeError::NotADate));
        assert_eq!(IssueDate::parse("1969-12-31"), Err(TimeError::BeforeEpoch));
        assert_eq!(IssueDate::from_days(u32::MAX).calendar(), None);
    }
}

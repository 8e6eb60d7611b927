//! Durations as people write them: `30d`, `12h`, `15m`, `90s`.

/// Reads a duration, in milliseconds; at least one unit, at most about 100 years.
///
/// # Errors
/// A text for the usage message.
pub(crate) fn parse_ms(text: &str) -> Result<u64, String> {
    const LARGEST_MS: u64 = 100 * 366 * 24 * 60 * 60 * 1000;
    let wrong = || "a whole number and s, m, h or d, for instance 30d or 12h".to_owned();
    let (digits, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let unit_ms: u64 = match unit {
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let count: u64 = digits.parse().map_err(|_too_long| wrong())?;
    let ms = count
        .checked_mul(unit_ms)
        .filter(|ms| (1..=LARGEST_MS).contains(ms));
    ms.ok_or_else(|| "between 1s and 100 years".to_owned())
}

/// An age in the largest whole unit: number, English unit, Chinese unit.
#[must_use]
pub(crate) fn age(ms: u64) -> (u64, &'static str, &'static str) {
    match ms / 1000 {
        seconds @ ..60 => (seconds, "s", "秒"),
        seconds @ ..3600 => (seconds / 60, "min", "分钟"),
        seconds @ ..172_800 => (seconds / 3600, "h", "小时"),
        seconds => (seconds / 86_400, "d", "天"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_one_number_and_one_unit() {
        assert_eq!(parse_ms("30d"), Ok(2_592_000_000));
        assert_eq!(parse_ms("12h"), Ok(43_200_000));
        assert_eq!(parse_ms("1s"), Ok(1000));
        for wrong in [
            "",
            "d",
            "30",
            "1.5h",
            "-1d",
            "+1d",
            "1w",
            "0d",
            "99999999999999999999d",
            "36601d",
            "1天",
        ] {
            assert!(parse_ms(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_age_is_said_in_its_largest_unit() {
        assert_eq!(age(59_999), (59, "s", "秒"));
        assert_eq!(age(120_000), (2, "min", "分钟"));
        assert_eq!(age(86_400_000), (24, "h", "小时"));
        assert_eq!(age(8 * 86_400_000), (8, "d", "天"));
    }
}

//! The language of pages and of the title and detail of a problem.
//!
//! Guards: Chinese is the default and English is complete; every failure item carries both anyway.

/// A language this node speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese, the default.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// The tag for `lang=` and `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Picks one of two texts.
    #[must_use]
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// Reads `zh`, `zh-CN`, `en`, `en-GB`, …; `None` for other languages.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::Zh)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The language an `Accept-Language` value prefers; the default if it names neither.
    ///
    /// Of two with equal weight the first wins (RFC 9110 leaves it open).
    #[must_use]
    pub fn from_accept_language(value: &str) -> Self {
        let mut best: Option<(u16, Self)> = None;
        for range in value.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1000, per_mille);
            let Some(language) = Self::from_tag(tag).filter(|_| weight > 0) else {
                continue;
            };
            if best.is_none_or(|(highest, _)| weight > highest) {
                best = Some((weight, language));
            }
        }
        best.map_or_else(Self::default, |(_, language)| language)
    }
}

/// Reads a weight `0.8` as 800; nonsense weighs nothing.
fn per_mille(weight: &str) -> u16 {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let padded: String = decimals.chars().chain("000".chars()).take(3).collect();
    let whole = whole.parse::<u16>().unwrap_or(0).min(1);
    let decimals = padded.parse::<u16>().unwrap_or(0);
    (whole * 1000 + decimals).min(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins_and_chinese_is_the_default() {
        let cases = [
            ("", Language::Zh),
            ("fr", Language::Zh),
            ("en", Language::En),
            ("en-GB,en;q=0.9,zh;q=0.8", Language::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Zh),
            ("en;q=0.5, zh;q=0.7", Language::Zh),
            ("fr, en;q=0.1", Language::En),
            ("en;q=0", Language::Zh),
            ("en;q=x, zh;q=0.001", Language::Zh),
        ];
        for (value, language) in cases {
            assert_eq!(Language::from_accept_language(value), language, "{value}");
        }
    }
}

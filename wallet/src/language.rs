//! The language people read. Programs read `--json`, which is the same in every language.
//!
//! Guards: whatever is said to people exists in both languages, so every text is a pair.

use clap::ValueEnum;

/// A language of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The language a locale asks for: Chinese for `zh…`, else English.
    #[must_use]
    pub(crate) fn of_locale(locale: &str) -> Self {
        if locale.starts_with("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }

    /// The language of the environment, which asks in the order `LC_ALL`, `LC_MESSAGES`, `LANG`.
    #[must_use]
    pub(crate) fn of_environment() -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
            .map_or(Self::En, |locale| Self::of_locale(&locale))
    }

    /// Picks one of two texts.
    pub(crate) fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

/// One text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// English.
    pub(crate) en: String,
    /// Chinese.
    pub(crate) zh: String,
}

impl Text {
    /// A pair of texts.
    pub(crate) fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
        }
    }

    /// The one in this language.
    #[must_use]
    pub(crate) fn pick(&self, language: Language) -> &str {
        language.pick(&self.en, &self.zh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_locales_read_chinese_and_all_others_english() {
        let cases = [
            ("zh_CN.UTF-8", Language::Zh),
            ("zh", Language::Zh),
            ("en_GB.UTF-8", Language::En),
            ("C", Language::En),
            ("", Language::En),
        ];
        for (locale, language) in cases {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }
}

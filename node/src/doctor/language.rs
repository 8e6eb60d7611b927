//! The language of findings: Chinese or English, as the environment asks. Programs read `--json`,
//! which has both.

use clap::ValueEnum;

/// A language findings are said in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// Chinese for a locale `zh…`, else English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale.starts_with("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }

    /// The language of the environment, which asks in the order `LC_ALL`, `LC_MESSAGES`, `LANG`.
    #[must_use]
    pub fn of_environment() -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
            .map_or(Self::En, |locale| Self::of_locale(&locale))
    }
}

/// One text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Text {
    /// A pair of texts.
    pub(super) fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
        }
    }

    /// The one in a language.
    #[must_use]
    pub fn pick(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }

    /// What a lower layer says in English, in both languages where it is known.
    pub(super) fn of(what: &str) -> Self {
        let zh = ZH
            .iter()
            .find(|(en, _zh)| *en == what)
            .map_or(what, |(_en, zh)| *zh);
        Self::new(what, zh)
    }
}

/// What journals, state and log say of damage.
const ZH: [(&str, &str); 29] = [
    ("the record's check does not hold", "记录校验值不符"),
    ("the file ends inside the record", "文件在记录中间结束"),
    ("the record has an impossible length", "记录长度不可能"),
    ("no record starts there", "此处没有记录开头"),
    ("a record of an unknown kind", "未知类型的记录"),
    ("the record does not follow", "记录与前文不衔接"),
    ("the segment is missing", "分段文件缺失"),
    ("the segment's header is cut", "分段文件头被截断"),
    ("the segment's header does not hold", "分段文件头校验不符"),
    ("a segment of another version", "分段文件属于其他版本"),
    ("it is a copy of another segment", "它是另一分段的副本"),
    ("records are missing from here on", "从此处起记录缺失"),
    (
        "records that were acknowledged are missing",
        "已确认的记录缺失",
    ),
    ("record head", "记录头损坏"),
    ("record check", "记录校验值不符"),
    ("half a record", "记录不完整"),
    ("record of another version", "记录属于其他版本"),
    ("segment header", "分段文件头损坏"),
    ("the file is missing", "文件缺失"),
    ("the file ends too early", "文件过早结束"),
    ("header", "文件头损坏"),
    ("both marks", "两个标记都损坏"),
    ("document key", "文档密钥损坏"),
    ("an entry does not hold", "条目无效"),
    ("an entry's length does not hold", "条目长度不符"),
    (
        "an entry is of another height than the log",
        "条目的高度与日志不符",
    ),
    ("there is none", "没有状态库"),
    (
        "the machine went down while it was in use",
        "使用中机器掉电或重启",
    ),
    (
        "opening it did not come to an end the last time",
        "上次打开未能完成",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_locales_read_chinese_and_all_others_english() {
        for (locale, language) in [
            ("zh_CN.UTF-8", Language::Zh),
            ("en_GB.UTF-8", Language::En),
            ("C", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }

    #[test]
    fn what_is_known_is_said_in_both_languages() {
        assert_eq!(Text::of("document key").zh, "文档密钥损坏");
        assert_eq!(Text::of("something new").zh, "something new");
    }
}

//! Special businesses (特定业务) of a rule set: what an invoice of one must say and may hold.
//!
//! Guards: a business is open only where a source states its elements; the others are declared,
//! so that an invoice naming one is refused by name instead of being read as an ordinary one.
//! The chain holds the number alone. Elements are private fields of the document.

mod table;

pub(super) use table::SPECIAL_BUSINESSES;

use super::facts::{KIND_GENERAL, KIND_SPECIAL};
use super::rule_set::RuleSet;

/// One special business.
#[derive(Debug, PartialEq, Eq)]
pub struct SpecialBusiness {
    /// Its national number, 1 to 32.
    pub number: u8,
    /// The word used in JSON, for instance `construction`.
    pub word: &'static str,
    /// Its national name.
    pub zh: &'static str,
    /// `false` for a row whose elements no source states: declared, and refused.
    pub in_force: bool,
    /// Kinds of invoice it goes with.
    pub kinds: Kinds,
    /// The invoice has exactly one line.
    pub one_line: bool,
    /// What the invoice must and may say.
    pub elements: &'static [Element],
    /// What its lines must and may hold.
    pub line: LineRule,
    /// The buyer gives an id, a tax id or a person's.
    pub buyer_id: bool,
    /// Leading digits of the classification codes it is usual with; none where unknown. The
    /// sources do not bind codes to businesses, so another code is a warning.
    pub class_codes: &'static [&'static str],
    /// Where the row comes from.
    pub basis: &'static str,
}

/// Kinds of invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// General and special.
    Both,
    /// 普通发票 only.
    General,
    /// 专用发票 only.
    Special,
}

impl Kinds {
    /// Whether a kind is among them.
    #[must_use]
    pub const fn allow(self, kind: u8) -> bool {
        match self {
            Self::Both => true,
            Self::General => kind == KIND_GENERAL,
            Self::Special => kind == KIND_SPECIAL,
        }
    }

    /// Their words in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Both => "general or special",
            Self::General => "general",
            Self::Special => "special",
        }
    }
}

/// What the lines of a business must and may hold; discount lines hold an amount only anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineRule {
    /// As any line.
    Free,
    /// No specification, unit, quantity or unit price.
    AmountOnly,
    /// Quantity and unit price, in one of these units.
    Measured(&'static [&'static str]),
    /// One of these units; quantity and unit price as on any line.
    Unit(&'static [&'static str]),
}

/// One element (特定要素).
#[derive(Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name in JSON, the same for the same thing in every business.
    pub name: &'static str,
    /// Its national name.
    pub zh: &'static str,
    /// What it holds.
    pub kind: ElementKind,
    /// Whether it may be left out.
    pub need: Need,
    /// Most characters.
    pub chars_max: usize,
}

/// What an element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementKind {
    /// A text.
    Text,
    /// A street address: a text with one of [`STREET_MARKS`].
    Street,
    /// A day, `2026-11-21`.
    Date,
    /// `true` or `false`.
    Flag,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// Kind of a natural person's id, by its national number; resident id if left out.
    PersonIdType,
    /// That id; private, shown masked.
    PersonId,
}

/// Whether an element may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Never.
    Required,
    /// Always.
    Optional,
    /// Unless another element, by name, has one of these values.
    When(&'static str, &'static [&'static str]),
}

impl core::fmt::Display for Need {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Required => f.write_str("always"),
            Self::Optional => f.write_str("optional"),
            Self::When(name, values) => write!(f, "unless {name} is {}", values.join(" or ")),
        }
    }
}

/// One of these stands in every street address (乐企接口：必须包含任意一个关键词).
pub const STREET_MARKS: [char; 8] = ['街', '路', '村', '乡', '镇', '道', '巷', '号'];

impl SpecialBusiness {
    /// The element with a name.
    #[must_use]
    pub fn element(&self, name: &str) -> Option<&'static Element> {
        self.elements.iter().find(|element| element.name == name)
    }

    /// Whether a classification code is one of those it is usual with; also if none is known.
    #[must_use]
    pub fn is_usual_with(&self, class_code: &str) -> bool {
        self.class_codes.is_empty() || self.names_class(class_code)
    }

    fn names_class(&self, class_code: &str) -> bool {
        let mut prefixes = self.class_codes.iter();
        prefixes.any(|prefix| class_code.starts_with(prefix))
    }
}

impl RuleSet {
    /// The special businesses that may be invoiced.
    pub fn open_special_businesses(&self) -> impl Iterator<Item = &'static SpecialBusiness> {
        self.special_businesses.iter().filter(|row| row.in_force)
    }

    /// The open special business with a number.
    #[must_use]
    pub fn special_business(&self, number: u8) -> Option<&'static SpecialBusiness> {
        self.open_special_businesses()
            .find(|row| row.number == number)
    }

    /// The declared special business with a word or a number of two digits, open or not.
    #[must_use]
    pub fn special_business_named(&self, text: &str) -> Option<&'static SpecialBusiness> {
        let numbered = |row: &SpecialBusiness| format!("{:02}", row.number) == text;
        self.special_businesses
            .iter()
            .find(|row| row.word == text || numbered(row))
    }

    /// The open special business that a classification code usually asks for, if any does.
    #[must_use]
    pub fn special_business_of_class(&self, class_code: &str) -> Option<&'static SpecialBusiness> {
        self.open_special_businesses()
            .find(|row| row.names_class(class_code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_are_unique_and_every_row_names_its_source() {
        let rows = &SPECIAL_BUSINESSES;
        assert!(rows.is_sorted_by(|a, b| a.number < b.number));
        for row in rows {
            let same = rows.iter().filter(|other| other.word == row.word);
            assert_eq!(same.count(), 1, "{}", row.word);
            assert!(!row.basis.is_empty() && !row.zh.is_ascii(), "{}", row.word);
            assert!((1..=32).contains(&row.number));
            assert_eq!(
                RuleSet::CURRENT.special_business(row.number).is_some(),
                row.in_force
            );
        }
    }

    #[test]
    fn the_first_rule_set_opens_none() {
        let first = RuleSet::by_id(1).unwrap();
        assert_eq!(first.open_special_businesses().count(), 0);
        assert!(first.special_business_named("construction").is_none());
    }

    #[test]
    fn a_business_is_found_by_word_and_by_number() {
        let named = |text| {
            RuleSet::CURRENT
                .special_business_named(text)
                .map(|row| row.number)
        };
        assert_eq!(named("construction"), Some(3));
        assert_eq!(named("03"), Some(3));
        assert_eq!(named("3"), None);
        assert_eq!(named("toll"), Some(8));
        assert_eq!(named("21"), None);
    }

    #[test]
    fn a_condition_names_an_element_of_the_same_business() {
        for row in &SPECIAL_BUSINESSES {
            for element in row.elements {
                if let Need::When(other, values) = element.need {
                    assert!(row.element(other).is_some() && !values.is_empty());
                }
            }
        }
    }
}

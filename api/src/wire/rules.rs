//! A rule set as JSON: rates with their dates, tolerances, lengths, what may be invoiced.
//!
//! Guards: every figure is read from the rule set of `piao_chain::tax`; rows that are declared but
//! not in force are shown as such.

use piao_chain::invoice::TEXT_LIMITS;
use piao_chain::tax::{
    Certainty, ClassTable, Element, KIND_GENERAL, KIND_SPECIAL, RateRow, RuleSet, SpecialBusiness,
    Tolerance,
};
use piao_chain::time::IssueDate;
use serde::{Deserialize, Serialize};

/// Reply of `GET /v1/rules`: one rule set, and what of it applies on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Rules {
    /// Number of the rule set, which invoices name.
    pub rule_set: u16,
    /// Number of the rule set new invoices name.
    pub current: u16,
    /// The day asked about, `yyyy-mm-dd`, in UTC+8.
    pub on: String,
    /// Every rate there is, those off and those of other days included.
    pub rates: Vec<Rate>,
    /// How far figures may differ.
    pub tolerances: Vec<ToleranceItem>,
    /// How long texts may be.
    pub texts: Vec<TextLength>,
    /// The table of tax classification codes; null if the rule set judges no code.
    pub classes: Option<Classes>,
    /// Special businesses that may be invoiced.
    pub special_businesses: Vec<Special>,
}

/// A rate, from when to when, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Rate {
    /// The rate as a fraction: `0.13`.
    pub rate: String,
    /// First day; null if it was there before the rule sets begin.
    pub from: Option<String>,
    /// Last day; null while open.
    pub to: Option<String>,
    /// `general`, `small_scale` or `everybody`.
    pub open_to: String,
    /// Whether it may stand on a special invoice (专票).
    pub special_invoice: bool,
    /// False for a row whose sources disagree: shown, but opens nothing.
    pub in_force: bool,
    /// Whether an invoice of the day asked about may show it.
    pub applies: bool,
    /// Where it comes from.
    pub basis: String,
    /// What it allows, in English.
    pub en: String,
    /// What it allows, in Chinese.
    pub zh: String,
}

/// How far two figures may differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ToleranceItem {
    /// `quantity_price`, `line_tax`, `discount_tax` or `tax_drift`.
    pub name: String,
    /// The most they may differ, yuan.
    pub most: String,
    /// The code of going further.
    pub code: String,
    /// What differs, in English.
    pub en: String,
    /// What differs, in Chinese.
    pub zh: String,
}

/// How long a text may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TextLength {
    /// Template of the JSON pointer.
    pub pointer: String,
    /// Characters at most.
    pub chars_max: u32,
}

/// A table of tax classification codes, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Classes {
    /// Codes in the table, summaries and retired ones included.
    pub codes: u32,
    /// Codes an invoice may name on the day asked about.
    pub open: u32,
    /// Of these, codes whose general rates are not known for certain: another rate only warns.
    pub in_doubt: u32,
}

/// A special business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Special {
    /// Its national number.
    pub number: u8,
    /// The word a draft may use.
    pub word: String,
    /// Its national name.
    pub zh: String,
    /// False for one that is declared and not open.
    pub in_force: bool,
    /// Kinds of invoice it goes with: `general`, `special`, or both.
    pub kinds: Vec<String>,
    /// Whether the invoice has exactly one line.
    pub one_line: bool,
    /// What the draft says in `special.elements`.
    pub elements: Vec<SpecialElement>,
    /// Where it comes from.
    pub basis: String,
}

/// An element of a special business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SpecialElement {
    /// Its name in a draft.
    pub name: String,
    /// Its national name.
    pub zh: String,
    /// `always`, `optional`, or the condition under which it may not be left out.
    pub required: String,
    /// Characters at most.
    pub chars_max: u32,
}

impl Rules {
    /// One rule set as seen on a day.
    #[must_use]
    pub fn of(rules: &RuleSet, current: u16, on: IssueDate) -> Self {
        let text = |pointer: &str, chars_max: usize| TextLength {
            pointer: pointer.to_owned(),
            chars_max: u32::try_from(chars_max).unwrap_or(u32::MAX),
        };
        let mut texts = vec![text("/remark", rules.remark_chars_max)];
        texts.extend(
            TEXT_LIMITS
                .iter()
                .map(|limit| text(limit.pointer, limit.chars_max)),
        );
        Self {
            rule_set: rules.id,
            current,
            on: on.to_string(),
            rates: rules.rates.iter().map(|row| Rate::of(row, on)).collect(),
            tolerances: rules.tolerances().iter().map(Into::into).collect(),
            texts,
            classes: rules.classes.map(|table| Classes::of(table, on)),
            special_businesses: rules.special_businesses.iter().map(Into::into).collect(),
        }
    }
}

impl Rate {
    fn of(row: &RateRow, on: IssueDate) -> Self {
        Self {
            rate: row.rate.to_string(),
            from: (!row.is_since_ever()).then(|| row.from.to_string()),
            to: row.to.map(|last| last.to_string()),
            open_to: row.open_to.as_str().to_owned(),
            special_invoice: row.special_invoice,
            in_force: row.in_force,
            applies: row.is_in_force_on(on),
            basis: row.basis.to_owned(),
            en: format!("{}; {}", row.open_to.en(), row.en()),
            zh: format!("{}；{}", row.open_to.zh(), row.zh()),
        }
    }
}

impl From<&Tolerance> for ToleranceItem {
    fn from(tolerance: &Tolerance) -> Self {
        Self {
            name: tolerance.name.to_owned(),
            most: tolerance.most.to_string(),
            code: tolerance.code.code().to_owned(),
            en: tolerance.en.to_owned(),
            zh: tolerance.zh.to_owned(),
        }
    }
}

impl Classes {
    fn of(table: &'static ClassTable, on: IssueDate) -> Self {
        let open = || {
            let rows = table.rows();
            rows.filter(move |row| !row.summary && row.is_in_force_on(on))
        };
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            codes: count(table.rows().count()),
            open: count(open().count()),
            in_doubt: count(
                open()
                    .filter(|row| row.certainty != Certainty::Exclusive)
                    .count(),
            ),
        }
    }
}

impl From<&SpecialBusiness> for Special {
    fn from(business: &SpecialBusiness) -> Self {
        let kinds = [(KIND_GENERAL, "general"), (KIND_SPECIAL, "special")];
        let kinds = kinds
            .iter()
            .filter(|(kind, _word)| business.kinds.allow(*kind));
        Self {
            number: business.number,
            word: business.word.to_owned(),
            zh: business.zh.to_owned(),
            in_force: business.in_force,
            kinds: kinds.map(|(_kind, word)| (*word).to_owned()).collect(),
            one_line: business.one_line,
            elements: business.elements.iter().map(Into::into).collect(),
            basis: business.basis.to_owned(),
        }
    }
}

impl From<&Element> for SpecialElement {
    fn from(element: &Element) -> Self {
        Self {
            name: element.name.to_owned(),
            zh: element.zh.to_owned(),
            required: element.need.to_string(),
            chars_max: u32::try_from(element.chars_max).unwrap_or(u32::MAX),
        }
    }
}

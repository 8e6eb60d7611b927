//! A breach of a tax rule, with its evidence as plain numbers.
//!
//! Guards: a refusal in a block can name the field and the figures without allocating; it becomes
//! a [`Fault`] only where somebody reads it.

use core::fmt;

use super::class_table::ClassRates;
use super::law::law_of;
use crate::failure::FailureCode;
use crate::fault::Fault;
use crate::rate::RatePpm;

/// Where in the facts, in the order a reader meets the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The whole invoice.
    Invoice,
    /// A field of the head, by its name in JSON.
    Head(&'static str),
    /// The list of lines.
    Lines,
    /// A field of a line: index from 0, and its name in JSON; empty for the whole line.
    Line(u16, &'static str),
    /// One of the totals, by its name in JSON.
    Total(&'static str),
}

impl Place {
    /// The JSON pointer of the field in a draft; `None` for the whole invoice.
    #[must_use]
    pub fn pointer(self) -> Option<String> {
        match self {
            Self::Invoice => None,
            Self::Head(name) => Some(format!("/{name}")),
            Self::Lines => Some("/lines".to_owned()),
            Self::Line(index, "") => Some(format!("/lines/{index}")),
            Self::Line(index, name) => Some(format!("/lines/{index}/{name}")),
            Self::Total(name) => Some(format!("/totals/{name}")),
        }
    }
}

/// A figure of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Nothing to show.
    None,
    /// An amount, in fen.
    Money(i128),
    /// A rate.
    Rate(RatePpm),
    /// A count, code or number.
    Number(u64),
    /// One of these rates.
    Rates(ClassRates),
    /// The one word that would do.
    Word(&'static str),
    /// A rule in a few words.
    Words(&'static str),
}

impl Measure {
    /// The figure as it is shown; `None` for [`Measure::None`].
    #[must_use]
    pub fn text(self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Money(fen) => Some(money_text(fen)),
            Self::Rate(rate) => Some(rate.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::Rates(rates) => Some(rates.to_string()),
            Self::Word(words) | Self::Words(words) => Some(words.to_owned()),
        }
    }
}

/// One rule that the facts of an invoice break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} {name}", name = .code.name())]
pub struct Breach {
    /// The rule.
    pub code: FailureCode,
    /// The field.
    pub place: Place,
    /// What was found.
    pub got: Measure,
    /// What the rule expects.
    pub expected: Measure,
    /// How far the two may differ, in fen; `None` if exactly equal is not the question.
    pub tolerance_fen: Option<i64>,
}

impl Breach {
    /// A breach without figures.
    #[must_use]
    pub const fn new(code: FailureCode, place: Place) -> Self {
        Self {
            code,
            place,
            got: Measure::None,
            expected: Measure::None,
            tolerance_fen: None,
        }
    }

    /// A breach with what was found and what is expected.
    #[must_use]
    pub const fn figures(code: FailureCode, place: Place, got: Measure, expected: Measure) -> Self {
        Self {
            code,
            place,
            got,
            expected,
            tolerance_fen: None,
        }
    }

    /// Adds how far the two may differ.
    #[must_use]
    pub const fn within(mut self, tolerance_fen: i64) -> Self {
        self.tolerance_fen = Some(tolerance_fen);
        self
    }

    /// What decides which of two breaches is reported first.
    #[must_use]
    pub const fn order(&self) -> (FailureCode, Place) {
        (self.code, self.place)
    }

    /// The breach as a fault. An expected amount, rate or word is also what is suggested; of a
    /// deduction the most that is allowed is known, which is no amount to suggest.
    #[must_use]
    pub fn to_fault(&self) -> Fault {
        let expected = self.expected.text();
        let suggested = match self.expected {
            Measure::Money(_) if self.code == FailureCode::DeductionInvalid => None,
            Measure::Money(_) | Measure::Rate(_) | Measure::Word(_) => expected.clone(),
            Measure::None | Measure::Number(_) | Measure::Rates(_) | Measure::Words(_) => None,
        };
        Fault {
            code: self.code,
            pointer: self.place.pointer(),
            got: self.got.text(),
            expected,
            tolerance: self.tolerance_fen.map(|fen| money_text(fen.into())),
            suggested,
            law: law_of(self.code),
            not_before: None,
        }
    }
}

/// An amount of any size with two decimals.
fn money_text(fen: i128) -> String {
    let magnitude = fen.unsigned_abs();
    let sign = if fen < 0 { "-" } else { "" };
    format!(
        "{sign}{}.{:02}",
        magnitude.div_euclid(100),
        magnitude.rem_euclid(100)
    )
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pointer().unwrap_or_default())
    }
}

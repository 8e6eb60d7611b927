//! What can be asked of a failure code, and the one macro that declares the catalogue.
//!
//! Guards: a code's text, number and class exist on exactly one line of [`super::table`].

use core::fmt;
use core::str::FromStr;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::class::{Cause, Door, Retry, Support, Tier};
use super::table::FailureCode;

/// One line of the catalogue.
pub(super) struct Row {
    pub(super) number: u16,
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) http_status: u16,
    pub(super) retry: Retry,
    pub(super) cause: Cause,
    pub(super) tier: Tier,
    pub(super) door: Door,
    pub(super) support: Support,
    pub(super) pointer: &'static str,
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
}

/// Declares the catalogue: `Variant = number "NAME", http, retry, cause, tier, door, support,
/// "pointer", "en", "zh";` in ascending order of numbers.
macro_rules! catalogue {
    ($($variant:ident = $number:literal $name:literal, $http:literal, $retry:ident, $cause:ident,
       $tier:ident, $door:ident, $support:ident, $pointer:literal, $en:literal, $zh:literal;)+) => {
        /// Why something was refused: flat, published, stable for ever.
        ///
        /// Ordered by number, which is the order in which refusals win (catalogue order).
        /// As text (JSON, `Display`) a code is `E` and its number: `E1205`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum FailureCode {
            $(#[doc = $en] $variant = $number,)+
        }

        impl FailureCode {
            /// Every code, in catalogue order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The catalogue line of this code.
            pub(super) const fn row(self) -> &'static Row {
                match self {
                    $(Self::$variant => &Row {
                        number: $number,
                        code: concat!("E", $number),
                        name: $name,
                        http_status: $http,
                        retry: Retry::$retry,
                        cause: Cause::$cause,
                        tier: Tier::$tier,
                        door: Door::$door,
                        support: Support::$support,
                        pointer: $pointer,
                        en: $en,
                        zh: $zh,
                    },)+
                }
            }
        }
    };
}
pub(super) use catalogue;

impl FailureCode {
    /// The number that goes into block outcomes, 1001–9999; never reused.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.row().number
    }

    /// The published code, for instance `E1205`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// The published name, for instance `LINE_TAX_MISMATCH`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// HTTP status of a reply whose first failure this is.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        self.row().http_status
    }

    /// When the same request makes sense again.
    #[must_use]
    pub const fn retry(self) -> Retry {
        self.row().retry
    }

    /// What the caller should do next, as a word a program can switch on.
    #[must_use]
    pub const fn next_action(self) -> &'static str {
        self.retry().next_action()
    }

    /// Whose matter the failure is.
    #[must_use]
    pub const fn cause(self) -> Cause {
        self.row().cause
    }

    /// How central the rule is.
    #[must_use]
    pub const fn tier(self) -> Tier {
        self.row().tier
    }

    /// Who can judge the rule.
    #[must_use]
    pub const fn door(self) -> Door {
        self.row().door
    }

    /// Whether this version raises the code.
    #[must_use]
    pub const fn support(self) -> Support {
        self.row().support
    }

    /// The JSON pointer the code usually names, as a template: `{i}` stands for an index, starting
    /// at 0; `(named)` means that each fault names its own field; empty means no field.
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        self.row().pointer
    }

    /// What it means, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        self.row().en
    }

    /// What it means, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        self.row().zh
    }

    /// Finds a code by its published code (`E1205`) or name (`LINE_TAX_MISMATCH`), exactly written.
    #[must_use]
    pub fn from_code(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.code() == text || code.name() == text)
    }

    /// Finds a code by the number a block outcome holds.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        let index = Self::ALL
            .binary_search_by_key(&number, |code| code.number())
            .ok()?;
        Self::ALL.get(index).copied()
    }
}

/// A text that is neither the code nor the name of any failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a failure code or name of the catalogue")]
pub struct UnknownFailureCode;

impl FromStr for FailureCode {
    type Err = UnknownFailureCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_code(text).ok_or(UnknownFailureCode)
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for FailureCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for FailureCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CodeText;

        impl Visitor<'_> for CodeText {
            type Value = FailureCode;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a failure code such as \"E1205\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FailureCode, E> {
                FailureCode::from_code(text).ok_or_else(|| E::custom(UnknownFailureCode))
            }
        }

        deserializer
            .deserialize_str(CodeText)
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_number_code_and_name() {
        for &code in FailureCode::ALL {
            assert_eq!(FailureCode::from_number(code.number()), Some(code));
            assert_eq!(FailureCode::from_code(code.code()), Some(code));
            assert_eq!(FailureCode::from_code(code.name()), Some(code));
        }
        assert_eq!(FailureCode::from_number(0), None);
        assert_eq!(FailureCode::from_code("e1205"), None);
        assert_eq!(FailureCode::from_code(""), None);
    }

    #[test]
    fn json_carries_the_published_code() {
        let json = serde_json::to_string(&FailureCode::LineTaxMismatch).unwrap();
        assert_eq!(json, "\"E1205\"");
        let back: FailureCode = serde_json::from_str(&json).unwrap();
        assert_eq!(back, FailureCode::LineTaxMismatch);
        assert!(serde_json::from_str::<FailureCode>("\"E0000\"").is_err());
    }
}

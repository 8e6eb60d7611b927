//! How one gets to see a code and out again: what to do, a draft that provokes it and one that
//! passes, or when it happens where no draft alone can provoke it.
//!
//! Guards: every code this version raises can be met on purpose, so that people learn it before a
//! customer waits. The drafts are changes of [`SAMPLE`], judged at [`JUDGED_AT`]; tests run them.
//! Never: part of a verdict. Nothing here is hashed, and the words may change.

mod amounts;
mod corrections;
mod fields;
mod orders;
mod parties;
mod rates;
mod service;

use super::table::FailureCode;

/// The time the examples are judged at.
pub const JUDGED_AT: &str = "2026-11-21T10:00:00+08:00";

/// The draft every example changes: one meal for a company, which passes as it stands.
pub const SAMPLE: &str = r#"{
  "kind": "general",
  "buyer": {"type": "enterprise", "name": "武汉样例科技有限公司", "tax_id": "91420100MAXH4XGP0H",
            "phone": "027-87654321", "email": "finance@example.com", "address": "湖北省武汉市样例路1号"},
  "lines": [{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "unit": "次",
             "quantity": "1", "unit_price": "100.00", "amount": "100.00", "rate": "0.06",
             "discount": false}],
  "remark": "",
  "issuer": "开票人",
  "delivery": {"email": "finance@example.com"}
}"#;

/// Tax id of the seller who hands in [`SAMPLE`].
pub const SELLER_TAX_ID: &str = "91310115MA2N07N82Y";

/// One text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

/// What a person needs to know of one code beyond the catalogue's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guide {
    /// The code.
    pub code: FailureCode,
    /// What to do about it.
    pub advice: Text,
    /// How it comes about.
    pub occasion: Occasion,
}

/// How a code comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// By what a draft says.
    Draft(Example),
    /// By something else, said in a sentence.
    Elsewhere(Text),
}

/// Two drafts: one that provokes the code and one that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Whether the seller is a small-scale taxpayer; else a general one.
    pub small_scale: bool,
    /// Changes of [`SAMPLE`] that provoke the code.
    pub refused: &'static [Change],
    /// Changes of [`SAMPLE`] that pass; none is the sample itself.
    pub accepted: &'static [Change],
}

/// One change of a draft, by JSON pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The member becomes this JSON value; a list grows by the index after its last.
    Set(&'static str, &'static str),
    /// The member is left out.
    Remove(&'static str),
    /// The member becomes a text that repeats this character so many times.
    Text(&'static str, char, u16),
    /// The member becomes a list of so many copies of this JSON value.
    Copies(&'static str, &'static str, u16),
}

impl Change {
    /// The member that changes.
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Set(pointer, _)
            | Self::Remove(pointer)
            | Self::Text(pointer, _, _)
            | Self::Copies(pointer, _, _) => pointer,
        }
    }
}

impl Guide {
    /// Every guide, in catalogue order.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        let groups = [
            parties::GUIDES,
            fields::GUIDES,
            amounts::GUIDES,
            rates::GUIDES,
            orders::GUIDES,
            corrections::GUIDES,
            service::GUIDES,
        ];
        groups.into_iter().flatten()
    }

    /// The guide of a code, if this version has one: it has for every code it raises.
    #[must_use]
    pub fn of(code: FailureCode) -> Option<&'static Self> {
        Self::all().find(|guide| guide.code == code)
    }

    /// The example, if a draft can provoke the code.
    #[must_use]
    pub const fn example(&self) -> Option<&Example> {
        match &self.occasion {
            Occasion::Draft(example) => Some(example),
            Occasion::Elsewhere(_) => None,
        }
    }
}

/// Declares guides: `Variant: "advice zh" / "advice en", occasion;` where the occasion is
/// `general([changes that provoke] => [changes that pass])`, the same of a `small_scale` seller,
/// or `when("zh" / "en")`.
macro_rules! guides {
    ($($variant:ident: $zh:literal / $en:literal, $kind:ident $details:tt;)+) => {
        /// The guides of this group, in catalogue order.
        pub(super) static GUIDES: &[$crate::failure::examples::Guide] = &[$(
            $crate::failure::examples::Guide {
                code: $crate::failure::FailureCode::$variant,
                advice: $crate::failure::examples::Text { zh: $zh, en: $en },
                occasion: $crate::failure::examples::occasion!($kind $details),
            },
        )+];
    };
}

/// One occasion; see [`guides`].
macro_rules! occasion {
    (general ([$($refused:expr),*] => [$($accepted:expr),*])) => {
        $crate::failure::examples::occasion!(false, [$($refused),*], [$($accepted),*])
    };
    (small_scale ([$($refused:expr),*] => [$($accepted:expr),*])) => {
        $crate::failure::examples::occasion!(true, [$($refused),*], [$($accepted),*])
    };
    (when ($zh:literal / $en:literal)) => {
        $crate::failure::examples::Occasion::Elsewhere($crate::failure::examples::Text {
            zh: $zh,
            en: $en,
        })
    };
    ($small_scale:literal, $refused:expr, $accepted:expr) => {
        $crate::failure::examples::Occasion::Draft($crate::failure::examples::Example {
            small_scale: $small_scale,
            refused: &$refused,
            accepted: &$accepted,
        })
    };
}
use {guides, occasion};

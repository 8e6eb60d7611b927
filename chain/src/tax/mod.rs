//! Chinese VAT: tax ids, dated rates, and the arithmetic of an invoice.
//!
//! Guards: whatever every validator can judge from the public facts of an invoice is judged here,
//! with integers, the same way on every machine. What only the document holds is judged in
//! [`crate::invoice`].

mod breach;
mod check;
mod class_table;
mod facts;
mod issue_window;
mod law;
mod legacy_id;
mod org_code;
mod preference;
mod red;
mod region;
mod resident_id;
mod rounding;
mod rule_set;
mod special_business;
pub mod uscc;
mod words;

pub use breach::{Breach, Measure, Place};
pub(crate) use check::{Doubt, doubt};
pub use class_table::{Certainty, ClassRates, ClassRow, ClassTable};
pub(crate) use facts::breaches;
pub use facts::{
    Buyer, BuyerClass, CURRENCY_CNY, DISCOUNT_LINE, DISCOUNTED_LINE, KIND_GENERAL, KIND_SPECIAL,
    MODE_ONLINE, NORMAL_LINE, RedReference, TaxFacts, TaxLine, Totals, ZERO_RATE_EXEMPT,
    ZERO_RATE_EXPORT, ZERO_RATE_ORDINARY, ZERO_RATE_UNTAXED,
};
pub use issue_window::{ISSUE_AGE_DAYS_MAX, ISSUE_AHEAD_MS_MAX, check_issue_date};
pub use law::law_of;
pub use legacy_id::{LegacyForm, is_legacy_tax_id, legacy_form, normalised_legacy};
pub use org_code::{OrgCode, org_code_check};
pub use preference::{Demand, PREFERENCES, Preference};
pub(crate) use red::red_line;
pub use red::{
    RED_ALLOWANCE, RED_ERROR, RED_RETURN, RED_SERVICE_ENDED, RedPart, ReversibleLine,
    all_that_is_left, red_facts, reversed_of,
};
pub use resident_id::{ResidentId, ResidentIdError};
pub use rounding::{GrossSplit, divide_half_up, split_gross, tax_on};
pub use rule_set::{OpenTo, RateRow, RuleSet, Taxpayer};
pub use special_business::{
    Element, ElementKind, Kinds, LineRule, Need, STREET_MARKS, SpecialBusiness,
};
pub use uscc::Uscc;
pub use words::Tolerance;

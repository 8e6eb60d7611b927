//! The invoice as a document: the draft a merchant hands in, the check at the desk, the fields the
//! document keeps, and the number it gets.
//!
//! Guards: what only the document holds (texts, quantities, prices, ids of persons) is judged here;
//! what every validator judges is taken from [`crate::tax`] and never written twice.

mod bounds;
mod buyer;
mod capital;
mod contact;
mod content;
mod decimal;
mod draft;
mod drift;
pub mod fields;
mod filter;
mod head;
mod item_name;
mod line;
mod line_amounts;
mod lookalike;
mod mask;
mod near;
mod number;
mod pointer;
mod preflight;
mod prepared;
mod printable;
mod remedy;
mod repair;
mod report;
#[cfg(feature = "testing")]
pub mod sample;
mod seller;
mod special;
mod special_element;
mod suggest;
mod text_limits;
mod texts;
mod totals;

pub use bounds::{PAYMENT_REFS_MAX, TAGS_MAX};
pub use buyer::BuyerIdentity;
pub use capital::capital;
pub use content::{BuyerContent, InvoiceContent, LineContent, SellerContent, TotalsContent};
pub use draft::{
    Draft, DraftBusiness, DraftBuyer, DraftDelivery, DraftLine, DraftSeller, DraftSpecial,
    DraftTotals, ElementValue,
};
pub use number::{InvoiceNumber, InvoiceNumberError};
pub use preflight::{Desk, Preflight, SellerFacts, preflight};
pub use prepared::Prepared;
pub use suggest::{SUGGESTION_ROUNDS_MAX, apply_suggestions};
pub use text_limits::{TEXT_LIMITS, TextLimit};

//! The catalogue of refusals: one line per code, read by blocks, API, command line, pages and docs.
//!
//! Guards: a published code never changes its number, name or meaning, and is never reused.
//! Order: codes compare by number, and the lowest number wins when several rules are broken;
//! outcomes are hashed, so that order is protocol.
//! Never: holds evidence. What was found and expected is [`crate::fault::Fault`]'s job.

mod class;
mod code;
pub mod examples;
mod group;
mod table;
mod warning;

pub use class::{Cause, Door, Retry, Support, Tier};
pub use code::UnknownFailureCode;
pub use group::Group;
pub use table::FailureCode;
pub use warning::WarningCode;

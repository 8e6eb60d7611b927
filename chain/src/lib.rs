//! Placeholder.
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![deny(clippy::float_arithmetic)]

pub mod amount;
pub mod failure;
pub mod fault;
pub mod rate;
pub mod time;
pub mod tax;

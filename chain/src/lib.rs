//! Placeholder.
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![deny(clippy::float_arithmetic)]

pub mod failure;
pub mod fault;

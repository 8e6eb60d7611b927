//! The desk: what no block holds.

pub mod store;

//! The HTTP contract, called over a real loopback connection against an in-memory backend.
//!
//! Goal: every route, every class of refusal, the rules of access, and the pages. Method: the typed
//! client where a caller would use it, plain HTTP where the bytes matter.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test that calls them"
)]

mod access;
mod batches;
mod bounds;
mod confirmations;
mod documents;
mod events;
mod harness;
mod issuing;
mod memory;
mod memory_backend;
mod pages;
mod reading;
mod refusals;
mod rules;
mod stopping;
mod transparency;
mod views;

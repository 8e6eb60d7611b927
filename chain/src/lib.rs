//! The rules of a Piao network: pure and deterministic.
//!
//! No I/O, no clock, no threads, no async. A block is a function of the state before it:
//! decode → check → apply → prove. Everything that can fail for reasons of the world lives in
//! other packages. The normative text is `chain/SPEC.md`.

#![forbid(unsafe_code)]
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![deny(clippy::float_arithmetic)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::allow_attributes,
        reason = "a test that overflows or indexes out of bounds fails, which is its purpose"
    )
)]

pub mod amount;
pub mod block;
pub mod certificate;
pub mod codec;
pub mod digest;
pub mod document;
pub mod execute;
pub mod failure;
pub mod fault;
pub mod genesis;
pub mod invoice;
pub mod limits;
pub mod outcome;
pub mod proof;
pub mod rate;
pub mod signature;
pub mod state;
pub mod tax;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod time;
pub mod transaction;
pub mod transparency;
pub mod validator;
pub mod vote;

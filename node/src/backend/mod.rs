//! The node behind the HTTP contract: implements [`piao_api::backend::Backend`].
//!
//! Reads that touch the disk run on blocking threads; the handlers' tasks never wait for one.

mod afterlife;
mod announcements;
mod blocks;
mod calls;
mod confirmations;
mod deciders;
mod fees;
mod keys;
mod limits;
pub(crate) mod proofs;
mod refusals;
mod render;
mod statements;
mod submit;
mod transparency;
mod views;

pub(crate) use afterlife::{Afterlife, leaf_of};
pub(crate) use blocks::find;
pub use calls::{NodeBackend, NodeBackendParts};
pub(crate) use confirmations::{confirmation_view, proposal_of};
pub(crate) use render::{Held, Issued, invoice_of, time_text};

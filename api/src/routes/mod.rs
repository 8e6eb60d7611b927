//! Handlers: decode, call the backend, encode. The list of routes is `router`.

pub(crate) mod accounts;
pub(crate) mod announcements;
pub(crate) mod blocks;
pub(crate) mod confirmations;
pub(crate) mod corrections;
pub(crate) mod events;
pub(crate) mod failures;
pub(crate) mod health;
pub(crate) mod invoices;
pub(crate) mod keys;
pub(crate) mod proofs;
pub(crate) mod request_proof;
pub(crate) mod request_verbs;
pub(crate) mod requests;
pub(crate) mod rules;
pub(crate) mod statements;
pub(crate) mod transactions;
pub(crate) mod transparency;
pub(crate) mod verdicts;
pub(crate) mod views;

mod catalogue;
mod correction_body;
mod detached;
mod draft_body;
pub(crate) mod path;
pub(crate) mod stored;
mod top_up_body;

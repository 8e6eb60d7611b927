//! The HTTP contract of Piao from both sides.
//!
//! `wire` is what travels as JSON; `backend` is the seam a node implements; feature `server` adds
//! routes, pages and the `OpenAPI` document; feature `client` adds the typed client. The features
//! only add.

#![forbid(unsafe_code)]

#[cfg(feature = "server")]
mod access;
pub mod backend;
#[cfg(feature = "server")]
mod batch;
#[cfg(feature = "server")]
mod body;
#[cfg(feature = "server")]
pub mod bounds;
pub mod caller;
#[cfg(feature = "client")]
pub mod client;
mod correction;
#[cfg(feature = "server")]
mod door;
pub mod examples;
pub mod field_names;
pub mod idempotency;
pub mod language;
#[cfg(feature = "server")]
mod large_reply;
pub mod limits;
pub mod link_code;
pub mod media_type;
mod members;
#[cfg(feature = "server")]
pub mod openapi;
mod order;
#[cfg(feature = "server")]
mod own_trust_root;
#[cfg(feature = "server")]
mod parameters;
#[cfg(feature = "server")]
pub mod problem;
pub mod proof_form;
#[cfg(feature = "server")]
mod rate_limit;
mod refusal;
#[cfg(feature = "server")]
pub mod request_id;
#[cfg(feature = "server")]
pub mod router;
#[cfg(feature = "server")]
mod routes;
#[cfg(feature = "server")]
pub mod security;
#[cfg(feature = "server")]
pub mod server;
mod statement;
pub mod strict_json;
#[cfg(feature = "server")]
pub mod web;
pub mod wire;

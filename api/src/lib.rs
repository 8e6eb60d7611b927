//! The HTTP contract of Piao from both sides.
//!
//! `wire` is what travels as JSON; `backend` is the seam a node implements; feature `server` adds
//! routes, pages and the OpenAPI document; feature `client` adds the typed client. The features
//! only add.

#![forbid(unsafe_code)]

pub mod backend;
pub mod caller;
pub mod idempotency;
pub mod limits;
mod members;
pub mod strict_json;
pub mod wire;

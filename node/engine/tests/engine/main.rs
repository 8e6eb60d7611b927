//! Real engines over loopback sockets, with a host that keeps its blocks in memory.
//!
//! Goal: the promises of the public API hold end to end. Method: each scenario waits for a tip
//! with a deadline; the deadline is generous because the machine may be busy, and it is the only
//! use of time.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, helpers included"
)]

mod cluster;
mod host;
mod scenarios;
mod wal_mend;

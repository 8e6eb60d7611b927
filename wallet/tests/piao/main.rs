//! The real `piao`, run as a process: what a shell, a script and a reader get to see.
//!
//! Each test has its own home directory and, where a node is needed, a stub on a port of the
//! system's choice. Nothing leaves the loopback interface.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test that cannot go on fails the test"
)]

mod chain;
mod checking;
mod explain;
mod folders;
mod grades;
mod issuing;
mod keys;
mod listening;
mod online;
mod process;
mod reading;
mod refusals;
mod requests;
mod rotating;
mod samples;
mod statements;
mod stub;
mod trust;
mod usage;
mod verify;
mod witness;

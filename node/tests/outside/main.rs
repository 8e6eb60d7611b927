//! The node from outside: the real `piaod` process, real sockets, a real disk, and a verifier that
//! talks to nobody. One test for each promise of the first version.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

mod duplicates;
mod durability;
mod issuing;
mod process;
mod proving;
mod refusing;

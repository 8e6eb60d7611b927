//! What the journal and the store promise, seen from outside: nothing acknowledged is lost,
//! nothing damaged is served, and the state can always be made again.
//!
//! Method: real blocks of a network in memory are written, then files are cut, flipped, moved and
//! removed, or the writing process is killed, and what opens afterwards is compared with the
//! network in memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

mod damage;
mod journal;
mod kill;
#[cfg(feature = "crash-points")]
mod red;
mod runs;
mod store;
mod world;

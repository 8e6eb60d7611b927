//! The Piao node: everything with a socket, a disk or a clock.
//!
//! A block is decided by the engine, executed by `chain`, written to the journal and synced, then
//! applied to sled, then told to whoever waits. Nothing is called final before the sync.

#![forbid(unsafe_code)]

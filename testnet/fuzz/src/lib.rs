//! Every decoder that meets bytes from outside, against arbitrary bytes.
//!
//! A target takes bytes and asserts what must hold of them, whatever they are: not only that
//! nothing panics, but that one value has one spelling, that what is accepted is accepted again,
//! and that nothing forged is believed. `scripts/fuzz` runs the targets under libFuzzer;
//! `tests/corpus.rs` replays the committed corpus and seeded mutations of it in every test run.

#![deny(unsafe_code)]

mod block;
mod draft;
mod engine;
mod journal;
mod key_file;
mod net;
mod proof;
mod scratch;
mod statement;
mod transaction;

/// Named bytes a corpus starts from.
pub type Seeds = Vec<(&'static str, Vec<u8>)>;

/// One decoder under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the target and of its folder under `corpus/`.
    pub name: &'static str,
    /// Asserts what must hold of the bytes.
    pub run: fn(&[u8]),
    /// Makes the seeds; the same bytes every time.
    pub seeds: fn() -> Seeds,
    /// Longest input worth trying, in bytes.
    pub bytes_max: usize,
}

/// All targets.
pub const TARGETS: [Target; 8] = [
    transaction::TARGET,
    block::TARGET,
    proof::TARGET,
    statement::TARGET,
    journal::TARGET,
    engine::TARGET,
    draft::TARGET,
    key_file::TARGET,
];

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

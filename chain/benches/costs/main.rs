//! What an invoice costs in here, stage by stage: programs, not tests.
//!
//! `cargo bench -p piao-chain --features testing [FILTER]`. Each stage is one file. Figures of one
//! machine are only comparable with figures of the same machine.

#![expect(clippy::unwrap_used, reason = "a bench that can not go on stops")]

mod check;
mod codec;
mod execute;
mod roots;
mod verify;
mod world;

fn main() {
    divan::main();
}

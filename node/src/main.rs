//! piaod, the Piao invoice node.

use std::process::ExitCode;

use clap::Parser as _;
use piao_node::cli::Cli;

/// A node makes and drops many small values on many threads: this allocator does so with less CPU
/// and gives memory back (`node/decisions/0006-speed.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match piao_node::verbs::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            piao_node::verbs::complain(&error);
            ExitCode::FAILURE
        }
    }
}

//! piaod, the Piao invoice node.

use std::process::ExitCode;

use clap::Parser as _;
use piao_node::cli::Cli;

fn main() -> ExitCode {
    match piao_node::verbs::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            piao_node::verbs::complain(&error);
            ExitCode::FAILURE
        }
    }
}

//! piao-byzantine: a validator that breaks the rules on purpose.
//!
//! It is `piaod` with a tongue of its own: the same node, the same engine, and beside them what says
//! under its key what neither would. It takes `piaod`'s arguments after its own. Guards nothing; it is
//! what others are guarded against (`node/decisions/0008-byzantine.md`).

#![forbid(unsafe_code)]

mod conduct;
mod contradict;
mod dice;
mod spoil;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use piao_node::byzantine::misbehave;

use crate::conduct::Vices;

/// A validator that breaks the rules on purpose.
#[derive(Debug, Parser)]
#[command(name = "piao-byzantine", version, about)]
struct Arguments {
    /// What every choice follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    vices: Vices,
    /// The arguments of `piaod`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    node: Vec<OsString>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let piaod = std::iter::once(OsString::from("piaod")).chain(arguments.node);
    let cli = piao_node::cli::Cli::parse_from(piaod);
    misbehave(conduct::of(arguments.vices, arguments.seed));
    match piao_node::verbs::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            piao_node::verbs::complain(&error);
            ExitCode::FAILURE
        }
    }
}

//! The command line of Piao: issue invoices at a node's desk, keep their proofs, verify them
//! anywhere.
//!
//! A command is a function from `context::Context` and its arguments to an `exit::Exit`; it
//! speaks through `output::Output` and fails with `error::CommandError`. Verification is
//! `piao_chain`'s; this package reads files, shows verdicts and turns them into exit codes.

#![forbid(unsafe_code)]

mod advice;
mod chain_keys;
mod cli;
mod clock;
mod commands;
mod confirmation_view;
mod context;
mod disk;
mod draft_file;
mod duration;
mod error;
mod exit;
mod explain_error;
mod faults;
mod fix;
mod hardening;
mod invoice_view;
mod journal;
mod keystore;
mod language;
mod node;
mod output;
mod passphrase;
mod paths;
mod sending;
mod trust;
mod usage;
mod verification;
mod witness_state;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::context::Context;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error).into(),
    };
    let context = Context::new(cli.globals);
    let exit = commands::run(&context, &cli.command).unwrap_or_else(|error| {
        explain_error::report(&context.output, &error, error.exit(), None);
        error.exit()
    });
    exit.into()
}

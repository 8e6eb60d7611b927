//! `piao proof absence`: fetches what shows a number not to be issued. Believes nothing of it.

use std::path::PathBuf;

use clap::Args;

use crate::cli;
use crate::commands::invoice_download::save;
use crate::commands::proof_get::Form;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;
use crate::output::Line;

/// Arguments of `piao proof absence`.
#[derive(Debug, Args)]
pub(crate) struct AbsenceArgs {
    /// The number, 20 digits
    #[arg(value_parser = cli::number)]
    number: String,
    /// Where to put it, in place of any old one; - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Form of the file
    #[arg(long, default_value = "binary")]
    form: Form,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &AbsenceArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let bytes = node.wait(node.client.absence(&args.number, args.form.into()))?;
    save(&context.output, &args.output, &bytes)?;
    say_unverified(context);
    Ok(Exit::Ok)
}

/// Says that a fetched file was not looked into.
pub(crate) fn say_unverified(context: &Context) {
    let output = &context.output;
    output.talk(&Line::of(output.pick(
        "not verified yet; run `piao verify` on it",
        "尚未验证，请对它运行 piao verify",
    )));
}

//! `piao invoice show`: an invoice as its merchant sees it.

use clap::Args;

use crate::cli;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::invoice_view;
use crate::node::Node;

/// Arguments of `piao invoice show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Number of the invoice, 20 digits
    #[arg(value_parser = cli::number)]
    number: String,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &ShowArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let invoice = node.wait(node.client.invoice(&args.number))?;
    invoice_view::show(&context.output, &invoice)?;
    Ok(Exit::Ok)
}

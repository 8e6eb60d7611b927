//! `piao invoice answer`: says yes or no to a red letter that the other party proposed.

use clap::Args;

use crate::cli;
use crate::confirmation_view;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;

/// Arguments of `piao invoice answer`.
#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    /// Number of the invoice, 20 digits
    #[arg(value_parser = cli::number)]
    number: String,
    /// The red letter may be issued
    #[arg(long, required_unless_present = "refuse", conflicts_with = "refuse")]
    accept: bool,
    /// It may not
    #[arg(long)]
    refuse: bool,
    /// Account that answers (default: the one that is asked)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
}

/// Runs the command. Saying the same again is safe, so nothing is written down before.
pub(crate) fn run(context: &Context, args: &AnswerArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let call = node
        .client
        .answer_red_letter(&args.number, "open", args.accept, args.account);
    let confirmation = node.wait(call)?;
    confirmation_view::show(&context.output, &confirmation)?;
    Ok(Exit::Ok)
}

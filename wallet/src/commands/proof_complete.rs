//! `piao proof complete`: fetches the list of all invoices of an account in a range. Believes
//! nothing of it.

use std::path::PathBuf;

use clap::Args;
use piao_api::backend::{CompletenessOrder, ListRange};

use crate::commands::invoice_download::save;
use crate::commands::proof_absence::say_unverified;
use crate::commands::proof_get::Form;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;

/// Arguments of `piao proof complete`.
#[derive(Debug, Args)]
pub(crate) struct CompleteArgs {
    /// Number of the account
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    account: u32,
    /// Counter of the first invoice, from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    from: Option<u64>,
    /// Counter of the last invoice (default: the account's last)
    #[arg(long, value_name = "M")]
    to: Option<u64>,
    /// In place of counters: the first block
    #[arg(long, value_name = "HEIGHT", conflicts_with_all = ["from", "to"])]
    from_height: Option<u64>,
    /// In place of counters: the last block (default: the newest)
    #[arg(long, value_name = "HEIGHT", conflicts_with_all = ["from", "to"])]
    to_height: Option<u64>,
    /// Where to put it, in place of any old one; - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Form of the file
    #[arg(long, default_value = "binary")]
    form: Form,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &CompleteArgs) -> Result<Exit, CommandError> {
    let range = match (args.from_height, args.to_height) {
        (None, None) => ListRange::Counters {
            from: args.from.unwrap_or(1),
            to: args.to,
        },
        (from, to) => ListRange::Blocks {
            from: from.unwrap_or(0),
            to,
        },
    };
    let order = CompletenessOrder {
        account: args.account,
        range,
    };
    let node = Node::open(&context.globals)?;
    let bytes = node.wait(node.client.completeness(&order, args.form.into()))?;
    save(&context.output, &args.output, &bytes)?;
    say_unverified(context);
    Ok(Exit::Ok)
}

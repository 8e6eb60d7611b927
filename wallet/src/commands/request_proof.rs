//! `piao request proof`: fetches what shows a request to be refused. Believes nothing of it.

use std::path::PathBuf;

use clap::Args;

use crate::commands::invoice_download::save;
use crate::commands::request::id;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;
use crate::output::Line;

/// Arguments of `piao request proof`.
#[derive(Debug, Args)]
pub(crate) struct RequestProofArgs {
    /// Id of the request
    #[arg(value_parser = id)]
    id: String,
    /// Where to put it, in place of any old one; - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &RequestProofArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let bytes = node.wait(node.client.request_proof(&args.id))?;
    let output = &context.output;
    save(output, &args.output, &bytes)?;
    output.talk(&Line::of(output.pick(
        "not verified yet; run `piao verify` on it",
        "尚未验证，请对它运行 piao verify",
    )));
    Ok(Exit::Ok)
}

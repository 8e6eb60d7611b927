//! `piao proof get`: fetches the proof of an invoice. Believes nothing of it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use piao_api::backend::{ProofForm, Show};

use crate::cli;
use crate::commands::invoice_download::save;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;
use crate::output::Line;

/// Arguments of `piao proof get`.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// Number of the invoice, 20 digits
    #[arg(value_parser = cli::number)]
    number: String,
    /// Where to put it, in place of any old one; - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Form of the file
    #[arg(long, default_value = "binary")]
    form: Form,
    /// Fields of the document to show in it, separated by commas, or `all`
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    show: Vec<String>,
}

/// The forms of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A .proof file
    Binary,
    /// Its JSON twin
    Json,
}

impl From<Form> for ProofForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Binary => Self::Binary,
            Form::Json => Self::Json,
        }
    }
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &GetArgs) -> Result<Exit, CommandError> {
    let show = match args.show.as_slice() {
        [] => Show::Nothing,
        [all] if all == "all" => Show::All,
        names => Show::Fields(names.to_vec()),
    };
    let node = Node::open(&context.globals)?;
    let reply = node.wait(node.client.proof(&args.number, args.form.into(), &show))?;
    let output = &context.output;
    save(output, &args.output, &reply.bytes)?;
    output.talk(&Line::of(output.pick(
        "not verified yet; run `piao verify` on it",
        "尚未验证，请对它运行 piao verify",
    )));
    Ok(Exit::Ok)
}

//! `piao invoice reissue`: its red letter and a new invoice in its place, at once.

use std::path::PathBuf;

use clap::Args;
use piao_api::client::{IssueOptions, Issued};
use piao_api::idempotency::IdempotencyKey;

use crate::cli;
use crate::context::Context;
use crate::draft_file;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::invoice_view;
use crate::journal::{Call, Ending};
use crate::node::Node;
use crate::sending::{self, Sending};

/// Arguments of `piao invoice reissue`.
#[derive(Debug, Args)]
pub(crate) struct ReissueArgs {
    /// Number of the invoice that is replaced, 20 digits
    #[arg(value_parser = cli::number)]
    number: String,
    /// What takes its place, a JSON file; - reads standard input
    #[arg(value_name = "FILE|-")]
    draft: PathBuf,
    /// Key that makes a retry safe (default: a random one, saved before sending)
    #[arg(long, value_name = "K", value_parser = cli::idempotency_key)]
    idempotency_key: Option<IdempotencyKey>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &ReissueArgs) -> Result<Exit, CommandError> {
    let draft = draft_file::read(&args.draft)?;
    let node = Node::open(&context.globals)?;
    let key = match &args.idempotency_key {
        Some(key) => key.clone(),
        None => sending::random_key()?,
    };
    let mut content = format!("piao/reissue\n{}\n", args.number).into_bytes();
    content.extend_from_slice(&draft);
    let sending = Sending::prepare(context, &node, Call::Reissue, &key, &content, None)?;
    let options = IssueOptions::default();
    let call = node.client.reissue(&args.number, draft, &key, &options);
    match sending.send(&node, call)? {
        Issued::Final { invoice, .. } => {
            sending.settle(Ending::Final);
            invoice_view::show(&context.output, &invoice)?;
            Ok(Exit::Ok)
        }
        Issued::Pending(request) => Err(sending.unsettled(CommandError::Pending(request))),
    }
}

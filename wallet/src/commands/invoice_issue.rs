//! `piao invoice issue`: the node's desk signs and issues a draft, once for each key.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use piao_api::client::{IssueOptions, Issued};
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire::RequestView;

use crate::cli;
use crate::context::Context;
use crate::draft_file;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::invoice_view;
use crate::journal::{Call, Ending};
use crate::node::Node;
use crate::output::{Line, Output, Tone};
use crate::sending::{self, Sending};

/// Arguments of `piao invoice issue`.
#[derive(Debug, Args)]
pub(crate) struct IssueArgs {
    /// The draft, a JSON file; - reads standard input
    #[arg(value_name = "FILE|-")]
    draft: PathBuf,
    /// Key that makes a retry safe (default: a random one, saved before sending)
    #[arg(long, value_name = "K", value_parser = cli::idempotency_key)]
    idempotency_key: Option<IdempotencyKey>,
    /// What to wait for
    #[arg(long, value_name = "WHAT", default_value = "final")]
    wait: WaitFor,
    /// Seconds to wait for the invoice to be final (default: the node's)
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=30))]
    timeout: Option<u64>,
    /// Have a refusal by the chain kept in a block, so that it can be proved
    #[arg(long)]
    anchor_failure: bool,
    /// Account to issue for (default: the first of the API key)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WaitFor {
    /// The invoice is final
    Final,
    /// The node keeps the request and goes on by itself
    Accepted,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &IssueArgs) -> Result<Exit, CommandError> {
    let draft = draft_file::read(&args.draft)?;
    let node = Node::open(&context.globals)?;
    let key = match &args.idempotency_key {
        Some(key) => key.clone(),
        None => sending::random_key()?,
    };
    let sending = Sending::prepare(context, &node, Call::Issue, &key, &draft, args.account)?;
    let options = IssueOptions {
        account: args.account,
        accepted_is_enough: args.wait == WaitFor::Accepted,
        timeout: args.timeout.map(Duration::from_secs),
    };
    let output = &context.output;
    let sent = if args.anchor_failure {
        sending.send(&node, node.client.issue_anchored(draft, &key, &options))
    } else {
        sending.send(&node, node.client.issue(draft, &key, &options))
    };
    if args.anchor_failure && sent.is_err() {
        say_provable(output, &node, &key, args.account);
    }
    match sent? {
        Issued::Final { invoice, replayed } => {
            sending.settle(Ending::Final);
            if replayed {
                output.talk(&Line::of(output.pick(
                    "an earlier call with this key issued it",
                    "此前已用同一幂等键开具",
                )));
            }
            invoice_view::show(output, &invoice)?;
            Ok(Exit::Ok)
        }
        Issued::Pending(request) if args.wait == WaitFor::Accepted => {
            show_request(output, &request)?;
            Ok(Exit::Ok)
        }
        Issued::Pending(request) => Err(sending.unsettled(CommandError::Pending(request))),
    }
}

/// Says how a refusal is proved, where a block holds one.
fn say_provable(output: &Output, node: &Node, key: &IdempotencyKey, account: Option<u32>) {
    // Whatever is in the way of asking, the refusal itself is told.
    let Ok(request) = node.wait(node.client.outcome(key, account)) else {
        return;
    };
    let text = output.pick(
        "the refusal can be proved once its block is final: piao request proof ",
        "该拒绝在区块终局后可被证明：piao request proof ",
    );
    let line = Line::of(text).add(Tone::Strong, &request.id);
    output.talk(&line.add(Tone::Plain, " -o FILE"));
}

fn show_request(output: &Output, request: &RequestView) -> Result<(), CommandError> {
    if output.json {
        output.json(request)?;
        return Ok(());
    }
    let rows = [
        (output.pick("request", "请求"), &request.id),
        (output.pick("key", "幂等键"), &request.idempotency_key),
    ];
    for (label, value) in rows {
        output.data(
            &Line::new()
                .column(Tone::Faint, label, 12)
                .add(Tone::Plain, value),
        )?;
    }
    output.talk(&Line::of(output.pick(
        "accepted; run the same command with --idempotency-key to get the invoice",
        "已受理；用 --idempotency-key 再运行同一命令可取得发票",
    )));
    Ok(())
}

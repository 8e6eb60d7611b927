//! `piao invoice red-letter`: takes back parts of an invoice, or all that is left of it, once.

use clap::Args;
use piao_api::client::{IssueOptions, Issued, RedPart};
use piao_api::idempotency::IdempotencyKey;
use piao_chain::amount::Fen;

use crate::cli;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::invoice_view;
use crate::journal::{Call, Ending};
use crate::node::Node;
use crate::sending::{self, Sending};

/// Arguments of `piao invoice red-letter`.
#[derive(Debug, Args)]
pub(crate) struct RedLetterArgs {
    /// Number of the invoice, 20 digits
    #[arg(value_parser = cli::number)]
    number: String,
    /// Why: 01 issued in error, 02 goods returned, 03 service ended, 04 allowance
    #[arg(long, value_name = "01..04", value_parser = ["01", "02", "03", "04"])]
    reason: String,
    /// A line and how much of it, without tax; may be given again (default: all that is left)
    #[arg(long = "line", value_name = "N:AMOUNT", value_parser = part)]
    lines: Vec<(u16, Fen)>,
    /// Key that makes a retry safe (default: a random one, saved before sending)
    #[arg(long, value_name = "K", value_parser = cli::idempotency_key)]
    idempotency_key: Option<IdempotencyKey>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &RedLetterArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let key = match &args.idempotency_key {
        Some(key) => key.clone(),
        None => sending::random_key()?,
    };
    let parts: Vec<RedPart> = args
        .lines
        .iter()
        .map(|(line, amount)| RedPart {
            line: *line,
            amount: amount.to_string(),
        })
        .collect();
    let lines = args.lines.iter().map(|(line, amount)| (line, amount.fen()));
    let lines: Vec<_> = lines.collect();
    let content = serde_json::json!([args.number, args.reason, lines]).to_string();
    let content = format!("piao/red-letter\n{content}").into_bytes();
    let sending = Sending::prepare(context, &node, Call::RedLetter, &key, &content, None)?;
    let options = IssueOptions::default();
    let what = (args.reason.as_str(), parts.as_slice());
    let call = node.client.red_letter(&args.number, what, &key, &options);
    match sending.send(&node, call)? {
        Issued::Final { invoice, .. } => {
            sending.settle(Ending::Final);
            invoice_view::show(&context.output, &invoice)?;
            Ok(Exit::Ok)
        }
        Issued::Pending(request) => Err(sending.unsettled(CommandError::Pending(request))),
    }
}

/// `2:10.00`: line 2, 10.00 of it.
fn part(text: &str) -> Result<(u16, Fen), String> {
    let form = || "a line and an amount, for instance 1:10.00".to_owned();
    let (line, amount) = text.split_once(':').ok_or_else(form)?;
    let line: u16 = line.parse().map_err(|_source| form())?;
    let amount = Fen::parse_unsigned(amount).map_err(|error| error.to_string())?;
    if line == 0 || amount == Fen::ZERO {
        return Err(form());
    }
    Ok((line, amount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_a_line_and_an_amount() {
        assert_eq!(part("2:10.00"), Ok((2, Fen::new(1_000))));
        for text in ["2", "0:1.00", "1:0.00", "1:-1.00", "x:1.00", "1:1.001"] {
            assert!(part(text).is_err(), "{text}");
        }
    }
}

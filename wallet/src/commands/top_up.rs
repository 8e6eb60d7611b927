//! `piao top-up`: credits a payment to the fee balance, once for ever per reference.

use clap::Args;
use piao_api::limits::REFERENCE_CHARS_MAX;
use piao_chain::amount::Fen;

use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::journal::{Call, Ending};
use crate::node::Node;
use crate::output::{Line, Tone};
use crate::sending::{self, Sending};

/// Arguments of `piao top-up`.
#[derive(Debug, Args)]
pub(crate) struct TopUpArgs {
    /// Yuan with two decimals, for instance 50.00
    #[arg(value_parser = amount)]
    amount: Fen,
    /// Reference of the payment, credited once for ever
    #[arg(long = "ref", value_name = "R", value_parser = reference)]
    reference: String,
    /// Account to credit (default: the first of the API key)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
}

/// Runs the command.
///
/// The key follows from account, amount and reference: the same command again is the same
/// request, and another amount for the same reference is refused by the node.
pub(crate) fn run(context: &Context, args: &TopUpArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let amount = args.amount.to_string();
    let content = serde_json::json!([args.account, amount, args.reference]).to_string();
    let content = format!("piao/top-up\n{content}").into_bytes();
    let key = sending::derived_key(&content)?;
    let sending = Sending::prepare(context, &node, Call::TopUp, &key, &content, args.account)?;
    let call = node
        .client
        .top_up(args.account, &amount, &args.reference, &key);
    let credited = sending.send(&node, call)?;
    sending.settle(Ending::Final);
    let output = &context.output;
    if output.json {
        output.json(&credited)?;
        return Ok(Exit::Ok);
    }
    let height = credited.height.to_string();
    let rows = [
        (("credited", "已充值"), &credited.amount),
        (("balance", "余额"), &credited.fee_balance),
        (("reference", "凭据号"), &credited.reference),
        (("block", "区块"), &height),
    ];
    for ((en, zh), value) in rows {
        let label = output.pick(en, zh);
        output.data(
            &Line::new()
                .column(Tone::Faint, label, 12)
                .add(Tone::Plain, value),
        )?;
    }
    Ok(Exit::Ok)
}

fn amount(text: &str) -> Result<Fen, String> {
    let amount = Fen::parse_unsigned(text).map_err(|error| error.to_string())?;
    if amount == Fen::ZERO {
        Err("at least 0.01".to_owned())
    } else {
        Ok(amount)
    }
}

fn reference(text: &str) -> Result<String, String> {
    if (1..=REFERENCE_CHARS_MAX).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(format!("1 to {REFERENCE_CHARS_MAX} characters"))
    }
}

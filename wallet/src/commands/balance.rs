//! `piao balance`: what is left for fees, and how many invoices that pays for.

use clap::Args;

use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;
use crate::output::{Line, Tone};

/// Arguments of `piao balance`.
#[derive(Debug, Args)]
pub(crate) struct BalanceArgs {
    /// Account (default: the first of the API key)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &BalanceArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let account = node.wait(node.client.account(args.account))?;
    let output = &context.output;
    if output.json {
        output.json(&account)?;
        return Ok(Exit::Ok);
    }
    let (number, can_issue) = (account.account.to_string(), account.can_issue.to_string());
    let days = account
        .days_left
        .map_or_else(|| "-".to_owned(), |days| days.to_string());
    let issued = account.issued_count.to_string();
    let rows = [
        (("account", "账户"), &number),
        (("balance", "余额"), &account.fee_balance),
        (("reserved", "已预留"), &account.reserved),
        (("available", "可用"), &account.available),
        (("fee", "每张手续费"), &account.fee),
        (("can issue", "还可开具"), &can_issue),
        (("days left", "约可用天"), &days),
        (("issued", "已开具"), &issued),
        (("status", "状态"), &account.status),
    ];
    for ((en, zh), value) in rows {
        let label = output.pick(en, zh);
        output.data(
            &Line::new()
                .column(Tone::Faint, label, 12)
                .add(Tone::Plain, value),
        )?;
    }
    if account.low {
        let text = output.pick("top up soon: piao top-up", "余额将尽，请充值：piao top-up");
        output.talk(&Line::new().add(Tone::Careful, text));
    }
    Ok(Exit::Ok)
}

//! `piao limits`: what may be issued at once, in a day and in a month, and what is used of it.

use clap::Args;

use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;
use crate::output::{Line, Tone};

/// Arguments of `piao limits`.
#[derive(Debug, Args)]
pub(crate) struct LimitsArgs {
    /// Account (default: the first of the API key)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &LimitsArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let limits = node.wait(node.client.limits(args.account))?;
    let output = &context.output;
    if output.json {
        output.json(&limits)?;
        return Ok(Exit::Ok);
    }
    let none = || output.pick("no limit", "不限").to_owned();
    let quota = if limits.suspended {
        output.pick("suspended", "已暂停")
    } else {
        output.pick("open", "正常")
    };
    let rows = [
        (("account", "账户"), limits.account.to_string()),
        (("quota", "额度状态"), quota.to_owned()),
        (
            ("one invoice", "单张限额"),
            limits.single_invoice.unwrap_or_else(none),
        ),
        (
            ("a day", "每日份数"),
            limits
                .invoices_per_day
                .map_or_else(none, |count| count.to_string()),
        ),
        (
            ("today", "今日已开"),
            limits
                .issued_today
                .map_or_else(|| "–".to_owned(), |count| count.to_string()),
        ),
        (("in flight", "在途"), limits.in_flight.to_string()),
        (("month", "月度额度"), limits.month_quota),
        (("used", "本月已用"), limits.month_used),
    ];
    for ((en, zh), value) in rows {
        let label = output.pick(en, zh);
        output.data(
            &Line::new()
                .column(Tone::Faint, label, 12)
                .add(Tone::Plain, &value),
        )?;
    }
    Ok(Exit::Ok)
}

//! `piao invoice list`: one page of invoices, newest first.

use clap::Args;
use piao_api::client::InvoiceQuery;
use piao_api::wire::InvoiceStatus;
use piao_chain::time::IssueDate;

use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::invoice_view;
use crate::node::Node;
use crate::output::{Line, Tone};

/// Arguments of `piao invoice list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only this status: `issued`, `partly_reversed`, `reversed` or `reissued`
    #[arg(long, value_parser = status)]
    status: Option<InvoiceStatus>,
    /// Issued on this day or later, in UTC+8
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: Option<String>,
    /// Issued on this day or earlier, in UTC+8
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    to: Option<String>,
    /// Text in number, buyer or order reference
    #[arg(long, short, value_name = "TEXT")]
    query: Option<String>,
    /// Exactly this order reference
    #[arg(long, value_name = "REF")]
    order_ref: Option<String>,
    /// Invoices on the page
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: Option<u32>,
    /// Go on where an earlier page ended
    #[arg(long)]
    cursor: Option<String>,
    /// Account (default: the first of the API key)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &ListArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let query = InvoiceQuery {
        account: args.account,
        status: args.status,
        from: args.from.clone(),
        to: args.to.clone(),
        text: args.query.clone(),
        order_ref: args.order_ref.clone(),
        limit: args.limit,
        cursor: args.cursor.clone(),
    };
    let page = node.wait(node.client.invoices(&query))?;
    let output = &context.output;
    if output.json {
        output.json(&page)?;
        return Ok(Exit::Ok);
    }
    for invoice in &page.data {
        output.data(&invoice_view::row(output, invoice))?;
    }
    if let Some(cursor) = page.next_cursor.filter(|_| page.has_more) {
        let text = output.pick("more: --cursor ", "还有：--cursor ");
        output.talk(&Line::new().add(Tone::Faint, text).add(Tone::Plain, &cursor));
    }
    Ok(Exit::Ok)
}

fn status(text: &str) -> Result<InvoiceStatus, String> {
    InvoiceStatus::from_word(text)
        .ok_or_else(|| "issued, partly_reversed, reversed or reissued".to_owned())
}

fn day(text: &str) -> Result<String, String> {
    IssueDate::parse(text)
        .map(|_date| text.to_owned())
        .map_err(|error| error.to_string())
}

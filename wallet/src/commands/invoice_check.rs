//! `piao invoice check`: the node judges a draft by every rule, and charges nothing.

use std::path::PathBuf;

use clap::Args;
use piao_api::wire::CheckReport;

use crate::context::Context;
use crate::draft_file;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::faults;
use crate::invoice_view;
use crate::node::Node;
use crate::output::{Line, Output, Tone};

/// Arguments of `piao invoice check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The draft, a JSON file; - reads standard input
    #[arg(value_name = "FILE|-")]
    draft: PathBuf,
    /// Account to judge it for (default: the first of the API key)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &CheckArgs) -> Result<Exit, CommandError> {
    let draft = draft_file::read(&args.draft)?;
    let node = Node::open(&context.globals)?;
    let report = node.wait(node.client.check(draft, args.account))?;
    let output = &context.output;
    if output.json {
        output.json(&report)?;
    } else {
        show(output, &report)?;
    }
    if report.valid {
        Ok(Exit::Ok)
    } else {
        Ok(refused(&report))
    }
}

/// A report that calls a draft invalid refuses it, whatever it lists.
fn refused(report: &CheckReport) -> Exit {
    match Exit::of_failures(&report.failures) {
        Exit::Ok => Exit::Refused,
        exit => exit,
    }
}

fn show(output: &Output, report: &CheckReport) -> Result<(), CommandError> {
    for failure in &report.failures {
        faults::show(output, failure);
    }
    for warning in &report.warnings {
        faults::warn(output, warning);
    }
    let (tone, symbol, text) = if report.valid {
        (Tone::Good, "✓ ", output.pick("would be issued", "可以开具"))
    } else {
        (Tone::Bad, "✗ ", output.pick("would be refused", "将被拒绝"))
    };
    output.data(&Line::new().add(tone, symbol).add(Tone::Plain, text))?;
    if let Some(totals) = &report.totals {
        invoice_view::totals(output, totals)?;
    }
    let fee = output.pick("fee", "手续费");
    output.data(
        &Line::new()
            .column(Tone::Faint, fee, 12)
            .add(Tone::Plain, &report.fee),
    )?;
    Ok(())
}

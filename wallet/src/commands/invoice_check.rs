//! `piao invoice check`: the node judges a draft by every rule, and charges nothing.

use std::path::{Path, PathBuf};

use clap::Args;
use piao_api::strict_json;
use piao_api::wire::CheckReport;
use serde::Serialize;

use super::invoice_download::save;
use crate::context::Context;
use crate::draft_file;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::faults;
use crate::fix::{self, Fix};
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
    /// Take every suggestion, check again, and print the draft that comes of it
    #[arg(long)]
    fix: bool,
    /// Where to put the draft of --fix, in place of any old one (default: standard output)
    #[arg(long, short, value_name = "FILE", requires = "fix")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &CheckArgs) -> Result<Exit, CommandError> {
    let draft = draft_file::read(&args.draft)?;
    let node = Node::open(&context.globals)?;
    let check = |draft: Vec<u8>| node.wait(node.client.check(draft, args.account));
    let output = &context.output;
    if args.fix {
        return run_fix(output, draft, check, args.output.as_deref());
    }
    let report = check(draft)?;
    if output.json {
        output.json(&report)?;
    } else {
        show(output, &report)?;
    }
    Ok(exit_of(&report))
}

/// What `--json` prints with `--fix`.
#[derive(Debug, Serialize)]
struct Fixed<'a> {
    #[serde(flatten)]
    report: &'a CheckReport,
    /// What was changed, in order.
    fixed: &'a [Fix],
    /// The draft as it is now, as text.
    draft: &'a str,
}

/// Checks, takes the suggestions and checks again until none is left. What remains is for people.
fn run_fix(
    output: &Output,
    mut draft: Vec<u8>,
    check: impl Fn(Vec<u8>) -> Result<CheckReport, CommandError>,
    to: Option<&Path>,
) -> Result<Exit, CommandError> {
    let mut report = check(draft.clone())?;
    let mut fixed = Vec::new();
    for _round in 0..fix::ROUNDS_MAX {
        // What the node could read, this program reads; else nothing can be suggested.
        let Ok(mut json) = strict_json::read(&draft) else {
            break;
        };
        let fixes = fix::apply(&mut json, &report.failures);
        if fixes.is_empty() {
            break;
        }
        fixed.extend(fixes);
        draft = fix::text_of(&json).into_bytes();
        report = check(draft.clone())?;
    }
    if output.json {
        let text = String::from_utf8_lossy(&draft);
        output.json(&Fixed {
            report: &report,
            fixed: &fixed,
            draft: &text,
        })?;
    } else {
        for fix in &fixed {
            faults::fixed(output, fix);
        }
        for failure in &report.failures {
            faults::show(output, failure);
        }
        for warning in &report.warnings {
            faults::warn(output, warning);
        }
        output.talk(&verdict(output, &report));
    }
    match to {
        Some(path) => save(output, path, &draft)?,
        None if output.json => {}
        None => output.bytes(&draft)?,
    }
    Ok(exit_of(&report))
}

/// A report that calls a draft invalid refuses it, whatever it lists.
fn exit_of(report: &CheckReport) -> Exit {
    if report.valid {
        return Exit::Ok;
    }
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
    output.data(&verdict(output, report))?;
    if let Some(totals) = &report.totals {
        invoice_view::totals(output, totals)?;
    }
    invoice_view::row_of(output, output.pick("fee", "手续费"), &report.fee)?;
    let rules = report.rule_set.to_string();
    invoice_view::row_of(output, output.pick("rule set", "规则版本"), &rules)
}

/// Whether it would be issued, and how much is in the way.
fn verdict(output: &Output, report: &CheckReport) -> Line {
    let (tone, symbol, text) = if report.valid {
        (Tone::Good, "✓ ", output.pick("would be issued", "可以开具"))
    } else {
        (Tone::Bad, "✗ ", output.pick("would be refused", "将被拒绝"))
    };
    let line = Line::new().add(tone, symbol).add(Tone::Plain, text);
    let (faults, warnings) = (report.failures.len(), report.warnings.len());
    let counts = [
        (faults, ("failures", "处错误")),
        (warnings, ("warnings", "处提示")),
    ];
    counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .fold(line, |line, (count, (en, zh))| {
            let (en, zh) = (format!(" · {en}: {count}"), format!(" · {count}{zh}"));
            line.add(Tone::Faint, output.pick(&en, &zh))
        })
}

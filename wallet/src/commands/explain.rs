//! `piao explain`: what a failure code means and what to do about it, from the catalogue.

use clap::Args;
use piao_api::wire::CatalogueEntry;
use piao_chain::failure::{FailureCode, WarningCode};
use serde::Serialize;

use crate::advice;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Line, Output, Tone};

/// How many codes are offered for one that does not exist, at most.
const SUGGESTIONS_MAX: usize = 3;

/// Arguments of `piao explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A code or name, for instance E1205, `LINE_TAX_MISMATCH` or W1002
    #[arg(value_name = "CODE|NAME")]
    code: String,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &ExplainArgs) -> Result<Exit, CommandError> {
    let wanted = args.code.trim().to_ascii_uppercase().replace('-', "_");
    let output = &context.output;
    let mut warnings = WarningCode::ALL.iter();
    if let Some(warning) = warnings.find(|one| one.code() == wanted || one.name() == wanted) {
        return show_warning(output, *warning);
    }
    let code = FailureCode::from_code(&wanted)
        .or_else(|| FailureCode::from_code(&format!("E{wanted}")))
        .ok_or_else(|| CommandError::UnknownCode {
            given: args.code.clone(),
            near: near(&wanted),
        })?;
    if output.json {
        output.json(&CatalogueEntry::from(code))?;
    } else {
        show(output, code)?;
    }
    Ok(Exit::Ok)
}

/// What `--json` prints of a warning.
#[derive(Debug, Serialize)]
struct WarningEntry {
    code: &'static str,
    name: &'static str,
    en: &'static str,
    zh: &'static str,
}

fn show_warning(output: &Output, code: WarningCode) -> Result<Exit, CommandError> {
    let (name, en, zh) = (code.name(), code.en(), code.zh());
    let code = code.code();
    if output.json {
        output.json(&WarningEntry { code, name, en, zh })?;
        return Ok(Exit::Ok);
    }
    let head = Line::new().add(Tone::Strong, code).add(Tone::Plain, " ");
    output.data(&head.add(Tone::Strong, name))?;
    output.data(&Line::of(output.pick(en, zh)))?;
    output.data(&Line::of(
        output.pick("a warning: it refuses nothing", "仅为提示，不影响开具"),
    ))?;
    Ok(Exit::Ok)
}

fn show(output: &Output, code: FailureCode) -> Result<(), CommandError> {
    let head = Line::new()
        .add(Tone::Strong, code.code())
        .add(Tone::Plain, " ")
        .add(Tone::Strong, code.name());
    output.data(&head)?;
    output.data(&Line::of(output.pick(code.en(), code.zh())))?;
    let next = advice::of_retry(code.retry());
    let status = code.http_status().to_string();
    let page = format!("/errors/{}", code.code());
    let support = match code.support().as_str() {
        "implemented" => output.pick("raised by this version", "本版本会给出"),
        "planned" => output.pick("planned for a later version", "计划在后续版本给出"),
        _ => output.pick(
            "reserved: cannot occur in this version",
            "保留：本版本不会出现",
        ),
    };
    let rows = [
        (("next", "下一步"), next.pick(output.language)),
        (("retry", "重试"), code.retry().as_str()),
        (("cause", "原因"), code.cause().as_str()),
        (("judged by", "判定方"), code.door().as_str()),
        (("field", "字段"), code.pointer()),
        (("HTTP", "HTTP"), &status),
        (("status", "状态"), support),
        (("page", "网页"), &page),
    ];
    for ((en, zh), value) in rows {
        if !value.is_empty() {
            let label = output.pick(en, zh);
            output.data(
                &Line::new()
                    .column(Tone::Faint, label, 11)
                    .add(Tone::Plain, value),
            )?;
        }
    }
    Ok(())
}

/// The codes whose code or name is spelled most alike.
fn near(wanted: &str) -> Vec<FailureCode> {
    let mut ranked: Vec<(usize, FailureCode)> = FailureCode::ALL
        .iter()
        .filter_map(|code| {
            let of_name = distance(wanted, code.name());
            let best = of_name.min(distance(wanted, code.code()));
            let slack = if best == of_name {
                code.name().len() / 3
            } else {
                1
            };
            (best <= slack).then_some((best, *code))
        })
        .collect();
    ranked.sort();
    ranked
        .into_iter()
        .take(SUGGESTIONS_MAX)
        .map(|(_, code)| code)
        .collect()
}

/// Edits (insert, delete, replace) from one text to the other. Texts over 64 bytes are far.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.bytes().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(x != y))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_answered_with_the_code_that_was_meant() {
        assert_eq!(
            near("LINE_TAX_MISSMATCH").first(),
            Some(&FailureCode::LineTaxMismatch)
        );
        assert_eq!(
            near("LINETAXMISMATCH").first(),
            Some(&FailureCode::LineTaxMismatch)
        );
        assert!(near("E120").contains(&FailureCode::AmountScale));
        assert!(near("XYZZY").is_empty());
        assert!(near(&"A".repeat(1000)).is_empty());
    }

    #[test]
    fn the_distance_counts_edits() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}

//! `piao explain`: what a failure code means and what to do about it, from the catalogue.

use clap::Args;
use piao_api::wire::{ExampleChange, ExamplePair, Explanation, Words};
use piao_chain::failure::{FailureCode, Support, WarningCode};
use serde::Serialize;

use crate::advice;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::faults;
use crate::output::{Line, Output, Tone};

/// How many codes are offered for one that does not exist, at most.
const SUGGESTIONS_MAX: usize = 3;
/// Columns of the labels.
const LABEL: usize = 12;

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
        output.json(&Explanation::of(code))?;
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
    let told = Explanation::of(code);
    let head = Line::new()
        .add(Tone::Strong, code.code())
        .add(Tone::Plain, " ")
        .add(Tone::Strong, code.name());
    output.data(&head)?;
    output.data(&Line::of(output.pick(code.en(), code.zh())))?;
    let of = |words: &Option<Words>| match words {
        Some(words) => output.pick(&words.en, &words.zh).to_owned(),
        None => String::new(),
    };
    let next = advice::of_retry(code.retry());
    let retry = format!("{}: {}", code.retry(), next.pick(output.language));
    let field = match code.pointer() {
        pointer if pointer.starts_with('/') => {
            format!("{} ({pointer})", faults::place(output, pointer))
        }
        pointer => pointer.to_owned(),
    };
    let status = code.http_status().to_string();
    let page = format!("/errors/{}", code.code());
    let (advice, occasion) = (of(&told.advice), of(&told.occasion));
    let related = told.related.join(" ");
    let rows = [
        (("next", "下一步"), advice.as_str()),
        (("when", "何时出现"), &occasion),
        (("retry", "重试"), &retry),
        (("cause", "原因"), code.cause().as_str()),
        (("judged by", "判定方"), code.door().as_str()),
        (("field", "字段"), &field),
        (("law", "依据"), told.law.as_deref().unwrap_or_default()),
        (("HTTP", "HTTP"), &status),
        (("status", "状态"), support(output, code)),
        (("related", "相关代码"), &related),
        (("page", "网页"), &page),
    ];
    for ((en, zh), value) in rows {
        row(output, output.pick(en, zh), value)?;
    }
    told.example
        .as_ref()
        .map_or(Ok(()), |example| show_example(output, example))
}

fn support(output: &Output, code: FailureCode) -> &str {
    match code.support() {
        Support::Implemented => output.pick("raised by this version", "本版本会给出"),
        Support::Planned => output.pick("planned for a later version", "计划在后续版本给出"),
        Support::Reserved => output.pick(
            "reserved: cannot occur in this version",
            "保留：本版本不会出现",
        ),
    }
}

/// The drafts that provoke and pass the code, by what they change, and the answer.
fn show_example(output: &Output, example: &ExamplePair) -> Result<(), CommandError> {
    let seller = match example.taxpayer.as_str() {
        "small_scale" => output.pick("small-scale taxpayer", "小规模纳税人"),
        _ => output.pick("general taxpayer", "一般纳税人"),
    };
    let intro = format!("{seller}, {}", example.judged_at);
    row(output, output.pick("example", "示例"), &intro)?;
    let sides = [
        (output.pick("✗ refused", "✗ 被拒绝"), &example.refused),
        (output.pick("✓ passes", "✓ 通过"), &example.accepted),
    ];
    for (label, side) in sides {
        if side.changes.is_empty() {
            row(output, label, output.pick("the sample draft", "样例草稿"))?;
        }
        for change in &side.changes {
            row(output, label, &change_text(output, change))?;
        }
    }
    let answer = example.refused.failures.first();
    let evidence = answer.and_then(|failure| faults::evidence(output, failure));
    row(
        output,
        output.pick("answer", "回复"),
        &evidence.unwrap_or_default(),
    )?;
    let suggested = answer.and_then(|failure| failure.suggested.as_deref());
    row(
        output,
        output.pick("suggested", "建议"),
        suggested.unwrap_or_default(),
    )
}

/// `/lines/0/tax "6.07"`.
fn change_text(output: &Output, change: &ExampleChange) -> String {
    let value = change.value.as_ref().map_or_else(
        || output.pick("(left out)", "（不填）").to_owned(),
        ToString::to_string,
    );
    let times = change
        .times
        .map_or_else(String::new, |times| format!(" × {times}"));
    format!("{} {value}{times}", change.pointer)
}

/// A label and a value; nothing for an empty one.
fn row(output: &Output, label: &str, value: &str) -> Result<(), CommandError> {
    if !value.is_empty() {
        output.data(
            &Line::new()
                .column(Tone::Faint, label, LABEL)
                .add(Tone::Plain, value),
        )?;
    }
    Ok(())
}

/// The codes whose code or name is spelled most alike, warnings included.
fn near(wanted: &str) -> Vec<String> {
    let failures = FailureCode::ALL.iter().map(|one| (one.code(), one.name()));
    let warnings = WarningCode::ALL.iter().map(|one| (one.code(), one.name()));
    let mut ranked: Vec<(usize, String)> = failures
        .chain(warnings)
        .filter_map(|(code, name)| {
            let of_name = distance(wanted, name);
            let best = of_name.min(distance(wanted, code));
            let slack = if best == of_name { name.len() / 3 } else { 1 };
            (best <= slack).then(|| (best, format!("{code} {name}")))
        })
        .collect();
    ranked.sort();
    ranked
        .into_iter()
        .take(SUGGESTIONS_MAX)
        .map(|(_, meant)| meant)
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
        let first = |wanted: &str| near(wanted).first().cloned().unwrap_or_default();
        assert_eq!(first("LINE_TAX_MISSMATCH"), "E1205 LINE_TAX_MISMATCH");
        assert_eq!(first("LINETAXMISMATCH"), "E1205 LINE_TAX_MISMATCH");
        assert_eq!(first("W10O2"), "W1002 ITEM_NAME_WITHOUT_SHORT_NAME");
        assert_eq!(first("SELLER_NAME_DIFERS"), "W1003 SELLER_NAME_DIFFERS");
        assert!(near("E120").contains(&"E1201 AMOUNT_SCALE".to_owned()));
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

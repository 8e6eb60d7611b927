//! Showing failures and warnings to people, each with its evidence: one block each, the member to
//! blame in words, what was found and what is expected in one line.

use piao_api::field_names;
use piao_api::wire::{Failure, WarningItem};
use piao_chain::failure::FailureCode;
use piao_chain::failure::examples::Guide;

use crate::advice;
use crate::fix::Fix;
use crate::language::Text;
use crate::output::{Line, Output, Tone};

/// Columns of the labels.
const LABEL: usize = 10;

/// Shows one failure on stderr.
pub(crate) fn show(output: &Output, failure: &Failure) {
    let pointer = failure.pointer.as_deref();
    output.complain(&head(
        output,
        Tone::Bad,
        (&failure.code, &failure.name),
        pointer,
    ));
    indented(output, output.pick(&failure.en, &failure.zh));
    if let Some(evidence) = evidence(output, failure) {
        pair(output, output.pick("got", "实际"), &evidence);
    }
    let rest = [
        (("suggested", "建议"), &failure.suggested),
        (("law", "依据"), &failure.law),
        (("not until", "不早于"), &failure.not_before),
    ];
    for ((en, zh), value) in rest {
        if let Some(value) = value {
            pair(output, output.pick(en, zh), value);
        }
    }
    pair(
        output,
        output.pick("next", "下一步"),
        &next_step(output, failure),
    );
}

/// `7.00 → expected 6.00 (±0.06)`, as far as the failure says.
pub(crate) fn evidence(output: &Output, failure: &Failure) -> Option<String> {
    let tolerance = failure.tolerance.as_ref();
    let tolerance = tolerance.map_or_else(String::new, |most| format!(" (±{most})"));
    let due = failure.expected.as_ref().map(|expected| {
        let word = output.pick("expected", "应为");
        format!("→ {word} {expected}{tolerance}")
    });
    match (&failure.got, due) {
        (None, None) => None,
        (None, Some(due)) => Some(format!("— {due}")),
        (Some(got), None) => Some(got.clone()),
        (Some(got), Some(due)) => Some(format!("{got} {due}")),
    }
}

/// What to do: the advice for this very code if this program knows it, else for its class.
fn next_step(output: &Output, failure: &Failure) -> String {
    let guide = FailureCode::from_code(&failure.code).and_then(Guide::of);
    let known = guide.map(|guide| Text::new(guide.advice.en, guide.advice.zh));
    let next = known.or_else(|| advice::of_word(&failure.retry));
    next.map_or_else(
        || failure.next_action.clone(),
        |text| text.pick(output.language).to_owned(),
    )
}

/// Shows one warning on stderr.
pub(crate) fn warn(output: &Output, warning: &WarningItem) {
    if output.quiet {
        return;
    }
    let pointer = warning.pointer.as_deref();
    output.complain(&head(
        output,
        Tone::Careful,
        (&warning.code, &warning.name),
        pointer,
    ));
    indented(output, output.pick(&warning.en, &warning.zh));
    for ((en, zh), value) in [
        (("got", "实际"), &warning.got),
        (("usual", "通常为"), &warning.suggested),
    ] {
        if let Some(value) = value {
            pair(output, output.pick(en, zh), value);
        }
    }
}

/// Says what a suggestion changed.
pub(crate) fn fixed(output: &Output, fix: &Fix) {
    let nothing = output.pick("(left out)", "（不填）");
    let to = Some(fix.to.as_str()).filter(|to| !to.is_empty());
    let line = Line::new()
        .add(Tone::Good, "✓ ")
        .add(Tone::Plain, &place(output, &fix.pointer))
        .add(Tone::Plain, "  ")
        .add(Tone::Plain, fix.from.as_deref().unwrap_or(nothing))
        .add(Tone::Plain, " → ")
        .add(Tone::Strong, to.unwrap_or(nothing))
        .add(Tone::Faint, &format!("  {}", fix.code));
    output.talk(&line);
}

/// Code, name, and the member to blame if one is: in words and as a pointer.
fn head(output: &Output, tone: Tone, (code, name): (&str, &str), pointer: Option<&str>) -> Line {
    let line = Line::new()
        .add(Tone::Plain, "  ")
        .add(tone, code)
        .add(Tone::Plain, " ")
        .add(Tone::Strong, name);
    match pointer {
        Some(pointer) => line
            .add(Tone::Plain, "  ")
            .add(Tone::Strong, &place(output, pointer))
            .add(Tone::Plain, "  ")
            .add(Tone::Faint, pointer),
        None => line,
    }
}

/// The member in words: `line 1 tax`.
pub(crate) fn place(output: &Output, pointer: &str) -> String {
    field_names::of(pointer).map_or_else(
        || pointer.to_owned(),
        |name| output.pick(&name.en, &name.zh).to_owned(),
    )
}

fn indented(output: &Output, text: &str) {
    output.complain(
        &Line::new()
            .add(Tone::Plain, "      ")
            .add(Tone::Plain, text),
    );
}

fn pair(output: &Output, label: &str, value: &str) {
    let line = Line::new()
        .add(Tone::Plain, "      ")
        .column(Tone::Faint, label, LABEL)
        .add(Tone::Plain, value);
    output.complain(&line);
}

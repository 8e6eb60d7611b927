//! Showing failures and warnings to people, each with its evidence.

use piao_api::wire::{Failure, WarningItem};

use crate::advice;
use crate::output::{Line, Output, Tone};

/// Shows one failure on stderr.
pub(crate) fn show(output: &Output, failure: &Failure) {
    let pointer = failure.pointer.as_deref();
    output.complain(&head(Tone::Bad, &failure.code, &failure.name, pointer));
    indented(output, output.pick(&failure.en, &failure.zh));
    let evidence = [
        (("got", "实际"), &failure.got),
        (("expected", "应为"), &failure.expected),
        (("tolerance", "允许误差"), &failure.tolerance),
        (("suggested", "建议"), &failure.suggested),
        (("law", "依据"), &failure.law),
        (("not before", "不早于"), &failure.not_before),
    ];
    for ((en, zh), value) in evidence {
        if let Some(value) = value {
            pair(output, output.pick(en, zh), value);
        }
    }
    let next = advice::of_word(&failure.retry);
    let next = next.map_or_else(
        || failure.next_action.clone(),
        |text| text.pick(output.language).to_owned(),
    );
    pair(output, output.pick("next", "下一步"), &next);
}

/// Shows one warning on stderr.
pub(crate) fn warn(output: &Output, warning: &WarningItem) {
    if output.quiet {
        return;
    }
    let pointer = warning.pointer.as_deref();
    output.complain(&head(Tone::Careful, &warning.code, &warning.name, pointer));
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

/// Code, name, and the member to blame if one is.
fn head(tone: Tone, code: &str, name: &str, pointer: Option<&str>) -> Line {
    let line = Line::new()
        .add(Tone::Plain, "  ")
        .add(tone, code)
        .add(Tone::Plain, " ")
        .add(Tone::Strong, name);
    match pointer {
        Some(pointer) => line.add(Tone::Plain, "  ").add(Tone::Plain, pointer),
        None => line,
    }
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
        .column(Tone::Faint, label, 10)
        .add(Tone::Plain, value);
    output.complain(&line);
}

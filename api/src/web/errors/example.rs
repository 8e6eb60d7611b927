//! The two drafts of an example side by side, and what the node answers.

use maud::{Markup, html};
use piao_chain::failure::examples::SAMPLE;
use serde_json::Value;

use crate::field_names;
use crate::language::Language;
use crate::web::layout::{code, facts};
use crate::web::view::View;
use crate::wire::{ExampleChange, ExampleDraft, ExamplePair, Failure};

/// Shows an example.
pub(super) fn show(view: View, example: &ExamplePair) -> Markup {
    html! {
        section {
            h2 { (view.say("示例", "Example")) }
            p {
                (intro(view, example))
                a href="#sample" { (view.say("完整草稿见文末", "The whole draft is below")) }
                (view.say("。", "."))
            }
            table class="example" {
                thead { tr {
                    th scope="col" { (view.say("字段", "Field")) }
                    th scope="col" { (view.say("✗ 被拒绝", "✗ Refused")) }
                    th scope="col" { (view.say("✓ 通过", "✓ Passes")) }
                } }
                tbody { @for pointer in pointers(example) { tr {
                    td { (field(view, pointer)) br; (code(pointer)) }
                    td { (cell(view, example, &example.refused, pointer)) }
                    td { (cell(view, example, &example.accepted, pointer)) }
                } } }
            }
        }
        section {
            h2 { (view.say("节点的回复", "What the node answers")) }
            @for failure in &example.refused.failures { (answer(view, failure)) }
        }
    }
}

/// The draft both sides change, for the end of the page.
pub(super) fn sample(view: View) -> Markup {
    html! {
        section {
            h2 id="sample" { (view.say("完整草稿（通过）", "The whole draft, which passes")) }
            pre { code { (SAMPLE) } }
        }
    }
}

fn intro(view: View, example: &ExamplePair) -> String {
    let taxpayer = match example.taxpayer.as_str() {
        "small_scale" => view.say("小规模纳税人", "a small-scale taxpayer"),
        _ => view.say("一般纳税人", "a general taxpayer"),
    };
    let at = &example.judged_at;
    match view.language {
        Language::Zh => format!("{taxpayer}于 {at} 提交同一草稿，只改动下列字段。"),
        Language::En => {
            format!("One draft of {taxpayer}, judged at {at}; only these fields change. ")
        }
    }
}

/// The members either side changes, in the order of the changes.
fn pointers(example: &ExamplePair) -> Vec<&str> {
    let mut pointers: Vec<&str> = Vec::new();
    let changes = example
        .refused
        .changes
        .iter()
        .chain(&example.accepted.changes);
    for change in changes {
        if !pointers.contains(&change.pointer.as_str()) {
            pointers.push(&change.pointer);
        }
    }
    pointers
}

/// What stands at a pointer on one side.
fn cell(view: View, example: &ExamplePair, side: &ExampleDraft, pointer: &str) -> Markup {
    let mut changes = side.changes.iter();
    let unchanged;
    let change = match changes.find(|change| change.pointer == pointer) {
        Some(change) => change,
        None => {
            unchanged = ExampleChange {
                pointer: pointer.to_owned(),
                value: example.draft.pointer(pointer).cloned(),
                times: None,
            };
            &unchanged
        }
    };
    html! {
        @match &change.value {
            None => { em { (view.say("（不填）", "(left out)")) } }
            Some(value) => {
                pre { code { (pretty(value)) } }
                @if let Some(times) = change.times { "× " (times) }
            }
        }
    }
}

/// One failure as the reply gives it.
fn answer(view: View, failure: &Failure) -> Markup {
    let mut rows: Vec<(&str, Markup)> = Vec::new();
    if let Some(pointer) = &failure.pointer {
        rows.push((
            view.say("字段", "Field"),
            html! { (field(view, pointer)) " " (code(pointer)) },
        ));
    }
    let evidence = [
        (view.say("实际", "Got"), &failure.got),
        (view.say("应为", "Expected"), &failure.expected),
        (view.say("允许误差", "Tolerance"), &failure.tolerance),
        (view.say("建议", "Suggested"), &failure.suggested),
        (view.say("依据", "Law"), &failure.law),
    ];
    for (label, value) in evidence {
        if let Some(value) = value {
            rows.push((label, html! { (value) }));
        }
    }
    html! {
        h3 { (failure.code) " " (failure.name) }
        p { (view.say(&failure.zh, &failure.en)) }
        (facts(&rows))
    }
}

/// The name of a field in the reader's language.
pub(super) fn field(view: View, pointer: &str) -> String {
    field_names::of(pointer)
        .map_or_else(String::new, |name| view.say(&name.zh, &name.en).to_owned())
}

/// JSON for reading.
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

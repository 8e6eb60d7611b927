//! What a replacement says otherwise than the invoice it replaces.

use maud::{Markup, html};

use super::view::View;
use crate::field_names;
use crate::wire::Change;

/// The fields that differ, old and new side by side.
pub(super) fn table(view: View, changes: &[Change]) -> Markup {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    html! {
        h2 { (view.say("与原票的差异", "What was changed")) }
        @if changes.is_empty() {
            p { (view.say("内容与原票相同。", "It says the same as the one it replaces.")) }
        } @else {
            table {
                thead { tr {
                    th scope="col" { (view.say("字段", "Field")) }
                    th scope="col" { (view.say("原票", "Before")) }
                    th scope="col" { (view.say("新票", "Now")) }
                } }
                tbody { @for change in changes { tr {
                    td { (name(view, &change.pointer)) }
                    td { (text(&change.before)) }
                    td { (text(&change.after)) }
                } } }
            }
        }
    }
}

fn name(view: View, pointer: &str) -> String {
    match field_names::of(pointer) {
        Some(name) => view.say(&name.zh, &name.en).to_owned(),
        None => pointer.to_owned(),
    }
}

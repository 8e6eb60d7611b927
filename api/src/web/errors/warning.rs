//! The page of a warning.

use axum::response::Html;
use maud::html;
use piao_chain::failure::WarningCode;

use crate::web::layout::page;
use crate::web::view::View;

/// Shows one warning.
pub(super) fn show(view: View, warning: WarningCode) -> Html<String> {
    let main = html! {
        p class="notice" lang="zh-CN" { (warning.zh()) }
        p class="notice" lang="en" { (warning.en()) }
        section {
            h2 { (view.say("接下来怎么办", "What to do next")) }
            p {
                (view.say(
                    "仅为提示，不影响开具；核对 pointer 指明的字段，无误即可开具。",
                    "A warning refuses nothing: look at the field that pointer names, and issue it if it is right.",
                ))
            }
        }
        p { code { "piao explain " (warning.code()) } }
    };
    page(
        view,
        &format!("{} {}", warning.code(), warning.name()),
        &main,
    )
}

//! A refusal as a page, for somebody who asked with a browser.

use axum::response::Html;
use maud::html;

use super::layout::{code, facts, page};
use super::view::View;
use crate::language::Language;
use crate::wire::Problem;

/// The page of a problem.
pub(crate) fn refusal_page(problem: &Problem, language: Language) -> Html<String> {
    let view = View::plain(language);
    let rows = [
        (
            view.say("代码", "Code"),
            html! {
                a href=(view.href(&problem.kind)) { (problem.code) }
            },
        ),
        (view.say("状态", "Status"), html! { (problem.status) }),
        (view.say("地址", "Address"), code(&problem.instance)),
        (
            view.say("请求编号", "Request id"),
            code(&problem.request_id),
        ),
    ];
    let main = html! {
        @if let Some(detail) = &problem.detail { p { (detail) } }
        (facts(&rows))
        p { a href=(view.href("/")) { (view.say("回到状态页", "Back to the status page")) } }
    };
    page(view, &problem.title, &main)
}

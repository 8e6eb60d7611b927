//! The list of all codes: by group, with an anchor each, searched by the server.

use axum::extract::Query;
use axum::response::Html;
use maud::{Markup, html};
use piao_chain::failure::{FailureCode, Group, Support, WarningCode};

use super::words;
use crate::limits::SEARCH_CHARS_MAX;
use crate::web::layout::page;
use crate::web::view::View;

/// What a reader asked for.
struct Search {
    text: String,
    /// The words of `text`, in lower case; all must be there.
    words: Vec<String>,
    support: Option<Support>,
}

impl Search {
    /// Reads the query; what is unknown is ignored, as on every page.
    fn of(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let mut all = pairs.iter();
            all.find(|(given, _)| given == name)
                .map(|(_, value)| value.trim())
                .unwrap_or_default()
        };
        let text: String = value("q").chars().take(SEARCH_CHARS_MAX).collect();
        Self {
            words: text.split_whitespace().map(str::to_lowercase).collect(),
            text,
            support: SUPPORTS
                .into_iter()
                .find(|support| support.as_str() == value("status")),
        }
    }

    fn finds(&self, haystack: &[&str]) -> bool {
        let haystack = haystack.join("\n").to_lowercase();
        self.words.iter().all(|word| haystack.contains(word))
    }

    fn finds_code(&self, code: FailureCode) -> bool {
        let texts = [
            code.code(),
            code.name(),
            code.zh(),
            code.en(),
            code.pointer(),
        ];
        self.support.is_none_or(|support| support == code.support()) && self.finds(&texts)
    }

    fn finds_warning(&self, code: WarningCode) -> bool {
        let texts = [code.code(), code.name(), code.zh(), code.en()];
        let raised = self.support.is_none_or(|s| s == Support::Implemented);
        raised && self.finds(&texts)
    }
}

const SUPPORTS: [Support; 3] = [Support::Implemented, Support::Planned, Support::Reserved];

/// Lists the codes that were asked for.
pub(crate) async fn list(view: View, Query(pairs): Query<Vec<(String, String)>>) -> Html<String> {
    let search = Search::of(&pairs);
    let groups: Vec<(&Group, Vec<FailureCode>)> = Group::ALL
        .iter()
        .map(|group| {
            (
                group,
                group
                    .codes()
                    .filter(|code| search.finds_code(*code))
                    .collect(),
            )
        })
        .filter(|(_, codes): &(&Group, Vec<FailureCode>)| !codes.is_empty())
        .collect();
    let warnings: Vec<WarningCode> = WarningCode::ALL
        .iter()
        .copied()
        .filter(|code| search.finds_warning(*code))
        .collect();
    let found: usize = groups.iter().map(|(_, codes)| codes.len()).sum();
    let main = html! {
        p {
            (view.say("每个拒绝都有固定的代码。", "Every refusal has a code that never changes. "))
            a href="/v1/failures" { "JSON" }
        }
        (form(view, &search))
        p role="status" {
            (view.say("代码：", "Codes: ")) (found) " / " (FailureCode::ALL.len())
            (view.say("，提示：", ", warnings: ")) (warnings.len()) " / " (WarningCode::ALL.len())
        }
        nav class="groups" aria-label=(view.say("分组", "Groups")) {
            @for (group, _) in &groups {
                a href={ "#E" (group.number) } { "E" (group.number) " " (view.say(group.zh, group.en)) }
            }
            @if !warnings.is_empty() { a href="#W" { "W " (view.say("提示", "Warnings")) } }
        }
        @for (group, codes) in &groups { (group_part(view, group, codes)) }
        @if !warnings.is_empty() { (warnings_part(view, &warnings)) }
    };
    page(view, view.say("失败代码", "Failure codes"), &main)
}

fn form(view: View, search: &Search) -> Markup {
    html! {
        form class="search" role="search" action="/errors" method="get" {
            label for="q" { (view.say("代码、名称、字段或文字", "Code, name, field or words")) }
            div {
                input id="q" name="q" type="search" maxlength=(SEARCH_CHARS_MAX) autocomplete="off"
                    value=(search.text);
                select name="status" aria-label=(view.say("本版本", "This version")) {
                    option value="" { (view.say("全部", "all")) }
                    @for support in SUPPORTS {
                        option value=(support.as_str()) selected[search.support == Some(support)] {
                            (words::support(view, support))
                        }
                    }
                }
                @if let Some(tag) = view.hidden_language() {
                    input type="hidden" name="lang" value=(tag);
                }
                button type="submit" { (view.say("查找", "Find")) }
            }
        }
    }
}

fn group_part(view: View, group: &Group, codes: &[FailureCode]) -> Markup {
    html! {
        section {
            h2 id={ "E" (group.number) } { "E" (group.number) " " (view.say(group.zh, group.en)) }
            table class="codes" {
                thead { tr {
                    th scope="col" { (view.say("代码", "Code")) }
                    th scope="col" { (view.say("含义", "Meaning")) }
                    th scope="col" class="n" { "HTTP" }
                    th scope="col" { (view.say("本版本", "This version")) }
                } }
                tbody { @for code in codes { tr id=(code.code()) {
                    td {
                        a href=(view.href(&format!("/errors/{code}"))) { (code.code()) }
                        br; small { (code.name()) }
                    }
                    td { (view.say(code.zh(), code.en())) }
                    td class="n" { (code.http_status()) }
                    td { (words::support(view, code.support())) }
                } } }
            }
        }
    }
}

fn warnings_part(view: View, warnings: &[WarningCode]) -> Markup {
    html! {
        section {
            h2 id="W" { "W " (view.say("提示", "Warnings")) }
            p { (view.say("提示不影响开具。", "They refuse nothing.")) }
            table class="codes" {
                thead { tr {
                    th scope="col" { (view.say("代码", "Code")) }
                    th scope="col" { (view.say("含义", "Meaning")) }
                } }
                tbody { @for code in warnings { tr id=(code.code()) {
                    td {
                        a href=(view.href(&format!("/errors/{code}"))) { (code.code()) }
                        br; small { (code.name()) }
                    }
                    td { (view.say(code.zh(), code.en())) }
                } } }
            }
        }
    }
}

//! The page of one code: what it means, what to do, and drafts that provoke and pass it.

use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};
use piao_chain::failure::examples::{Guide, Occasion};
use piao_chain::failure::{FailureCode, Group, Support, WarningCode};
use piao_chain::fault::Fault;
use piao_chain::tax::{RuleSet, law_of};

use super::{example, warning, words};
use crate::examples;
use crate::problem::ApiResult;
use crate::strict_json::shortened;
use crate::web::layout::{code, facts, page};
use crate::web::view::View;
use crate::wire::explanation;

/// Shows one code, asked for by code, number or name.
pub(crate) async fn show(Path(asked): Path<String>, view: View) -> ApiResult<Response> {
    let upper = asked.to_ascii_uppercase();
    let mut warnings = WarningCode::ALL.iter();
    if let Some(found) = warnings.find(|one| one.code() == upper || one.name() == upper) {
        return Ok(warning::show(view, *found).into_response());
    }
    let failure = FailureCode::from_code(&upper)
        .or_else(|| FailureCode::from_code(&format!("E{upper}")))
        .ok_or_else(|| Fault::at(FailureCode::ResourceNotFound, "/code").got(shortened(&asked)))?;
    Ok(show_failure(view, failure).into_response())
}

fn show_failure(view: View, failure: FailureCode) -> Html<String> {
    let raised = failure.support() == Support::Implemented;
    let guide = Guide::of(failure).filter(|_| raised);
    let shown = examples::of(failure);
    let main = html! {
        p class="notice" lang="zh-CN" { (failure.zh()) }
        p class="notice" lang="en" { (failure.en()) }
        section {
            h2 { (view.say("接下来怎么办", "What to do next")) }
            @if let Some(guide) = guide {
                p { strong { (view.say(guide.advice.zh, guide.advice.en)) } }
            }
            p { (words::what_next(view, failure.retry())) }
        }
        @if let Some(Occasion::Elsewhere(text)) = guide.map(|guide| &guide.occasion) {
            section {
                h2 { (view.say("何时出现", "When it happens")) }
                p { (view.say(text.zh, text.en)) }
            }
        }
        @if !raised {
            p { (view.say("本版本不会给出此代码。", "This version does not answer with this code.")) }
        }
        @if let Some(shown) = shown { (example::show(view, shown)) }
        section {
            h2 { (view.say("分类", "Class")) }
            (facts(&rows(view, failure)))
        }
        p {
            a href={ "/v1/failures/" (failure.code()) } { "JSON" }
            " · "
            code { "piao explain " (failure.code()) }
        }
        @if shown.is_some() { (example::sample(view)) }
    };
    let title = format!("{} {}", failure.code(), failure.name());
    page(view, &title, &main)
}

fn rows<'a>(view: View, failure: FailureCode) -> Vec<(&'a str, Markup)> {
    let mut rows = vec![
        (
            view.say("HTTP 状态", "HTTP status"),
            html! { (failure.http_status()) },
        ),
        (
            view.say("重试类别", "Retry class"),
            html! {
                (failure.retry().as_str()) " · " (failure.next_action())
            },
        ),
        (
            view.say("原因类别", "Cause"),
            html! { (words::cause(view, failure.cause())) },
        ),
        (
            view.say("由谁判断", "Judged by"),
            html! { (words::door(view, failure.door())) },
        ),
        (
            view.say("本版本", "This version"),
            html! { (words::support(view, failure.support())) },
        ),
    ];
    match failure.pointer() {
        "" => {}
        "(named)" => rows.push((
            view.say("字段", "Field"),
            html! { (view.say("每次回复指明", "named by each reply")) },
        )),
        pointer => rows.push((
            view.say("字段", "Field"),
            html! { (example::field(view, pointer)) " " (code(pointer)) },
        )),
    }
    if let Some(basis) = law_of(failure).or_else(|| tolerance_note(view, failure)) {
        rows.push((view.say("依据", "Law"), html! { (basis) }));
    }
    rows.push((view.say("分组", "Group"), group(view, failure)));
    let related = explanation::related(failure);
    if !related.is_empty() {
        rows.push((view.say("相关代码", "Related"), links(view, &related)));
    }
    rows
}

/// What stands in place of a law for the tolerances, which no law names.
fn tolerance_note(view: View, failure: FailureCode) -> Option<&'static str> {
    let mut tolerances = RuleSet::CURRENT.tolerances().into_iter();
    tolerances.any(|one| one.code == failure).then(|| {
        view.say(
            "国家接口资料的允许误差，非法律条文",
            "a tolerance of the national interface's documents, not of a law text",
        )
    })
}

/// A link to the code's group on the list.
fn group(view: View, failure: FailureCode) -> Markup {
    let number = failure.number().div_euclid(100);
    let mut all = Group::ALL.iter();
    let name = all.find(|group| group.number == number);
    let name = name.map_or("", |group| view.say(group.zh, group.en));
    html! { a href={ (view.href("/errors")) "#E" (number) } { "E" (number) " " (name) } }
}

fn links(view: View, codes: &[FailureCode]) -> Markup {
    html! {
        ul class="related" { @for code in codes { li {
            a href=(view.href(&format!("/errors/{code}"))) { (code.code()) }
            " " (view.say(code.zh(), code.en()))
        } } }
    }
}

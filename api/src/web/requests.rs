//! Requests of a merchant: where each stands, why, and what to do next.
//!
//! Only for whoever may use the desk. A page can't act on a request: what changes one must be said
//! as JSON (so that a page elsewhere can't), so the page names the command that does it.

use axum::extract::{Path, State};
use axum::response::Html;
use maud::{Markup, html};

use super::announced;
use super::layout::{code, code_link, facts, page};
use super::view::View;
use crate::access::Desk;
use crate::backend::Cut;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::routes::path;
use crate::wire::{Attempt, Failure, RequestState, RequestView, WaitingFor};

/// Requests on one page.
const REQUESTS_PER_PAGE: u32 = 50;

/// Lists requests, the last one touched first.
pub(crate) async fn list(
    State(node): State<Node>,
    Desk(caller): Desk,
    view: View,
    mut parameters: Parameters,
) -> ApiResult<Html<String>> {
    let account = caller.account(parameters.account())?;
    let words = "accepted, submitted, final, failed, unknown, waiting or cancelled";
    let state = parameters.read("state", words, RequestState::from_word);
    let cursor = parameters.cut().cursor;
    parameters.finish()?;
    let cut = Cut {
        limit: REQUESTS_PER_PAGE,
        cursor,
    };
    let requests = node.backend.requests(account, state, cut).await?;
    let notices = announced::notices(&node, view).await;
    let main = html! {
        (notices)
        nav aria-label=(view.say("按状态", "By state")) {
            a href=(view.href("/requests")) { (view.say("全部", "All")) }
            @for one in RequestState::ALL {
                " · " a href=(view.href(&format!("/requests?state={}", one.as_str()))) {
                    (state_words(view, one))
                }
            }
        }
        (table(view, &requests.data))
        @if let Some(cursor) = &requests.next_cursor {
            p { a href=(view.href(&next_page(state, cursor))) { (view.say("更早", "Older")) } }
        }
    };
    Ok(page(view, view.say("请求", "Requests"), &main))
}

fn next_page(state: Option<RequestState>, cursor: &str) -> String {
    let state = state.map_or_else(String::new, |state| format!("state={}&", state.as_str()));
    format!("/requests?{state}cursor={cursor}")
}

fn table(view: View, requests: &[RequestView]) -> Markup {
    if requests.is_empty() {
        return html! { p { (view.say("没有请求", "None")) } };
    }
    html! {
        table {
            thead { tr {
                th scope="col" { (view.say("请求", "Request")) }
                th scope="col" { (view.say("状态", "State")) }
                th scope="col" { (view.say("订单", "Order")) }
                th scope="col" { (view.say("原因", "Reason")) }
                th scope="col" { (view.say("更新", "Changed")) }
            } }
            tbody { @for request in requests { tr {
                td { (code_link(&view.href(&format!("/requests/{}", request.id)), &request.id)) }
                td { (standing(view, request)) }
                td { (request.order_ref.as_deref().unwrap_or("–")) }
                td { @for failure in &request.failures { (reason(view, failure)) " " } }
                td { time { (request.updated_at) } }
            } } }
        }
    }
}

/// Shows a request with every try.
pub(crate) async fn show(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(id): Path<String>,
    view: View,
) -> ApiResult<Html<String>> {
    let request = node
        .backend
        .request(&caller, path::request_id(&id)?)
        .await?;
    let notices = announced::notices(&node, view).await;
    let main = html! {
        (notices)
        (facts(&rows(view, &request)))
        @if !request.failures.is_empty() {
            h2 { (view.say("原因", "Why")) }
            ul { @for failure in &request.failures {
                li { (reason(view, failure)) " " (view.say(&failure.zh, &failure.en)) }
            } }
        }
        h2 { (view.say("接下来", "What next")) }
        p { (advice(view, &request)) }
        @for command in commands(&request) { p { (code(&command)) } }
        h2 { (view.say("经过", "Timeline")) }
        (timeline(view, &request.attempts))
        p { a href=(request.links.this) { "JSON" } }
    };
    let title = format!("{} {}", view.say("请求", "Request"), request.id);
    Ok(page(view, &title, &main))
}

fn rows<'a>(view: View, request: &RequestView) -> Vec<(&'a str, Markup)> {
    let mut rows = vec![
        (view.say("状态", "State"), standing(view, request)),
        (
            view.say("幂等键", "Idempotency key"),
            code(&request.idempotency_key),
        ),
        (
            view.say("受理时间", "Accepted"),
            html! { time { (request.created_at) } },
        ),
    ];
    let texts = [
        (view.say("订单", "Order"), &request.order_ref),
        (
            view.say("最迟确定时间", "Settled at the latest by a block after"),
            &request.possible_until,
        ),
        (view.say("不早于", "Not before"), &request.not_before),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            rows.push((name, code(text)));
        }
    }
    if let Some(number) = &request.number {
        let link = view.href(&format!("/invoices/{number}"));
        rows.push((
            view.say("发票号码", "Invoice number"),
            code_link(&link, number),
        ));
    }
    if let Some(txid) = &request.txid {
        let link = view.href(&format!("/explorer/tx/{txid}"));
        rows.push((view.say("交易", "Transaction"), code_link(&link, txid)));
    }
    rows
}

fn timeline(view: View, attempts: &[Attempt]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" class="n" { (view.say("第几次", "Attempt")) }
                th scope="col" { (view.say("时间", "Time")) }
                th scope="col" { (view.say("结果", "Outcome")) }
                th scope="col" { (view.say("交易", "Transaction")) }
            } }
            tbody { @for attempt in attempts { tr {
                td class="n" { (attempt.attempt) }
                td { time { (attempt.at) } }
                td { (attempt.code.as_deref().unwrap_or("–")) }
                td { @if let Some(txid) = &attempt.txid { (code(txid)) } @else { "–" } }
            } } }
        }
    }
}

fn reason(view: View, failure: &Failure) -> Markup {
    html! { a href=(view.href(&format!("/errors/{}", failure.code))) { (failure.code) } }
}

fn standing(view: View, request: &RequestView) -> Markup {
    html! {
        (state_words(view, request.state))
        @if let Some(cause) = request.waiting_for { " · " (cause_words(view, cause)) }
    }
}

const fn state_words(view: View, state: RequestState) -> &'static str {
    match state {
        RequestState::Accepted => view.say("已受理", "accepted"),
        RequestState::Submitted => view.say("已提交", "submitted"),
        RequestState::Final => view.say("已开具", "final"),
        RequestState::Failed => view.say("失败", "failed"),
        RequestState::Unknown => view.say("结果未知", "unknown"),
        RequestState::Waiting => view.say("等待", "waiting"),
        RequestState::Cancelled => view.say("已取消", "cancelled"),
    }
}

const fn cause_words(view: View, cause: WaitingFor) -> &'static str {
    match cause {
        WaitingFor::Network => view.say("等网络恢复", "for the network"),
        WaitingFor::Maintenance => view.say("等维护结束", "for the end of maintenance"),
        WaitingFor::TopUp => view.say("等充值", "for a top-up"),
        WaitingFor::Limit => view.say("等额度恢复", "for a limit to start anew"),
        WaitingFor::Confirmation => view.say("等对方确认", "for the other party"),
    }
}

fn advice(view: View, request: &RequestView) -> &'static str {
    match (request.state, request.waiting_for) {
        (RequestState::Final, _) => view.say("无需操作。", "Nothing: the invoice is final."),
        (RequestState::Cancelled, _) => view.say(
            "已取消，未开票；可以重试。",
            "Given up, nothing was issued; it can be taken up again.",
        ),
        (RequestState::Failed, _) => view.say(
            "更正后在同一请求下重开，或取消。",
            "Correct the draft and go on with the same request, or give it up.",
        ),
        (RequestState::Waiting, Some(WaitingFor::TopUp)) => view.say(
            "充值后自动开具。",
            "Top up: it goes out by itself, at once.",
        ),
        (RequestState::Waiting, Some(WaitingFor::Confirmation)) => view.say(
            "对方在72小时内同意后自动开具。",
            "It goes out by itself once the other party says yes, which it may within 72 hours.",
        ),
        (RequestState::Waiting, _) => view.say(
            "原因结束后自动开具。",
            "Nothing: it goes out by itself once the cause has ended.",
        ),
        _ => view.say(
            "结果自动确定；不要用新的幂等键另开。",
            "Nothing: it resolves itself. Do not issue anew under another key.",
        ),
    }
}

/// The commands that do something about it.
fn commands(request: &RequestView) -> Vec<String> {
    let id = &request.id;
    let again = [
        format!("piao request retry {id}"),
        format!("piao request reissue {id} corrected.json"),
        format!("piao request cancel {id}"),
    ];
    let count = match (request.state, request.waiting_for) {
        (RequestState::Waiting, Some(WaitingFor::TopUp)) => {
            let top_up = "piao top-up AMOUNT --ref REFERENCE".to_owned();
            return [vec![top_up], again.to_vec()].concat();
        }
        (RequestState::Waiting | RequestState::Failed, _) => 3,
        (RequestState::Cancelled, _) => 1,
        _ => 0,
    };
    again.into_iter().take(count).collect()
}

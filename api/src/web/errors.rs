//! A page for every failure code: what it means and what to do next.

use axum::extract::Path;
use axum::response::Html;
use maud::{Markup, html};
use piao_chain::failure::{Cause, Door, FailureCode, Retry, Support};
use piao_chain::fault::Fault;

use super::layout::{code, facts, page};
use super::view::View;
use crate::problem::ApiResult;
use crate::strict_json::shortened;

/// Lists every code.
pub(crate) async fn list(view: View) -> Html<String> {
    let main = html! {
        p {
            (view.say("每个拒绝都有固定的代码。", "Every refusal has a code that never changes. "))
            a href="/v1/failures" { "JSON" }
        }
        table {
            thead { tr {
                th scope="col" { (view.say("代码", "Code")) }
                th scope="col" { (view.say("含义", "Meaning")) }
                th scope="col" class="n" { "HTTP" }
                th scope="col" { (view.say("本版本", "This version")) }
            } }
            tbody { @for failure in FailureCode::ALL { tr {
                td {
                    a href=(view.href(&format!("/errors/{failure}"))) { (failure.code()) }
                    br; small { (failure.name()) }
                }
                td { (view.say(failure.zh(), failure.en())) }
                td class="n" { (failure.http_status()) }
                td { (support(view, failure.support())) }
            } } }
        }
    };
    page(view, view.say("失败代码", "Failure codes"), &main)
}

/// Shows one code, asked for by code or name.
pub(crate) async fn show(Path(asked): Path<String>, view: View) -> ApiResult<Html<String>> {
    let failure = FailureCode::from_code(&asked.to_ascii_uppercase())
        .ok_or_else(|| Fault::at(FailureCode::ResourceNotFound, "/code").got(shortened(&asked)))?;
    let main = html! {
        p class="notice" lang="zh-CN" { (failure.zh()) }
        p class="notice" lang="en" { (failure.en()) }
        section {
            h2 { (view.say("接下来怎么办", "What to do next")) }
            p { (what_next(view, failure.retry())) }
        }
        (facts(&rows(view, failure)))
        p {
            a href={ "/v1/failures/" (failure.code()) } { "JSON" }
            " · "
            code { "piao explain " (failure.code()) }
        }
    };
    Ok(page(
        view,
        &format!("{} {}", failure.code(), failure.name()),
        &main,
    ))
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
            html! { (cause(view, failure.cause())) },
        ),
        (
            view.say("由谁判断", "Judged by"),
            html! { (door(view, failure.door())) },
        ),
        (
            view.say("本版本", "This version"),
            html! { (support(view, failure.support())) },
        ),
    ];
    match failure.pointer() {
        "" => {}
        "(named)" => rows.push((
            view.say("字段", "Field"),
            html! { (view.say("每次回复指明", "named by each reply")) },
        )),
        pointer => rows.push((view.say("字段", "Field"), code(pointer))),
    }
    rows
}

/// What the retry class means for the person who reads the page.
fn what_next(view: View, retry: Retry) -> &'static str {
    let (zh, en) = match retry {
        Retry::Fix => (
            "按回复中的 pointer、expected、suggested 更正字段，然后重新提交。未扣费。",
            "Correct the field that pointer, expected and suggested name, and send it again. \
             Nothing was charged.",
        ),
        Retry::Now => (
            "立即用同一幂等键重试，不会重复开票。",
            "Try again at once with the same idempotency key; nothing is issued twice.",
        ),
        Retry::Backoff => (
            "稍候再用同一幂等键重试，每次间隔加倍；若有 Retry-After 则按其等待。",
            "Wait and try again with the same idempotency key, doubling the pause; obey \
             Retry-After if it is given.",
        ),
        Retry::Event => (
            "等待他人完成一步（登记、确认、解除限制），之后再试。",
            "Somebody else must act first (register, confirm, lift a limit); try again after that.",
        ),
        Retry::Topup => (
            "先充值手续费（piao top-up），再提交；等待中的请求会自动继续。",
            "Top up the fee balance first (piao top-up); requests that wait go on by themselves.",
        ),
        Retry::Window => (
            "额度在下一个时间窗口恢复，见 not_before。",
            "The limit starts anew with its next window; see not_before.",
        ),
        Retry::Maint => (
            "维护结束后再试，见 Retry-After 与公告；已受理的请求会自动发出。",
            "Try again after the maintenance; see Retry-After and the announcement. Accepted \
             requests go out by themselves.",
        ),
        Retry::Upgrade => (
            "请先升级软件或接口版本。",
            "Upgrade the program or the version it speaks first.",
        ),
        Retry::Never => (
            "重试不会改变结果；请核对业务数据。",
            "A retry will get the same answer; look at the data instead.",
        ),
    };
    view.say(zh, en)
}

fn cause(view: View, cause: Cause) -> &'static str {
    match cause {
        Cause::WrongData => view.say("填写的数据有误", "something in the request is wrong"),
        Cause::Network => view.say("网络或磁盘", "a connection, a peer or a disk"),
        Cause::Balance => view.say("余额", "money that is not there"),
        Cause::Limit => view.say("限制、权限或状态", "a limit, a right or a state"),
        Cause::Maintenance => view.say("维护", "maintenance"),
        Cause::Version => view.say("版本不一致", "different versions"),
        Cause::Other => view.say("其他", "something else"),
    }
}

fn door(view: View, door: Door) -> &'static str {
    match door {
        Door::Desk => view.say("商户自己的节点", "the merchant's own node"),
        Door::Consensus => view.say("所有验证者", "every validator"),
        Door::Both => view.say(
            "商户节点与所有验证者",
            "the merchant's node and every validator",
        ),
        Door::Admission => view.say("交易入口", "the door for transactions"),
    }
}

fn support(view: View, support: Support) -> &'static str {
    match support {
        Support::Implemented => view.say("已实现", "implemented"),
        Support::Planned => view.say("计划中", "planned"),
        Support::Reserved => view.say("保留", "reserved"),
    }
}

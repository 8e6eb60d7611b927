//! One transaction, and the invoice it issued.

use axum::extract::{Path, State};
use axum::response::Html;
use maud::{Markup, html};

use super::layout::{code, code_link, facts, page};
use super::view::View;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::routes::path;
use crate::wire::{Outcome, OutcomeState, PublicInvoice};

/// Shows a transaction.
pub(crate) async fn show(
    State(node): State<Node>,
    Path(txid): Path<String>,
    view: View,
) -> ApiResult<Html<String>> {
    let outcome = node.backend.transaction(path::txid(&txid)?).await?;
    let mut invoices = Vec::new();
    // At most four: a transaction has no more effects.
    for effect in &outcome.effects {
        invoices.push(node.backend.public_invoice(&effect.number).await?);
    }
    let main = html! {
        (facts(&rows(view, &outcome)))
        @for invoice in &invoices { (invoice_part(view, invoice)) }
        p { a href={ "/v1/transactions/" (outcome.txid) } { "JSON" } }
    };
    Ok(page(view, view.say("交易", "Transaction"), &main))
}

fn rows<'a>(view: View, outcome: &Outcome) -> Vec<(&'a str, Markup)> {
    let mut rows = vec![
        (view.say("交易编号", "Transaction id"), code(&outcome.txid)),
        (view.say("结果", "Outcome"), state(view, outcome)),
    ];
    if let Some(action) = &outcome.action {
        rows.push((view.say("动作", "Action"), html! { (action) }));
    }
    if let Some(account) = outcome.account {
        rows.push((view.say("账户", "Account"), html! { (account) }));
    }
    if let Some(height) = outcome.height {
        let href = view.href(&format!("/explorer/{height}"));
        rows.push((
            view.say("区块高度", "Height"),
            code_link(&href, &height.to_string()),
        ));
    }
    if let Some(time) = &outcome.time {
        rows.push((
            view.say("区块时间", "Block time"),
            html! { time { (time) } },
        ));
    }
    if let Some(fee) = &outcome.fee_charged {
        rows.push((view.say("手续费 (元)", "Fee (CNY)"), html! { (fee) }));
    }
    rows
}

fn state(view: View, outcome: &Outcome) -> Markup {
    match (outcome.state, &outcome.code) {
        (OutcomeState::Final, None) => html! { (view.say("已上链并执行", "final and applied")) },
        (_, Some(code)) => html! {
            (view.say("失败：", "failed: "))
            a href=(view.href(&format!("/errors/{code}"))) { (code) }
        },
        (OutcomeState::Refused, None) => html! { (view.say("被拒绝", "refused")) },
        (OutcomeState::Unknown, None) => html! { (view.say("尚未知", "not known yet")) },
    }
}

fn invoice_part(view: View, invoice: &PublicInvoice) -> Markup {
    let rows = [
        (
            view.say("发票号码", "Invoice number"),
            code(&invoice.number),
        ),
        (
            view.say("种类", "Kind"),
            html! { (kind(view, &invoice.kind)) },
        ),
        (
            view.say("开票日期", "Issued on"),
            html! { (invoice.issued_on) },
        ),
        (
            view.say("销售方账户", "Seller's account"),
            html! { (invoice.account) },
        ),
        (
            view.say("销售方第几张", "Seller's count"),
            html! { (invoice.counter) },
        ),
        (
            view.say("金额 (元)", "Amount (CNY)"),
            html! { (invoice.totals.amount) },
        ),
        (
            view.say("税额 (元)", "Tax (CNY)"),
            html! { (invoice.totals.tax) },
        ),
        (
            view.say("价税合计 (元)", "Gross (CNY)"),
            html! { (invoice.totals.gross) },
        ),
    ];
    html! {
        section {
            h2 { (view.say("发票的公开信息", "What is public of the invoice")) }
            (facts(&rows))
            p {
                a href={ "/v1/invoices/" (invoice.number) "/proof" } download={ (invoice.number) ".proof" } {
                    (view.say("下载证明文件", "Download the proof"))
                }
                " · "
                a href=(view.href(&format!("/i/{}", invoice.number))) {
                    (view.say("今日状态", "Its status today"))
                }
                " · "
                code { "piao verify " (invoice.number) ".proof --trust FILE" }
            }
        }
    }
}

fn kind(view: View, kind: &str) -> &str {
    match kind {
        "general" => view.say("普通发票", "general"),
        "special" => view.say("专用发票", "special"),
        other => other,
    }
}

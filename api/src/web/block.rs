//! One block.

use axum::extract::{Path, State};
use axum::response::Html;
use maud::{Markup, html};

use super::layout::{code, code_link, facts, page};
use super::view::View;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::routes::path;
use crate::wire::{Block, BlockTransaction};

/// Shows a block.
pub(crate) async fn show(
    State(node): State<Node>,
    Path(height): Path<String>,
    view: View,
) -> ApiResult<Html<String>> {
    let block = node.backend.block(path::height(&height)?).await?;
    let main = html! {
        (facts(&rows(view, &block)))
        h2 { (view.say("交易", "Transactions")) }
        (transactions(view, &block.transactions))
        p { a href={ "/v1/blocks/" (block.height) } { "JSON" } }
    };
    let title = format!("{} {}", view.say("区块", "Block"), block.height);
    Ok(page(view, &title, &main))
}

fn rows<'a>(view: View, block: &Block) -> Vec<(&'a str, Markup)> {
    let parent = block.height.checked_sub(1);
    let parent = match parent {
        None => code(&block.parent_id),
        Some(height) => code_link(&view.href(&format!("/explorer/{height}")), &block.parent_id),
    };
    let mut rows = vec![
        (view.say("区块编号", "Block id"), code(&block.block_id)),
        (view.say("时间", "Time"), html! { time { (block.time) } }),
        (view.say("上一区块", "Parent"), parent),
        (view.say("提议者", "Proposer"), code(&block.proposer)),
        (view.say("交易根", "Transaction root"), code(&block.tx_root)),
        (view.say("状态根", "State root"), code(&block.state_root)),
        (view.say("历史根", "History root"), code(&block.hist_root)),
    ];
    if let Some(certificate) = &block.certificate {
        let signers = html! {
            (view.say("轮次", "round")) " " (certificate.round) " · "
            @for signer in &certificate.signers { (code(signer)) " " }
        };
        rows.push((view.say("签名者", "Signed by"), signers));
    }
    rows
}

fn transactions(view: View, transactions: &[BlockTransaction]) -> Markup {
    if transactions.is_empty() {
        return html! { p { (view.say("没有交易", "None")) } };
    }
    html! {
        table {
            thead { tr {
                th scope="col" class="n" { "#" }
                th scope="col" { (view.say("动作", "Action")) }
                th scope="col" class="n" { (view.say("账户", "Account")) }
                th scope="col" { (view.say("结果", "Outcome")) }
                th scope="col" { (view.say("交易编号", "Transaction id")) }
            } }
            tbody { @for row in transactions { tr {
                td class="n" { (row.index) }
                td { (row.action) }
                td class="n" { (row.account) }
                td { (outcome(view, row)) }
                td { (code_link(&view.href(&format!("/explorer/tx/{}", row.txid)), &row.txid)) }
            } } }
        }
    }
}

fn outcome(view: View, row: &BlockTransaction) -> Markup {
    match (&row.code, &row.number) {
        (Some(code), _) => html! { a href=(view.href(&format!("/errors/{code}"))) { (code) } },
        (None, Some(number)) => code(number),
        (None, None) => html! { (view.say("已执行", "applied")) },
    }
}

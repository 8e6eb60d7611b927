//! The explorer: a search box and the blocks, newest first.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use piao_chain::failure::FailureCode;

use super::layout::{code, code_link, page, search_box};
use super::view::View;
use crate::limits::SEARCH_CHARS_MAX;
use crate::parameters::Parameters;
use crate::problem::{ApiResult, Complete};
use crate::router::Node;
use crate::routes::path;
use crate::wire::BlockSummary;

/// Blocks on one page.
const BLOCKS_PER_PAGE: u32 = 25;

/// Shows blocks, or goes where a search leads.
pub(crate) async fn show(
    State(node): State<Node>,
    view: View,
    mut parameters: Parameters,
) -> ApiResult<Response> {
    let before = parameters.read("before", "a height", |text| path::height(text).ok());
    let asked = parameters.text("q").unwrap_or_default();
    parameters.finish()?;
    let asked: String = asked.trim().chars().take(SEARCH_CHARS_MAX).collect();
    if asked.is_empty() {
        return list(&node, view, before).await;
    }
    match find(&node, &asked).await? {
        Some(place) => Ok(Redirect::to(&view.href(&place)).into_response()),
        None => Ok(nothing_found(view, &asked)),
    }
}

/// The page a search leads to: by invoice number, transaction id or height.
async fn find(node: &Node, asked: &str) -> ApiResult<Option<String>> {
    if path::number(asked).is_ok() {
        return match node.backend.public_invoice(asked).await {
            Ok(invoice) => Ok(Some(format!("/explorer/tx/{}", invoice.txid))),
            Err(refusal) if refusal.code() == FailureCode::InvoiceNotFound => Ok(None),
            Err(refusal) => Err(refusal.into()),
        };
    }
    let id = asked.to_ascii_lowercase();
    if let Ok(txid) = path::txid(&id) {
        return match node.backend.transaction(txid).await {
            Ok(_) => Ok(Some(format!("/explorer/tx/{id}"))),
            Err(refusal) if refusal.code() == FailureCode::ResourceNotFound => Ok(None),
            Err(refusal) => Err(refusal.into()),
        };
    }
    let tip = node.backend.chain().await?.height;
    let height = path::height(asked).ok().filter(|height| *height <= tip);
    Ok(height.map(|height| format!("/explorer/{height}")))
}

fn nothing_found(view: View, asked: &str) -> Response {
    let main = html! {
        p class="notice" { (view.say("没有找到：", "Nothing found for: ")) (code(asked)) }
        (search_box(view, asked))
    };
    let page = page(view, view.say("区块浏览", "Explorer"), &main);
    let mut response = (StatusCode::NOT_FOUND, page).into_response();
    response.extensions_mut().insert(Complete);
    response
}

async fn list(node: &Node, view: View, before: Option<u64>) -> ApiResult<Response> {
    let blocks = node.backend.blocks(before, BLOCKS_PER_PAGE).await?;
    let older = blocks
        .data
        .last()
        .filter(|_| blocks.has_more)
        .map(|block| block.height);
    let main = html! {
        (search_box(view, ""))
        (table(view, &blocks.data))
        @if let Some(height) = older {
            p {
                a rel="next" href=(view.href(&format!("/explorer?before={height}"))) {
                    (view.say("更早的区块", "Older blocks"))
                }
            }
        }
    };
    Ok(page(view, view.say("区块浏览", "Explorer"), &main).into_response())
}

fn table(view: View, blocks: &[BlockSummary]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" class="n" { (view.say("高度", "Height")) }
                th scope="col" { (view.say("时间", "Time")) }
                th scope="col" class="n" { (view.say("交易数", "Transactions")) }
                th scope="col" { (view.say("区块编号", "Block id")) }
            } }
            tbody { @for block in blocks { tr {
                td class="n" {
                    (code_link(&view.href(&format!("/explorer/{}", block.height)),
                        &block.height.to_string()))
                }
                td { time { (block.time) } }
                td class="n" { (block.tx_count) }
                td { (code(&block.block_id)) }
            } } }
        }
    }
}

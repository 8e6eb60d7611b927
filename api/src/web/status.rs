//! The first page: where this node stands and what to do next.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};

use super::announced;
use super::layout::{code, code_link, facts, page, search_box, yes_no};
use super::view::View;
use crate::backend::NodeFacts;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Account, ChainStatus, PublicInvoice, Readiness, ValidatorSet};

/// Invoices the page lists.
const LATEST_INVOICES: u32 = 10;
/// Accounts the page lists at most.
const ACCOUNTS_MAX: usize = 10;

/// Shows the page.
pub(crate) async fn show(State(node): State<Node>, view: View) -> ApiResult<Html<String>> {
    let chain = node.backend.chain().await?;
    let validators = node.backend.validators().await?;
    let readiness = node.backend.readiness().await;
    let accounts = accounts(&node).await?;
    let invoices = match node.backend.facts().public_status {
        true => node.backend.latest_invoices(LATEST_INVOICES).await?,
        false => Vec::new(),
    };
    let notices = announced::notices(&node, view).await;
    let main = html! {
        (notices)
        @if chain.network != "production" {
            p class="notice" {
                (view.say("测试网样票，不具税务效力", "Test network: its invoices have no tax effect"))
            }
        }
        (search_box(view, ""))
        (chain_part(view, &chain, &readiness, node.backend.facts()))
        (accounts_part(view, &accounts))
        (invoices_part(view, &invoices))
        (validators_part(view, &validators))
        (next_part(view))
    };
    Ok(page(view, view.say("节点状态", "Node status"), &main))
}

/// The accounts anybody may see here: those of a development node.
async fn accounts(node: &Node) -> ApiResult<Vec<Account>> {
    let facts = node.backend.facts();
    let shown = facts.dev_caller.iter().filter(|_| facts.public_status);
    let mut accounts = Vec::new();
    for account in shown.flat_map(|caller| &caller.accounts).take(ACCOUNTS_MAX) {
        accounts.push(node.backend.account(*account).await?);
    }
    Ok(accounts)
}

fn chain_part(view: View, chain: &ChainStatus, ready: &Readiness, facts_: &NodeFacts) -> Markup {
    let height = chain.height.to_string();
    let height_link = view.href(&format!("/explorer/{height}"));
    let rows = [
        (view.say("网络", "Network"), html! { (chain.network) }),
        (
            view.say("可以开票", "Ready to issue"),
            yes_no(view, ready.ready),
        ),
        (view.say("高度", "Height"), code_link(&height_link, &height)),
        (view.say("最新区块", "Latest block"), code(&chain.block_id)),
        (
            view.say("区块时间", "Block time"),
            html! { time { (chain.time) } },
        ),
        (view.say("链标识", "Chain id"), code(&chain.chain_id)),
        (view.say("对等节点", "Peers"), html! { (chain.peers) }),
        (
            view.say("正在同步", "Catching up"),
            yes_no(view, chain.syncing),
        ),
        (
            view.say("软件版本", "Software"),
            html! { "piaod " (facts_.version) },
        ),
    ];
    html! {
        section {
            h2 { (view.say("链", "Chain")) }
            (facts(&rows))
            @if !ready.ready {
                h3 { (view.say("尚未就绪", "Not ready yet")) }
                ul {
                    @for check in ready.checks.iter().filter(|check| !check.ok) {
                        li { (check.name) ": " (check.detail) }
                    }
                }
            }
        }
    }
}

fn accounts_part(view: View, accounts: &[Account]) -> Markup {
    html! {
        @if !accounts.is_empty() {
            section {
                h2 { (view.say("手续费余额", "Fee balance")) }
                table {
                    thead { tr {
                        th scope="col" { (view.say("账户", "Account")) }
                        th scope="col" class="n" { (view.say("余额 (元)", "Balance (CNY)")) }
                        th scope="col" class="n" { (view.say("可用 (元)", "Available (CNY)")) }
                        th scope="col" class="n" { (view.say("可开张数", "Invoices left")) }
                    } }
                    tbody { @for account in accounts { tr {
                        td { (account.account) }
                        td class="n" { (account.fee_balance) }
                        td class="n" { (account.available) }
                        td class="n" { (account.can_issue) }
                    } } }
                }
            }
        }
    }
}

fn invoices_part(view: View, invoices: &[PublicInvoice]) -> Markup {
    html! {
        @if !invoices.is_empty() {
            section {
                h2 { (view.say("最近开具的发票", "Latest invoices")) }
                table {
                    thead { tr {
                        th scope="col" { (view.say("号码", "Number")) }
                        th scope="col" { (view.say("开票日期", "Issued on")) }
                        th scope="col" { (view.say("账户", "Account")) }
                        th scope="col" class="n" { (view.say("价税合计", "Gross")) }
                        th scope="col" class="n" { (view.say("高度", "Height")) }
                    } }
                    tbody { @for invoice in invoices { tr {
                        td {
                            (code_link(&view.href(&format!("/explorer/tx/{}", invoice.txid)),
                                &invoice.number))
                        }
                        td { (invoice.issued_on) }
                        td { (invoice.account) }
                        td class="n" { (invoice.totals.gross) }
                        td class="n" {
                            (code_link(&view.href(&format!("/explorer/{}", invoice.height)),
                                &invoice.height.to_string()))
                        }
                    } } }
                }
            }
        }
    }
}

fn validators_part(view: View, validators: &ValidatorSet) -> Markup {
    html! {
        section {
            h2 { (view.say("验证者", "Validators")) }
            table {
                thead { tr {
                    th scope="col" { (view.say("地址", "Address")) }
                    th scope="col" class="n" { (view.say("表决权", "Power")) }
                } }
                tbody { @for validator in &validators.data { tr {
                    td { (code(&validator.address)) }
                    td class="n" { (validator.power) " / " (validators.total_power) }
                } } }
            }
        }
    }
}

fn next_part(view: View) -> Markup {
    html! {
        section {
            h2 { (view.say("接下来", "What to do next")) }
            ol {
                li {
                    (view.say("检查并开具一张发票：", "Check and issue an invoice: "))
                    code { "piao invoice issue FILE" }
                }
                li {
                    (view.say("下载证明并离线验证：", "Download its proof and verify it offline: "))
                    code { "piao invoice download NUMBER --format proof -o FILE" }
                    " · "
                    code { "piao verify FILE --trust FILE" }
                }
                li {
                    (view.say("查询失败代码：", "Look up a failure code: "))
                    code { "piao explain CODE" }
                    " · "
                    a href=(view.href("/errors")) { "/errors" }
                }
                li {
                    (view.say("程序接口：", "For programs: "))
                    a href="/openapi.json" { "/openapi.json" }
                    " · "
                    a href="/v1/chain" { "/v1/chain" }
                    " · "
                    a href="/v1/trust-root" { "/v1/trust-root" }
                    " · "
                    a href="/readyz?verbose" { "/readyz" }
                    " · "
                    a href="/metrics" { "/metrics" }
                }
            }
        }
    }
}

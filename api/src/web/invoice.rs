//! `/i/{number}`: what everybody may see of an invoice, where its QR code leads.
//!
//! Guards: the facts are those of a proof that this node made and judged just now, with the height and
//! time they speak for; host and fingerprint of the trust root stand there to be compared with the
//! paper, so that a swapped sticker is seen. Private fields are not here: the page as served has no
//! secret. Whoever came with one behind the `#` opens the document by the page's script, the only
//! inline text that its policy allows (SPEC 8.6).

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_SECURITY_POLICY, HOST};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, PreEscaped, html};
use piao_chain::proof::{Finding, Verdict, verify};

use super::layout::{code, facts, page};
use super::verify::VIEW;
use super::view::View;
use crate::backend::{ProofForm, ProofOrder, Show};
use crate::link_code::{LinkCode, invoice_link};
use crate::own_trust_root::{options_of_today, own_trust_root};
use crate::problem::ApiResult;
use crate::router::Node;
use crate::routes::path;
use crate::wire::PublicInvoice;

/// Bytes of a host and port that are shown, at most (RFC 1035, 2.3.4, and a port).
const HOST_BYTES_MAX: usize = 260;

/// Shows an invoice.
pub(crate) async fn show(
    State(node): State<Node>,
    Path(number): Path<String>,
    headers: HeaderMap,
    view: View,
) -> ApiResult<Response> {
    let number = path::number(&number)?;
    let invoice = node.backend.public_invoice(number).await?;
    let verdict = judge(&node, number).await;
    let host = host(&headers);
    let main = html! {
        (conclusion(view, verdict.as_ref()))
        (facts(&rows(view, &invoice, verdict.as_ref(), host)))
        @if let Some(host) = host { (link_code(view, host, &headers, number)) }
        section id="view" data-number=(number) aria-live="polite" {}
        (next_steps(view, number, &invoice.txid))
        script { (PreEscaped(&VIEW.0)) }
    };
    let title = format!("{} {number}", view.say("发票", "Invoice"));
    let policy = [(CONTENT_SECURITY_POLICY, VIEW.1.clone())];
    Ok((policy, page(view, &title, &main)).into_response())
}

/// What this node's own proof says now; nothing if it can make none.
async fn judge(node: &Node, number: &str) -> Option<Verdict> {
    let order = ProofOrder {
        number: number.to_owned(),
        form: ProofForm::Binary,
        caller: None,
        show: Show::Nothing,
    };
    let proof = node.backend.proof(order).await.ok()?;
    let root = own_trust_root(node.backend.as_ref()).await?;
    let verdict = verify(&proof.bytes, Some(&root), &options_of_today());
    let same = verdict.number.as_deref() == Some(number);
    // A proof that this very node can not believe is no answer for anybody.
    (same && verdict.verdict != Finding::False).then_some(verdict)
}

fn conclusion(view: View, verdict: Option<&Verdict>) -> Markup {
    let Some(verdict) = verdict else {
        return html! {
            p class="notice" {
                (view.say("本节点现在无法证明其状态，请稍后再看。",
                    "This node can not prove its status now; look again later."))
            }
        };
    };
    let (en, zh) = verdict.reason.text();
    let grade = match verdict.verdict {
        Finding::InForce => view.say("✓ 有效：", "✓ In force: "),
        Finding::NotInForce => view.say(
            "✗ 不再有效，请勿据此付款或报销：",
            "✗ Not in force, do not pay on it: ",
        ),
        Finding::False | Finding::Undecided => view.say("? 无法判断：", "? Can not be decided: "),
    };
    html! {
        p class="notice" {
            strong { (grade) (view.say(zh, en)) }
            @if let Some(as_of) = &verdict.as_of {
                (view.say("，截至区块 ", ", as of block ")) (as_of.height) " · " time { (as_of.time) }
            }
        }
        @if verdict.network.as_deref() == Some("test") {
            p { strong { (view.say("测试网样票，不具税务效力", "Test network: no legal effect")) } }
        }
    }
}

fn rows<'a>(
    view: View,
    invoice: &PublicInvoice,
    verdict: Option<&Verdict>,
    host: Option<&str>,
) -> Vec<(&'a str, Markup)> {
    let text = |text: &str| html! { (text) };
    let mut rows = vec![(
        view_name(view, "发票号码", "Invoice number"),
        code(&invoice.number),
    )];
    if let Some(seller) = verdict.and_then(|verdict| verdict.seller.as_ref()) {
        rows.push((view_name(view, "销售方", "Seller"), text(&seller.name)));
        if let Some(tax_id) = &seller.tax_id {
            rows.push((view_name(view, "统一社会信用代码", "Tax id"), code(tax_id)));
        }
    }
    rows.push((
        view_name(view, "销售方账户", "Seller's account"),
        text(&invoice.account.to_string()),
    ));
    rows.push((
        view_name(view, "开票日期", "Issued on"),
        text(&invoice.issued_on),
    ));
    rows.push((
        view_name(view, "金额 (元)", "Amount (CNY)"),
        text(&invoice.totals.amount),
    ));
    rows.push((
        view_name(view, "税额 (元)", "Tax (CNY)"),
        text(&invoice.totals.tax),
    ));
    rows.push((
        view_name(view, "价税合计 (元)", "Gross (CNY)"),
        text(&invoice.totals.gross),
    ));
    if let Some(verdict) = verdict {
        rows.extend(changes(view, verdict));
        if let Some(fingerprint) = &verdict.trust_root {
            rows.push((
                view_name(view, "信任根指纹", "Trust root"),
                code(fingerprint),
            ));
        }
    }
    if let Some(host) = host {
        rows.push((view_name(view, "本页主机", "Host of this page"), code(host)));
    }
    rows
}

/// What became of it, and what it corrects.
fn changes<'a>(view: View, verdict: &Verdict) -> Vec<(&'a str, Markup)> {
    let invoice = |number: &str| {
        html! { a href=(view.href(&format!("/i/{number}"))) { code { (number) } } }
    };
    let word = match verdict.status {
        Some("issued") => view.say("已开具", "issued"),
        Some("partly_reversed") => view.say("部分红冲", "reversed in part"),
        Some("reversed") => view.say("已红冲", "reversed"),
        Some("reissued") => view.say("已重开", "reissued"),
        _ => view.say("未知", "unknown"),
    };
    let mut rows = vec![(view_name(view, "状态", "Status"), html! { (word) })];
    if let Some(red) = &verdict.red_letter {
        let name = view_name(view, "最近红字发票", "Last red letter");
        rows.push((
            name,
            html! { (invoice(&red.number)) " · " time { (red.time) } },
        ));
    }
    if let Some(original) = &verdict.original {
        rows.push((view_name(view, "所红冲发票", "Corrects"), invoice(original)));
    }
    rows
}

fn view_name<'a>(view: View, zh: &'static str, en: &'static str) -> &'a str {
    view.say(zh, en)
}

/// The host the visitor asked for, if it is one.
fn host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let sane = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let right = !host.is_empty() && host.len() <= HOST_BYTES_MAX && host.bytes().all(sane);
    right.then_some(host)
}

/// The link as a code to scan. What ends the encryption before this node says so in a header, which
/// changes nothing but this picture.
fn link_code(view: View, host: &str, headers: &HeaderMap, number: &str) -> Markup {
    let forwarded = headers.get("x-forwarded-proto");
    let secure = forwarded.is_some_and(|value| value.as_bytes() == b"https");
    let scheme = if secure { "https" } else { "http" };
    let link = invoice_link(&format!("{scheme}://{host}"), number);
    let Some(code) = LinkCode::of(&link) else {
        return html! {};
    };
    let width = code.full_width();
    html! {
        svg class="qr" role="img" viewBox={ "0 0 " (width) " " (width) } shape-rendering="crispEdges"
            aria-label=(view.say("本页链接的二维码", "QR code of the link to this page")) {
            path fill="#fff" d={ "M0 0h" (width) "v" (width) "H0z" } {}
            path d=(code.svg_path()) {}
        }
    }
}

fn next_steps(view: View, number: &str, txid: &str) -> Markup {
    html! {
        p {
            (view.say(
                "这是本节点的说法。要自己判断：下载证明，用可信来源的信任根查验，核对上面的指纹和主机是否与票面一致。",
                "This is the word of this node. To judge for yourself: download the proof, check it with a \
                 trust root from a source you trust, and compare fingerprint and host with the paper.",
            ))
        }
        p {
            a href={ "/v1/invoices/" (number) "/proof" } download={ (number) ".proof" } {
                (view.say("下载证明文件", "Download the proof"))
            }
            " · "
            a href=(view.href("/verify")) { (view.say("查验", "Check it")) }
            " · "
            a href=(view.href(&format!("/explorer/tx/{txid}"))) { (view.say("交易", "Transaction")) }
        }
    }
}

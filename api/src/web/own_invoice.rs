//! An invoice of a merchant: what it says, what became of it, and what can be done about it.
//!
//! Only for whoever may use the desk; strangers have the explorer. Like the pages of requests it
//! acts on nothing and names the commands that do.

use axum::extract::{Path, State};
use axum::response::Html;
use maud::{Markup, html};

use super::changed;
use super::layout::{code, code_link, facts, page};
use super::view::View;
use crate::access::Desk;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::routes::invoices::compare;
use crate::wire::{Invoice, InvoiceStatus, Line, ViewLink};

/// Red letters that are shown with their amounts, the newest ones.
const RED_LETTERS_SHOWN: usize = 20;

/// One thing that happened.
struct Event {
    /// Block time.
    at: String,
    what: &'static str,
    number: Option<String>,
    gross: String,
}

/// Shows an invoice with all that happened to it.
pub(crate) async fn show(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(number): Path<String>,
    view: View,
) -> ApiResult<Html<String>> {
    let mut invoice = node.backend.invoice(&caller, &number).await?;
    compare(&node, &caller, &mut invoice).await;
    let mut events = vec![Event {
        at: invoice.document.final_at.clone(),
        what: first_words(view, &invoice),
        number: None,
        gross: invoice.document.totals.gross.clone(),
    }];
    let older = invoice.reversed_by.len().saturating_sub(RED_LETTERS_SHOWN);
    for red in invoice.reversed_by.iter().skip(older) {
        let letter = node.backend.invoice(&caller, red).await?;
        events.push(Event {
            at: letter.document.final_at,
            what: view.say("红字发票", "red letter"),
            number: Some(letter.document.number),
            gross: letter.document.totals.gross,
        });
    }
    if let Some(number) = &invoice.reissued_by {
        let next = node.backend.invoice(&caller, number).await?;
        events.push(Event {
            at: next.document.final_at,
            what: view.say("换开为", "replaced by"),
            number: Some(next.document.number),
            gross: next.document.totals.gross,
        });
    }
    // A document that is not held here has no link.
    let secret = node.backend.view_secret(&caller, &number).await.ok();
    let main = html! {
        (facts(&rows(view, &invoice)))
        @if let Some(secret) = secret { (buyers_link(view, &ViewLink::of(&number, &secret))) }
        h2 { (view.say("明细", "Lines")) }
        (lines(view, &invoice.document.lines))
        @if let Some(changes) = &invoice.changes { (changed::table(view, changes)) }
        h2 { (view.say("经过", "Timeline")) }
        @if older > 0 {
            p { (view.say("更早的红字发票", "Earlier red letters")) ": " (older) }
        }
        (timeline(view, &events))
        h2 { (view.say("接下来", "What next")) }
        p { (advice(view, &invoice)) }
        @for command in commands(&invoice) { p { (code(&command)) } }
        p { a href=(invoice.links.this) { "JSON" } }
    };
    let title = format!("{} {number}", view.say("发票", "Invoice"));
    Ok(page(view, &title, &main))
}

/// The link that the owner hands to the buyer.
fn buyers_link(view: View, link: &ViewLink) -> Markup {
    html! {
        h2 { (view.say("给购买方的链接", "The buyer's link")) }
        p { (code_link(&link.path, &link.path)) }
        p {
            (view.say(
                "持有此链接者可以看到发票票面内容；链接不代表对发票的任何权利。二维码：",
                "Whoever has this link sees what stands on the invoice; it gives no right to it. As a QR code: ",
            ))
            (code(&format!("piao invoice qr {}", link.number)))
        }
    }
}

const fn first_words(view: View, invoice: &Invoice) -> &'static str {
    if invoice.red_letter_of.is_some() {
        view.say("开具红字发票", "red letter issued")
    } else {
        view.say("开具", "issued")
    }
}

fn rows<'a>(view: View, invoice: &Invoice) -> Vec<(&'a str, Markup)> {
    let document = &invoice.document;
    let gross = html! { "¥" (document.totals.gross) };
    let mut rows = vec![
        (
            view.say("状态", "Status"),
            html! { (status_words(view, invoice.status)) },
        ),
        (view.say("网络", "Network"), html! { (document.network) }),
        (
            view.say("开票时间", "Issued"),
            html! { time { (document.issued_at) } },
        ),
        (view.say("价税合计", "Total with tax"), gross),
    ];
    let texts = [
        (view.say("销售方", "Seller"), &document.seller.name),
        (view.say("购买方", "Buyer"), &document.buyer.name),
        (view.say("订单", "Order"), &document.order_ref),
        (view.say("备注", "Remark"), &document.remark),
    ];
    for (name, text) in texts {
        if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
            rows.push((name, html! { (text) }));
        }
    }
    let linked = [
        (view.say("更正的发票", "Corrects"), &invoice.red_letter_of),
        (view.say("替换的发票", "Replaces"), &invoice.reissue_of),
        (view.say("换开为", "Replaced by"), &invoice.reissued_by),
    ];
    for (name, number) in linked {
        if let Some(number) = number {
            rows.push((name, link(view, number)));
        }
    }
    if invoice.booked {
        let words = view.say("购买方已入账", "by the buyer");
        rows.push((view.say("入账", "Booked"), html! { (words) }));
    }
    let transaction = view.href(&format!("/explorer/tx/{}", document.txid));
    rows.push((
        view.say("交易", "Transaction"),
        code_link(&transaction, &document.txid),
    ));
    rows
}

fn link(view: View, number: &str) -> Markup {
    code_link(&view.href(&format!("/invoices/{number}")), number)
}

const fn status_words(view: View, status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Issued => view.say("有效", "in force"),
        InvoiceStatus::PartlyReversed => view.say("部分红冲", "partly reversed"),
        InvoiceStatus::Reversed => view.say("已全部红冲", "reversed"),
        InvoiceStatus::Reissued => view.say("已换开", "replaced by another"),
    }
}

fn lines(view: View, lines: &[Line]) -> Markup {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    html! {
        table {
            thead { tr {
                th scope="col" class="n" { (view.say("行", "Line")) }
                th scope="col" { (view.say("项目", "Item")) }
                th scope="col" class="n" { (view.say("金额", "Amount")) }
                th scope="col" class="n" { (view.say("税率", "Rate")) }
                th scope="col" class="n" { (view.say("税额", "Tax")) }
            } }
            tbody { @for (at, line) in (1u32..).zip(lines) { tr {
                td class="n" { (at) }
                td { (text(&line.name)) }
                td class="n" { (text(&line.amount)) }
                td class="n" { (text(&line.rate)) }
                td class="n" { (text(&line.tax)) }
            } } }
        }
    }
}

fn timeline(view: View, events: &[Event]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { (view.say("时间", "Time")) }
                th scope="col" { (view.say("事项", "What")) }
                th scope="col" { (view.say("发票", "Invoice")) }
                th scope="col" class="n" { (view.say("价税合计", "Total with tax")) }
            } }
            tbody { @for event in events { tr {
                td { time { (event.at) } }
                td { (event.what) }
                td { @if let Some(number) = &event.number { (link(view, number)) } @else { "–" } }
                td class="n" { (event.gross) }
            } } }
        }
    }
}

fn advice(view: View, invoice: &Invoice) -> &'static str {
    if invoice.red_letter_of.is_some() {
        return view.say(
            "红字发票不能再红冲；如有误，请重新开具正确的蓝字发票。",
            "A red letter is never reversed: issue what is right anew.",
        );
    }
    match invoice.status {
        InvoiceStatus::Issued | InvoiceStatus::PartlyReversed => view.say(
            "如内容有误，可换开；如退货、中止或折让，可开具红字发票。",
            "If something on it is wrong, replace it; if goods came back or the price fell, issue a red letter.",
        ),
        InvoiceStatus::Reversed => view.say(
            "已全部红冲，同一订单可以重新开具。",
            "Nothing is left of it: its order may be invoiced again.",
        ),
        InvoiceStatus::Reissued => view.say("请使用换开后的发票。", "Use the one that replaced it."),
    }
}

/// The commands that do something about it.
fn commands(invoice: &Invoice) -> Vec<String> {
    let number = &invoice.document.number;
    let mut commands = vec![format!("piao proof get {number}")];
    if invoice.red_letter_of.is_some() {
        return commands;
    }
    if invoice.status == InvoiceStatus::Issued {
        commands.push(format!("piao invoice reissue {number} corrected.json"));
    }
    if matches!(
        invoice.status,
        InvoiceStatus::Issued | InvoiceStatus::PartlyReversed
    ) {
        commands.push(format!(
            "piao invoice red-letter {number} --reason 02 --line 1:AMOUNT"
        ));
    }
    commands
}

//! An invoice for people: the facts one asks for, one a line.

use piao_api::field_names;
use piao_api::wire::{Change, Invoice, InvoiceStatus, Totals};

use crate::confirmation_view;
use crate::error::CommandError;
use crate::output::{Line, Output, Tone};

/// Columns of the labels.
const LABEL: usize = 12;

/// Shows an invoice, as JSON where that is asked for.
pub(crate) fn show(output: &Output, invoice: &Invoice) -> Result<(), CommandError> {
    if output.json {
        output.json(invoice)?;
        return Ok(());
    }
    let document = &invoice.document;
    let head = Line::new()
        .add(Tone::Plain, output.pick("invoice ", "发票 "))
        .add(Tone::Strong, &document.number)
        .add(Tone::Plain, " · ")
        .add(Tone::Plain, status(output, invoice.status));
    output.data(&head)?;
    let (counter, block) = (document.counter.to_string(), document.height.to_string());
    let confirmed = invoice.confirmation.as_ref();
    let confirmed = confirmed.map(|one| confirmation_view::words(output, one));
    let rows = [
        (("counter", "第几张"), Some(&counter)),
        (("seller", "销售方"), document.seller.name.as_ref()),
        (("buyer", "购买方"), document.buyer.name.as_ref()),
        (("issued", "开票时间"), Some(&document.issued_at)),
        (("order", "订单"), document.order_ref.as_ref()),
        (("corrects", "红冲原票"), invoice.red_letter_of.as_ref()),
        (("replaces", "重开自"), invoice.reissue_of.as_ref()),
        (("replaced by", "已重开为"), invoice.reissued_by.as_ref()),
        (("reversed by", "红字发票"), invoice.reversed_by.last()),
        (("confirmed", "红字确认"), confirmed.as_ref()),
        (("fee", "手续费"), Some(&document.fee)),
        (("block", "区块"), Some(&block)),
        (("transaction", "交易"), Some(&document.txid)),
    ];
    for ((en, zh), value) in rows {
        if let Some(value) = value {
            row_of(output, output.pick(en, zh), value)?;
        }
    }
    totals(output, &document.totals)?;
    for change in invoice.changes.iter().flatten() {
        changed(output, change)?;
    }
    if document.network != "production" {
        output.talk(&Line::new().add(Tone::Careful, test_network(output)));
    }
    Ok(())
}

/// One field in which a replacement differs.
fn changed(output: &Output, change: &Change) -> Result<(), CommandError> {
    let nothing = output.pick("(nothing)", "（无）");
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| nothing.to_owned());
    let field = field_names::of(&change.pointer);
    let field = field.map_or_else(
        || change.pointer.clone(),
        |name| output.language.pick(&name.en, &name.zh).to_owned(),
    );
    let words = format!(
        "{field}: {} → {}",
        text(&change.before),
        text(&change.after)
    );
    row_of(output, output.pick("changed", "更改"), &words)
}

/// Shows totals.
pub(crate) fn totals(output: &Output, totals: &Totals) -> Result<(), CommandError> {
    row_of(output, output.pick("amount", "金额"), &totals.amount)?;
    row_of(output, output.pick("tax", "税额"), &totals.tax)?;
    row_of(output, output.pick("gross", "价税合计"), &totals.gross)
}

/// One line of a list.
pub(crate) fn row(output: &Output, invoice: &Invoice) -> Line {
    let document = &invoice.document;
    let day = document.issued_at.get(..10).unwrap_or(&document.issued_at);
    Line::new()
        .add(Tone::Strong, &document.number)
        .add(Tone::Plain, "  ")
        .add(Tone::Plain, day)
        .add(Tone::Plain, "  ")
        .column(Tone::Plain, status(output, invoice.status), 16)
        .column(Tone::Plain, &document.totals.gross, 14)
        .add(
            Tone::Plain,
            document.buyer.name.as_deref().unwrap_or_default(),
        )
}

/// What is said of every paper of a test network.
pub(crate) fn test_network(output: &Output) -> &'static str {
    output
        .language
        .pick("test network: no legal effect", "测试网样票，不具税务效力")
}

fn status(output: &Output, status: InvoiceStatus) -> &'static str {
    let (en, zh) = match status {
        InvoiceStatus::Issued => ("issued", "已开具"),
        InvoiceStatus::PartlyReversed => ("partly reversed", "部分红冲"),
        InvoiceStatus::Reversed => ("reversed", "已红冲"),
        InvoiceStatus::Reissued => ("reissued", "已重开"),
    };
    output.language.pick(en, zh)
}

/// One fact: its label and its value.
pub(crate) fn row_of(output: &Output, label: &str, value: &str) -> Result<(), CommandError> {
    output.data(
        &Line::new()
            .column(Tone::Faint, label, LABEL)
            .add(Tone::Plain, value),
    )?;
    Ok(())
}

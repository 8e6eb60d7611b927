//! The head of a draft: kind, time, currency and the texts around the lines.
//!
//! Guards: an invoice is dated within the window the network accepts, and names who issued it.

use super::bounds::{
    BANK_ACCOUNT_CHARS_MAX, BANK_CHARS_MAX, NAME_CHARS_MAX, PAYMENT_REFS_MAX, PERSON_CHARS_MAX,
    PHONE_CHARS_MAX, REFERENCE_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX,
};
use super::contact::{is_email, is_mobile};
use super::content::{BuyerContent, InvoiceContent, SellerContent};
use super::draft::{Draft, DraftBuyer, DraftDelivery};
use super::preflight::Desk;
use super::report::Report;
use super::texts::{is_blank, list, multiline, optional, word};
use crate::failure::FailureCode;
use crate::fault::Fault;
use crate::tax::{ISSUE_AHEAD_MS_MAX, KIND_GENERAL, KIND_SPECIAL, RuleSet, check_issue_date};
use crate::time::{BlockTime, IssueDate};

/// The parts of the head that the chain holds.
#[derive(Clone, Copy)]
pub(super) struct CheckedHead {
    /// `None` is unknown.
    pub(super) kind: Option<u8>,
    pub(super) issued_at: BlockTime,
    pub(super) waive_reason: u8,
}

/// Checks kind, time, currency and the reason for giving up 1 %.
pub(super) fn check(draft: &Draft, desk: &Desk, report: &mut Report) -> CheckedHead {
    if let Some(currency) = draft.currency.as_deref().filter(|text| *text != "CNY") {
        report.wrong(
            FailureCode::CurrencyUnsupported,
            "/currency",
            currency,
            "CNY",
        );
    }
    CheckedHead {
        kind: read_kind(draft, report),
        issued_at: read_issued_at(draft, desk.now, report),
        waive_reason: read_waive_reason(draft, report),
    }
}

/// Reads `kind`.
fn read_kind(draft: &Draft, report: &mut Report) -> Option<u8> {
    let Some(text) = draft.kind.as_deref().filter(|text| !is_blank(text)) else {
        report.missing("/kind");
        return None;
    };
    let read = |text: &str| match text {
        "general" => Some(KIND_GENERAL),
        "special" => Some(KIND_SPECIAL),
        _ => None,
    };
    word(
        report,
        FailureCode::KindUnsupported,
        ("/kind", text),
        read,
        "general or special",
    )
}

/// Reads the issue time; the desk's own time if left out or wrong.
fn read_issued_at(draft: &Draft, now: BlockTime, report: &mut Report) -> BlockTime {
    const POINTER: &str = "/issued_at";
    let Some(text) = draft.issued_at.as_deref() else {
        return now;
    };
    let Ok(issued_at) = BlockTime::parse_rfc3339(text) else {
        let expected = "a time with zone, as 2026-11-21T10:00:00+08:00";
        report.wrong(FailureCode::DateInvalid, POINTER, text, expected);
        return now;
    };
    // The desk compares moments; a block compares dates, which are all it holds.
    let ahead = issued_at > now.saturating_add_ms(ISSUE_AHEAD_MS_MAX);
    let window = match check_issue_date(IssueDate::of(issued_at), now) {
        Ok(()) if ahead => Err(FailureCode::DateInFuture),
        result => result,
    };
    if let Err(code) = window {
        report.wrong(code, POINTER, text, &now.to_string());
        return now;
    }
    issued_at
}

/// Reads the reason for giving up the 1 % rate.
fn read_waive_reason(draft: &Draft, report: &mut Report) -> u8 {
    const POINTER: &str = "/waive_1pct_reason";
    match draft
        .waive_1pct_reason
        .as_deref()
        .filter(|text| !is_blank(text))
    {
        None => 0,
        Some(text) => {
            let read = |text: &str| match text {
                "1" => Some(1),
                "2" => Some(2),
                _ => None,
            };
            let code = FailureCode::WaiveReasonRequired;
            word(report, code, (POINTER, text), read, "1 or 2").unwrap_or(0)
        }
    }
}

/// Reads the texts of the head. Parties, lines and totals are filled in by their own checks.
pub(super) fn read_texts(draft: &Draft, rules: &RuleSet, report: &mut Report) -> InvoiceContent {
    let remark_max = rules.remark_chars_max;
    if draft.issuer.as_deref().is_none_or(is_blank) {
        report.refuse(Fault::at(FailureCode::IssuerNameRequired, "/issuer"));
    }
    let remark = ("/remark", draft.remark.as_deref());
    let remark = multiline(report, FailureCode::RemarkTooLong, remark, remark_max);
    let mut read = |pointer: &str, value: &Option<String>, chars_max: usize| {
        optional(report, pointer, value.as_deref(), chars_max)
    };
    let mut content = InvoiceContent {
        remark,
        order_ref: read("/order_ref", &draft.order_ref, REFERENCE_CHARS_MAX),
        order_part: read("/order_part", &draft.order_part, REFERENCE_CHARS_MAX),
        client_ref: read("/client_ref", &draft.client_ref, REFERENCE_CHARS_MAX),
        issuer: read("/issuer", &draft.issuer, PERSON_CHARS_MAX).unwrap_or_default(),
        drawer: read("/drawer", &draft.drawer, PERSON_CHARS_MAX),
        payee: read("/payee", &draft.payee, PERSON_CHARS_MAX),
        reviewer: read("/reviewer", &draft.reviewer, PERSON_CHARS_MAX),
        seller: SellerContent {
            bank: read("/bank", &draft.bank, BANK_CHARS_MAX),
            bank_account: read("/bank_account", &draft.bank_account, BANK_ACCOUNT_CHARS_MAX),
            ..SellerContent::default()
        },
        ..InvoiceContent::default()
    };
    let refs = (PAYMENT_REFS_MAX, REFERENCE_CHARS_MAX);
    content.payment_refs = list(report, "/payment_refs", &draft.payment_refs, refs);
    content.tags = list(report, "/tags", &draft.tags, (TAGS_MAX, TAG_CHARS_MAX));
    if let Some(delivery) = &draft.delivery {
        read_delivery(delivery, &mut content, report);
    }
    if let Some(buyer) = &draft.buyer {
        content.buyer = read_buyer_texts(buyer, report);
    }
    content
}

/// Reads where to send the invoice.
fn read_delivery(delivery: &DraftDelivery, content: &mut InvoiceContent, report: &mut Report) {
    content.delivery_email = read_email(delivery.email.as_deref(), "/delivery/email", report);
    content.delivery_phone = delivery.phone.clone().filter(|phone| !is_blank(phone));
    if content
        .delivery_phone
        .as_deref()
        .is_some_and(|phone| !is_mobile(phone))
    {
        let fault = Fault::at(FailureCode::PhoneInvalid, "/delivery/phone");
        report.refuse(fault.expected("a mobile number of eleven digits"));
    }
}

/// Reads an e-mail address. What was found is not repeated: it names a person.
fn read_email(text: Option<&str>, pointer: &str, report: &mut Report) -> Option<String> {
    let text = text.filter(|text| !is_blank(text))?;
    if !is_email(text) {
        let fault = Fault::at(FailureCode::EmailInvalid, pointer);
        report.refuse(fault.expected("name@domain"));
    }
    Some(text.to_owned())
}

/// Reads the texts of the buyer that no rule looks into.
fn read_buyer_texts(buyer: &DraftBuyer, report: &mut Report) -> BuyerContent {
    let email = read_email(buyer.email.as_deref(), "/buyer/email", report);
    let mut read = |pointer: &str, value: &Option<String>, chars_max: usize| {
        optional(report, pointer, value.as_deref(), chars_max)
    };
    BuyerContent {
        email,
        phone: read("/buyer/phone", &buyer.phone, PHONE_CHARS_MAX),
        address: read("/buyer/address", &buyer.address, NAME_CHARS_MAX),
        bank: read("/buyer/bank", &buyer.bank, BANK_CHARS_MAX),
        bank_account: read(
            "/buyer/bank_account",
            &buyer.bank_account,
            BANK_ACCOUNT_CHARS_MAX,
        ),
        ..BuyerContent::default()
    }
}

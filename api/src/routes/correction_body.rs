//! Bodies that put an invoice right: a red letter, a booking.

use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::limits::LINES_MAX;

use crate::backend::{RedLine, Refusal};
use crate::members::Members;
use crate::problem::ApiResult;
use crate::strict_json::{Json, shortened};
use crate::wire::booking::use_of_word;

/// Most characters of a quantity.
const QUANTITY_CHARS_MAX: usize = 25;

/// What `POST /v1/invoices/{number}/red-letters` takes.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
pub(crate) struct RedLetterDraft {
    /// `01` issued in error, `02` goods returned, `03` service ended, `04` allowance.
    reason: String,
    /// What is taken back; absent for all that is left.
    lines: Option<Vec<RedLetterLine>>,
}

/// A line that is taken back.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "as above")]
pub(crate) struct RedLetterLine {
    /// Its number in the original, from 1.
    line: u16,
    /// How much of it without tax, yuan with two decimals, positive. The tax follows from it.
    amount: String,
    /// How many of it, a decimal; not with reason `04`.
    quantity: Option<String>,
}

/// What `POST /v1/invoices/{number}/booking` takes.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "as above")]
pub(crate) struct BookingDraft {
    /// `none`, `deducted`, `refund_claimed` or `not_deductible`.
    r#use: String,
    /// Month, `2026-11`.
    period: String,
}

/// A red letter as asked for.
#[derive(Debug)]
pub(crate) struct RedLetterRequest {
    pub(crate) reason: u8,
    pub(crate) lines: Option<Vec<RedLine>>,
}

/// Reads a red letter, with all its faults at once.
///
/// # Errors
/// [`FailureCode::RedReasonInvalid`], [`FailureCode::RedReasonLines`],
/// [`FailureCode::FieldRequired`], [`FailureCode::UnknownField`], [`FailureCode::BodyMalformed`].
pub(crate) fn read_red_letter(body: Json) -> ApiResult<RedLetterRequest> {
    let mut faults = Vec::new();
    let mut members = Members::open(body, &mut faults)?;
    let reason = members.text("reason");
    let mut found = Vec::new();
    let mut named = 0_usize;
    let lines = members.objects("lines", |members| {
        let at = named;
        named = named.saturating_add(1);
        read_line(members, at, &mut found)
    });
    members.finish();
    let number = match reason.as_deref() {
        Some("01") => Some(1),
        Some("02") => Some(2),
        Some("03") => Some(3),
        Some("04") => Some(4),
        Some(other) => {
            let fault = Fault::at(FailureCode::RedReasonInvalid, "/reason");
            found.push(fault.got(shortened(other)).expected("01, 02, 03 or 04"));
            None
        }
        None => {
            found.push(Fault::at(FailureCode::FieldRequired, "/reason"));
            None
        }
    };
    if lines.len() > LINES_MAX {
        found.push(Fault::at(FailureCode::TooManyLines, "/lines"));
    }
    let counted = lines.iter().flatten().any(|line| line.quantity.is_some());
    if number == Some(4) && counted {
        let fault = Fault::at(FailureCode::RedReasonLines, "/lines");
        found.push(fault.expected("no quantity with reason 04"));
    }
    // What could not be read at all is told once.
    found.retain(|fault| !faults.iter().any(|read| read.pointer == fault.pointer));
    faults.extend(found);
    match (number, Refusal::sorted(faults)) {
        (Some(reason), None) => Ok(RedLetterRequest {
            reason,
            lines: (!lines.is_empty()).then(|| lines.into_iter().flatten().collect()),
        }),
        (_, Some(refusal)) => Err(refusal.into()),
        (None, None) => Err(FailureCode::Internal.into()),
    }
}

fn read_line(members: &mut Members<'_>, at: usize, found: &mut Vec<Fault>) -> Option<RedLine> {
    let line = members.index("line");
    let amount = members.money("amount");
    let quantity = members.text("quantity");
    let place = |name: &str| format!("/lines/{at}/{name}");
    let number = line.and_then(|line| u16::try_from(line).ok());
    let number = number.filter(|line| (1..=LINES_MAX).contains(&usize::from(*line)));
    if number.is_none() {
        found.push(Fault::at(FailureCode::FieldRequired, place("line")).expected("1 or more"));
    }
    let fen = amount
        .as_deref()
        .and_then(|text| Fen::parse_unsigned(text).ok());
    let fen = fen.filter(|fen| *fen > Fen::ZERO);
    if fen.is_none() {
        let code = match amount {
            Some(_) => FailureCode::AmountSign,
            None => FailureCode::FieldRequired,
        };
        let fault = Fault::at(code, place("amount"));
        found.push(fault.expected("at least 0.01, with two decimals"));
    }
    let is_decimal = |text: &String| {
        let mut points = 0;
        let digits = text.chars().all(|c| {
            points += usize::from(c == '.');
            c.is_ascii_digit() || c == '.'
        });
        digits
            && points <= 1
            && text.len() <= QUANTITY_CHARS_MAX
            && text.starts_with(|c: char| c.is_ascii_digit())
            && !text.ends_with('.')
    };
    if quantity.as_ref().is_some_and(|text| !is_decimal(text)) {
        let fault = Fault::at(FailureCode::RedReasonLines, place("quantity"));
        found.push(fault.expected("a decimal, at most 25 characters"));
    }
    Some(RedLine {
        line: number?,
        amount: fen?,
        quantity,
    })
}

/// Reads a booking: the number of the use, and the month as yyyymm.
///
/// # Errors
/// [`FailureCode::ParameterInvalid`], [`FailureCode::FieldRequired`],
/// [`FailureCode::UnknownField`], [`FailureCode::BodyMalformed`].
pub(crate) fn read_booking(body: Json) -> ApiResult<(u8, u32)> {
    let mut faults = Vec::new();
    let mut members = Members::open(body, &mut faults)?;
    let (booked_use, period) = (members.text("use"), members.text("period"));
    members.finish();
    let invalid = |text: Option<&str>, pointer: &str, expected: &str| match text {
        Some(text) => Fault::at(FailureCode::ParameterInvalid, pointer)
            .got(shortened(text))
            .expected(expected),
        None => Fault::at(FailureCode::FieldRequired, pointer).expected(expected),
    };
    let number = booked_use.as_deref().and_then(use_of_word);
    if number.is_none() {
        let words = "none, deducted, refund_claimed or not_deductible";
        faults.push(invalid(booked_use.as_deref(), "/use", words));
    }
    let month = period.as_deref().and_then(month_of);
    if month.is_none() {
        faults.push(invalid(period.as_deref(), "/period", "a month, yyyy-mm"));
    }
    match (number, month, Refusal::sorted(faults)) {
        (Some(number), Some(month), None) => Ok((number, month)),
        (_, _, Some(refusal)) => Err(refusal.into()),
        _ => Err(FailureCode::Internal.into()),
    }
}

/// `2026-11` as 202611.
fn month_of(text: &str) -> Option<u32> {
    let (year, month) = text.split_once('-')?;
    let digits = |text: &str, length| {
        let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (year, month) = (digits(year, 4)?, digits(month, 2)?);
    let sound = (1..=12).contains(&month);
    sound.then(|| year.saturating_mul(100).saturating_add(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_four_digits_a_dash_and_a_month() {
        assert_eq!(month_of("2026-11"), Some(202_611));
        for text in [
            "2026-13", "2026-00", "26-11", "2026-1", "2026-011", "+026-11", "202611",
        ] {
            assert_eq!(month_of(text), None, "{text}");
        }
    }
}

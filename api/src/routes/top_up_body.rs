//! Body of a top-up.

use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::backend::{Refusal, TopUpOrder};
use crate::idempotency::IdempotencyKey;
use crate::limits::REFERENCE_CHARS_MAX;
use crate::members::Members;
use crate::problem::ApiResult;
use crate::strict_json::{Json, shortened};

/// What `POST /v1/top-ups` takes.
#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
pub(crate) struct TopUpDraft {
    /// Account to credit; default the key's first.
    account: Option<u32>,
    /// Amount, yuan with two decimals, at least 0.01.
    amount: String,
    /// Reference of the payment; credited once for ever. 1–64 characters.
    r#ref: String,
}

/// Reads a body into an order, with all its faults at once.
///
/// # Errors
/// [`FailureCode::FieldRequired`], [`FailureCode::FieldTooLong`],
/// [`FailureCode::FieldBadCharacter`], [`FailureCode::UnknownField`],
/// [`FailureCode::TopupInvalid`], [`FailureCode::BodyMalformed`], and what `account` refuses.
pub(crate) fn read(
    body: Json,
    key: Result<IdempotencyKey, Box<Fault>>,
    account: impl FnOnce(Option<u32>) -> Result<u32, Box<Fault>>,
) -> ApiResult<TopUpOrder> {
    let mut faults = Vec::new();
    let mut members = Members::open(body, &mut faults)?;
    let in_body = members.index("account");
    let amount = members.money("amount");
    let reference = members.text("ref");
    members.finish();
    let refused_already = |pointer: &str| {
        faults
            .iter()
            .any(|fault: &Fault| fault.pointer.as_deref() == Some(pointer))
    };
    let amount = match (amount, refused_already("/amount")) {
        (Some(amount), _) => read_amount(&amount),
        (None, true) => Ok(Fen::ZERO),
        (None, false) => Err(Fault::at(FailureCode::FieldRequired, "/amount").into()),
    };
    let reference = match (reference, refused_already("/ref")) {
        (Some(reference), _) => read_reference(reference),
        (None, true) => Ok(String::new()),
        (None, false) => Err(Fault::at(FailureCode::FieldRequired, "/ref").into()),
    };
    match (account(in_body), amount, reference, key) {
        (Ok(account), Ok(amount), Ok(reference), Ok(key)) if faults.is_empty() => Ok(TopUpOrder {
            account,
            amount,
            reference,
            key,
        }),
        (account, amount, reference, key) => {
            faults.extend(account.err().map(|fault| *fault));
            faults.extend(amount.err().map(|fault| *fault));
            faults.extend(reference.err().map(|fault| *fault));
            faults.extend(key.err().map(|fault| *fault));
            let refusal = Refusal::sorted(faults);
            Err(refusal
                .unwrap_or_else(|| Refusal::of(FailureCode::Internal))
                .into())
        }
    }
}

fn read_amount(text: &str) -> Result<Fen, Box<Fault>> {
    let amount = Fen::parse_unsigned(text).ok();
    amount.filter(|amount| *amount > Fen::ZERO).ok_or_else(|| {
        Fault::at(FailureCode::TopupInvalid, "/amount")
            .got(shortened(text))
            .expected("at least 0.01, with two decimals")
            .into()
    })
}

fn read_reference(text: String) -> Result<String, Box<Fault>> {
    let length = text.chars().count();
    if length == 0 {
        return Err(Fault::at(FailureCode::FieldRequired, "/ref").into());
    }
    if length > REFERENCE_CHARS_MAX {
        return Err(Fault::at(FailureCode::FieldTooLong, "/ref")
            .got(length.to_string())
            .expected(REFERENCE_CHARS_MAX.to_string())
            .into());
    }
    if text.chars().any(char::is_control) {
        return Err(Fault::at(FailureCode::FieldBadCharacter, "/ref").into());
    }
    Ok(text)
}

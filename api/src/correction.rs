//! What a caller asks for when an invoice is to be put right, parsed and bounded.

use piao_chain::amount::Fen;
use piao_chain::invoice::Draft;

use crate::backend::Wait;
use crate::caller::Caller;
use crate::idempotency::IdempotencyKey;

/// A line of an invoice that is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedLine {
    /// Its number in the original, from 1.
    pub line: u16,
    /// How much of it, net of tax; positive.
    pub amount: Fen,
    /// How many of it, a decimal; only for what is returned or was not done.
    pub quantity: Option<String>,
}

/// A red letter to issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedLetterOrder {
    /// Who asks; must own the original.
    pub caller: Caller,
    /// Number of the original, 20 digits.
    pub number: String,
    /// 1 error, 2 return, 3 service ended, 4 allowance.
    pub reason: u8,
    /// What is taken back; `None` for all that is left.
    pub lines: Option<Vec<RedLine>>,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// How long to wait.
    pub wait: Wait,
}

/// An invoice to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReissueOrder {
    /// Who asks; must own the original.
    pub caller: Caller,
    /// Number of the original, 20 digits.
    pub number: String,
    /// What takes its place.
    pub draft: Draft,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// How long to wait.
    pub wait: Wait,
}

/// A received invoice to book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookingOrder {
    /// Account of the buyer; the caller may use it.
    pub account: u32,
    /// 1 none, 2 deducted, 3 refund claimed, 4 not deductible.
    pub booked_use: u8,
    /// Month, as yyyymm.
    pub period: u32,
    /// How long to wait.
    pub wait: Wait,
}

/// An answer to a proposed red letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerOrder {
    /// Who answers; must own the account that is asked.
    pub caller: Caller,
    /// Number of the invoice, 20 digits.
    pub number: String,
    /// Name of the proposal, or `open` for the one there is.
    pub id: String,
    /// Whether it agrees.
    pub accept: bool,
    /// How long to wait.
    pub wait: Wait,
}

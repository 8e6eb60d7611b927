//! What callers ask of a node and what they get, parsed and bounded.

use std::time::Duration;

use bytes::Bytes;
use piao_chain::amount::Fen;
use piao_chain::fault::{Fault, Warning};
use piao_chain::invoice::Draft;
use piao_chain::time::IssueDate;

use crate::caller::Caller;
use crate::idempotency::IdempotencyKey;
use crate::wire::{Invoice, InvoiceStatus, RequestView, Totals};

/// How long a call that changes something waits for the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until it is final, but no longer than this (1–30 s).
    Final(Duration),
    /// Only until it is on disk.
    Accepted,
}

/// A draft to issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueOrder {
    /// Account to issue for; the caller may use it.
    pub account: u32,
    /// The draft as parsed: two requests are the same if their drafts are equal.
    pub draft: Draft,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// How long to wait.
    pub wait: Wait,
    /// Whether a refusal by the state of the chain is to be kept in a block, and so becomes provable.
    pub anchor_failure: bool,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueReply {
    /// The invoice is final. `replayed` says that an earlier call with this key issued it.
    Final {
        /// The invoice.
        invoice: Box<Invoice>,
        /// Whether it was there before this call.
        replayed: bool,
    },
    /// The request is on disk and goes on by itself.
    Pending(Box<RequestView>),
}

/// What the rules say of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftVerdict {
    /// Every fault, in any order.
    pub faults: Vec<Fault>,
    /// Every warning.
    pub warnings: Vec<Warning>,
    /// Totals as computed, if the lines can be added up.
    pub totals: Option<Totals>,
    /// What issuing would cost.
    pub fee: Fen,
    /// The rule set it was judged by.
    pub rule_set: u16,
}

/// Which invoices a list shows; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Only this status.
    pub status: Option<InvoiceStatus>,
    /// Issued on this day or later, in UTC+8.
    pub from: Option<IssueDate>,
    /// Issued on this day or earlier, in UTC+8.
    pub to: Option<IssueDate>,
    /// Text that stands in number, buyer name, buyer tax id or order reference; 1–64 characters.
    pub text: Option<String>,
    /// Exactly this order reference.
    pub order_ref: Option<String>,
}

/// Which part of a list to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Rows at most, 1–200.
    pub limit: u32,
    /// The `next_cursor` of the page before. The node made it and must refuse a foreign one with
    /// [`ParameterInvalid`] at `/cursor`.
    ///
    /// [`ParameterInvalid`]: piao_chain::failure::FailureCode::ParameterInvalid
    pub cursor: Option<String>,
}

/// The two forms of a proof file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofForm {
    /// `application/vnd.piao.proof`.
    Binary,
    /// `application/vnd.piao.proof+json`.
    Json,
}

/// Which document fields a proof discloses, beyond what is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// None.
    Nothing,
    /// All that this node holds.
    All,
    /// The fields of these names; an unknown name is [`ParameterInvalid`] at `/show`.
    ///
    /// [`ParameterInvalid`]: piao_chain::failure::FailureCode::ParameterInvalid
    Fields(Vec<String>),
}

/// A proof to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofOrder {
    /// Number of the invoice, 20 digits.
    pub number: String,
    /// Form of the file.
    pub form: ProofForm,
    /// What to disclose; anything but [`Show::Nothing`] comes with a caller.
    pub show: Show,
    /// Who asks; must own the invoice to disclose fields of it.
    pub caller: Option<Caller>,
}

/// A file to hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its bytes.
    pub bytes: Bytes,
    /// Names exactly these bytes, visible ASCII without quotes; becomes the strong `ETag`.
    pub version: String,
    /// Whether the same address will always give these bytes.
    pub immutable: bool,
}

/// What a merchant does with a request of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestAct {
    /// Try it now; one that failed or was given up is taken up again.
    Retry,
    /// Give it up.
    Cancel,
    /// Go on with a corrected draft of the same order.
    Reissue(Box<Draft>),
}

/// A top-up to credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpOrder {
    /// Account to credit.
    pub account: u32,
    /// Amount, at least 0.01.
    pub amount: Fen,
    /// Reference of the payment, credited once for ever; 1–64 characters.
    pub reference: String,
    /// The caller's key.
    pub key: IdempotencyKey,
}

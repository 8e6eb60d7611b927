//! What became of a transaction.

use serde::{Deserialize, Serialize};

use super::Failure;

/// What became of the transactions of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Batch {
    /// One for each transaction, in the order they were sent, at most 256.
    pub outcomes: Vec<Outcome>,
}

/// Outcome of a transaction, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// The transaction, 64 hex digits; empty for bytes of a batch that are none.
    pub txid: String,
    /// Whether it stands in a final block.
    pub state: OutcomeState,
    /// What it does, for instance `issue_invoice`; null when unknown.
    pub action: Option<String>,
    /// Account that sent it.
    pub account: Option<u32>,
    /// Height of its block.
    pub height: Option<u64>,
    /// Index in that block, from 0.
    pub index: Option<u32>,
    /// Time of that block.
    pub time: Option<String>,
    /// Failure code, for instance `E1601`; null when it was applied (or is not final).
    pub code: Option<String>,
    /// Name of that code.
    pub name: Option<String>,
    /// Numbers that prove the failure, at most four.
    #[serde(default)]
    pub evidence: Vec<i64>,
    /// Invoices it created, at most four.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// Fee it was charged, yuan; null when not final.
    pub fee_charged: Option<String>,
    /// Why it was refused at the door; only of a transaction of a batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
}

/// Whether a transaction stands in a final block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OutcomeState {
    /// It does; `code` says whether it was applied.
    Final,
    /// Not known; it may still become final within its window.
    Unknown,
    /// It was refused at the door and stands in no block.
    Refused,
}

/// An invoice that a transaction created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Effect {
    /// Slot of the invoice in the state tree.
    pub slot: u64,
    /// Number, 20 digits.
    pub number: String,
    /// The seller's gapless count.
    pub counter: u64,
    /// Id of the seller's previous invoice, 64 hex digits.
    pub prev_invoice_id: String,
}

impl Outcome {
    /// Refused at the door, for these reasons; the first gives `code` and `name`.
    #[must_use]
    pub fn refused(txid: String, failures: Vec<Failure>) -> Self {
        let first = failures.first();
        Self {
            state: OutcomeState::Refused,
            code: first.map(|failure| failure.code.clone()),
            name: first.map(|failure| failure.name.clone()),
            failures,
            ..Self::unknown(txid)
        }
    }

    /// An outcome nobody knows yet.
    #[must_use]
    pub const fn unknown(txid: String) -> Self {
        Self {
            txid,
            state: OutcomeState::Unknown,
            action: None,
            account: None,
            height: None,
            index: None,
            time: None,
            code: None,
            name: None,
            evidence: Vec::new(),
            effects: Vec::new(),
            fee_charged: None,
            failures: Vec::new(),
        }
    }
}

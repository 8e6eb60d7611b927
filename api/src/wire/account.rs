//! A merchant's account with the network, and every movement of its fee balance.

use serde::{Deserialize, Serialize};

/// Reply of `GET /v1/account`. Money is yuan with two decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Account {
    /// Account number, from 1.
    pub account: u32,
    /// Registered name, as far as this node knows it.
    pub name: Option<String>,
    /// Registered tax id, when it stands in the clear.
    pub tax_id: Option<String>,
    /// `general` or `small_scale`.
    pub taxpayer: String,
    /// `active`, `suspended` or `revoked`.
    pub status: String,
    /// Fee balance at the tip.
    pub fee_balance: String,
    /// Held back for invoices in flight.
    pub reserved: String,
    /// Balance less what is reserved.
    pub available: String,
    /// What one invoice costs now.
    pub fee: String,
    /// How many invoices the available balance pays for.
    pub can_issue: u64,
    /// Invoices in a day on average, of the last days, by requests of this node; one decimal. Null
    /// while there were none.
    #[serde(default)]
    pub invoices_per_day: Option<String>,
    /// Whole days the available balance lasts at that rate; null while there is none.
    #[serde(default)]
    pub days_left: Option<u64>,
    /// Whether it is time to top up: what is left lasts for few days, or for few invoices.
    #[serde(default)]
    pub low: bool,
    /// Invoices issued so far; the seller's counter.
    pub issued_count: u64,
    /// Height these figures are of.
    pub height: u64,
}

/// One movement of a fee balance, or of what is held back of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LedgerEntry {
    /// Height of the block; of what is held back or released, of the block before it.
    pub height: u64,
    /// Index of the transaction in its block, from 0; 0 where no block is meant.
    pub index: u32,
    /// Time of the block, or when it was held back or released.
    pub at: String,
    /// Transaction, 64 hex digits.
    pub txid: String,
    /// What moved the balance.
    pub kind: LedgerKind,
    /// Signed amount, yuan: a fee is negative. What is held back or released moves no balance.
    pub amount: String,
    /// Signed change of what is held back for invoices in flight, yuan.
    #[serde(default)]
    pub reserved: String,
    /// Balance after it, yuan.
    pub balance: String,
    /// Number of the invoice the fee was for.
    pub number: Option<String>,
    /// Reference of the top-up, when this node knows it.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
}

/// What moved a fee balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LedgerKind {
    /// The authority credited a payment.
    TopUp,
    /// An invoice was issued.
    IssueFee,
    /// A failed transaction was charged for.
    FailureFee,
    /// A fee was held back for an invoice that was handed in by this node.
    Reserve,
    /// It was given back: what was handed in will never be in a block.
    Release,
}

//! A top-up of a fee balance.

use serde::{Deserialize, Serialize};

/// Reply of `POST /v1/top-ups`, once the credit is final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TopUp {
    /// The reference the caller gave; credited once for ever.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Account that was credited.
    pub account: u32,
    /// Amount credited, yuan.
    pub amount: String,
    /// Transaction, 64 hex digits.
    pub txid: String,
    /// Height of its block.
    pub height: u64,
    /// Balance after it, yuan.
    pub fee_balance: String,
}

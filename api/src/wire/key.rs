//! A key of an account, as the chain knows it.

use serde::{Deserialize, Serialize};

/// A key that is bound to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Key {
    /// Its id, 32 hex digits.
    pub id: String,
    /// The public key, 64 hex digits.
    pub public_key: String,
    /// Account it acts for.
    pub account: u32,
    /// What it may do: `issue` or `admin`.
    pub role: String,
    /// First height at which it may sign.
    pub from_height: u64,
    /// First height at which it may no longer sign; null while it may.
    pub revoked_height: Option<u64>,
    /// First height whose signatures are disputed; null where none are.
    pub disputed_since: Option<u64>,
    /// Height all this is of.
    pub height: u64,
}

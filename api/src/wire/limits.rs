//! What a merchant may issue, and what is used of it.

use serde::{Deserialize, Serialize};

/// Reply of `GET /v1/limits`. Money is yuan with two decimals, net of tax. Days and months are
/// China's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Account number, from 1.
    pub account: u32,
    /// Whether the authority has suspended the quota.
    pub suspended: bool,
    /// The most that one invoice may be over; null for no limit.
    pub single_invoice: Option<String>,
    /// Invoices in a day; null for no limit.
    pub invoices_per_day: Option<u32>,
    /// Invoices issued today; null where there is no daily limit, since nothing is counted then.
    pub issued_today: Option<u32>,
    /// What may be invoiced this month.
    pub month_quota: String,
    /// What was invoiced this month.
    pub month_used: String,
    /// Invoices on their way through this node; they count against every limit.
    pub in_flight: u32,
    /// Height these figures are of.
    pub height: u64,
}

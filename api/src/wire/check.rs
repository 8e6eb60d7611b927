//! What a check of a draft found.

use serde::{Deserialize, Serialize};

use super::{Failure, Totals, WarningItem};

/// Reply of `POST /v1/invoices/check`. Nothing is charged or kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CheckReport {
    /// Whether the draft would be issued: there is no failure.
    pub valid: bool,
    /// Every failure, in catalogue order.
    pub failures: Vec<Failure>,
    /// What deserves a second look but refuses nothing.
    pub warnings: Vec<WarningItem>,
    /// The totals as the node computes them; null when the lines cannot be added up.
    pub totals: Option<Totals>,
    /// What issuing would cost, yuan.
    pub fee: String,
    /// The rule set it was judged by; `GET /v1/rules?rule_set=N` shows it.
    pub rule_set: u16,
}

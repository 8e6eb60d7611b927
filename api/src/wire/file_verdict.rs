//! The verdict on a file of either kind.

use serde::{Deserialize, Serialize};

/// What this node finds of a file, under its own trust root. Members beside `kind` are those of
/// `piao --json verify`: SPEC 7.8 for an invoice, 7.11.4 for a statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FileVerdict {
    /// `invoice`: the proof of one. `absence` and `completeness`: a statement, which proves no
    /// invoice. `refusal`: a request that failed in a block. Null: a file that is none of them.
    pub kind: Option<String>,
    /// Of an invoice or a refusal `in_force`, `not_in_force`, `false` or `undecided`; of a statement `holds`,
    /// `false` or `undecided`.
    pub verdict: String,
    /// Why: `GENUINE`, `REVERSED`, `NOT_ISSUED` …
    pub reason: String,
    /// Every other member.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

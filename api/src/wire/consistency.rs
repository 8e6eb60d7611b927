//! Two sizes of the log, and the path between them.

use serde::{Deserialize, Serialize};

/// That the first `from` blocks are a beginning of the first `to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Consistency {
    /// The smaller size, in blocks.
    pub from: u64,
    /// The larger size.
    pub to: u64,
    /// The path of RFC 9162, 2.1.4; each 64 lower-case hex digits.
    pub path: Vec<String>,
}

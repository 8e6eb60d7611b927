//! Why a call did not succeed.

use crate::wire::Problem;

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The node refused, and said why.
    #[error("{} {}", .problem.code, .problem.title)]
    Refused {
        /// The reason, every failure listed.
        problem: Box<Problem>,
        /// HTTP status.
        status: u16,
        /// Seconds of `Retry-After`, if given.
        retry_after: Option<u64>,
    },
    /// The node could not be reached, or the connection broke; a call with an idempotency key may
    /// be sent again.
    #[error("cannot reach the node: {0}")]
    Unreachable(String),
    /// The node answered something that is not of this contract.
    #[error("the node answered something unexpected: {0}")]
    BadReply(String),
    /// The address of the node or the API key cannot be used.
    #[error("{0}")]
    Unusable(String),
}

impl ClientError {
    /// The problem, if the node refused.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused { problem, .. } => Some(problem),
            Self::Unreachable(_) | Self::BadReply(_) | Self::Unusable(_) => None,
        }
    }
}

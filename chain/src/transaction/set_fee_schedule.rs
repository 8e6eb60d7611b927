//! Setting the fees from a height on (SPEC 4.2.3).

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::state::{Fees, StateView, Working};

/// Announces fees. Authority. A later announcement replaces one that is not in force yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetFeeSchedule {
    /// For an issued invoice, in fen.
    pub issue_fen: u32,
    /// For a recorded failure, in fen.
    pub failure_fen: u32,
    /// First height at which they hold; must lie ahead of the block that carries this.
    pub from_height: u64,
}

impl SetFeeSchedule {
    /// # Errors
    /// [`FailureCode::AuthorityRequired`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account == 0 {
            Ok(())
        } else {
            Err(FailureCode::AuthorityRequired.into())
        }
    }

    /// Refuses: [`FailureCode::FeeQuoteStale`] when the height is not ahead.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        if self.from_height <= context.height {
            let height = i64::try_from(context.height).unwrap_or(i64::MAX);
            return Err(Refusal::failed(FailureCode::FeeQuoteStale, &[height]));
        }
        let mut params = state.params()?;
        params.fees = params.fees_at(context.height);
        params.fees_next = Some((
            self.from_height,
            Fees {
                issue_fen: self.issue_fen,
                failure_fen: self.failure_fen,
            },
        ));
        state.set_params(params);
        Ok(Applied::default())
    }
}

//! Setting what an account may issue at once and in a day (SPEC 4.2.6).
//!
//! Guards: only the authority sets limits, and only for accounts there are. They hold for what
//! comes after in the same block, so nobody can fill a block before them.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::state::{IssueLimits, StateView, Working};

/// Sets limits. Authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLimits {
    /// For which account; 0 for every account without limits of its own.
    pub account: u32,
    /// The limits; `None` takes back what was set, so that the account is under those of every
    /// account again.
    pub limits: Option<IssueLimits>,
}

impl SetLimits {
    /// # Errors
    /// [`FailureCode::AuthorityRequired`], [`FailureCode::TransactionMalformed`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        if self.limits.is_some_and(|one| one.single_invoice_fen < 0) {
            return Err(FailureCode::TransactionMalformed.into());
        }
        Ok(())
    }

    /// Refuses: [`FailureCode::TaxpayerNotRegistered`] when there is no such account.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        _context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        // The default is written even when it limits nothing: that it is there says that accounts
        // may have limits.
        let default = state.default_limits()?.unwrap_or_default();
        if self.account == 0 {
            state.set_default_limits(self.limits.unwrap_or_default());
            return Ok(Applied::default());
        }
        if state.account(self.account)?.is_none() {
            return Err(Refusal::failed(FailureCode::TaxpayerNotRegistered, &[]));
        }
        let mut limits = state.account_limits(self.account)?;
        limits.own = self.limits;
        state.set_account_limits(self.account, limits);
        state.set_default_limits(default);
        Ok(Applied::default())
    }
}

//! Crediting a fee top-up (SPEC 4.2.2).
//!
//! Guards: a reference counts once, for ever; `minted = balances + collected` at every height.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::digest::Digest;
use crate::failure::FailureCode;
use crate::limits::TOP_UP_FEN_MAX;
use crate::state::{StateView, Working};

/// Credits an account. Authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditFees {
    /// The account.
    pub account: u32,
    /// 1 to [`TOP_UP_FEN_MAX`], in fen.
    pub amount_fen: i64,
    /// Digest of the top-up's reference: `H("top-up", reference)`.
    pub ref_hash: Digest,
}

impl CreditFees {
    /// # Errors
    /// [`FailureCode::TopupInvalid`], [`FailureCode::AuthorityRequired`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if self.amount_fen < 1 || self.amount_fen > TOP_UP_FEN_MAX {
            return Err(FailureCode::TopupInvalid.into());
        }
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        Ok(())
    }

    /// Refuses, in this order: [`FailureCode::FeeAccountUnknown`],
    /// [`FailureCode::TopupDuplicate`], [`FailureCode::TopupInvalid`] where a sum would overflow.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        _context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let Some((identity, mut account)) = state.account(self.account)? else {
            return Err(Refusal::failed(FailureCode::FeeAccountUnknown, &[]));
        };
        if state.top_up(&self.ref_hash)? {
            return Err(Refusal::failed(FailureCode::TopupDuplicate, &[]));
        }
        let mut totals = state.totals()?;
        let (Some(balance), Some(minted)) = (
            account.fee_balance_fen.checked_add(self.amount_fen),
            totals.minted_fen.checked_add(self.amount_fen),
        ) else {
            return Err(Refusal::failed(
                FailureCode::TopupInvalid,
                &[totals.minted_fen],
            ));
        };
        account.fee_balance_fen = balance;
        totals.minted_fen = minted;
        state.set_account(self.account, identity, account);
        state.set_totals(totals);
        state.add_top_up(self.ref_hash, self.account, self.amount_fen);
        Ok(Applied::default())
    }
}

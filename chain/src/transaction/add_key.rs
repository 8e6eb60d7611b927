//! Binding another key to an account (SPEC 4.2.1).

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::register_merchant::check_possession;
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::signature::{PublicKey, Signature};
use crate::state::{KeyLeaf, KeyRole, StateView, Working};

/// Binds a key. Signed by the account's admin, or by the authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddKey {
    /// The account it will act for.
    pub account: u32,
    /// The key.
    pub key: PublicKey,
    /// What it may do.
    pub role: KeyRole,
    /// Proof that the registrant holds the key's secret.
    pub pop: Signature,
}

impl AddKey {
    /// # Errors
    /// [`FailureCode::KeyProofInvalid`]; [`FailureCode::AuthorityRequired`] when a merchant names
    /// another account than its own.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        check_possession(&self.key, &self.pop, &body.chain_id)?;
        if self.account == 0 || (body.account != 0 && body.account != self.account) {
            return Err(FailureCode::AuthorityRequired.into());
        }
        Ok(())
    }

    /// Refuses, in this order: [`FailureCode::TaxpayerNotRegistered`],
    /// [`FailureCode::KeyAlreadyBound`].
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        if state.account(self.account)?.is_none() {
            return Err(Refusal::failed(FailureCode::TaxpayerNotRegistered, &[]));
        }
        if state.key(&self.key.id())?.is_some() {
            return Err(Refusal::failed(FailureCode::KeyAlreadyBound, &[]));
        }
        let mut totals = state.totals()?;
        let index = totals.keys;
        totals.keys = index.saturating_add(1);
        let leaf = KeyLeaf {
            account: self.account,
            role: self.role,
            from_height: context.height.saturating_add(1),
            revoked_height: None,
            disputed_since: None,
        };
        state.add_key(index, self.key, leaf);
        state.set_totals(totals);
        Ok(Applied::default())
    }
}

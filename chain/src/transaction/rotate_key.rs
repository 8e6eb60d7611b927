//! Putting a new key in the place of the one that signs (SPEC 4.2.15).
//!
//! Guards: the old key asks for it and the holder of the new one agrees, so a key is neither taken
//! away nor smuggled in by one hand alone.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::register_merchant::check_possession;
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::signature::{PublicKey, Signature};
use crate::state::{KeyLeaf, StateView, Working};

/// Binds a new key with the role of the signing one, which may no longer sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotateKey {
    /// The new key.
    pub key: PublicKey,
    /// Signature of the new key: its holder takes part.
    pub pop: Signature,
}

impl RotateKey {
    /// # Errors
    /// [`FailureCode::KeyProofInvalid`]; [`FailureCode::TransactionMalformed`] for the authority,
    /// whose keys are not an account's.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        check_possession(&self.key, &self.pop, &body.chain_id)?;
        if body.account == 0 {
            return Err(FailureCode::TransactionMalformed.into());
        }
        Ok(())
    }

    /// Refuses: [`FailureCode::KeyAlreadyBound`].
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        if state.key(&self.key.id())?.is_some() {
            return Err(Refusal::failed(FailureCode::KeyAlreadyBound, &[]));
        }
        let signer = context.body.signers.first().copied().unwrap_or_default();
        let Some((old, mut leaf)) = state.key(&signer)? else {
            return Err(Refusal::failed(FailureCode::KeyUnknown, &[]));
        };
        let next = context.height.saturating_add(1);
        let mut totals = state.totals()?;
        let index = totals.keys;
        totals.keys = index.saturating_add(1);
        let new = KeyLeaf {
            from_height: next,
            revoked_height: None,
            disputed_since: None,
            ..leaf.clone()
        };
        leaf.revoked_height = Some(leaf.revoked_height.map_or(next, |known| known.min(next)));
        state.set_key(old, leaf)?;
        state.add_key(index, self.key, new);
        state.set_totals(totals);
        Ok(Applied::default())
    }
}

//! Revoking a key, and disputing what it signed (SPEC 4.2.16).
//!
//! Guards: nothing that was applied is undone. A revoked key signs no more from the next height
//! on; what it signed since a disputed height is shown as disputed by every verdict.

use serde::{Deserialize, Serialize};

use super::issue_red_letter::as_i64;
use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::limits::DISPUTE_BLOCKS_MAX;
use crate::signature::KeyId;
use crate::state::{KeyLeaf, StateView, Working};

/// Revokes a key: the account's admin, the authority, or the key itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeKey {
    /// The key.
    pub key: KeyId,
    /// First height whose signatures are disputed; a key that revokes itself disputes none.
    pub compromised_since_height: Option<u64>,
}

impl RevokeKey {
    /// # Errors
    /// [`FailureCode::PermissionDenied`] when a key disputes its own signatures: whoever stole it
    /// could.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if self.is_by_itself(body) && self.compromised_since_height.is_some() {
            return Err(FailureCode::PermissionDenied.into());
        }
        Ok(())
    }

    /// Whether the key asks for its own end.
    pub(super) fn is_by_itself(&self, body: &TransactionBody) -> bool {
        body.account != 0 && body.signers.as_slice() == [self.key]
    }

    /// Refuses in this order: [`FailureCode::KeyUnknown`], also of another account's;
    /// [`FailureCode::KeyRevoked`], with the height, where nothing would change;
    /// [`FailureCode::PermissionDenied`], with the first and last height that may be disputed.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let account = context.body.account;
        let owned = |leaf: &KeyLeaf| account == 0 || leaf.account == account;
        let found = state.key(&self.key)?;
        let Some((key, mut leaf)) = found.filter(|(_key, leaf)| owned(leaf)) else {
            return Err(Refusal::failed(FailureCode::KeyUnknown, &[]));
        };
        let next = context.height.saturating_add(1);
        let revoked = leaf.revoked_height.map_or(next, |known| known.min(next));
        let earlier = |since: &u64| leaf.disputed_since.is_none_or(|known| *since < known);
        let disputed = self.compromised_since_height.filter(earlier);
        if leaf.revoked_height == Some(revoked) && disputed.is_none() {
            let evidence = [as_i64(revoked)];
            return Err(Refusal::failed(FailureCode::KeyRevoked, &evidence));
        }
        let earliest = if account == 0 {
            leaf.from_height
        } else {
            let back = context.height.saturating_sub(DISPUTE_BLOCKS_MAX);
            leaf.from_height.max(back)
        };
        if disputed.is_some_and(|since| since < earliest || since > next) {
            let evidence = [as_i64(earliest), as_i64(next)];
            return Err(Refusal::failed(FailureCode::PermissionDenied, &evidence));
        }
        leaf.revoked_height = Some(revoked);
        leaf.disputed_since = disputed.or(leaf.disputed_since);
        state.set_key(key, leaf)?;
        Ok(Applied::default())
    }
}

//! Changing whose signatures the authority's are (SPEC 4.2.8).
//!
//! Guards: the old authority signs the change by its own threshold, every new key is shown to be
//! held, and the threshold can be met, so no network ends without an authority by a slip.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::possession::{Possession, check_proofs, unproven};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::limits::SIGNERS_MAX;
use crate::signature::PublicKey;
use crate::state::{StateView, Working};

/// Names the next authority. Signed by the present one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAuthority {
    /// Signatures needed, 1 to the number of keys.
    pub threshold: u8,
    /// The keys, strictly ascending by key id, 1 to [`SIGNERS_MAX`].
    pub keys: Vec<PublicKey>,
    /// Proofs of possession, strictly ascending by key id: of every key that is not one of the
    /// present authority, and of others at will.
    pub proofs: Vec<Possession>,
}

impl SetAuthority {
    /// # Errors
    /// [`FailureCode::AuthorityRequired`], [`FailureCode::TransactionMalformed`],
    /// [`FailureCode::KeyProofInvalid`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        let ascending = self
            .keys
            .iter()
            .zip(self.keys.iter().skip(1))
            .all(|(a, b)| a.id() < b.id());
        let counted = (1..=SIGNERS_MAX).contains(&self.keys.len());
        let met = (1..=self.keys.len()).contains(&usize::from(self.threshold));
        if !ascending || !counted || !met {
            return Err(FailureCode::TransactionMalformed.into());
        }
        let key = |id: &_| self.keys.iter().find(|key| key.id() == *id).copied();
        check_proofs(&self.proofs, &key, &body.chain_id)
    }

    /// Refuses: [`FailureCode::SetChangeRefused`], with the number of keys that are neither of the
    /// present authority nor proven, and that of all.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let unproven = unproven(
            &mut self.keys.iter().map(PublicKey::id),
            &self.proofs,
            &|id| context.params.authority_key(id).is_some(),
        );
        if unproven > 0 {
            let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
            let evidence = [number(unproven), number(self.keys.len())];
            return Err(Refusal::failed(FailureCode::SetChangeRefused, &evidence));
        }
        // What earlier transactions of the block changed beside stays.
        let mut params = state.params()?;
        params.authority = self.keys.clone().into();
        params.authority_threshold = self.threshold;
        state.set_params(params);
        Ok(Applied::default())
    }
}

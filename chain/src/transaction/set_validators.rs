//! Changing who decides, from a height on (SPEC 4.2.7).
//!
//! Guards: a set is named whole and ahead, one at a time, so everybody has blocks to learn of it; a
//! key that nobody has shown to hold never gets a vote.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::possession::{Possession, check_proofs, unproven};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::limits::{VALIDATORS_NOTICE_MAX, VALIDATORS_NOTICE_MIN};
use crate::state::{ScheduledSet, StateView, Working};
use crate::validator::ValidatorSet;

/// Names the next validator set. Authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetValidators {
    /// The whole new set.
    pub validators: ValidatorSet,
    /// Proofs of possession, strictly ascending by key id: of every member that is not in the set
    /// in force, and of others at will.
    pub proofs: Vec<Possession>,
    /// First height it decides: at least [`VALIDATORS_NOTICE_MIN`] and at most
    /// [`VALIDATORS_NOTICE_MAX`] above the block that carries this.
    pub from_height: u64,
}

impl SetValidators {
    /// # Errors
    /// [`FailureCode::AuthorityRequired`], [`FailureCode::TransactionMalformed`],
    /// [`FailureCode::KeyProofInvalid`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        let key = |id: &_| self.validators.get(id).map(|member| member.public_key);
        check_proofs(&self.proofs, &key, &body.chain_id)
    }

    /// Refuses, each [`FailureCode::SetChangeRefused`], in this order: another change waits, with
    /// its height; the height is out of bounds, with it, the first and the last that would do; the
    /// set is the one in force; members without a proof, with their number and that of all.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let refused = |evidence: &[u64]| {
            let evidence: Vec<i64> = evidence
                .iter()
                .map(|number| i64::try_from(*number).unwrap_or(i64::MAX))
                .collect();
            Err(Refusal::failed(FailureCode::SetChangeRefused, &evidence))
        };
        let newest = state.newest_validators()?;
        if let Some(waits) = newest
            .as_ref()
            .filter(|set| set.from_height > context.height)
        {
            return refused(&[waits.from_height]);
        }
        let earliest = context.height.saturating_add(VALIDATORS_NOTICE_MIN);
        let latest = context.height.saturating_add(VALIDATORS_NOTICE_MAX);
        if !(earliest..=latest).contains(&self.from_height) {
            return refused(&[self.from_height, earliest, latest]);
        }
        // Nothing waits, so the newest set is the one in force.
        let in_force = context.validators;
        if self.validators == *in_force {
            return refused(&[]);
        }
        let members = self.validators.members();
        let unproven = unproven(
            &mut members.iter().map(|member| member.public_key.id()),
            &self.proofs,
            &|id| in_force.get(id).is_some(),
        );
        if unproven > 0 {
            return refused(&[unproven as u64, members.len() as u64]);
        }
        state.add_validators(
            in_force,
            ScheduledSet {
                from_height: self.from_height,
                validators: self.validators.clone(),
            },
        )?;
        Ok(Applied::default())
    }
}

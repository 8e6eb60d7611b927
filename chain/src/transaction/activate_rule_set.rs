//! Putting a rule set in force from a height on (SPEC 4.2.5).
//!
//! Guards: rule sets only ascend, so an invoice rule never goes back, and every desk has the blocks
//! until the height to learn of it. A number that this version does not know is inadmissible: a
//! program without the rules can't hold a block that activates them, and stops there instead of
//! judging by others.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::state::{ScheduleError, StateView, Working};
use crate::tax::RuleSet;

/// Activates a rule set. Authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivateRuleSet {
    /// Its number, above every one in force or scheduled.
    pub id: u16,
    /// First height at which it is in force; ahead of the block that carries this by at most
    /// [`crate::limits::RULE_SET_AHEAD_MAX`], and after every one that is scheduled.
    pub from_height: u64,
}

impl ActivateRuleSet {
    /// # Errors
    /// [`FailureCode::AuthorityRequired`], [`FailureCode::RulesetUnknown`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        if RuleSet::by_id(self.id).is_none() {
            return Err(FailureCode::RulesetUnknown.into());
        }
        Ok(())
    }

    /// Refuses: [`FailureCode::RuleSetNotAhead`], with the number and the last one, or the height
    /// and the first and last that would do, or how many are scheduled.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let mut schedule = state.rule_sets()?;
        let entry = (self.from_height, self.id);
        let added = schedule.add(entry, context.height, context.params.rule_set);
        if let Err(why) = added {
            let evidence = evidence_of(why);
            return Err(Refusal::failed(FailureCode::RuleSetNotAhead, &evidence));
        }
        state.set_rule_sets(schedule);
        Ok(Applied::default())
    }
}

fn evidence_of(why: ScheduleError) -> Vec<i64> {
    let height = |height: u64| i64::try_from(height).unwrap_or(i64::MAX);
    match why {
        ScheduleError::NotNewer { id, last } => vec![id.into(), last.into()],
        ScheduleError::Height {
            from_height,
            earliest,
            latest,
        } => vec![height(from_height), height(earliest), height(latest)],
        ScheduleError::Full(count) => vec![i64::try_from(count).unwrap_or(i64::MAX)],
    }
}

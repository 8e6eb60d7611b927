//! Announcing maintenance (SPEC 4.2.17).
//!
//! Guards: what is announced has an end, and says why by a word of a closed list: nothing that
//! somebody typed comes on chain. A block inside the span is as valid as any other: desks and the
//! door for raw transactions keep to it, so that the network itself, and the end of the
//! maintenance, go on.

use serde::{Deserialize, Serialize};

use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::limits::ANNOUNCED_MS_MAX;
use crate::state::{AnnouncementError, MaintenanceReason, StateView, Working};

/// Announces maintenance. Authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announce {
    /// Why.
    pub reason: MaintenanceReason,
    /// When it begins, in ms since 1970 of block time; may be past.
    pub from_ms: u64,
    /// When it is over, in ms since 1970 of block time; above `from_ms` by at most
    /// [`ANNOUNCED_MS_MAX`].
    pub until_ms: u64,
}

impl Announce {
    /// # Errors
    /// [`FailureCode::AuthorityRequired`], [`FailureCode::TransactionMalformed`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        let lasts_ms = self.until_ms.checked_sub(self.from_ms);
        if !lasts_ms.is_some_and(|ms| (1..=ANNOUNCED_MS_MAX).contains(&ms)) {
            return Err(FailureCode::TransactionMalformed.into());
        }
        Ok(())
    }

    /// Refuses: [`FailureCode::AnnouncementRefused`], with the end and block time, the begin and the
    /// last that would do, or how many are open.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let mut all = state.announcements()?;
        let span = (self.from_ms, self.until_ms);
        let added = all.add(span, self.reason, context.time_ms);
        added.map_err(|why| refused(&why))?;
        state.set_announcements(all);
        Ok(Applied::default())
    }
}

/// The refusal that says why.
pub(super) fn refused(why: &AnnouncementError) -> Refusal {
    let ms = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    let evidence = match *why {
        AnnouncementError::Past { until_ms, time_ms } => vec![ms(until_ms), ms(time_ms)],
        AnnouncementError::Far { from_ms, latest_ms } => vec![ms(from_ms), ms(latest_ms)],
        AnnouncementError::Full(count) => vec![i64::try_from(count).unwrap_or(i64::MAX)],
        AnnouncementError::NotOpen { id, last } => vec![id.into(), last.into()],
    };
    Refusal::failed(FailureCode::AnnouncementRefused, &evidence)
}

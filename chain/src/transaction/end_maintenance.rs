//! Ending announced maintenance before its time, or calling it off (SPEC 4.2.18).
//!
//! Guards: what is over stays as it is, so a time that was told is never told otherwise afterwards.

use serde::{Deserialize, Serialize};

use super::announce::refused;
use super::payload::{Applied, Context, Refusal};
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::state::{StateView, Working};

/// Ends maintenance. Authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndMaintenance {
    /// Number of the announcement.
    pub announcement: u32,
}

impl EndMaintenance {
    /// # Errors
    /// [`FailureCode::AuthorityRequired`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        if body.account != 0 {
            return Err(FailureCode::AuthorityRequired.into());
        }
        Ok(())
    }

    /// Refuses: [`FailureCode::AnnouncementRefused`], with the number and the last one there is.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let mut all = state.announcements()?;
        let ended = all.end(self.announcement, context.time_ms);
        ended.map_err(|why| refused(&why))?;
        state.set_announcements(all);
        Ok(Applied::default())
    }
}

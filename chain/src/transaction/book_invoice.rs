//! Booking an invoice one has received (SPEC 4.2.14).
//!
//! Guards: only the buyer books, and only what is in force; from then on the seller needs its
//! consent to take the invoice back.

use serde::{Deserialize, Serialize};

use super::issue_invoice::status_refusal;
use super::issue_red_letter::{as_i64, invoice_index};
use super::payload::{Applied, Context, Refusal};
use super::propose_red_letter::buyer_account;
use super::{TransactionBody, TransactionError};
use crate::failure::FailureCode;
use crate::state::{StateView, USE_NONE, USE_NOT_DEDUCTIBLE, Working};
use crate::time::{BlockTime, IssueDate};

/// Books an invoice, or books it anew for another use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookInvoice {
    /// Slot of the invoice.
    pub original_slot: u64,
    /// What becomes of its tax: [`USE_NONE`] to [`USE_NOT_DEDUCTIBLE`].
    pub booked_use: u8,
    /// The month it is booked in, as yyyymm.
    pub period: u32,
}

impl BookInvoice {
    /// # Errors
    /// [`FailureCode::TransactionMalformed`].
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        let month = self.period.checked_rem(100).unwrap_or(0);
        let used = (USE_NONE..=USE_NOT_DEDUCTIBLE).contains(&self.booked_use);
        if body.account != 0 && used && (1..=12).contains(&month) && self.period <= 999_912 {
            Ok(())
        } else {
            Err(FailureCode::TransactionMalformed.into())
        }
    }

    /// Refuses in catalogue order.
    pub(super) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        let number = context.body.account;
        let Some((_identity, account)) = state.account(number)? else {
            return Err(Refusal::failed(FailureCode::TaxpayerNotRegistered, &[]));
        };
        if let Some((code, evidence)) = status_refusal(account.status) {
            return Err(Refusal::failed(code, &evidence));
        }
        let month = |date: IssueDate| date.month_key().unwrap_or(0);
        let today = month(IssueDate::of(BlockTime::from_ms(context.time_ms)));
        if self.period > today {
            let evidence = [self.period.into(), today.into()];
            return Err(Refusal::failed(FailureCode::DateInFuture, &evidence));
        }
        let index = invoice_index(self.original_slot);
        let not_found = || Refusal::failed(FailureCode::OriginalNotFound, &[as_i64(index)]);
        let original = state.issued(index)?.ok_or_else(not_found)?;
        if buyer_account(&original, state)? != Some(number) {
            return Err(not_found());
        }
        let first = month(original.facts().issued_on);
        if self.period < first {
            let evidence = [self.period.into(), first.into()];
            return Err(Refusal::failed(FailureCode::DateTooOld, &evidence));
        }
        if original.facts().red.is_some() {
            return Err(Refusal::failed(FailureCode::OriginalIsRed, &[]));
        }
        let mut leaf = state.invoice(index)?.unwrap_or_default();
        if !leaf.is_in_force(original.facts()) {
            return Err(Refusal::failed(FailureCode::OriginalNotInForce, &[]));
        }
        leaf.booked_use = self.booked_use;
        leaf.booked_period = self.period;
        state.set_invoice(index, original.invoice_id(), leaf);
        Ok(Applied::default())
    }
}

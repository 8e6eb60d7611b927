//! Booking an invoice this desk's merchant received.

use piao_api::backend::{BookingOrder, Refusal};
use piao_chain::failure::FailureCode;
use piao_chain::transaction::{BookInvoice, Payload, SignedTransaction};

use super::Desk;
use crate::backend::find;

impl Desk {
    /// The signed transaction that books an invoice.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`], [`FailureCode::PermissionDenied`] for an account this desk
    /// does not sign for.
    pub(crate) fn booking(
        &self,
        number: &str,
        order: BookingOrder,
    ) -> Result<SignedTransaction, Refusal> {
        let merchant = self.merchant_or_refuse(order.account)?;
        let found = find(&self.chain, number)?;
        let payload = Payload::BookInvoice(BookInvoice {
            original_slot: found.issued()?.effect.slot,
            booked_use: order.booked_use,
            period: order.period,
        });
        let mut idem = [0; 16];
        getrandom::fill(&mut idem).map_err(|_source| Refusal::of(FailureCode::Internal))?;
        self.seal(merchant, idem, payload)
    }
}

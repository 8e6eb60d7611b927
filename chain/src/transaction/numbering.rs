//! Number, counter, link and fee of an invoice that is about to be issued (SPEC 5.4).
//!
//! Guards: the one place where a number is given, for blue invoices and red letters alike.

use super::payload::{Context, Refusal};
use crate::failure::FailureCode;
use crate::invoice::InvoiceNumber;
use crate::outcome::Effect;
use crate::state::{Account, Slot, SlotKind, Totals};
use crate::time::IssueDate;

/// Gives the next number and takes the fee. `sub_index` is the place among the effects.
///
/// # Errors
/// [`FailureCode::AmountOverflow`] when the index or a part of the number has no room left.
pub(super) fn issue(
    context: &Context<'_>,
    (issued_on, sub_index): (IssueDate, u32),
    (account, totals): (&mut Account, &mut Totals),
    fee_fen: u32,
) -> Result<Effect, Refusal> {
    let sequence = totals.issued_count.saturating_add(1);
    let (region, channel) = (account.region, context.params.channel);
    let number = InvoiceNumber::new(issued_on, region, channel, sequence);
    let slot = Slot::new(SlotKind::Invoice, sequence);
    let (Ok(number), Some(slot)) = (number, slot) else {
        // 36 bits of index and 15 digits of sequence outlast any network; a full one says so.
        return Err(Refusal::failed(FailureCode::AmountOverflow, &[]));
    };
    let effect = Effect {
        slot: slot.as_u64(),
        number,
        counter: account.counter.saturating_add(1),
        prev_invoice_id: account.last_invoice_id,
    };
    let fee = i64::from(fee_fen);
    account.counter = effect.counter;
    account.last_invoice_id = effect.invoice_id(&context.txid, sub_index);
    account.fee_balance_fen = account.fee_balance_fen.saturating_sub(fee);
    totals.collected_fen = totals.collected_fen.saturating_add(fee);
    totals.issued_count = sequence;
    Ok(effect)
}

//! The link of an invoice, and what it opens.

use piao_api::backend::Refusal;
use piao_api::caller::Caller;
use piao_api::wire;
use piao_chain::failure::FailureCode;

use super::blocks;
use crate::desk::Desk;
use crate::ledger::ChainView;

/// The secret of an own invoice's link, as it stands there.
pub(super) fn secret(
    desk: &Desk,
    chain: &ChainView,
    caller: &Caller,
    number: &str,
) -> Result<String, Refusal> {
    let found = blocks::find(chain, number)?;
    let issued = found.issued()?;
    let not_found = || Refusal::of(FailureCode::InvoiceNotFound);
    if !caller.owns(issued.account()) {
        return Err(not_found());
    }
    let secret = desk.view_secret(&issued)?.ok_or_else(not_found)?;
    Ok(secret.text())
}

/// The document of an invoice, for whoever shows the digest of its secret.
pub(super) fn document(
    desk: &Desk,
    chain: &ChainView,
    number: &str,
    shown: [u8; 32],
) -> Result<wire::InvoiceDocument, Refusal> {
    let found = blocks::find(chain, number)?;
    let issued = found.issued()?;
    desk.check_view(&issued, shown)?;
    Ok(desk.invoice_of(&issued)?.document)
}

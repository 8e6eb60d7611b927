//! What another node of the same merchant has done under the same key.
//!
//! Guards: nodes that share a merchant's secret derive the same replay guard and order key from a
//! caller's key, so the chain lets only one of them issue; the others answer with what is there, if
//! it is what they were asked for.

use std::sync::Arc;

use piao_api::backend::Refusal;
use piao_chain::failure::FailureCode;
use piao_chain::tax::TaxFacts;
use piao_chain::transaction::{Idem, Payload, idem_of};

use super::Desk;
use super::ask::{Ask, Correction, RedLetterAsk};
use super::in_flight::AccountKey;
use super::index::Entry;
use super::issue::key_conflict;
use crate::ledger::Place;

/// Who has done what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// This node: it is signed, synced and offered to blocks.
    Here,
    /// Another node of the merchant: it stands in a block.
    Elsewhere(Place),
}

impl Desk {
    /// Accepts what is asked, unless another node has issued it under this key.
    ///
    /// # Errors
    /// As [`Desk::accept`]; [`FailureCode::IdempotencyKeyConflict`] when something else was issued
    /// under it.
    pub(super) async fn accept_or_find(
        self: &Arc<Self>,
        key: &AccountKey,
        ask: &Ask,
        earlier: Option<Entry>,
    ) -> Result<Done, Refusal> {
        let attempt = earlier.as_ref().map_or(0, Entry::next_attempt);
        // The chain refuses a second invoice of an order for ever, but a second red letter only for
        // as long as it remembers the guard of the first one.
        if matches!(ask, Ask::Correction(_))
            && let Some(place) = self.look_elsewhere(key, ask, attempt).await?
        {
            return Ok(Done::Elsewhere(place));
        }
        let refusal = match self.accept(key, ask, earlier).await {
            Ok(()) => return Ok(Done::Here),
            Err(refusal) => refusal,
        };
        let is_taken = |code| {
            matches!(
                code,
                FailureCode::DuplicateIdem | FailureCode::DuplicateOrder
            )
        };
        if refusal.faults.iter().any(|fault| is_taken(fault.code))
            && let Some(place) = self.look_elsewhere(key, ask, attempt).await?
        {
            return Ok(Done::Elsewhere(place));
        }
        Err(refusal)
    }

    /// Reads blocks, so it runs beside those who must not wait.
    async fn look_elsewhere(
        self: &Arc<Self>,
        key: &AccountKey,
        ask: &Ask,
        attempt: u32,
    ) -> Result<Option<Place>, Refusal> {
        let (desk, key, ask) = (Arc::clone(self), key.clone(), ask.clone());
        let looked = tokio::task::spawn_blocking(move || desk.done_elsewhere(&key, &ask, attempt));
        let looked = looked.await;
        looked.map_err(|_source| Refusal::of(FailureCode::Internal))?
    }

    fn done_elsewhere(
        &self,
        key: &AccountKey,
        ask: &Ask,
        attempt: u32,
    ) -> Result<Option<Place>, Refusal> {
        let merchant = self.merchant_or_refuse(key.0)?;
        let idem = idem_of(&merchant.secret.0, &key.1, attempt);
        let wanted = match ask.draft() {
            Some(draft) => self.judge(merchant, draft, &key.1, attempt)?.2,
            None => None,
        };
        let place = match (ask, &wanted) {
            (Ask::Correction(correction), _) => {
                self.place_of_red_letter(&idem, correction.number())?
            }
            (Ask::Invoice(_) | Ask::Anchored(_), Some(composed)) => {
                self.place_of_order(key.0, &idem, &composed.invoice.order_key)?
            }
            (Ask::Invoice(_) | Ask::Anchored(_), None) => None,
        };
        let Some(place) = place else {
            return Ok(None);
        };
        let facts = wanted.as_ref().map(|composed| &composed.invoice.facts);
        if self.is_what_was_asked(place, &idem, ask, facts)? {
            Ok(Some(place))
        } else {
            Err(key_conflict())
        }
    }

    /// Whether what stands at a place says what is asked for, as far as it is public.
    fn is_what_was_asked(
        &self,
        place: Place,
        idem: &Idem,
        ask: &Ask,
        wanted: Option<&TaxFacts>,
    ) -> Result<bool, Refusal> {
        let committed = self.block_at(place.height)?;
        let at = usize::try_from(place.index).unwrap_or(usize::MAX);
        let Some(transaction) = committed.block.transactions.get(at) else {
            return Err(Refusal::of(FailureCode::StoreCorrupt));
        };
        let body = transaction.body();
        let is_invoice =
            |facts: &TaxFacts| wanted.is_some_and(|wanted| says_the_same(wanted, facts));
        Ok(body.idem == *idem
            && match (&body.payload, ask) {
                (Payload::IssueInvoice(there), Ask::Invoice(_) | Ask::Anchored(_)) => {
                    is_invoice(&there.facts)
                }
                (
                    Payload::ReissueInvoice(there),
                    Ask::Correction(Correction::Reissue { number, .. }),
                ) => there.red.original.as_str() == number && is_invoice(&there.invoice.facts),
                (Payload::IssueRedLetter(there), Ask::Correction(Correction::RedLetter(ask))) => {
                    let lines = there.original_lines.iter().zip(&there.facts.lines);
                    let mut parts = lines.map(|(line, red)| (*line, red.amount.fen()));
                    let reason = there.facts.red.map(|red| red.reason);
                    there.original.as_str() == ask.number
                        && reason == Some(ask.reason)
                        && takes_back(ask, &mut parts)
                }
                _ => false,
            })
    }
}

/// What two invoices of one order must agree in; dates and commitments are each node's own.
fn says_the_same(one: &TaxFacts, other: &TaxFacts) -> bool {
    one.lines == other.lines && one.totals == other.totals
}

/// Whether a red letter's lines, with their negative amounts, are those asked for.
fn takes_back(ask: &RedLetterAsk, parts: &mut dyn Iterator<Item = (u16, i64)>) -> bool {
    let Some(lines) = &ask.lines else {
        return true;
    };
    let mut asked: Vec<_> = lines
        .iter()
        .map(|line| (line.line, -line.amount_fen))
        .collect();
    asked.sort_unstable();
    parts.eq(asked)
}

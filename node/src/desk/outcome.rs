//! What became of a request, read from the chain.
//!
//! "Never will be" is said only once a final block's time is past the window (SPEC 4.1), never by
//! a wall clock.

use std::sync::{Arc, MutexGuard, PoisonError};

use piao_api::backend::{IssueReply, Refusal, Wait};
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::state::{Slot, StateView as _};
use piao_chain::transaction::{Idem, Payload};

use super::Desk;
use super::in_flight::AccountKey;
use super::index::{Entry, RequestId};
use super::outbox::waits_for;
use crate::backend::{Afterlife, Held, Issued, find, invoice_of, leaf_of};
use crate::ledger::{ChainView, CommittedBlock, Place, Settled};

/// Red letters of one invoice that are looked through for a request's own.
const RED_LETTERS_MAX: usize = 20_000;

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// In a final block.
    Final(Place),
    /// May still come into one.
    Possible,
    /// Will never come into one; why.
    Never(FailureCode),
}

/// Where the transaction with a replay guard stands.
pub(super) fn standing_of(
    chain: &ChainView,
    account: u32,
    idem: &Idem,
    valid_until_ms: u64,
    dropped: Option<u16>,
) -> Result<Standing, Refusal> {
    let broken = |_why| Refusal::of(FailureCode::StoreCorrupt);
    // The tip first: a block that comes in between can only add what is asked for next.
    let tip_ms = chain.tip().header.time_ms;
    if let Some(record) = chain.cache().idem(account, idem).map_err(broken)? {
        return Ok(Standing::Final(Place {
            height: record.height,
            index: record.index,
        }));
    }
    if let Some(code) = dropped.and_then(FailureCode::from_number) {
        return Ok(Standing::Never(code));
    }
    if tip_ms > valid_until_ms {
        return Ok(Standing::Never(FailureCode::TransactionWindow));
    }
    Ok(Standing::Possible)
}

impl Desk {
    /// Where a request stands. What is found out is remembered.
    pub(super) fn standing(&self, account: u32, entry: &Entry) -> Result<Standing, Refusal> {
        if let Some(place) = entry.place {
            return Ok(Standing::Final(place));
        }
        if entry.txid.is_none() {
            return Ok(Standing::Never(code_of(entry)));
        }
        let dropped = entry.dropped.filter(|code| is_for_good(*code));
        let until_ms = entry.valid_until_ms;
        let found = standing_of(&self.chain, account, &entry.idem, until_ms, dropped)?;
        let place = match found {
            Standing::Possible => return Ok(Standing::Possible),
            Standing::Final(place) => place,
            // The chain forgets replay guards once their windows are past, never what was issued.
            Standing::Never(code) => match self.place_of_issued(account, entry)? {
                Some(place) => place,
                None => return Ok(Standing::Never(code)),
            },
        };
        if let Some(code) = self.failure_at(place)? {
            return Ok(Standing::Never(code));
        }
        self.remember_place(&entry.id, place);
        Ok(Standing::Final(place))
    }

    /// Where that stands what this request has issued: the invoice of its order, or one of the red
    /// letters against its original.
    fn place_of_issued(&self, account: u32, entry: &Entry) -> Result<Option<Place>, Refusal> {
        let transaction = self.transaction_of(entry.seq)?;
        let order_key = match &transaction.body().payload {
            Payload::IssueInvoice(invoice) => &invoice.order_key,
            Payload::ReissueInvoice(both) => &both.invoice.order_key,
            Payload::IssueRedLetter(red) => {
                return self.place_of_red_letter(&entry.idem, red.original.as_str());
            }
            _ => return Ok(None),
        };
        self.place_of_order(account, &entry.idem, order_key)
    }

    /// Where the invoice of an order stands, if it carries a guard.
    pub(super) fn place_of_order(
        &self,
        account: u32,
        idem: &Idem,
        order_key: &[u8; 32],
    ) -> Result<Option<Place>, Refusal> {
        let order = self.chain.cache().order(order_key);
        match order.map_err(|_why| Refusal::of(FailureCode::StoreCorrupt))? {
            Some(sequence) => self.place_if_own(account, idem, sequence),
            None => Ok(None),
        }
    }

    /// Where the red letter of an invoice stands that carries a guard, alone or with a replacement:
    /// each leads to the one before.
    pub(super) fn place_of_red_letter(
        &self,
        idem: &Idem,
        original: &str,
    ) -> Result<Option<Place>, Refusal> {
        let found = find(&self.chain, original)?;
        let issued = found.issued()?;
        let mut slot = Slot::from_u64(issued.effect.slot);
        for _red in 0..RED_LETTERS_MAX {
            let leaf = match slot {
                Some(slot) => leaf_of(&self.chain, slot)?,
                None => None,
            };
            let Some(red) = leaf.and_then(|leaf| leaf.last_red) else {
                return Ok(None);
            };
            let sequence = red.number.sequence();
            if let Some(place) = self.place_if_own(issued.account(), idem, sequence)? {
                return Ok(Some(place));
            }
            slot = Slot::from_u64(red.slot);
        }
        // Not found among so many: nothing is said rather than "never".
        Err(Refusal::of(FailureCode::StoreCorrupt))
    }

    /// Where an issuance stands, if it is that of a replay guard.
    fn place_if_own(
        &self,
        account: u32,
        idem: &Idem,
        sequence: u64,
    ) -> Result<Option<Place>, Refusal> {
        let found = self.chain.place_of_issuance(sequence).map_err(|error| {
            tracing::error!(%error, "the journal can't be read");
            Refusal::of(FailureCode::StoreCorrupt)
        })?;
        Ok(found.and_then(|(place, committed)| {
            let at = usize::try_from(place.index).ok()?;
            let body = committed.block.transactions.get(at)?.body();
            (body.account == account && body.idem == *idem).then_some(place)
        }))
    }

    /// Why what stands at a place issued nothing, if it did not.
    pub(super) fn failure_at(&self, place: Place) -> Result<Option<FailureCode>, Refusal> {
        let broken = || Refusal::of(FailureCode::StoreCorrupt);
        let committed = self.block_at(place.height)?;
        let at = usize::try_from(place.index).map_err(|_source| broken())?;
        let outcome = committed.outcomes.get(at).ok_or_else(broken)?;
        Ok(outcome.failure())
    }

    /// A block that is there. The last one asked for is kept: requests that became final together
    /// are asked about one after the other.
    pub(super) fn block_at(&self, height: u64) -> Result<Arc<CommittedBlock>, Refusal> {
        let last = self.last_block().clone();
        if let Some((_height, block)) = last.filter(|(of, _block)| *of == height) {
            return Ok(block);
        }
        let committed = self.chain.block(height).map_err(|error| {
            tracing::error!(%error, "the journal can't be read");
            Refusal::of(FailureCode::StoreCorrupt)
        })?;
        let committed = committed.ok_or_else(|| Refusal::of(FailureCode::StoreCorrupt))?;
        let committed = Arc::new(committed);
        *self.last_block() = Some((height, Arc::clone(&committed)));
        Ok(committed)
    }

    fn last_block(&self) -> MutexGuard<'_, Option<(u64, Arc<CommittedBlock>)>> {
        self.last_block
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remember_place(&self, id: &RequestId, place: Place) {
        if let Some((_key, entry)) = self.index().by_id_mut(id) {
            entry.place = Some(place);
        }
        // Written down by the outbox, which is told of the block as well.
    }

    /// Waits for a request and replies as the contract says.
    pub(super) async fn reply(
        self: &Arc<Self>,
        key: &AccountKey,
        wait: Wait,
        replayed: bool,
    ) -> Result<IssueReply, Refusal> {
        let entry = self.entry(key)?;
        let Some(txid) = entry.txid.filter(|_txid| entry.place.is_none()) else {
            return match entry.place {
                Some(place) => self.final_reply(place, replayed),
                None => self.pending_reply(key),
            };
        };
        // Asked to be told before asking where it stands: nothing falls between the two.
        let watch = self.chain.finality().watch(txid);
        let mut standing = self.standing(key.0, &entry)?;
        let mut dropped = match standing {
            Standing::Possible => self.chain.finality().dropped(&txid),
            _ => None,
        };
        if standing == Standing::Possible
            && dropped.is_none()
            && let Wait::Final(limit) = wait
        {
            let Some(watch) = watch else {
                return Err(Refusal::of(FailureCode::InFlight));
            };
            match tokio::time::timeout(limit, watch).await {
                Ok(Ok(Settled::Final(settled))) => {
                    if let Some(code) = settled.outcome.failure() {
                        return Err(Refusal::of(code));
                    }
                    self.remember_place(&entry.id, settled.place);
                    // Answered from what is at hand: reading the block again would cost more
                    // than everything before.
                    let transaction = self.transaction_of(entry.seq)?;
                    if let Some(issued) = Issued::settled(&transaction, &settled) {
                        let invoice = Box::new(self.new_invoice_of(&issued)?);
                        crash_point!("desk.before-answer");
                        return Ok(IssueReply::Final { invoice, replayed });
                    }
                    standing = Standing::Final(settled.place);
                }
                Ok(Ok(Settled::Dropped(fault))) => dropped = Some(fault),
                // The node is stopping, or time is up.
                Ok(Err(_)) | Err(_) => standing = self.standing(key.0, &entry)?,
            }
        }
        if let Some(fault) = dropped {
            return self.reply_dropped(key, fault, replayed);
        }
        match standing {
            Standing::Final(place) => self.final_reply(place, replayed),
            Standing::Possible => self.pending_reply(key),
            Standing::Never(code) if goes_on(code) && !self.is_anchored_end(key)? => {
                self.pending_reply(key)
            }
            Standing::Never(code) => Err(Refusal::of(code)),
        }
    }

    /// What is said of a request whose transaction left the pool. Another node may have it still,
    /// so it is refused only for reasons that do not end by themselves.
    fn reply_dropped(
        &self,
        key: &AccountKey,
        fault: Fault,
        replayed: bool,
    ) -> Result<IssueReply, Refusal> {
        if let Some(entry) = self.index().get_mut(key) {
            entry.dropped = Some(fault.code.number());
        }
        let entry = self.entry(key)?;
        match self.standing(key.0, &entry)? {
            Standing::Final(place) => self.final_reply(place, replayed),
            _ if goes_on(fault.code) => {
                self.jobs.nudge();
                self.pending_reply(key)
            }
            Standing::Possible | Standing::Never(_) => Err(Refusal::new(fault)),
        }
    }

    pub(super) fn final_reply(&self, place: Place, replayed: bool) -> Result<IssueReply, Refusal> {
        let invoice = Box::new(self.invoice_at(place)?);
        Ok(IssueReply::Final { invoice, replayed })
    }

    fn pending_reply(&self, key: &AccountKey) -> Result<IssueReply, Refusal> {
        let view = self.request_view(key)?;
        Ok(IssueReply::Pending(Box::new(view)))
    }

    pub(super) fn entry(&self, key: &AccountKey) -> Result<Entry, Refusal> {
        let entry = self.index().get(key).cloned();
        entry.ok_or_else(|| Refusal::of(FailureCode::ResourceNotFound))
    }

    /// The invoice issued at a place, with its document if this desk holds it.
    pub(super) fn invoice_at(&self, place: Place) -> Result<wire::Invoice, Refusal> {
        let committed = self.block_at(place.height)?;
        let issued = Issued::at(&committed, place);
        let issued = issued.ok_or_else(|| Refusal::of(FailureCode::StoreCorrupt))?;
        self.invoice_of(&issued)
    }

    /// An issued invoice with its document if this desk holds it.
    ///
    /// # Errors
    /// [`FailureCode::StoreCorrupt`] when the document is held and can't be read.
    pub(crate) fn invoice_of(&self, issued: &Issued<'_>) -> Result<wire::Invoice, Refusal> {
        let network = self.chain.genesis().network.as_str();
        let afterlife = Afterlife::read(&self.chain, issued)?;
        Ok(invoice_of(issued, network, self.held(issued)?, afterlife))
    }

    /// The same of one that was issued just now, without asking what became of it.
    fn new_invoice_of(&self, issued: &Issued<'_>) -> Result<wire::Invoice, Refusal> {
        let network = self.chain.genesis().network.as_str();
        let afterlife = Afterlife::of_new(issued);
        Ok(invoice_of(issued, network, self.held(issued)?, afterlife))
    }

    fn held(&self, issued: &Issued<'_>) -> Result<Held, Refusal> {
        use wire::invoice::DocumentState;
        let idem = issued.transaction.body().idem;
        let found = self
            .index()
            .by_guard(issued.account(), idem)
            // Another node of the merchant may have issued it under the same guard.
            .filter(|(_key, entry)| entry.txid == Some(issued.transaction.id()))
            .map(|(_key, entry)| (entry.seq, entry.downloads));
        let Some((seq, downloads)) = found else {
            return Ok(Held {
                content: None,
                state: DocumentState::Elsewhere,
                downloads: 0,
            });
        };
        let private = self.private_of(seq, issued.part)?;
        let content = private.map(|private| private.content);
        let state = if content.is_some() {
            DocumentState::Held
        } else {
            DocumentState::Erased
        };
        Ok(Held {
            content,
            state,
            downloads,
        })
    }
}

/// Why nothing of a request that is not signed may become final.
fn code_of(entry: &Entry) -> FailureCode {
    entry
        .present()
        .code
        .unwrap_or(FailureCode::TransactionWindow)
}

/// Whether the outbox goes on by itself with what met this failure. What names older rules is
/// prepared anew at once instead, while its caller waits.
fn goes_on(code: FailureCode) -> bool {
    code != FailureCode::RulesetUnknown && waits_for(code).is_some()
}

/// Whether what left the pool for this reason can be in no later block: rule sets and revoked keys
/// never come back, and what was booked once stays booked. For every other reason it may be, until
/// its window is past.
fn is_for_good(number: u16) -> bool {
    let code = FailureCode::from_number(number);
    matches!(
        code,
        Some(
            FailureCode::RulesetUnknown
                | FailureCode::KeyRevoked
                | FailureCode::OriginalUsedForDeduction
        )
    )
}

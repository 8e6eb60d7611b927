//! What became of a request, read from the chain.
//!
//! "Never will be" is said only once a final block's time is past the window (SPEC 4.1), never by
//! a wall clock.

use std::sync::Arc;

use piao_api::backend::{IssueReply, Refusal, Wait};
use piao_api::wire;
use piao_chain::digest::TransactionId;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::state::StateView as _;
use piao_chain::transaction::Idem;

use super::Desk;
use super::in_flight::AccountKey;
use super::index::Entry;
use crate::backend::{Afterlife, Held, Issued, invoice_of, time_text};
use crate::ledger::{ChainView, Place, Settled};

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
    /// Where a request stands.
    pub(super) fn standing(&self, account: u32, entry: &Entry) -> Result<Standing, Refusal> {
        standing_of(
            &self.chain,
            account,
            &entry.idem,
            entry.valid_until_ms,
            entry.dropped,
        )
    }

    /// Waits for a request and replies as the contract says.
    pub(super) async fn reply(
        self: &Arc<Self>,
        key: &AccountKey,
        wait: Wait,
        replayed: bool,
    ) -> Result<IssueReply, Refusal> {
        let entry = self.entry(key)?;
        let transaction = self.transaction_of(entry.seq)?;
        // Asked to be told before asking where it stands: nothing falls between the two.
        let watch = self.chain.finality().watch(transaction.id());
        let mut standing = self.standing(key.0, &entry)?;
        if standing == Standing::Possible
            && let Some(fault) = self.note_dropped(key, &transaction.id())
        {
            return Err(Refusal::new(fault));
        }
        if standing == Standing::Possible
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
                    // Answered from what is at hand: reading the block again would cost more
                    // than everything before.
                    if let Some(issued) = Issued::settled(&transaction, &settled) {
                        let invoice = Box::new(self.new_invoice_of(&issued)?);
                        crash_point!("desk.before-answer");
                        return Ok(IssueReply::Final { invoice, replayed });
                    }
                    standing = Standing::Final(settled.place);
                }
                Ok(Ok(Settled::Dropped(fault))) => {
                    self.mark_dropped(key, &fault);
                    return Err(Refusal::new(fault));
                }
                // The node is stopping, or time is up.
                Ok(Err(_)) | Err(_) => standing = self.standing(key.0, &entry)?,
            }
        }
        match standing {
            Standing::Final(place) => {
                let invoice = Box::new(self.invoice_at(place)?);
                Ok(IssueReply::Final { invoice, replayed })
            }
            Standing::Possible => {
                let view = self.request_view(key)?;
                Ok(IssueReply::Pending(Box::new(view)))
            }
            Standing::Never(code) => Err(Refusal::of(code)),
        }
    }

    /// Notes that a transaction left the pool before anybody asked to be told.
    fn note_dropped(&self, key: &AccountKey, id: &TransactionId) -> Option<Fault> {
        let fault = self.chain.finality().dropped(id)?;
        self.mark_dropped(key, &fault);
        Some(fault)
    }

    fn mark_dropped(&self, key: &AccountKey, fault: &Fault) {
        if let Some(entry) = self.index().get_mut(key) {
            entry.dropped = Some(fault.code.number());
        }
    }

    pub(super) fn entry(&self, key: &AccountKey) -> Result<Entry, Refusal> {
        let entry = self.index().get(key).cloned();
        entry.ok_or_else(|| Refusal::of(FailureCode::ResourceNotFound))
    }

    /// The invoice issued at a place, with its document if this desk holds it.
    pub(super) fn invoice_at(&self, place: Place) -> Result<wire::Invoice, Refusal> {
        let broken = || Refusal::of(FailureCode::StoreCorrupt);
        let committed = self.chain.block(place.height).map_err(|error| {
            tracing::error!(%error, "the journal can't be read");
            broken()
        })?;
        let committed = committed.ok_or_else(broken)?;
        let issued = Issued::at(&committed, place).ok_or_else(broken)?;
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

    /// A request as the contract shows it.
    pub(super) fn request_view(&self, key: &AccountKey) -> Result<wire::RequestView, Refusal> {
        let entry = self.entry(key)?;
        let accepted = self.accepted(entry.seq)?;
        let transaction = accepted.transaction;
        // Marked in the index, so the entry is read anew.
        let entry = match self.note_dropped(key, &transaction.id()) {
            Some(_fault) => self.entry(key)?,
            None => entry,
        };
        let standing = self.standing(key.0, &entry)?;
        let (state, chance, code) = match &standing {
            Standing::Final(_) => (wire::RequestState::Final, wire::Chance::Issued, None),
            Standing::Possible if self.admission.pool().contains(&transaction.id()) => {
                (wire::RequestState::Submitted, wire::Chance::Possible, None)
            }
            Standing::Possible => (wire::RequestState::Unknown, wire::Chance::Possible, None),
            Standing::Never(code) => (
                wire::RequestState::Failed,
                wire::Chance::NotIssued,
                Some(*code),
            ),
        };
        let (number, height, updated_ms) = match &standing {
            Standing::Final(place) => {
                let invoice = self.invoice_at(*place)?.document;
                let tip_ms = self.chain.tip().header.time_ms;
                (Some(invoice.number), Some(place.height), tip_ms)
            }
            _ => (None, None, accepted.accepted_at_ms),
        };
        let id = hex::encode(entry.id);
        let until = time_text(entry.valid_until_ms);
        Ok(wire::RequestView {
            links: wire::RequestLinks::of(&id, number.as_deref()),
            id,
            account: key.0,
            idempotency_key: key.1.clone(),
            order_ref: accepted.draft.and_then(|draft| draft.order_ref),
            state,
            waiting_for: None,
            chance,
            possible_until: (chance == wire::Chance::Possible).then_some(until),
            number,
            txid: Some(transaction.id().to_string()),
            height,
            attempts: vec![wire::Attempt {
                attempt: entry.attempt,
                at: time_text(accepted.accepted_at_ms),
                txid: Some(transaction.id().to_string()),
                code: code.map(|code| code.code().to_owned()),
            }],
            failures: code
                .map(|code| wire::Failure::from_fault(&Fault::new(code), None))
                .into_iter()
                .collect(),
            not_before: None,
            next_action: code.map(|code| code.next_action().to_owned()),
            created_at: time_text(accepted.accepted_at_ms),
            updated_at: time_text(updated_ms),
        })
    }
}

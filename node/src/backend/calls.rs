//! The calls of the contract, each one handed to the part that answers it.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use piao_api::backend::{
    AnswerOrder, Backend, BookingOrder, CompletenessOrder, Cut, DraftVerdict, InvoiceFilter,
    IssueOrder, IssueReply, NodeFacts, ProofOrder, RedLetterOrder, Refusal, ReissueOrder,
    RequestAct, StoredFile, TopUpOrder, Wait,
};
use piao_api::caller::Caller;
use piao_api::idempotency::IdempotencyKey;
use piao_api::wire;
use piao_chain::digest::TransactionId;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::Draft;
use piao_chain::signature::{KeyId, SecretKey};
use tokio::sync::Semaphore;

use super::submit::Submission;
use super::{
    announcements, blocks, confirmations, deciders, fees, keys, limits, proofs, refusals,
    statements, transparency, views,
};
use crate::consensus::Reporter;
use crate::desk::{Desk, document_file};
use crate::gossip::Tips;
use crate::health::Health;
use crate::ledger::ChainView;
use crate::mempool::Admission;

/// Reads of the disk at once, each on a thread and with its reply in memory; the calls being served
/// bound how many wait for their turn.
const READS_AT_ONCE_MAX: usize = 64;

/// A reader of events who waits looks this often whether the node ends.
const EVENTS_LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the backend is made of.
#[derive(Debug)]
pub struct NodeBackendParts {
    /// What the server must know.
    pub facts: NodeFacts,
    /// The chain.
    pub chain: Arc<ChainView>,
    /// The mempool.
    pub admission: Arc<Admission>,
    /// The desk.
    pub desk: Arc<Desk>,
    /// How the node is.
    pub health: Arc<Health>,
    /// The API key's digest and who holds it.
    pub api_key: Option<(blake3::Hash, Caller)>,
    /// The trust root, JSON text.
    pub trust_root: String,
    /// Signs checkpoints, where this node holds the log key.
    pub log: Option<SecretKey>,
    /// Members connected and how far they are, where there are others.
    pub others: Option<(Arc<AtomicUsize>, Arc<Tips>)>,
    /// What this node saw validators do wrong.
    pub reporter: Arc<Reporter>,
}

/// The node behind the contract.
#[derive(Debug)]
pub struct NodeBackend {
    parts: NodeBackendParts,
    submission: Arc<Submission>,
    reads: Arc<Semaphore>,
}

impl NodeBackend {
    /// Puts a backend together.
    #[must_use]
    pub fn new(parts: NodeBackendParts) -> Self {
        let submission = Submission::new(parts.chain.clone(), parts.admission.clone());
        Self {
            parts,
            submission: Arc::new(submission),
            reads: Arc::new(Semaphore::new(READS_AT_ONCE_MAX)),
        }
    }

    /// Runs a read that touches the disk where it holds nobody up.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&ChainView) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = Arc::clone(&self.reads).acquire_owned().await;
        let chain = Arc::clone(&self.parts.chain);
        let read = move || {
            // Held by the thread: a caller who hangs up does not end the read.
            let _turn = turn;
            read(&chain)
        };
        let result = tokio::task::spawn_blocking(read).await;
        result.map_err(|_source| Refusal::of(FailureCode::Internal))?
    }

    /// The same with the desk.
    async fn ask_desk<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Desk, &ChainView) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = Arc::clone(&self.reads).acquire_owned().await;
        let (desk, chain) = (Arc::clone(&self.parts.desk), Arc::clone(&self.parts.chain));
        let ask = move || {
            let _turn = turn;
            ask(&desk, &chain)
        };
        let result = tokio::task::spawn_blocking(ask).await;
        result.map_err(|_source| Refusal::of(FailureCode::Internal))?
    }
}

#[async_trait]
impl Backend for NodeBackend {
    fn facts(&self) -> &NodeFacts {
        &self.parts.facts
    }

    async fn authenticate(&self, api_key: &str) -> Option<Caller> {
        let (digest, caller) = self.parts.api_key.as_ref()?;
        // Digests compare in constant time.
        (blake3::hash(api_key.as_bytes()) == *digest).then(|| caller.clone())
    }

    async fn check(&self, account: u32, draft: Draft) -> Result<DraftVerdict, Refusal> {
        self.ask_desk(move |desk, _chain| desk.check(account, &draft))
            .await
    }

    async fn rule_set(&self) -> Result<u16, Refusal> {
        Ok(self.parts.chain.params().rule_set)
    }

    async fn issue(&self, order: IssueOrder) -> Result<IssueReply, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        self.parts.desk.issue(order).await
    }

    async fn issue_red_letter(&self, order: RedLetterOrder) -> Result<IssueReply, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        self.parts.desk.issue_red_letter(order).await
    }

    async fn reissue(&self, order: ReissueOrder) -> Result<IssueReply, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        self.parts.desk.replace(order).await
    }

    async fn book(&self, number: &str, order: BookingOrder) -> Result<wire::Booking, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        let asked = number.to_owned();
        let made = self.ask_desk(move |desk, _chain| desk.booking(&asked, order));
        let bytes = made.await?.encode();
        let outcome = self.submission.one(&bytes, order.wait).await?;
        booked(number, order, outcome)
    }

    async fn red_letters(
        &self,
        account: u32,
        cut: Cut,
    ) -> Result<wire::Page<wire::Confirmation>, Refusal> {
        self.read(move |chain| confirmations::waiting_for(chain, account, &cut))
            .await
    }

    async fn answer_red_letter(&self, order: AnswerOrder) -> Result<wire::Confirmation, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        let (number, wait) = (order.number.clone(), order.wait);
        let made = self.ask_desk(move |desk, _chain| desk.answer(&order));
        if let Some(transaction) = made.await? {
            height_of(&self.submission.one(&transaction.encode(), wait).await?)?;
        }
        self.read(move |chain| {
            let index = blocks::find(chain, &number)?.index;
            let found = confirmations::of_invoice(chain, (&number, index))?;
            found.ok_or_else(|| Refusal::of(FailureCode::ResourceNotFound))
        })
        .await
    }

    async fn invoice(&self, caller: &Caller, number: &str) -> Result<wire::Invoice, Refusal> {
        let (caller, number) = (caller.clone(), number.to_owned());
        self.ask_desk(move |desk, chain| own_invoice(desk, chain, &caller, &number))
            .await
    }

    async fn invoices(
        &self,
        account: u32,
        filter: InvoiceFilter,
        cut: Cut,
    ) -> Result<wire::Page<wire::Invoice>, Refusal> {
        self.ask_desk(move |desk, _chain| desk.invoices(account, &filter, &cut))
            .await
    }

    async fn proof(&self, order: ProofOrder) -> Result<StoredFile, Refusal> {
        self.ask_desk(move |desk, chain| proofs::of_order(desk, chain, &order))
            .await
    }

    async fn key(&self, id: [u8; 16]) -> Result<wire::Key, Refusal> {
        self.read(move |chain| keys::key(chain, KeyId(id))).await
    }

    async fn absence(&self, number: &str) -> Result<StoredFile, Refusal> {
        let number = number.to_owned();
        self.read(move |chain| statements::absence(chain, &number))
            .await
    }

    async fn completeness(&self, order: CompletenessOrder) -> Result<StoredFile, Refusal> {
        self.read(move |chain| statements::completeness(chain, order))
            .await
    }

    async fn view_secret(&self, caller: &Caller, number: &str) -> Result<String, Refusal> {
        let (caller, number) = (caller.clone(), number.to_owned());
        self.ask_desk(move |desk, chain| views::secret(desk, chain, &caller, &number))
            .await
    }

    async fn viewed_invoice(
        &self,
        number: &str,
        shown: [u8; 32],
    ) -> Result<wire::InvoiceDocument, Refusal> {
        let number = number.to_owned();
        self.ask_desk(move |desk, chain| views::document(desk, chain, &number, shown))
            .await
    }

    async fn invoice_json(&self, caller: &Caller, number: &str) -> Result<StoredFile, Refusal> {
        let (caller, number) = (caller.clone(), number.to_owned());
        self.ask_desk(move |desk, chain| {
            let invoice = own_invoice(desk, chain, &caller, &number)?;
            let found = blocks::find(chain, &number)?;
            let issued = found.issued()?;
            let idem = issued.transaction.body().idem;
            desk.count_download(issued.account(), idem);
            document_file(&invoice)
        })
        .await
    }

    async fn request(&self, caller: &Caller, id: &str) -> Result<wire::RequestView, Refusal> {
        let (caller, id) = (caller.clone(), id.to_owned());
        self.ask_desk(move |desk, _chain| desk.request(&|account| caller.owns(account), &id))
            .await
    }

    async fn request_proof(&self, caller: &Caller, id: &str) -> Result<StoredFile, Refusal> {
        let (caller, id) = (caller.clone(), id.to_owned());
        self.ask_desk(move |desk, chain| {
            let place = desk.refusal_of_request(&|account| caller.owns(account), &id)?;
            refusals::make(chain, place)
        })
        .await
    }

    async fn outcome(
        &self,
        account: u32,
        key: &IdempotencyKey,
    ) -> Result<wire::RequestView, Refusal> {
        let key = key.as_str().to_owned();
        self.ask_desk(move |desk, _chain| desk.outcome(account, &key))
            .await
    }

    async fn requests(
        &self,
        account: u32,
        state: Option<wire::RequestState>,
        cut: Cut,
    ) -> Result<wire::Page<wire::RequestView>, Refusal> {
        self.ask_desk(move |desk, _chain| desk.requests(account, state, &cut))
            .await
    }

    async fn act(
        &self,
        caller: &Caller,
        id: &str,
        act: RequestAct,
    ) -> Result<wire::RequestView, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        let desk = &self.parts.desk;
        let key = desk.key_of_request(&|account| caller.owns(account), id)?;
        desk.act(key, act).await
    }

    async fn account(&self, account: u32) -> Result<wire::Account, Refusal> {
        let reserved = self.parts.admission.pool().reserved(account);
        self.ask_desk(move |desk, chain| {
            let name = desk.merchant(account).map(|merchant| merchant.name.clone());
            let forecast = desk.forecast(account);
            fees::account(chain, account, reserved, name, forecast)
        })
        .await
    }

    async fn limits(&self, account: u32) -> Result<wire::Limits, Refusal> {
        let reserved = self.parts.admission.pool().reserved(account);
        self.read(move |chain| limits::limits(chain, account, reserved))
            .await
    }

    async fn ledger(
        &self,
        account: u32,
        cut: Cut,
    ) -> Result<wire::Page<wire::LedgerEntry>, Refusal> {
        self.ask_desk(move |desk, chain| fees::movements(chain, account, &cut, desk))
            .await
    }

    async fn top_up(&self, order: TopUpOrder) -> Result<wire::TopUp, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        self.parts.desk.top_up(order).await
    }

    async fn submit(&self, transaction: Bytes, wait: Wait) -> Result<wire::Outcome, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        self.submission.one(&transaction, wait).await
    }

    async fn submit_all(
        &self,
        transactions: Vec<Bytes>,
        wait: Wait,
    ) -> Result<Vec<wire::Outcome>, Refusal> {
        self.parts.health.refuse_unless_issuing()?;
        Arc::clone(&self.submission).all(transactions, wait).await
    }

    async fn transaction(&self, txid: [u8; 32]) -> Result<wire::Outcome, Refusal> {
        let id = TransactionId(txid);
        if self.parts.chain.place_of(&id).is_none() && self.parts.admission.pool().contains(&id) {
            return Ok(wire::Outcome::unknown(id.to_string()));
        }
        self.read(move |chain| blocks::transaction(chain, &id))
            .await
    }

    async fn chain(&self) -> Result<wire::ChainStatus, Refusal> {
        Ok(blocks::status(
            &self.parts.chain,
            self.parts.others.as_ref(),
        ))
    }

    async fn blocks(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<wire::Page<wire::BlockSummary>, Refusal> {
        self.read(move |chain| blocks::list(chain, before, limit))
            .await
    }

    async fn block(&self, height: u64) -> Result<wire::Block, Refusal> {
        self.read(move |chain| blocks::block(chain, height)).await
    }

    async fn events(
        &self,
        caller: &Caller,
        after: u64,
        limit: u32,
    ) -> Result<wire::EventPage, Refusal> {
        self.parts.desk.sync_records().await?;
        let caller = caller.clone();
        self.ask_desk(move |desk, _chain| {
            desk.events(&|account| caller.owns(account), after, limit)
        })
        .await
    }

    async fn wait_for_events(&self, after: u64) -> bool {
        let told = self.parts.desk.wait_for_records(after);
        // Also looked at now and then, so that it ends when the node does.
        let _told = tokio::time::timeout(EVENTS_LOOK_EVERY, told).await;
        !self.parts.health.is_stopping()
    }

    async fn announcements(&self) -> Result<Vec<wire::Announcement>, Refusal> {
        announcements::list(&self.parts.chain)
    }

    async fn validators(&self) -> Result<wire::ValidatorSet, Refusal> {
        let reporter = Arc::clone(&self.parts.reporter);
        self.read(move |chain| deciders::validators(chain, &reporter))
            .await
    }

    async fn trust_root(&self) -> Result<Bytes, Refusal> {
        Ok(Bytes::from(self.parts.trust_root.clone()))
    }

    async fn checkpoint(&self) -> Result<String, Refusal> {
        transparency::checkpoint(&self.parts.chain, self.parts.log.as_ref())
    }

    async fn consistency(&self, from: u64, to: u64) -> Result<wire::Consistency, Refusal> {
        transparency::consistency(&self.parts.chain, from, to)
    }

    async fn tlog_proof(&self, height: u64) -> Result<String, Refusal> {
        transparency::tlog_proof(&self.parts.chain, self.parts.log.as_ref(), height)
    }

    async fn public_invoice(&self, number: &str) -> Result<wire::PublicInvoice, Refusal> {
        let number = number.to_owned();
        self.read(move |chain| blocks::public_invoice(chain, &number))
            .await
    }

    async fn latest_invoices(&self, limit: u32) -> Result<Vec<wire::PublicInvoice>, Refusal> {
        self.read(move |chain| blocks::latest_invoices(chain, limit))
            .await
    }

    async fn readiness(&self) -> wire::Readiness {
        self.parts.health.readiness()
    }

    async fn metrics(&self) -> String {
        self.parts.health.metrics()
    }
}

/// Height at which a transaction was applied.
fn height_of(outcome: &wire::Outcome) -> Result<u64, Refusal> {
    if let Some(code) = &outcome.code {
        let code = FailureCode::from_code(code).unwrap_or(FailureCode::Internal);
        return Err(Refusal::of(code));
    }
    let height = outcome.height;
    height.ok_or_else(|| Refusal::of(FailureCode::ConfirmTimeout))
}

/// What came of a booking.
fn booked(
    number: &str,
    order: BookingOrder,
    outcome: wire::Outcome,
) -> Result<wire::Booking, Refusal> {
    let height = height_of(&outcome)?;
    let (year, month) = (order.period.div_euclid(100), order.period.rem_euclid(100));
    Ok(wire::Booking {
        number: number.to_owned(),
        account: order.account,
        booked_use: wire::booking::word_of_use(order.booked_use).to_owned(),
        period: format!("{year:04}-{month:02}"),
        txid: outcome.txid,
        height,
    })
}

/// An invoice of one of the caller's accounts; another merchant's is as good as none.
fn own_invoice(
    desk: &Desk,
    chain: &ChainView,
    caller: &Caller,
    number: &str,
) -> Result<wire::Invoice, Refusal> {
    let found = blocks::find(chain, number)?;
    let issued = found.issued()?;
    if !caller.owns(issued.account()) {
        return Err(Refusal::of(FailureCode::InvoiceNotFound));
    }
    desk.invoice_of(&issued)
}

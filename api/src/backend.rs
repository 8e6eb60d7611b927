//! The seam between the HTTP contract and a node: what a node must be able to do.
//!
//! Guards: handlers know the node only through [`Backend`], so the contract can be tested against
//! an in-memory backend and `axum` stays out of the wallet.
//! Input arrives parsed and bounded; answers are wire types; a refusal is [`Refusal`], never text.
//! Every call that writes runs on a task of its own: a caller who hangs up cancels nothing.

use async_trait::async_trait;
use bytes::Bytes;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::Draft;

use crate::caller::Caller;
pub use crate::correction::{AnswerOrder, BookingOrder, RedLetterOrder, RedLine, ReissueOrder};
use crate::idempotency::IdempotencyKey;
pub use crate::order::{
    Cut, DraftVerdict, InvoiceFilter, IssueOrder, IssueReply, ProofForm, ProofOrder, RequestAct,
    Show, StoredFile, TopUpOrder, Wait,
};
pub use crate::refusal::Refusal;
pub use crate::statement::{CompletenessOrder, ListRange};
use crate::wire::{
    Account, Announcement, Block, BlockSummary, Booking, ChainStatus, Confirmation, Consistency,
    EventPage, Invoice, InvoiceDocument, Key, LedgerEntry, Limits, Outcome, Page, PublicInvoice,
    Readiness, RequestState, RequestView, TopUp, ValidatorSet,
};

/// What the server must know of its node; fixed while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFacts {
    /// Name of the network, as in invoices: `test` or `production`.
    pub network: String,
    /// Version of the node's software.
    pub version: String,
    /// `Host` values that are this node's own, each `name:port` as a browser sends it, for
    /// instance `127.0.0.1:8080`, `localhost:8080`, `[::1]:8080`.
    pub own_hosts: Vec<String>,
    /// On a development network: who an unauthenticated call from this machine acts as. `None`
    /// elsewhere, so that every desk call needs an API key.
    pub dev_caller: Option<Caller>,
    /// Whether the status page may show fee balances and the latest invoices to anyone.
    pub public_status: bool,
}

/// What a node does for the HTTP contract.
///
/// Unless a method says otherwise it refuses with [`FailureCode::NotSynced`] while the node cannot
/// judge, and with [`FailureCode::Internal`] when something broke that is not the caller's matter.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// What does not change while the node runs. Called on every request: cheap.
    fn facts(&self) -> &NodeFacts;

    /// Who holds this API key; `None` if nobody does. Compares in constant time.
    async fn authenticate(&self, api_key: &str) -> Option<Caller>;

    /// Judges a draft by every rule and by the state at the tip. Charges and keeps nothing.
    ///
    /// # Errors
    /// Only for reasons that are not in the draft; faults of the draft are in the verdict.
    async fn check(&self, account: u32, draft: Draft) -> Result<DraftVerdict, Refusal>;

    /// The number of the rule set new invoices name.
    ///
    /// # Errors
    /// [`FailureCode::Internal`].
    async fn rule_set(&self) -> Result<u16, Refusal>;

    /// Issues a draft once per key, for ever.
    ///
    /// When it returns [`IssueReply::Final`], the block is synced. When it returns
    /// [`IssueReply::Pending`], the request is synced, survives a power cut and goes on by itself.
    /// When it refuses, nothing was kept or charged.
    ///
    /// # Errors
    /// Every fault of the draft; [`FailureCode::IdempotencyKeyConflict`],
    /// [`FailureCode::InFlight`], [`FailureCode::DuplicateOrder`],
    /// [`FailureCode::FeeBalanceInsufficient`] and [`FailureCode::FeeReserved`] (with
    /// [`Wait::Final`]), [`FailureCode::PoolFull`].
    async fn issue(&self, order: IssueOrder) -> Result<IssueReply, Refusal>;

    /// Issues a red letter once per key, for ever. [`IssueReply::Final`] holds the red letter.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`]; every code of E17; as [`Self::issue`].
    async fn issue_red_letter(&self, order: RedLetterOrder) -> Result<IssueReply, Refusal> {
        drop(order);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// Takes back all that is left of an invoice and issues another in its place, at once, once
    /// per key for ever. [`IssueReply::Final`] holds the new invoice.
    ///
    /// # Errors
    /// As [`Self::issue_red_letter`], and every fault of the draft.
    async fn reissue(&self, order: ReissueOrder) -> Result<IssueReply, Refusal> {
        drop(order);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// Books a received invoice. Final when it returns.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`], [`FailureCode::OriginalNotFound`] for anybody but its
    /// buyer, [`FailureCode::OriginalNotInForce`].
    async fn book(&self, number: &str, order: BookingOrder) -> Result<Booking, Refusal> {
        let _unused = (number, order);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// Proposed red letters that an account is to answer, those of the latest invoices first.
    ///
    /// # Errors
    /// [`FailureCode::ParameterInvalid`] for a foreign cursor.
    async fn red_letters(&self, account: u32, cut: Cut) -> Result<Page<Confirmation>, Refusal> {
        let _unused = (account, cut);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// Answers a proposed red letter. Final when it returns; the same answer again is no other one.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`], [`FailureCode::ResourceNotFound`] where nothing is proposed
    /// to or by the caller, [`FailureCode::PermissionDenied`] for whoever proposed it and where the
    /// node holds no admin key of the account, [`FailureCode::RedConfirmExpired`],
    /// [`FailureCode::RedConfirmRefused`].
    async fn answer_red_letter(&self, order: AnswerOrder) -> Result<Confirmation, Refusal> {
        drop(order);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// An invoice of one of the caller's accounts.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`], also for another merchant's.
    async fn invoice(&self, caller: &Caller, number: &str) -> Result<Invoice, Refusal>;

    /// Invoices of an account, newest first.
    ///
    /// # Errors
    /// [`FailureCode::ParameterInvalid`] for a foreign cursor.
    async fn invoices(
        &self,
        account: u32,
        filter: InvoiceFilter,
        cut: Cut,
    ) -> Result<Page<Invoice>, Refusal>;

    /// A proof of an invoice, current at the tip. Public unless fields are disclosed.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`]; [`FailureCode::NotAParty`] when fields of another
    /// merchant's invoice are asked for.
    async fn proof(&self, order: ProofOrder) -> Result<StoredFile, Refusal>;

    /// A key of an account, by its id.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`] for one that is bound to no account.
    async fn key(&self, id: [u8; 16]) -> Result<Key, Refusal> {
        let _unused = id;
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// That a number is not issued as of the tip.
    ///
    /// # Errors
    /// [`FailureCode::NumberFormat`]; [`FailureCode::ResourceNotFound`] for a number that is issued.
    async fn absence(&self, number: &str) -> Result<StoredFile, Refusal> {
        let _unused = number;
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// All invoices of an account in a range.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`] for an account that is not there;
    /// [`FailureCode::ParameterInvalid`] for a range that has no such end, or is too long.
    async fn completeness(&self, order: CompletenessOrder) -> Result<StoredFile, Refusal> {
        let _unused = order;
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// The secret in the link of an own invoice, as it stands there (SPEC 8.6).
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`], also where this node does not hold the document.
    async fn view_secret(&self, caller: &Caller, number: &str) -> Result<String, Refusal> {
        let _unused = (caller, number);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// The document of an invoice, for whoever shows the digest of its link's secret. Compares in
    /// constant time, and logs neither.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`], whatever is wrong.
    async fn viewed_invoice(
        &self,
        number: &str,
        shown: [u8; 32],
    ) -> Result<InvoiceDocument, Refusal> {
        let _unused = (number, shown);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// The document of an invoice as JSON, the same bytes for ever; counts as a download.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`].
    async fn invoice_json(&self, caller: &Caller, number: &str) -> Result<StoredFile, Refusal>;

    /// A request of one of the caller's accounts.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`].
    async fn request(&self, caller: &Caller, id: &str) -> Result<RequestView, Refusal>;

    /// What shows that a request of one of the caller's accounts was refused, current at the tip.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`], also where no block holds a refusal of it.
    async fn request_proof(&self, caller: &Caller, id: &str) -> Result<StoredFile, Refusal> {
        let _unused = (caller, id);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// The request an idempotency key of this account is bound to.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`]: this node accepted nothing under the key.
    async fn outcome(&self, account: u32, key: &IdempotencyKey) -> Result<RequestView, Refusal>;

    /// Requests of an account, the last one touched first; of one state, if one is given.
    ///
    /// # Errors
    /// [`FailureCode::ParameterInvalid`] for a foreign cursor.
    async fn requests(
        &self,
        account: u32,
        state: Option<RequestState>,
        cut: Cut,
    ) -> Result<Page<RequestView>, Refusal>;

    /// Does something with a request of one of the caller's accounts; how it stands then, synced.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`]; for [`RequestAct::Cancel`] and [`RequestAct::Reissue`]
    /// [`FailureCode::DuplicateOrder`] once it is final and [`FailureCode::InFlight`], with the time
    /// to ask again, while what is signed may still become final; every fault of a corrected draft.
    async fn act(&self, caller: &Caller, id: &str, act: RequestAct)
    -> Result<RequestView, Refusal>;

    /// An account's balance, fee and counters at the tip.
    ///
    /// # Errors
    /// [`FailureCode::FeeAccountUnknown`].
    async fn account(&self, account: u32) -> Result<Account, Refusal>;

    /// What an account may issue, and what is used of it at the tip.
    ///
    /// # Errors
    /// [`FailureCode::FeeAccountUnknown`].
    async fn limits(&self, account: u32) -> Result<Limits, Refusal>;

    /// Movements of an account's fee balance, newest first.
    ///
    /// # Errors
    /// [`FailureCode::FeeAccountUnknown`]; [`FailureCode::ParameterInvalid`] for a foreign cursor.
    async fn ledger(&self, account: u32, cut: Cut) -> Result<Page<LedgerEntry>, Refusal>;

    /// Credits a top-up, if this node may (a faucet, or the authority). Final when it returns.
    ///
    /// # Errors
    /// [`FailureCode::TopupDuplicate`] (same reference, other key),
    /// [`FailureCode::IdempotencyKeyConflict`], [`FailureCode::TopupInvalid`],
    /// [`FailureCode::FeeAccountUnknown`], [`FailureCode::PermissionDenied`].
    async fn top_up(&self, order: TopUpOrder) -> Result<TopUp, Refusal>;

    /// Hands a signed transaction to the network and waits for its outcome.
    ///
    /// State `final` means that its block is synced. State `unknown` comes at the end of `wait`;
    /// the node does not keep the transaction for the caller. At most 32 KiB.
    ///
    /// # Errors
    /// Every code of the admission door; [`FailureCode::PoolFull`].
    async fn submit(&self, transaction: Bytes, wait: Wait) -> Result<Outcome, Refusal>;

    /// Hands several signed transactions to the network at once and waits for all of them. One
    /// outcome each, in order; what is refused at the door has state `refused` and its failures.
    /// At most 256.
    ///
    /// # Errors
    /// What refuses all of them: [`FailureCode::ReadOnly`], [`FailureCode::StoreCorrupt`].
    async fn submit_all(
        &self,
        transactions: Vec<Bytes>,
        wait: Wait,
    ) -> Result<Vec<Outcome>, Refusal>;

    /// The outcome of a transaction, by its 32-byte digest.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`] if the node has never seen it or forgot it.
    async fn transaction(&self, txid: [u8; 32]) -> Result<Outcome, Refusal>;

    /// Where the chain stands. Answers while syncing too.
    ///
    /// # Errors
    /// [`FailureCode::StoreCorrupt`], [`FailureCode::Internal`].
    async fn chain(&self) -> Result<ChainStatus, Refusal>;

    /// Blocks below `before` (or from the tip), newest first, at most `limit` (1–200). The server
    /// makes the cursor; the node sets `has_more`.
    ///
    /// # Errors
    /// [`FailureCode::Internal`].
    async fn blocks(&self, before: Option<u64>, limit: u32) -> Result<Page<BlockSummary>, Refusal>;

    /// A final block.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`] above the tip.
    async fn block(&self, height: u64) -> Result<Block, Refusal>;

    /// Events of the caller's accounts and for everybody, with higher numbers than `after`, oldest
    /// first, at most `limit` (1–200). What is told is synced.
    ///
    /// # Errors
    /// [`FailureCode::StoreCorrupt`].
    async fn events(&self, caller: &Caller, after: u64, limit: u32) -> Result<EventPage, Refusal> {
        let _unused = (caller, after, limit);
        Err(Refusal::of(FailureCode::NotImplemented))
    }

    /// Resolves when there may be events with higher numbers, or after a while; false once the node
    /// ends.
    async fn wait_for_events(&self, after: u64) -> bool {
        let _unused = after;
        false
    }

    /// Maintenance that was announced, newest first, over or not.
    ///
    /// # Errors
    /// [`FailureCode::StoreCorrupt`].
    async fn announcements(&self) -> Result<Vec<Announcement>, Refusal> {
        Ok(Vec::new())
    }

    /// The validator set that decides the next height.
    ///
    /// # Errors
    /// [`FailureCode::Internal`].
    async fn validators(&self) -> Result<ValidatorSet, Refusal>;

    /// The trust root file, its JSON text byte for byte.
    ///
    /// # Errors
    /// [`FailureCode::Internal`].
    async fn trust_root(&self) -> Result<Bytes, Refusal>;

    /// The newest checkpoint of the chain as a transparency log, a signed note.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`] where the node does not hold the log key.
    async fn checkpoint(&self) -> Result<String, Refusal>;

    /// That the first `from` blocks are a beginning of the first `to`.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`] when there are fewer blocks, `from` is 0 or above `to`.
    async fn consistency(&self, from: u64, to: u64) -> Result<Consistency, Refusal>;

    /// That a block is in the newest checkpoint, as text.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`] where the node does not hold the log key, and for a block
    /// that no checkpoint covers yet.
    async fn tlog_proof(&self, height: u64) -> Result<String, Refusal>;

    /// Finds an invoice of any seller by its number; only what is public of it.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`].
    async fn public_invoice(&self, number: &str) -> Result<PublicInvoice, Refusal>;

    /// The latest invoices on the chain, newest first, at most `limit`; only what is public.
    ///
    /// # Errors
    /// [`FailureCode::Internal`].
    async fn latest_invoices(&self, limit: u32) -> Result<Vec<PublicInvoice>, Refusal>;

    /// Whether the node can issue now, and what that rests on. Never waits.
    async fn readiness(&self) -> Readiness;

    /// Counters in the Prometheus text format.
    async fn metrics(&self) -> String;
}

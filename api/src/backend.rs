//! The seam between the HTTP contract and a node: what a node must be able to do.
//!
//! Guards: handlers know the node only through [`Backend`], so the contract can be tested against
//! an in-memory backend and `axum` stays out of the wallet.
//! Input arrives parsed and bounded; answers are wire types; a refusal is [`Refusal`], never text.
//! Every call that writes runs on a task of its own: a caller who hangs up cancels nothing.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::{Fault, Warning};
use piao_chain::invoice::Draft;
use piao_chain::time::{BlockTime, IssueDate};

use crate::caller::Caller;
pub use crate::correction::{BookingOrder, RedLetterOrder, RedLine, ReissueOrder};
use crate::idempotency::IdempotencyKey;
pub use crate::statement::{CompletenessOrder, ListRange};
use crate::wire::{
    Account, Block, BlockSummary, Booking, ChainStatus, Consistency, Invoice, InvoiceStatus,
    LedgerEntry, Limits, Outcome, Page, PublicInvoice, Readiness, RequestView, TopUp, Totals,
    ValidatorSet,
};

/// Why a call is refused: every fault, and when it is worth trying again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Every fault, at least one. The first decides code and HTTP status; see [`Self::sorted`].
    pub faults: Vec<Fault>,
    /// What it was about in this case, for people, without private text; `None` if the catalogue
    /// text says it all.
    pub detail: Option<String>,
    /// Becomes `Retry-After`, rounded up to whole seconds.
    pub retry_after: Option<Duration>,
    /// No retry before this time; stands in every failure item.
    pub not_before: Option<BlockTime>,
}

impl Refusal {
    /// A refusal for one reason.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            faults: vec![fault],
            detail: None,
            retry_after: None,
            not_before: None,
        }
    }

    /// A refusal for one reason that names no member.
    #[must_use]
    pub fn of(code: FailureCode) -> Self {
        Self::new(Fault::new(code))
    }

    /// A refusal for several reasons, put in catalogue order; `None` if there are none.
    #[must_use]
    pub fn sorted(mut faults: Vec<Fault>) -> Option<Self> {
        piao_chain::fault::sort_catalogue_order(&mut faults);
        (!faults.is_empty()).then_some(Self {
            faults,
            detail: None,
            retry_after: None,
            not_before: None,
        })
    }

    /// Adds what it was about in this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds how long to wait.
    #[must_use]
    pub const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The code that decides status and title.
    #[must_use]
    pub fn code(&self) -> FailureCode {
        self.faults
            .first()
            .map_or(FailureCode::Internal, |fault| fault.code)
    }
}

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

/// How long a call that changes something waits for the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until it is final, but no longer than this (1–30 s).
    Final(Duration),
    /// Only until it is on disk.
    Accepted,
}

/// A draft to issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueOrder {
    /// Account to issue for; the caller may use it.
    pub account: u32,
    /// The draft as parsed: two requests are the same if their drafts are equal.
    pub draft: Draft,
    /// The caller's key.
    pub key: IdempotencyKey,
    /// How long to wait.
    pub wait: Wait,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueReply {
    /// The invoice is final. `replayed` says that an earlier call with this key issued it.
    Final {
        /// The invoice.
        invoice: Box<Invoice>,
        /// Whether it was there before this call.
        replayed: bool,
    },
    /// The request is on disk and goes on by itself.
    Pending(Box<RequestView>),
}

/// What the rules say of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftVerdict {
    /// Every fault, in any order.
    pub faults: Vec<Fault>,
    /// Every warning.
    pub warnings: Vec<Warning>,
    /// Totals as computed, if the lines can be added up.
    pub totals: Option<Totals>,
    /// What issuing would cost.
    pub fee: Fen,
    /// The rule set it was judged by.
    pub rule_set: u16,
}

/// Which invoices a list shows; all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Only this status.
    pub status: Option<InvoiceStatus>,
    /// Issued on this day or later, in UTC+8.
    pub from: Option<IssueDate>,
    /// Issued on this day or earlier, in UTC+8.
    pub to: Option<IssueDate>,
    /// Text that stands in number, buyer name, buyer tax id or order reference; 1–64 characters.
    pub text: Option<String>,
    /// Exactly this order reference.
    pub order_ref: Option<String>,
}

/// Which part of a list to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Rows at most, 1–200.
    pub limit: u32,
    /// The `next_cursor` of the page before. The node made it and must refuse a foreign one with
    /// [`FailureCode::ParameterInvalid`] at `/cursor`.
    pub cursor: Option<String>,
}

/// The two forms of a proof file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofForm {
    /// `application/vnd.piao.proof`.
    Binary,
    /// `application/vnd.piao.proof+json`.
    Json,
}

/// Which document fields a proof discloses, beyond what is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// None.
    Nothing,
    /// All that this node holds.
    All,
    /// The fields of these names; an unknown name is [`FailureCode::ParameterInvalid`] at `/show`.
    Fields(Vec<String>),
}

/// A proof to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofOrder {
    /// Number of the invoice, 20 digits.
    pub number: String,
    /// Form of the file.
    pub form: ProofForm,
    /// What to disclose; anything but [`Show::Nothing`] comes with a caller.
    pub show: Show,
    /// Who asks; must own the invoice to disclose fields of it.
    pub caller: Option<Caller>,
}

/// A file to hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its bytes.
    pub bytes: Bytes,
    /// Names exactly these bytes, visible ASCII without quotes; becomes the strong `ETag`.
    pub version: String,
    /// Whether the same address will always give these bytes.
    pub immutable: bool,
}

/// A top-up to credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpOrder {
    /// Account to credit.
    pub account: u32,
    /// Amount, at least 0.01.
    pub amount: Fen,
    /// Reference of the payment, credited once for ever; 1–64 characters.
    pub reference: String,
    /// The caller's key.
    pub key: IdempotencyKey,
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

    /// The request an idempotency key of this account is bound to.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`]: this node accepted nothing under the key.
    async fn outcome(&self, account: u32, key: &IdempotencyKey) -> Result<RequestView, Refusal>;

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

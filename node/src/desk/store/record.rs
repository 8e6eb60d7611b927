//! The records of the desk journal, as the desk sees them.

use core::fmt;

use piao_chain::digest::TransactionId;
use piao_chain::invoice::InvoiceNumber;
use serde::{Deserialize, Serialize};

/// Number of a record, from 0, without gaps. Stable over a rebuild.
pub type Seq = u64;

/// Names a request for ever; random, chosen when it is accepted.
pub type RequestId = [u8; 16];

/// Bytes that name persons: sealed on disk, and gone once erased.
#[derive(Clone, PartialEq, Eq)]
pub enum Private {
    /// The bytes.
    Open(Vec<u8>),
    /// The key they were sealed with was erased; nobody can read them again.
    Erased,
}

impl Private {
    /// The bytes, unless erased.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Open(bytes) => Some(bytes),
            Self::Erased => None,
        }
    }
}

impl fmt::Debug for Private {
    /// Shows no contents: they must never reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(bytes) => write!(f, "Open({} bytes)", bytes.len()),
            Self::Erased => f.write_str("Erased"),
        }
    }
}

/// A request the desk promised to bring to an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Names the request.
    pub request_id: RequestId,
    /// The account that issues.
    pub account: u32,
    /// The client's idempotency key.
    pub key: String,
    /// From 1; grows after a final failure or a proven expiry.
    pub attempt: u32,
    /// Id of the transaction.
    pub txid: TransactionId,
    /// When, in ms since 1970.
    pub accepted_at_ms: u64,
}

/// How a request ended; can be found again from the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Which request.
    pub request_id: RequestId,
    /// How.
    pub resolution: Resolution,
    /// When, in ms since 1970.
    pub at_ms: u64,
}

/// The two ways a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resolution {
    /// It stands in a block.
    Final {
        /// Height of the block.
        height: u64,
        /// Place of the transaction in it, from 0.
        index: u32,
    },
    /// It failed for good.
    Failed {
        /// Number of the failure code.
        code: u16,
    },
}

/// A top-up the desk promised to bring to an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUp {
    /// The client's idempotency key.
    pub key: String,
    /// The account that gets it.
    pub account: u32,
    /// The payer's reference.
    pub reference: String,
    /// How much, in fen.
    pub amount_fen: i64,
    /// Id of the transaction.
    pub txid: TransactionId,
    /// When, in ms since 1970.
    pub accepted_at_ms: u64,
}

/// How often an invoice was downloaded up to now; of several records the highest count holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Downloaded {
    /// The seller.
    pub account: u32,
    /// Which invoice.
    pub number: InvoiceNumber,
    /// Downloads up to now.
    pub downloads: u64,
}

/// A request that is kept though nothing can be signed for it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Names the request.
    pub request_id: RequestId,
    /// The account that is to issue.
    pub account: u32,
    /// The client's idempotency key.
    pub key: String,
    /// The attempt that will be signed, from 0.
    pub attempt: u32,
    /// Number of the failure code it waits for the end of.
    pub code: u16,
    /// Not worth a try before this time, in ms since 1970; 0 when no time is known.
    pub not_before_ms: u64,
    /// When, in ms since 1970.
    pub at_ms: u64,
}

/// What happened to a request and does not follow from the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which request.
    pub request_id: RequestId,
    /// What.
    pub kind: StepKind,
    /// When, in ms since 1970.
    pub at_ms: u64,
}

/// The steps of a request between its attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepKind {
    /// It waits for the end of something else than before.
    Waiting {
        /// Number of the failure code.
        code: u16,
        /// Not worth a try before this time, in ms since 1970; 0 when no time is known.
        not_before_ms: u64,
    },
    /// It was refused for reasons that do not end by themselves.
    Failed {
        /// Numbers of the failure codes, at least one, each once.
        codes: Vec<u16>,
    },
    /// Its merchant gave it up; nothing of it may become final.
    Cancelled,
    /// Its merchant asked for another try.
    Retried,
    /// It rests on a confirmation of the other party from now on.
    Proposed(Proposed),
    /// What was proposed for it is taken back, or can't come to stand any more.
    Withdrawn,
}

/// Something worth telling that belongs to no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whom it is for; 0 for everybody.
    pub account: u32,
    /// What.
    pub kind: NoticeKind,
    /// When, in ms since 1970.
    pub at_ms: u64,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeKind {
    /// The balance pays for few more invoices, or for none.
    BalanceLow {
        /// For so many.
        can_issue: u64,
    },
    /// It pays for more again.
    BalanceRestored {
        /// For so many.
        can_issue: u64,
    },
    /// Maintenance is announced.
    Published {
        /// Number of the announcement.
        announcement: u32,
        /// When it begins, in ms since 1970.
        from_ms: u64,
        /// When it is over, in ms since 1970.
        until_ms: u64,
    },
    /// It is over, or was called off.
    Ended {
        /// Number of the announcement.
        announcement: u32,
    },
}

/// The confirmation that a request rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// Issuance index of the invoice that is to be put right.
    pub index: u64,
    /// It is the first proposal of a block after this time, in ms since 1970: one that stood for the
    /// invoice before says nothing of this request.
    pub after_ms: u64,
    /// Last block time that could hold what proposes it, in ms since 1970.
    pub valid_until_ms: u64,
}

/// One record of the desk journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskRecord {
    /// A request was accepted.
    Accepted {
        /// What stands in its header too.
        accepted: Accepted,
        /// The signed transaction, as it goes into the mempool.
        transaction: Vec<u8>,
        /// The parsed draft, as JSON.
        draft: Private,
        /// The document the transaction's root binds, and its rendered content.
        document: Private,
    },
    /// A request ended.
    Resolved(Resolved),
    /// A top-up was accepted.
    TopUp {
        /// What stands in its header too.
        top_up: TopUp,
        /// The signed transaction.
        transaction: Vec<u8>,
    },
    /// A seller's signed card.
    Card {
        /// Whose.
        account: u32,
        /// Encoded card.
        card: Vec<u8>,
    },
    /// An invoice was downloaded.
    Downloaded(Downloaded),
    /// A request is kept that nothing could be signed for.
    Kept {
        /// What stands in its header too.
        kept: Kept,
        /// The parsed draft, as JSON.
        draft: Private,
    },
    /// Something happened to a request.
    Step(Step),
    /// Something is told that belongs to no request.
    Notice(Notice),
}

impl DeskRecord {
    /// The private parts, draft and document, with the request and attempt they belong to.
    pub(super) fn private(&self) -> Option<(&RequestId, u32, &[u8], &[u8])> {
        match self {
            Self::Accepted {
                accepted,
                draft,
                document,
                ..
            } => Some((
                &accepted.request_id,
                accepted.attempt,
                draft.bytes().unwrap_or_default(),
                document.bytes().unwrap_or_default(),
            )),
            Self::Kept { kept, draft } => {
                let draft = draft.bytes().unwrap_or_default();
                Some((&kept.request_id, kept.attempt, draft, &[]))
            }
            _ => None,
        }
    }
}

/// A record without its bulk, as a start replays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskHeader {
    /// Where the whole record is read.
    pub seq: Seq,
    /// What it says.
    pub body: DeskHeaderBody,
}

/// The small and public part of a [`DeskRecord`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskHeaderBody {
    /// A request was accepted.
    Accepted(Accepted),
    /// A request ended.
    Resolved(Resolved),
    /// A top-up was accepted.
    TopUp(TopUp),
    /// A seller's card is there.
    Card {
        /// Whose.
        account: u32,
    },
    /// An invoice was downloaded.
    Downloaded(Downloaded),
    /// A request is kept that nothing could be signed for.
    Kept(Kept),
    /// Something happened to a request.
    Step(Step),
    /// Something is told that belongs to no request.
    Notice(Notice),
}

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
}

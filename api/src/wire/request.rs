//! A request to issue, from acceptance to its end.
//!
//! Guards: "outcome not known yet" is a state of its own, and a request never turns into two
//! invoices.

use serde::{Deserialize, Serialize};

use super::{Confirmation, Failure};

/// A request the desk has accepted and keeps on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RequestView {
    /// Id of the request, as in `/v1/requests/{id}`.
    pub id: String,
    /// Account it is issued for.
    pub account: u32,
    /// The key the caller chose.
    pub idempotency_key: String,
    /// The seller's own reference of the sale.
    pub order_ref: Option<String>,
    /// Where it stands.
    pub state: RequestState,
    /// What it waits for, in state `waiting`.
    pub waiting_for: Option<WaitingFor>,
    /// Whether an invoice exists, can still come to exist, or never will.
    pub chance: Chance,
    /// Until when a transaction of this request may still be included; a block with a later time
    /// settles it.
    pub possible_until: Option<String>,
    /// Number of the invoice, in state `final`.
    pub number: Option<String>,
    /// Latest transaction, 64 hex digits.
    pub txid: Option<String>,
    /// Height of the block, in state `final`.
    pub height: Option<u64>,
    /// Each try, oldest first.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// Why it failed or waits: of each reason the code, without what the draft holds.
    #[serde(default)]
    pub failures: Vec<Failure>,
    /// Not worth asking before this time.
    pub not_before: Option<String>,
    /// The other party's confirmation that it rests on, once that is proposed.
    #[serde(default)]
    pub confirmation: Option<Confirmation>,
    /// What to do next, as a word a program can switch on.
    pub next_action: Option<String>,
    /// When it was accepted.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// Where to go from here.
    pub links: RequestLinks,
}

/// Where a request stands: `accepted → submitted → final`, or one of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// On disk, not yet handed to the network.
    Accepted,
    /// With the network.
    Submitted,
    /// The invoice is final.
    Final,
    /// It failed for good; nothing was issued.
    Failed,
    /// The network has not said; it resolves itself.
    Unknown,
    /// It goes on by itself once `waiting_for` is over.
    Waiting,
    /// Its merchant gave it up; nothing was issued.
    Cancelled,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Accepted,
        Self::Submitted,
        Self::Final,
        Self::Failed,
        Self::Unknown,
        Self::Waiting,
        Self::Cancelled,
    ];

    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Submitted => "submitted",
            Self::Final => "final",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state a word names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What a waiting request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WaitingFor {
    /// The network.
    Network,
    /// The end of an announced maintenance.
    Maintenance,
    /// A top-up of the fee balance.
    TopUp,
    /// The window of a limit.
    Limit,
    /// The other party's confirmation.
    Confirmation,
}

impl WaitingFor {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Maintenance => "maintenance",
            Self::TopUp => "top-up",
            Self::Limit => "limit",
            Self::Confirmation => "confirmation",
        }
    }
}

/// Whether a request has led, can still lead or will never lead to an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Chance {
    /// The invoice exists.
    Issued,
    /// It may still come to exist: see `possible_until`.
    Possible,
    /// It does not exist and never will from this request as it stands.
    NotIssued,
}

/// One try of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Attempt {
    /// Which attempt, from 0. It grows once what was signed for the one before can't become final
    /// any more; several tries may belong to one attempt while nothing is signed for it.
    pub attempt: u32,
    /// When it was made.
    pub at: String,
    /// Its transaction, 64 hex digits.
    pub txid: Option<String>,
    /// Failure code it ended with or waits for the end of, for instance `E1601`; null while open or
    /// when it succeeded.
    pub code: Option<String>,
}

/// Paths to read on, relative to the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RequestLinks {
    /// This request.
    #[serde(rename = "self")]
    pub this: String,
    /// The invoice, once there is one.
    pub invoice: Option<String>,
}

impl RequestLinks {
    /// The links of the request `id`, which led to the invoice `number` if it did.
    #[must_use]
    pub fn of(id: &str, number: Option<&str>) -> Self {
        Self {
            this: format!("/v1/requests/{id}"),
            invoice: number.map(|number| format!("/v1/invoices/{number}")),
        }
    }
}

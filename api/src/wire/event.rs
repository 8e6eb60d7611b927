//! Events: what happened to requests, invoices and balances of a merchant.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that happened. Told at least once: whoever listens goes by `seq` and `subject`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Event {
    /// Its number at this node: ascending with gaps, the same for ever.
    pub seq: u64,
    /// When the node noted it.
    pub at: String,
    /// `request.waiting`, `request.final`, `request.failed`, `request.cancelled`, `invoice.issued`,
    /// `invoice.reversed`, `balance.low`, `balance.restored`, `announcement.published`,
    /// `announcement.ended`; more may come.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of the shape of `data`, from 1.
    pub version: u32,
    /// Whose; 0 for what concerns everybody.
    pub account: u32,
    /// What it happened to: a request's id, an invoice's number, an account, an announcement.
    pub subject: String,
    /// The rest, by type. Nothing of a draft and no name stands in it.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub data: Value,
}

/// A page of events, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EventPage {
    /// The events; may be empty though there are more, where many are another account's.
    pub data: Vec<Event>,
    /// Whether there are events after these.
    pub has_more: bool,
    /// What to give as `after` to read on.
    pub next_after: u64,
}

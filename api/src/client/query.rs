//! What a caller may say beside the body.

use std::time::Duration;

use crate::wire::{Invoice, InvoiceStatus, RequestView};

/// Options of issuing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueOptions {
    /// Account; the key's first if none.
    pub account: Option<u32>,
    /// Return once the request is on disk instead of waiting for the invoice.
    pub accepted_is_enough: bool,
    /// How long to wait, in whole seconds, 1–30; the node's default if none.
    pub timeout: Option<Duration>,
}

impl IssueOptions {
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let account = self.account.map(|account| ("account", account.to_string()));
        self.wait_pairs().into_iter().chain(account).collect()
    }

    /// Without the account, which a raw transaction names itself.
    pub(super) fn wait_pairs(&self) -> Vec<(&'static str, String)> {
        let wait = if self.accepted_is_enough {
            "accepted"
        } else {
            "final"
        };
        let mut pairs = vec![("wait", wait.to_owned())];
        pairs.extend(
            self.timeout
                .map(|timeout| ("timeout", timeout.as_secs().to_string())),
        );
        pairs
    }
}

/// What came of issuing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issued {
    /// The invoice is final.
    Final {
        /// The invoice.
        invoice: Box<Invoice>,
        /// Whether an earlier call with the same key had issued it.
        replayed: bool,
    },
    /// The node keeps the request and goes on by itself.
    Pending(Box<RequestView>),
}

/// Filters of a list of invoices; all hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceQuery {
    /// Account; the key's first if none.
    pub account: Option<u32>,
    /// Only this status.
    pub status: Option<InvoiceStatus>,
    /// Issued on this day (`yyyy-mm-dd`) or later.
    pub from: Option<String>,
    /// Issued on this day (`yyyy-mm-dd`) or earlier.
    pub to: Option<String>,
    /// Text in number, buyer or order reference.
    pub text: Option<String>,
    /// Exactly this order reference.
    pub order_ref: Option<String>,
    /// Rows at most, 1–200.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl InvoiceQuery {
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let status = self.status.map(|status| status.as_str().to_owned());
        let all = [
            ("account", self.account.map(|account| account.to_string())),
            ("status", status),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
            ("q", self.text.clone()),
            ("order_ref", self.order_ref.clone()),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
        ];
        let given = all.into_iter();
        given
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

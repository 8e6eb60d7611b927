//! What an invoice is issued as, whichever payload issues it: blue, red, or in place of another.

use super::{OrderKey, Payload};
use crate::digest::Digest;
use crate::invoice::InvoiceNumber;
use crate::tax::TaxFacts;

/// Facts and document of an invoice that a payload issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedContent<'a> {
    /// What everyone may judge.
    pub facts: &'a TaxFacts,
    /// Root over the salted fields of the document.
    pub doc_root: &'a Digest,
    /// Fields of the document, decoys not counted.
    pub field_count: u16,
    /// The number of the invoice it corrects, for a red letter.
    pub original: Option<InvoiceNumber>,
    /// The order it is for; `None` for a red letter.
    pub order_key: Option<&'a OrderKey>,
}

impl Payload {
    /// The invoice that this payload issues as the effect with an index, when applied (SPEC 5.3).
    #[must_use]
    pub fn content(&self, sub_index: u32) -> Option<IssuedContent<'_>> {
        match (self, sub_index) {
            (Self::IssueInvoice(invoice), 0) => Some(invoice.content()),
            (Self::IssueRedLetter(red), 0) => Some(red.content()),
            (Self::ReissueInvoice(reissue), 0) => Some(reissue.red.content()),
            (Self::ReissueInvoice(reissue), 1) => Some(reissue.invoice.content()),
            _ => None,
        }
    }

    /// How many invoices it issues when applied, at most [`crate::limits::EFFECTS_MAX`].
    #[must_use]
    pub fn issues(&self) -> u32 {
        match self {
            Self::IssueInvoice(_) | Self::IssueRedLetter(_) => 1,
            Self::ReissueInvoice(_) => 2,
            _ => 0,
        }
    }
}

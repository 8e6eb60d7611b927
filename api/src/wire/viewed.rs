//! What the link of an invoice opens: what stands on its paper, and nothing that does not.

use serde::{Deserialize, Serialize};

use super::{InvoiceDocument, Line, Party, Totals};

/// The path of an invoice's page with the secret that opens its document. For its owner alone, who
/// hands it to the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ViewLink {
    /// Invoice number, 20 digits.
    pub number: String,
    /// `/i/<number>#<secret>`, relative to the node. What stands behind `#` never reaches a server.
    pub path: String,
}

impl ViewLink {
    /// The link of an invoice.
    #[must_use]
    pub fn of(number: &str, secret: &str) -> Self {
        Self {
            number: number.to_owned(),
            path: format!("/i/{number}#{secret}"),
        }
    }
}

/// An invoice as it stands on paper. References, tags and contacts of the merchant's own are not in
/// it: whoever photographs a code sees no more than whoever photographs the paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ViewedInvoice {
    /// Invoice number, 20 digits.
    pub number: String,
    /// `general` (普票) or `special` (专票).
    pub kind: String,
    /// When it was issued, by the seller.
    pub issued_at: String,
    /// Who sells; without telephone and e-mail.
    pub seller: Party,
    /// Who buys; without telephone and e-mail.
    pub buyer: Party,
    /// What was sold, in order.
    pub lines: Vec<Line>,
    /// Sums over the lines.
    pub totals: Totals,
    /// Free remark.
    pub remark: Option<String>,
    /// Who issued it (开票人).
    pub issuer: Option<String>,
    /// Who received the payment (收款人).
    pub payee: Option<String>,
    /// Who checked it (复核人).
    pub reviewer: Option<String>,
    /// Elements of a special business.
    pub special: Option<String>,
}

impl From<InvoiceDocument> for ViewedInvoice {
    fn from(document: InvoiceDocument) -> Self {
        let on_paper = |party: Party| Party {
            phone: None,
            email: None,
            ..party
        };
        Self {
            number: document.number,
            kind: document.kind,
            issued_at: document.issued_at,
            seller: on_paper(document.seller),
            buyer: on_paper(document.buyer),
            lines: document.lines,
            totals: document.totals,
            remark: document.remark,
            issuer: document.issuer,
            payee: document.payee,
            reviewer: document.reviewer,
            special: document.special,
        }
    }
}

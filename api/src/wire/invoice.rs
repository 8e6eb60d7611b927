//! An issued invoice as its merchant sees it.
//!
//! The document part never changes after the invoice is final; what happens to it later (red
//! letters, claims, booking) stands around it.

use serde::{Deserialize, Serialize};

use super::{Change, Confirmation};

/// An issued invoice: the document, where the chain keeps it, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Invoice {
    /// What was issued; the same for ever.
    #[serde(flatten)]
    pub document: InvoiceDocument,
    /// What it counts for now.
    pub status: InvoiceStatus,
    /// Whether the buyer has booked it.
    pub booked: bool,
    /// The expense claim that holds it, if any.
    pub claim: Option<Claim>,
    /// Numbers of the red invoices that reverse it, oldest first.
    #[serde(default)]
    pub reversed_by: Vec<String>,
    /// Of a red letter, the number of the invoice it corrects.
    #[serde(default)]
    pub red_letter_of: Option<String>,
    /// Number of the invoice this one replaces.
    pub reissue_of: Option<String>,
    /// Of a replacement that is shown by itself, what it says otherwise than the one it replaces;
    /// absent where this node does not hold both documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<Change>>,
    /// Number of the invoice that replaced this one.
    pub reissued_by: Option<String>,
    /// The red letter that was last proposed for it, if any.
    #[serde(default)]
    pub confirmation: Option<Confirmation>,
    /// Whether this node holds the private document.
    pub document_state: DocumentState,
    /// How often deliverables were handed out; never limits anything.
    pub downloads: u64,
    /// Where to go from here.
    pub links: InvoiceLinks,
}

/// The part of an invoice that is fixed once it is final.
///
/// Members that only the private document holds are null when this node does not hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InvoiceDocument {
    /// Invoice number, 20 digits.
    pub number: String,
    /// The seller's gapless count, from 1.
    pub counter: u64,
    /// Digest that names the issued invoice, 64 hex digits.
    pub invoice_id: String,
    /// Name of the network, so that a sample can never look real.
    pub network: String,
    /// Account of the seller.
    pub account: u32,
    /// `general` (普票) or `special` (专票).
    pub kind: String,
    /// The seller's own reference of the sale.
    pub order_ref: Option<String>,
    /// Part of a split order.
    pub order_part: Option<String>,
    /// A reference of the caller, returned untouched.
    pub client_ref: Option<String>,
    /// ISO 4217 code; CNY.
    pub currency: String,
    /// When it was issued, by the seller.
    pub issued_at: String,
    /// Who sells.
    pub seller: Party,
    /// Who buys.
    pub buyer: Party,
    /// What was sold, in order.
    pub lines: Vec<Line>,
    /// Sums over the lines.
    pub totals: Totals,
    /// Payments this invoice belongs to.
    #[serde(default)]
    pub payment_refs: Vec<String>,
    /// Free remark.
    pub remark: Option<String>,
    /// Who issued it (开票人).
    pub issuer: Option<String>,
    /// Who drew it up, if the merchant says.
    pub drawer: Option<String>,
    /// Who received the payment (收款人).
    pub payee: Option<String>,
    /// Who checked it (复核人).
    pub reviewer: Option<String>,
    /// Why a small-scale seller shows 3 % instead of 1 %: `1` or `2`.
    pub waive_1pct_reason: Option<String>,
    /// Elements of a special business.
    pub special: Option<String>,
    /// Tags of the merchant.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Fee the network charged, yuan.
    pub fee: String,
    /// Transaction that issued it, 64 hex digits.
    pub txid: String,
    /// Height of its block.
    pub height: u64,
    /// Id of its block, 64 hex digits.
    pub block_id: String,
    /// Time of its block.
    pub final_at: String,
}

/// What an invoice counts for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// As issued.
    Issued,
    /// Some of it was reversed by red letters.
    PartlyReversed,
    /// All of it was reversed.
    Reversed,
    /// Replaced by another invoice.
    Reissued,
}

impl InvoiceStatus {
    /// Every status, in the order a list offers them.
    pub const ALL: [Self; 4] = [
        Self::Issued,
        Self::PartlyReversed,
        Self::Reversed,
        Self::Reissued,
    ];

    /// The word used in JSON and in the filter `status=`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::PartlyReversed => "partly_reversed",
            Self::Reversed => "reversed",
            Self::Reissued => "reissued",
        }
    }

    /// Reads the word of [`Self::as_str`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// Whether this node can show the private document of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// It lies here.
    Held,
    /// Another node of the merchant issued it and holds it.
    Elsewhere,
    /// It was erased; the chain proof remains.
    Erased,
}

/// An expense claim on an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Claim {
    /// How far the claim has come.
    pub state: ClaimState,
    /// Reference the claimant chose, when the reader may know it.
    pub claim_ref: Option<String>,
    /// When a lock lapses by itself.
    pub expires_at: Option<String>,
}

/// How far an expense claim has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Somebody is claiming it.
    Locked,
    /// It was reimbursed.
    Closed,
}

/// A seller or a buyer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Party {
    /// `enterprise`, `government`, `individual` or `other`; null for a seller.
    #[serde(rename = "type")]
    pub party_type: Option<String>,
    /// Name on the invoice.
    pub name: Option<String>,
    /// Tax id.
    pub tax_id: Option<String>,
    /// `uscc` or `legacy`.
    pub id_scheme: Option<String>,
    /// Kind of a natural person's id.
    pub id_type: Option<String>,
    /// A natural person's id, always masked (`420102********1234`).
    pub id_number: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Bank.
    pub bank: Option<String>,
    /// Account at that bank.
    pub bank_account: Option<String>,
}

/// One line of an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Line {
    /// What was sold, `*short name*name`.
    pub name: Option<String>,
    /// Tax classification code, 19 digits.
    pub class_code: Option<String>,
    /// Model (规格型号).
    pub spec: Option<String>,
    /// Unit of the quantity.
    pub unit: Option<String>,
    /// How many, a decimal.
    pub quantity: Option<String>,
    /// Price of one without tax, a decimal.
    pub unit_price: Option<String>,
    /// Amount without tax, yuan with two decimals.
    pub amount: Option<String>,
    /// Rate as a fraction: `0.06`.
    pub rate: Option<String>,
    /// Tax, yuan with two decimals.
    pub tax: Option<String>,
    /// Amount with tax, yuan with two decimals.
    pub gross: Option<String>,
    /// Amount taken off before tax (差额征税), yuan.
    pub deduction: Option<String>,
    /// Why the rate is zero, if it is.
    pub zero_rate_kind: Option<String>,
    /// Preference policy.
    pub preference: Option<String>,
    /// Whether this line is a discount on the line before it.
    #[serde(default)]
    pub discount: bool,
}

/// Sums over the lines, yuan with two decimals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Totals {
    /// Without tax.
    pub amount: String,
    /// Tax.
    pub tax: String,
    /// With tax.
    pub gross: String,
    /// The gross total in Chinese capitals.
    pub gross_capital: Option<String>,
}

/// Paths to read on, relative to the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InvoiceLinks {
    /// This invoice.
    #[serde(rename = "self")]
    pub this: String,
    /// Its proof file.
    pub proof: String,
    /// Its document as JSON.
    pub json: String,
    /// Its transaction in the explorer.
    pub explorer: String,
}

impl InvoiceLinks {
    /// The links of the invoice `number`, issued by the transaction `txid`.
    #[must_use]
    pub fn of(number: &str, txid: &str) -> Self {
        Self {
            this: format!("/v1/invoices/{number}"),
            proof: format!("/v1/invoices/{number}/proof"),
            json: format!("/v1/invoices/{number}/json"),
            explorer: format!("/explorer/tx/{txid}"),
        }
    }
}

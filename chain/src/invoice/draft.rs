//! The draft of an invoice, as a merchant hands it in.
//!
//! Guards: nothing is interpreted here. Every member is what the request said, or absent; the
//! shape is that of the JSON body, and unknown members are refused when it is read.

use core::fmt;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A draft; money, rates and quantities are texts.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// `general` (普票) or `special` (专票).
    pub kind: Option<String>,
    /// The merchant's order; at most one effective invoice per order and part.
    pub order_ref: Option<String>,
    /// RFC 3339 time with zone; the desk's time if left out.
    pub issued_at: Option<String>,
    /// The desk's own merchant if left out.
    pub seller: Option<DraftSeller>,
    /// Who bought.
    pub buyer: Option<DraftBuyer>,
    /// The lines.
    pub lines: Vec<DraftLine>,
    /// Computed if left out, checked if given.
    pub totals: Option<DraftTotals>,
    /// Payments this invoice is for.
    pub payment_refs: Vec<String>,
    /// Part of an order that is invoiced in parts.
    pub order_part: Option<String>,
    /// Free reference of the client.
    pub client_ref: Option<String>,
    /// 备注.
    pub remark: Option<String>,
    /// 开票人.
    pub issuer: Option<String>,
    /// Where to send it.
    pub delivery: Option<DraftDelivery>,
    /// `CNY`, or left out.
    pub currency: Option<String>,
    /// Why a small-scale seller shows 3 % instead of 1 %: `1` or `2`.
    pub waive_1pct_reason: Option<String>,
    /// The seller's bank.
    pub bank: Option<String>,
    /// The seller's account there.
    pub bank_account: Option<String>,
    /// Who drew it up.
    pub drawer: Option<String>,
    /// 收款人.
    pub payee: Option<String>,
    /// 复核人.
    pub reviewer: Option<String>,
    /// The merchant's own tags.
    pub tags: Vec<String>,
    /// A special business with its elements; a text is a note and names no business.
    pub special: Option<DraftSpecial>,
}

/// A special business, or a text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DraftSpecial {
    /// Kept as it is; the invoice is one of no special business.
    Text(String),
    /// A special business.
    Business(DraftBusiness),
}

/// A special business and what it asks for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftBusiness {
    /// Its word or its number of two digits: `construction` or `03`.
    pub business: Option<String>,
    /// Its elements by name; see [`crate::tax::SpecialBusiness`].
    pub elements: BTreeMap<String, ElementValue>,
}

/// The value of an element.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ElementValue {
    /// Yes or no.
    Flag(bool),
    /// Anything else.
    Text(String),
}

/// The seller, if a draft names one.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftSeller {
    /// Tax id.
    pub tax_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// `uscc` (also if left out) or `legacy`.
    pub id_scheme: Option<String>,
}

/// The buyer.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftBuyer {
    /// `enterprise`, `government`, `individual` or `other`.
    #[serde(rename = "type")]
    pub buyer_type: Option<String>,
    /// 抬头.
    pub name: Option<String>,
    /// Tax id.
    pub tax_id: Option<String>,
    /// `uscc` (also if left out) or `legacy`.
    pub id_scheme: Option<String>,
    /// Phone, free text.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Bank.
    pub bank: Option<String>,
    /// Account there.
    pub bank_account: Option<String>,
    /// Kind of a natural person's id, by its national number; `201` (resident id) if left out.
    pub id_type: Option<String>,
    /// That id; private.
    pub id_number: Option<String>,
}

/// One line.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftLine {
    /// `*short name*item`.
    pub name: Option<String>,
    /// Tax classification code, 19 digits.
    pub class_code: Option<String>,
    /// 规格型号.
    pub spec: Option<String>,
    /// Unit.
    pub unit: Option<String>,
    /// Quantity; with a unit price or not at all.
    pub quantity: Option<String>,
    /// Unit price without tax.
    pub unit_price: Option<String>,
    /// Amount without tax; computed from quantity and unit price, or from `gross`, if left out.
    pub amount: Option<String>,
    /// Amount with tax, instead of `amount`.
    pub gross: Option<String>,
    /// Rate as a fraction: `0.06`.
    pub rate: Option<String>,
    /// Tax; computed if left out.
    pub tax: Option<String>,
    /// What margin taxation deducts before tax.
    pub deduction: Option<String>,
    /// `export`, `exempt`, `untaxed` or `ordinary`, or the national number 0–3.
    pub zero_rate_kind: Option<String>,
    /// Preference policy, `01`–`18`.
    pub preference: Option<String>,
    /// Whether this line is the discount of the line before it.
    pub discount: Option<bool>,
}

/// The totals, if a draft gives them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftTotals {
    /// Amount without tax.
    pub amount: Option<String>,
    /// Tax.
    pub tax: Option<String>,
    /// Amount with tax.
    pub gross: Option<String>,
    /// The same in Chinese capitals.
    pub gross_capital: Option<String>,
}

/// Where to send the invoice.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftDelivery {
    /// E-mail.
    pub email: Option<String>,
    /// Mobile phone.
    pub phone: Option<String>,
}

impl fmt::Debug for Draft {
    /// Says nothing private: a draft may end up in a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = |kind: &&str| matches!(*kind, "general" | "special");
        f.debug_struct("Draft")
            .field("kind", &self.kind.as_deref().filter(known))
            .field("lines", &self.lines.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DraftSpecial {
    /// Says nothing private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Business(_) => f.write_str("Business(…)"),
        }
    }
}

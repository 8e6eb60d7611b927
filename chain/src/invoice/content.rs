//! An invoice with everything decided: what is shown, printed and kept.
//!
//! Guards: a rendering only. It is never hashed or signed; the fields and the facts are.
//! Holds private texts: kept encrypted, never logged.

use core::fmt;

use serde::{Deserialize, Serialize};

/// All texts and figures of an invoice. Money, rates and quantities are decimal texts.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceContent {
    /// `general` or `special`.
    pub kind: String,
    /// The merchant's order.
    pub order_ref: Option<String>,
    /// Part of that order.
    pub order_part: Option<String>,
    /// Issue time, RFC 3339 in China's zone.
    pub issued_at: String,
    /// Seller.
    pub seller: SellerContent,
    /// Buyer.
    pub buyer: BuyerContent,
    /// Lines.
    pub lines: Vec<LineContent>,
    /// Totals.
    pub totals: TotalsContent,
    /// Payments this invoice is for.
    pub payment_refs: Vec<String>,
    /// Free reference of the client.
    pub client_ref: Option<String>,
    /// 备注.
    pub remark: Option<String>,
    /// 开票人.
    pub issuer: String,
    /// Who drew it up.
    pub drawer: Option<String>,
    /// 收款人.
    pub payee: Option<String>,
    /// 复核人.
    pub reviewer: Option<String>,
    /// The merchant's own tags.
    pub tags: Vec<String>,
    /// Elements of a special business.
    pub special: Option<String>,
    /// E-mail to send it to.
    pub delivery_email: Option<String>,
    /// Mobile phone to send it to.
    pub delivery_phone: Option<String>,
    /// `CNY`.
    pub currency: String,
    /// Why 3 % is shown instead of 1 %.
    pub waive_1pct_reason: Option<String>,
}

/// The seller as shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellerContent {
    /// Tax id.
    pub tax_id: String,
    /// Registered name.
    pub name: String,
    /// Bank.
    pub bank: Option<String>,
    /// Account there.
    pub bank_account: Option<String>,
}

/// The buyer as shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyerContent {
    /// `enterprise`, `government`, `individual` or `other`.
    #[serde(rename = "type")]
    pub buyer_type: String,
    /// 抬头.
    pub name: String,
    /// Tax id, whatever its form.
    pub tax_id: Option<String>,
    /// National number of a person's kind of id.
    pub id_type: Option<String>,
    /// That id, masked; the whole id is a field of the document.
    pub id_number: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Bank.
    pub bank: Option<String>,
    /// Account there.
    pub bank_account: Option<String>,
}

/// One line as shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineContent {
    /// Item.
    pub name: String,
    /// Classification code, 19 digits.
    pub class_code: String,
    /// 规格型号.
    pub spec: Option<String>,
    /// Unit.
    pub unit: Option<String>,
    /// Quantity.
    pub quantity: Option<String>,
    /// Unit price without tax.
    pub unit_price: Option<String>,
    /// Amount without tax.
    pub amount: String,
    /// Rate as a fraction.
    pub rate: String,
    /// Tax.
    pub tax: String,
    /// Amount with tax.
    pub gross: String,
    /// What margin taxation deducts.
    pub deduction: Option<String>,
    /// `export`, `exempt`, `untaxed` or `ordinary`.
    pub zero_rate_kind: Option<String>,
    /// Preference policy, two digits.
    pub preference: Option<String>,
    /// Whether this is the discount of the line before.
    pub discount: bool,
}

/// Totals as shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalsContent {
    /// Amount without tax.
    pub amount: String,
    /// Tax.
    pub tax: String,
    /// Amount with tax.
    pub gross: String,
    /// The same in Chinese capitals.
    pub gross_capital: String,
}

impl fmt::Debug for InvoiceContent {
    /// Says nothing private: an invoice may end up in a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceContent")
            .field("kind", &self.kind)
            .field("lines", &self.lines.len())
            .finish_non_exhaustive()
    }
}

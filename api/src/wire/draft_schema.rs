//! The shape of a draft, for the `OpenAPI` document only; `draft` reads it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// A draft of an invoice. Members that are not listed are refused (E1104). Money, rates and
/// quantities are decimal strings, never numbers.
///
/// `order_ref`, `seller`, `totals`, `tax` and `issued_at` may be left out: the node fills in its own
/// merchant, computes and stamps; given, they are checked.
#[derive(ToSchema)]
#[schema(example = json!({
    "kind": "general",
    "order_ref": "POS-7-000123",
    "buyer": {"type": "individual", "name": "个人"},
    "lines": [{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000",
        "quantity": "1", "unit_price": "100.00", "amount": "100.00", "rate": "0.06"}],
    "issuer": "开票人"
}))]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
pub struct InvoiceDraft {
    /// `general` (普票) or `special` (专票).
    kind: String,
    /// The merchant's order; at most one effective invoice per order and part.
    order_ref: Option<String>,
    /// Part of an order that is invoiced in parts.
    order_part: Option<String>,
    /// RFC 3339 time with zone.
    issued_at: Option<String>,
    /// Who sells.
    seller: Option<InvoiceDraftSeller>,
    /// Who buys.
    buyer: InvoiceDraftBuyer,
    /// What was sold, 1 to 200 lines.
    lines: Vec<InvoiceDraftLine>,
    /// Sums over the lines.
    totals: Option<InvoiceDraftTotals>,
    /// Payments this invoice is for.
    payment_refs: Option<Vec<String>>,
    /// A reference of the caller, returned untouched.
    client_ref: Option<String>,
    /// Free remark.
    remark: Option<String>,
    /// Who issues it (开票人).
    issuer: Option<String>,
    /// Where to send it.
    delivery: Option<InvoiceDraftDelivery>,
    /// `CNY`.
    currency: Option<String>,
    /// Why a small-scale seller shows 3 % instead of 1 %: `1` or `2`.
    waive_1pct_reason: Option<String>,
    /// The seller's bank.
    bank: Option<String>,
    /// The seller's account there.
    bank_account: Option<String>,
    /// Who drew it up.
    drawer: Option<String>,
    /// Who received the payment (收款人).
    payee: Option<String>,
    /// Who checked it (复核人).
    reviewer: Option<String>,
    /// The merchant's own tags.
    tags: Option<Vec<String>>,
    /// A special business with its elements, or a note.
    special: Option<InvoiceDraftSpecial>,
}

/// A special business, or a text that names none.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
enum InvoiceDraftSpecial {
    /// A note.
    Note(String),
    /// A special business.
    Business(InvoiceDraftBusiness),
}

/// A special business.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "business": "construction",
    "elements": {"place": "湖北省武汉市江岸区", "project": "样例大厦", "cross_city": false}
}))]
struct InvoiceDraftBusiness {
    /// Its word or its number of two digits: `construction` or `03`.
    business: String,
    /// Its elements by name, texts and flags; which there are depends on the business.
    elements: Option<BTreeMap<String, InvoiceDraftElement>>,
}

/// The value of an element.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
enum InvoiceDraftElement {
    /// Yes or no.
    Flag(bool),
    /// Anything else.
    Text(String),
}

/// The seller of a draft.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
struct InvoiceDraftSeller {
    /// Tax id.
    tax_id: Option<String>,
    /// Name.
    name: Option<String>,
    /// `uscc` (default) or `legacy`.
    id_scheme: Option<String>,
}

/// The buyer of a draft.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
struct InvoiceDraftBuyer {
    /// `enterprise`, `government`, `individual` or `other`.
    r#type: String,
    /// Name on the invoice (抬头).
    name: String,
    /// Tax id; required of an enterprise and on a special invoice.
    tax_id: Option<String>,
    /// `uscc` (default) or `legacy`.
    id_scheme: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// E-mail.
    email: Option<String>,
    /// Address.
    address: Option<String>,
    /// Bank.
    bank: Option<String>,
    /// Account at that bank.
    bank_account: Option<String>,
    /// Kind of a natural person's id.
    id_type: Option<String>,
    /// A natural person's id; checked, kept private.
    id_number: Option<String>,
}

/// A line of a draft. Give `amount` or `gross`.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
struct InvoiceDraftLine {
    /// What was sold, `*short name*name`.
    name: String,
    /// Tax classification code, 19 digits.
    class_code: String,
    /// Model (规格型号).
    spec: Option<String>,
    /// Unit of the quantity.
    unit: Option<String>,
    /// How many; with a unit price or not at all.
    quantity: Option<String>,
    /// Price of one without tax.
    unit_price: Option<String>,
    /// Amount without tax.
    amount: Option<String>,
    /// Amount with tax; the node splits it.
    gross: Option<String>,
    /// Rate as a fraction: `0.06`.
    rate: String,
    /// Tax; computed if left out.
    tax: Option<String>,
    /// What margin taxation deducts before tax.
    deduction: Option<String>,
    /// `export`, `exempt`, `untaxed` or `ordinary`, with rate 0.
    zero_rate_kind: Option<String>,
    /// Preference policy, `01` to `18`.
    preference: Option<String>,
    /// Whether this line is the discount of the line before it.
    discount: Option<bool>,
}

/// The totals of a draft.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
struct InvoiceDraftTotals {
    /// Without tax.
    amount: Option<String>,
    /// Tax.
    tax: Option<String>,
    /// With tax.
    gross: Option<String>,
    /// The gross total in Chinese capitals.
    gross_capital: Option<String>,
}

/// Where to send the invoice.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "describes the body; reading is strict and done by hand"
)]
struct InvoiceDraftDelivery {
    /// E-mail.
    email: Option<String>,
    /// Mobile phone.
    phone: Option<String>,
}

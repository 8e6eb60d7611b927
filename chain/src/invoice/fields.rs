//! The table of document fields: what a document keeps beside the public facts.
//!
//! Guards: an id never changes its meaning and is never reused, because documents are bound to the
//! chain by it. Values are UTF-8, exactly as written; an absent text is no field.
//! A line number is 0 for the head and counts from 1 for lines; entries of a list count from 1.

use super::buyer::BuyerIdentity;
use super::content::{InvoiceContent, LineContent};

/// Issue time, RFC 3339.
pub const ISSUED_AT: u16 = 1;
/// The merchant's order.
pub const ORDER_REF: u16 = 2;
/// Part of that order.
pub const ORDER_PART: u16 = 3;
/// Free reference of the client.
pub const CLIENT_REF: u16 = 4;
/// 备注.
pub const REMARK: u16 = 5;
/// 开票人.
pub const ISSUER: u16 = 6;
/// Who drew it up.
pub const DRAWER: u16 = 7;
/// 收款人.
pub const PAYEE: u16 = 8;
/// 复核人.
pub const REVIEWER: u16 = 9;
/// A note about a special business, where the elements are not given one by one.
pub const SPECIAL: u16 = 10;
/// A payment this invoice is for; a list.
pub const PAYMENT_REF: u16 = 11;
/// A tag; a list.
pub const TAG: u16 = 12;
/// E-mail to send it to.
pub const DELIVERY_EMAIL: u16 = 13;
/// Phone to send it to.
pub const DELIVERY_PHONE: u16 = 14;
/// Name of the seller.
pub const SELLER_NAME: u16 = 20;
/// Tax id of the seller.
pub const SELLER_TAX_ID: u16 = 21;
/// Bank of the seller.
pub const SELLER_BANK: u16 = 22;
/// The seller's account there.
pub const SELLER_BANK_ACCOUNT: u16 = 23;
/// Name of the buyer.
pub const BUYER_NAME: u16 = 40;
/// Type of the buyer, as its word.
pub const BUYER_TYPE: u16 = 41;
/// Kind of the buyer's private id, its number in decimal; see [`BuyerIdentity`].
pub const BUYER_ID_TYPE: u16 = 42;
/// The buyer's id: a tax id or a person's id, whole.
pub const BUYER_ID: u16 = 43;
/// Phone of the buyer.
pub const BUYER_PHONE: u16 = 44;
/// E-mail of the buyer.
pub const BUYER_EMAIL: u16 = 45;
/// Address of the buyer.
pub const BUYER_ADDRESS: u16 = 46;
/// Bank of the buyer.
pub const BUYER_BANK: u16 = 47;
/// The buyer's account there.
pub const BUYER_BANK_ACCOUNT: u16 = 48;
/// Item of a line.
pub const LINE_NAME: u16 = 100;
/// 规格型号 of a line.
pub const LINE_SPEC: u16 = 101;
/// Unit of a line.
pub const LINE_UNIT: u16 = 102;
/// Quantity of a line.
pub const LINE_QUANTITY: u16 = 103;
/// Unit price of a line, without tax.
pub const LINE_UNIT_PRICE: u16 = 104;
/// First of the elements of special businesses, which are fields of the whole document.
pub const SPECIAL_ELEMENTS: u16 = 201;

/// Every field with the name that callers use for it, ascending by id.
pub const NAMES: [(&str, u16); 52] = [
    ("issued_at", ISSUED_AT),
    ("order_ref", ORDER_REF),
    ("order_part", ORDER_PART),
    ("client_ref", CLIENT_REF),
    ("remark", REMARK),
    ("issuer", ISSUER),
    ("drawer", DRAWER),
    ("payee", PAYEE),
    ("reviewer", REVIEWER),
    ("special", SPECIAL),
    ("payment_ref", PAYMENT_REF),
    ("tag", TAG),
    ("delivery_email", DELIVERY_EMAIL),
    ("delivery_phone", DELIVERY_PHONE),
    ("seller_name", SELLER_NAME),
    ("seller_tax_id", SELLER_TAX_ID),
    ("seller_bank", SELLER_BANK),
    ("seller_bank_account", SELLER_BANK_ACCOUNT),
    ("buyer_name", BUYER_NAME),
    ("buyer_type", BUYER_TYPE),
    ("buyer_id_type", BUYER_ID_TYPE),
    ("buyer_id", BUYER_ID),
    ("buyer_phone", BUYER_PHONE),
    ("buyer_email", BUYER_EMAIL),
    ("buyer_address", BUYER_ADDRESS),
    ("buyer_bank", BUYER_BANK),
    ("buyer_bank_account", BUYER_BANK_ACCOUNT),
    ("line_name", LINE_NAME),
    ("line_spec", LINE_SPEC),
    ("line_unit", LINE_UNIT),
    ("line_quantity", LINE_QUANTITY),
    ("line_unit_price", LINE_UNIT_PRICE),
    ("special_place", SPECIAL_ELEMENTS),
    ("special_address", SPECIAL_ELEMENTS + 1),
    ("special_project", SPECIAL_ELEMENTS + 2),
    ("special_cross_city", SPECIAL_ELEMENTS + 3),
    ("special_land_tax_project", SPECIAL_ELEMENTS + 4),
    ("special_cross_region_no", SPECIAL_ELEMENTS + 5),
    ("special_from", SPECIAL_ELEMENTS + 6),
    ("special_to", SPECIAL_ELEMENTS + 7),
    ("special_vehicle", SPECIAL_ELEMENTS + 8),
    ("special_plate", SPECIAL_ELEMENTS + 9),
    ("special_goods", SPECIAL_ELEMENTS + 10),
    ("special_deed_no", SPECIAL_ELEMENTS + 11),
    ("special_contract_no", SPECIAL_ELEMENTS + 12),
    ("special_lease_from", SPECIAL_ELEMENTS + 13),
    ("special_lease_to", SPECIAL_ELEMENTS + 14),
    ("special_traveller", SPECIAL_ELEMENTS + 15),
    ("special_id_type", SPECIAL_ELEMENTS + 16),
    ("special_id_number", SPECIAL_ELEMENTS + 17),
    ("special_date", SPECIAL_ELEMENTS + 18),
    ("special_class", SPECIAL_ELEMENTS + 19),
];

/// The field of an element of a special business.
#[must_use]
pub fn element_id(name: &str) -> Option<u16> {
    let elements = NAMES.iter().filter(|(_, id)| *id >= SPECIAL_ELEMENTS);
    let mut named = elements.filter(|(known, _)| known.strip_prefix("special_") == Some(name));
    named.next().map(|(_, id)| *id)
}

/// The field with a name.
#[must_use]
pub fn id_of(name: &str) -> Option<u16> {
    let found = NAMES.iter().find(|(known, _id)| *known == name);
    found.map(|(_known, id)| *id)
}

/// The name of a field.
#[must_use]
pub fn name_of(id: u16) -> Option<&'static str> {
    let found = NAMES.iter().find(|(_name, known)| *known == id);
    found.map(|(name, _known)| *name)
}

/// What a document keeps of a special business.
#[derive(Clone, Copy)]
pub(super) struct Special<'a> {
    /// Its number, 0 for none.
    pub(super) business: u8,
    /// Its elements, by field.
    pub(super) elements: &'a [(u16, String)],
}

/// A field: id, line, value.
pub type FieldEntry = (u16, u16, Vec<u8>);

/// Every field of an invoice, by id and then by line. With elements, the text that shows them all
/// is no field of its own: it would show whoever is shown one of them the others too.
#[must_use]
pub(super) fn of(
    content: &InvoiceContent,
    buyer: &BuyerIdentity,
    special: Special<'_>,
) -> Vec<FieldEntry> {
    let mut fields = Vec::new();
    push_head(&mut fields, content);
    if special.business == 0 {
        push(&mut fields, SPECIAL, content.special.as_deref());
    }
    for (id, text) in special.elements {
        push(&mut fields, *id, Some(text));
    }
    push_parties(&mut fields, content);
    push_buyer_id(&mut fields, buyer);
    for (line, content) in (1_u16..).zip(&content.lines) {
        push_line(&mut fields, line, content);
    }
    fields.sort_by_key(|(id, line, _)| (*id, *line));
    fields
}

/// Adds a text of the head, if there is one.
fn push(fields: &mut Vec<FieldEntry>, id: u16, text: Option<&str>) {
    fields.extend(text.map(|text| (id, 0, text.as_bytes().to_vec())));
}

fn push_head(fields: &mut Vec<FieldEntry>, content: &InvoiceContent) {
    push(fields, ISSUED_AT, Some(&content.issued_at));
    push(fields, ORDER_REF, content.order_ref.as_deref());
    push(fields, ORDER_PART, content.order_part.as_deref());
    push(fields, CLIENT_REF, content.client_ref.as_deref());
    push(fields, REMARK, content.remark.as_deref());
    push(fields, ISSUER, Some(&content.issuer));
    push(fields, DRAWER, content.drawer.as_deref());
    push(fields, PAYEE, content.payee.as_deref());
    push(fields, REVIEWER, content.reviewer.as_deref());
    push(fields, DELIVERY_EMAIL, content.delivery_email.as_deref());
    push(fields, DELIVERY_PHONE, content.delivery_phone.as_deref());
    for (id, list) in [(PAYMENT_REF, &content.payment_refs), (TAG, &content.tags)] {
        let entries = (1_u16..).zip(list);
        fields.extend(entries.map(|(place, text)| (id, place, text.as_bytes().to_vec())));
    }
}

fn push_parties(fields: &mut Vec<FieldEntry>, content: &InvoiceContent) {
    let (seller, buyer) = (&content.seller, &content.buyer);
    push(fields, SELLER_NAME, Some(&seller.name));
    push(fields, SELLER_TAX_ID, Some(&seller.tax_id));
    push(fields, SELLER_BANK, seller.bank.as_deref());
    push(fields, SELLER_BANK_ACCOUNT, seller.bank_account.as_deref());
    push(fields, BUYER_NAME, Some(&buyer.name));
    push(fields, BUYER_TYPE, Some(&buyer.buyer_type));
    push(fields, BUYER_PHONE, buyer.phone.as_deref());
    push(fields, BUYER_EMAIL, buyer.email.as_deref());
    push(fields, BUYER_ADDRESS, buyer.address.as_deref());
    push(fields, BUYER_BANK, buyer.bank.as_deref());
    push(fields, BUYER_BANK_ACCOUNT, buyer.bank_account.as_deref());
}

/// The id goes in whole, so that the commitment on chain can be opened from the document.
fn push_buyer_id(fields: &mut Vec<FieldEntry>, buyer: &BuyerIdentity) {
    match buyer {
        BuyerIdentity::Clear(uscc) => push(fields, BUYER_ID, Some(uscc.as_str())),
        BuyerIdentity::Private { id_type, id, .. } => {
            push(fields, BUYER_ID_TYPE, Some(&id_type.to_string()));
            if !id.is_empty() {
                fields.push((BUYER_ID, 0, id.clone()));
            }
        }
    }
}

fn push_line(fields: &mut Vec<FieldEntry>, line: u16, content: &LineContent) {
    let texts = [
        (LINE_NAME, Some(&content.name)),
        (LINE_SPEC, content.spec.as_ref()),
        (LINE_UNIT, content.unit.as_ref()),
        (LINE_QUANTITY, content.quantity.as_ref()),
        (LINE_UNIT_PRICE, content.unit_price.as_ref()),
    ];
    let given = texts
        .into_iter()
        .filter_map(|(id, text)| text.map(|text| (id, text)));
    fields.extend(given.map(|(id, text)| (id, line, text.as_bytes().to_vec())));
}

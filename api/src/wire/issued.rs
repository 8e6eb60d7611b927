//! From what the chain and the desk hold to the wire: an issued invoice.

use piao_chain::amount::Fen;
use piao_chain::invoice::{
    BuyerContent, InvoiceContent, LineContent, SellerContent, TotalsContent, capital,
};
use piao_chain::time::BlockTime;

use super::{InvoiceDocument, Line, Party, Totals};

/// Where an invoice stands on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedPlace {
    /// Number, 20 digits.
    pub number: String,
    /// The seller's gapless count.
    pub counter: u64,
    /// Id of the issued invoice, 64 hex digits.
    pub invoice_id: String,
    /// Name of the network.
    pub network: String,
    /// Account of the seller.
    pub account: u32,
    /// Fee the network charged.
    pub fee: Fen,
    /// Transaction, 64 hex digits.
    pub txid: String,
    /// Height of its block.
    pub height: u64,
    /// Id of its block, 64 hex digits.
    pub block_id: String,
    /// Time of its block.
    pub final_at: BlockTime,
}

impl InvoiceDocument {
    /// The document `content`, issued at `place`.
    #[must_use]
    pub fn new(content: InvoiceContent, place: IssuedPlace) -> Self {
        Self {
            number: place.number,
            counter: place.counter,
            invoice_id: place.invoice_id,
            network: place.network,
            account: place.account,
            kind: content.kind,
            order_ref: content.order_ref,
            order_part: content.order_part,
            client_ref: content.client_ref,
            currency: content.currency,
            issued_at: content.issued_at,
            seller: content.seller.into(),
            buyer: content.buyer.into(),
            lines: content.lines.into_iter().map(Into::into).collect(),
            totals: content.totals.into(),
            payment_refs: content.payment_refs,
            remark: content.remark,
            issuer: Some(content.issuer),
            drawer: content.drawer,
            payee: content.payee,
            reviewer: content.reviewer,
            waive_1pct_reason: content.waive_1pct_reason,
            special: content.special,
            tags: content.tags,
            fee: place.fee.to_string(),
            txid: place.txid,
            height: place.height,
            block_id: place.block_id,
            final_at: place.final_at.to_string(),
        }
    }
}

impl From<SellerContent> for Party {
    fn from(seller: SellerContent) -> Self {
        Self {
            name: Some(seller.name),
            tax_id: Some(seller.tax_id),
            bank: seller.bank,
            bank_account: seller.bank_account,
            ..Self::default()
        }
    }
}

impl From<BuyerContent> for Party {
    fn from(buyer: BuyerContent) -> Self {
        Self {
            party_type: Some(buyer.buyer_type),
            name: Some(buyer.name),
            tax_id: buyer.tax_id,
            id_scheme: None,
            id_type: buyer.id_type,
            id_number: buyer.id_number,
            phone: buyer.phone,
            email: buyer.email,
            address: buyer.address,
            bank: buyer.bank,
            bank_account: buyer.bank_account,
        }
    }
}

impl From<LineContent> for Line {
    fn from(line: LineContent) -> Self {
        Self {
            name: Some(line.name),
            class_code: Some(line.class_code),
            spec: line.spec,
            unit: line.unit,
            quantity: line.quantity,
            unit_price: line.unit_price,
            amount: Some(line.amount),
            rate: Some(line.rate),
            tax: Some(line.tax),
            gross: Some(line.gross),
            deduction: line.deduction,
            zero_rate_kind: line.zero_rate_kind,
            preference: line.preference,
            discount: line.discount,
        }
    }
}

impl From<TotalsContent> for Totals {
    fn from(totals: TotalsContent) -> Self {
        Self {
            amount: totals.amount,
            tax: totals.tax,
            gross: totals.gross,
            gross_capital: Some(totals.gross_capital),
        }
    }
}

impl From<piao_chain::tax::Totals> for Totals {
    fn from(totals: piao_chain::tax::Totals) -> Self {
        Self {
            amount: totals.amount.to_string(),
            tax: totals.tax.to_string(),
            gross: totals.gross.to_string(),
            gross_capital: Some(capital(totals.gross)),
        }
    }
}

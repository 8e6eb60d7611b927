//! From a draft that passed to a signed transaction and the document behind it.

use piao_chain::codec;
use piao_chain::document::{Document, DocumentError, Field, buyer_commitment};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::{BuyerIdentity, InvoiceContent, Prepared};
use piao_chain::tax::Buyer;
use piao_chain::transaction::{
    IssueInvoice, Payload, SUITE, SignedTransaction, TransactionBody, VERSION, idem_of, order_key,
    order_key_without_ref,
};
use serde::{Deserialize, Serialize};

use super::merchant::Merchant;
use crate::ledger::ChainView;

/// How long the desk's transactions stay valid, in ms: 10 minutes.
const VALID_FOR_MS: u64 = 10 * 60 * 1000;

/// A signed invoice that is on no disk yet.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) transaction: SignedTransaction,
    pub(super) invoice: IssueInvoice,
    pub(super) private: PrivateDocument,
}

/// A signed transaction of any request, with its documents as the store keeps them.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) transaction: SignedTransaction,
    /// Encoded: one document as itself, several as their list.
    pub(super) documents: Vec<u8>,
}

impl From<Composed> for Signed {
    fn from(composed: Composed) -> Self {
        Self {
            documents: codec::encode(&composed.private),
            transaction: composed.transaction,
        }
    }
}

/// What only the merchant keeps: the fields with their seed, and the invoice as it is shown.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PrivateDocument {
    pub(super) document: Document,
    pub(super) content: InvoiceContent,
}

/// Composes the transaction of one attempt.
pub(super) fn compose(
    chain: &ChainView,
    merchant: &Merchant,
    prepared: &Prepared,
    key: &str,
    attempt: u32,
) -> Result<Composed, Box<Fault>> {
    let internal = |_source: DocumentError| Box::new(Fault::new(FailureCode::Internal));
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_source| Box::new(Fault::new(FailureCode::Internal)))?;
    let fields = prepared
        .fields()
        .into_iter()
        .map(|(id, line, value)| Field { id, line, value })
        .collect();
    let document = Document::new(seed, fields).map_err(internal)?;
    let buyer = match prepared.buyer_identity() {
        BuyerIdentity::Clear(uscc) => Buyer::Clear { uscc: *uscc },
        BuyerIdentity::Private { class, id_type, id } => Buyer::Sealed {
            commitment: buyer_commitment(&seed, *id_type, id),
            class: class.number(),
        },
    };
    let secret = &merchant.secret.0;
    let idem = idem_of(secret, key, attempt);
    let invoice = IssueInvoice {
        facts: prepared.facts(buyer),
        doc_root: document.root(),
        field_count: document.field_count(),
        order_key: match prepared.order() {
            (Some(order), part) => order_key(secret, order, part.unwrap_or_default()),
            (None, _) => order_key_without_ref(secret, &idem),
        },
        holder: None,
        payments: Vec::new(),
    };
    let (height, time_ms) = {
        let tip = chain.tip();
        (tip.header.height, tip.header.time_ms)
    };
    let fees = chain.params().fees_at(height.saturating_add(1));
    let now_ms = chain.clock().now().ms().max(time_ms);
    let signer = merchant.signing_key(chain);
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id: *chain.chain_id(),
        account: merchant.account,
        signers: vec![signer.public_key().id()],
        idem,
        valid_until_ms: now_ms.saturating_add(VALID_FOR_MS),
        fee_max_fen: fees.issue_fen.max(fees.failure_fen),
        flags: 0,
        payload: Payload::IssueInvoice(Box::new(invoice.clone())),
    };
    let transaction = SignedTransaction::sign(body, &[signer])
        .map_err(|error| Box::new(Fault::new(error.code)))?;
    if transaction.encoded_len() > piao_chain::limits::TX_BYTES_MAX {
        return Err(Box::new(Fault::at(FailureCode::TooManyLines, "/lines")));
    }
    Ok(Composed {
        transaction,
        invoice,
        private: PrivateDocument {
            document,
            content: prepared.invoice(),
        },
    })
}

//! What came of a transaction (SPEC 5.3). Bound by the block's `tx_root` together with it.

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher, InvoiceId, Tag, TransactionId};
use crate::failure::FailureCode;
use crate::invoice::InvoiceNumber;
use crate::transaction::SignedTransaction;

/// Applied, or failed with a code; and what it brought about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// 0 when applied, else the number of the [`FailureCode`].
    pub code: u16,
    /// Numbers that show a failure, at most [`crate::limits::EVIDENCE_MAX`].
    pub evidence: Vec<i64>,
    /// Invoices issued by it, at most [`crate::limits::EFFECTS_MAX`].
    pub effects: Vec<Effect>,
    /// Fee taken from the account, in fen.
    pub fee_charged_fen: u32,
}

/// One invoice that came into being. Assigned at execution: nobody needs to know "the previous
/// hash" to issue, and a refused invoice breaks nobody's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The invoice's slot: kind 3 and the chain-wide issuance index.
    pub slot: u64,
    /// Its 20-digit number.
    pub number: InvoiceNumber,
    /// The seller's gapless count, from 1.
    pub counter: u64,
    /// The seller's previous invoice, or [`InvoiceId::NONE`].
    pub prev_invoice_id: InvoiceId,
}

impl Outcome {
    /// Whether it was applied.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.code == 0
    }

    /// The failure, when it failed and the code is one this version knows.
    #[must_use]
    pub fn failure(&self) -> Option<FailureCode> {
        FailureCode::from_number(self.code)
    }
}

impl Effect {
    /// `H("invoice-id", txid || sub_index u32 || slot || number || counter || prev)`.
    #[must_use]
    pub fn invoice_id(&self, txid: &TransactionId, sub_index: u32) -> InvoiceId {
        let hasher = Hasher::new(Tag::InvoiceId)
            .with(&txid.0)
            .with(&sub_index.to_be_bytes())
            .with(&self.slot.to_be_bytes())
            .with(self.number.as_bytes())
            .with(&self.counter.to_be_bytes())
            .with(&self.prev_invoice_id.0);
        InvoiceId(hasher.finish())
    }
}

/// The leaf of `tx_root`: `H("tx-leaf", txid || H("sigs", enc(sigs)) || enc(outcome))`. One path
/// proves the transaction and what came of it.
#[must_use]
pub fn transaction_leaf(transaction: &SignedTransaction, outcome: &Outcome) -> Digest {
    Hasher::new(Tag::TxLeaf)
        .with(&transaction.id().0)
        .with(&transaction.signatures_digest())
        .with(&crate::codec::encode(outcome))
        .finish()
}

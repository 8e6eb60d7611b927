//! That these are all invoices of an account with counters m to n (SPEC 7.11.3).
//!
//! Guards: the id of an invoice is over its counter and over the id of the seller's invoice before
//! it, so the last id of a range fixes every one before. A list that leaves one out, adds one or
//! changes one ends in another id. The last id is that of the account's leaf in state M, or of an
//! invoice of the account that is shown in its block.

use serde::{Deserialize, Serialize};

use super::super::file::{ProofError, Records};
use super::super::slot::SlotProof;
use super::super::steps::{Step, Stop, fail, passed};
use super::super::verdict::Reason;
use super::certified::CertifiedHeader;
use super::placed::Placed;
use super::verdict::{ListedRow, Range, StatementVerdict};
use super::{COMPLETENESS_VERSION, file, record};
use crate::codec::{self, CodecError};
use crate::digest::{InvoiceId, Tag, TransactionId, hash};
use crate::invoice::InvoiceNumber;
use crate::limits::LISTED_MAX;
use crate::outcome::Effect;
use crate::state::{Account, Leaf, Slot, SlotKind};
use crate::transaction::{Identity, TransactionBody};

/// One invoice of the list. Counter, slot and link follow from its place and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedInvoice {
    /// The transaction that issued it.
    pub txid: TransactionId,
    /// Which of the invoices that the transaction issued, from 0.
    pub part: u32,
    /// Its number.
    pub number: InvoiceNumber,
}

/// The account's leaf in state M.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountProof {
    /// Whose account it is.
    pub identity: Identity,
    /// The leaf: its counter and last invoice are those of the list's end.
    pub account: Account,
    /// The path.
    pub path: SlotProof,
}

/// An invoice of the account, shown in its block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedAnchor {
    /// Bytes of the transaction's body, which says whose it is.
    pub body: Vec<u8>,
    /// Which of the invoices that it issued.
    pub part: u32,
    /// Where it stands.
    pub place: Placed,
}

/// What shows the last id of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The list ends with the account's last invoice as of M.
    Account(Box<AccountProof>),
    /// The list ends with an earlier one.
    Issued(Box<IssuedAnchor>),
}

/// A decoded list of all invoices of a range. Nothing in it is believed before
/// [`super::verify_statement`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletenessProof {
    /// Block M.
    pub at: CertifiedHeader,
    /// The account.
    pub account: u32,
    /// Counter of the first one listed, from 1.
    pub from: u64,
    /// Id of the account's invoice before that; [`InvoiceId::NONE`] when it is the first.
    pub before: InvoiceId,
    /// The invoices, ascending by counter, at most [`LISTED_MAX`].
    pub listed: Vec<ListedInvoice>,
    /// Whose the last id is.
    pub anchor: Anchor,
    /// The place of the first one listed, which bounds the blocks that the list is of; not of an
    /// account's first invoice.
    pub first: Option<Placed>,
}

impl CompletenessProof {
    /// The file's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (account, issued) = match &self.anchor {
            Anchor::Account(account) => (Some(codec::encode(account)), None),
            Anchor::Issued(issued) => (None, Some(codec::encode(issued))),
        };
        let list = (self.account, self.from, self.before, &self.listed);
        let own = [
            (record::LIST, Some(codec::encode(&list))),
            (record::ACCOUNT, account),
            (record::ISSUED, issued),
            (record::FIRST, self.first.as_ref().map(codec::encode)),
        ];
        let all = self.at.records().into_iter().chain(own);
        file(COMPLETENESS_VERSION, all)
    }

    /// Decodes a file strictly.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        let mut records = Records::open(bytes, COMPLETENESS_VERSION)?;
        let at = CertifiedHeader::read(&mut records)?;
        let list: (u32, u64, InvoiceId, Vec<ListedInvoice>) = records.need_decoded(record::LIST)?;
        let account: Option<AccountProof> = records.take_decoded(record::ACCOUNT)?;
        let issued: Option<IssuedAnchor> = records.take_decoded(record::ISSUED)?;
        if let Some(issued) = &issued {
            issued.sender()?;
        }
        let first = records.take_decoded(record::FIRST)?;
        let anchor = match (account, issued) {
            (Some(account), None) => Anchor::Account(Box::new(account)),
            (None, Some(issued)) => Anchor::Issued(Box::new(issued)),
            (None, None) => return Err(ProofError::MissingRecord(record::ACCOUNT)),
            (Some(_), Some(_)) => return Err(ProofError::Order(record::ISSUED)),
        };
        let (account, from, before, listed) = list;
        let proof = Self {
            at,
            account,
            from,
            before,
            listed,
            anchor,
            first,
        };
        if proof.from == 0 || proof.to().is_none() || proof.listed.len() > LISTED_MAX {
            return Err(ProofError::Order(record::LIST));
        }
        records.close()?;
        Ok(proof)
    }

    /// Counter of the last one listed, one below `from` where none is; `None` beyond all counters.
    fn to(&self) -> Option<u64> {
        let count = u64::try_from(self.listed.len()).ok()?;
        self.from.checked_sub(1)?.checked_add(count)
    }

    /// The steps of its own.
    pub(super) fn judge(&self, report: &mut StatementVerdict) -> Result<Reason, Stop> {
        let last = self.anchored(report)?;
        let rows = self.check_list(last, report)?;
        self.check_first(report)?;
        report.account = Some(self.account);
        if let Anchor::Account(proof) = &self.anchor
            && let Identity::Clear(uscc) = &proof.identity
        {
            report.tax_id = Some(uscc.to_string());
        }
        report.counters = self.to().map(|to| Range {
            from: self.from,
            to,
        });
        report.blocks = self.blocks();
        report.invoices = rows;
        Ok(Reason::Complete)
    }

    /// Counter and id that the list must end with.
    fn anchored(&self, report: &mut StatementVerdict) -> Result<(u64, InvoiceId), Stop> {
        let as_of = &self.at.header;
        let wrong = |reason, detail: &str| fail(reason, "account", detail);
        match &self.anchor {
            Anchor::Account(proof) => {
                let leaf = Leaf::Account(proof.identity.clone(), proof.account.clone());
                let root = proof.path.root(Slot::account(self.account), Some(&leaf));
                if root != Some(as_of.state_root) {
                    let detail = "the account is not in the proven state";
                    return Err(wrong(Reason::AccountInvalid, detail));
                }
                let (account, counter) = (self.account, proof.account.counter);
                let detail = format!(
                    "account {account} issued {counter} invoices as of block {}",
                    as_of.height
                );
                passed(report, "account", detail);
                Ok((counter, proof.account.last_invoice_id))
            }
            Anchor::Issued(issued) => {
                let txid = issued.txid();
                let placed = issued.place.check(&txid, as_of);
                placed.map_err(|reason| wrong(reason, "the last invoice is not in its block"))?;
                let effect = issued.effect().filter(|_| {
                    issued.sender().ok() == Some(self.account) && issued.place.outcome.is_applied()
                });
                let detail = "the last invoice is not this account's";
                let effect = effect.ok_or_else(|| wrong(Reason::AccountInvalid, detail))?;
                let height = issued.place.header(as_of).height;
                let detail = format!("the last one listed is in block {height}");
                passed(report, "account", detail);
                Ok((effect.counter, effect.invoice_id(&txid, issued.part)))
            }
        }
    }

    /// The ids, one over the other, lead to the last.
    fn check_list(
        &self,
        last: (u64, InvoiceId),
        report: &mut StatementVerdict,
    ) -> Result<Vec<ListedRow>, Stop> {
        let wrong = |detail: &str| fail(Reason::ListInvalid, "list", detail);
        if (self.from == 1) != (self.before == InvoiceId::NONE) {
            return Err(wrong("it does not begin where it says"));
        }
        let mut id = self.before;
        let mut rows = Vec::with_capacity(self.listed.len());
        for (counter, invoice) in (self.from..=u64::MAX).zip(&self.listed) {
            let slot = Slot::new(SlotKind::Invoice, invoice.number.sequence());
            let slot = slot.ok_or_else(|| wrong("a number that no invoice has"))?;
            let effect = Effect {
                slot: slot.as_u64(),
                number: invoice.number,
                counter,
                prev_invoice_id: id,
            };
            id = effect.invoice_id(&invoice.txid, invoice.part);
            rows.push(ListedRow {
                counter,
                number: invoice.number.to_string(),
                txid: invoice.txid.to_string(),
            });
        }
        if self.to() != Some(last.0) || id != last.1 {
            return Err(wrong(
                "an invoice is missing, changed, or not the account's",
            ));
        }
        let detail = format!("{} invoices, none between them missing", rows.len());
        passed(report, "list", detail);
        Ok(rows)
    }

    /// The block of the first one listed.
    fn check_first(&self, report: &mut StatementVerdict) -> Step {
        let step = "first";
        let Some(first) = &self.first else {
            return Ok(());
        };
        let Some(invoice) = self.listed.first().filter(|_| self.from > 1) else {
            let detail = "nothing begins there";
            return Err(fail(Reason::ListInvalid, step, detail));
        };
        let as_of = &self.at.header;
        let placed = first.check(&invoice.txid, as_of);
        placed.map_err(|reason| fail(reason, step, "the first invoice is not in its block"))?;
        let height = first.header(as_of).height;
        let detail = format!("the first one listed is in block {height}");
        passed(report, step, detail);
        Ok(())
    }

    /// The blocks of which the list holds every invoice of the account. An invoice after the list
    /// is in the block of its end or later, one before it in the block of its beginning or earlier.
    fn blocks(&self) -> Option<Range> {
        let as_of = &self.at.header;
        let from = match &self.first {
            None if self.from == 1 => 0,
            None => return None,
            Some(first) => first.header(as_of).height.checked_add(1)?,
        };
        let to = match &self.anchor {
            Anchor::Account(_) => as_of.height,
            Anchor::Issued(issued) => issued.place.header(as_of).height.checked_sub(1)?,
        };
        (from <= to).then_some(Range { from, to })
    }
}

impl IssuedAnchor {
    /// The id of the transaction.
    #[must_use]
    pub fn txid(&self) -> TransactionId {
        TransactionId(hash(Tag::TxId, &self.body))
    }

    /// The account that sent the transaction.
    fn sender(&self) -> Result<u32, ProofError> {
        codec::decode::<TransactionBody>(&self.body)
            .map(|body| body.account)
            .map_err(|_error| ProofError::Malformed(record::ISSUED, CodecError::Malformed))
    }

    fn effect(&self) -> Option<&Effect> {
        let place = usize::try_from(self.part).ok()?;
        self.place.outcome.effects.get(place)
    }
}

//! That a number is not issued (SPEC 7.11.2).
//!
//! Guards: nothing is written in the slot of an invoice when it is issued, so an empty slot shows
//! nothing here. What does is the count of issued invoices, which every block commits to: a number
//! holds its place in that count. Beyond the count there is none yet; within it, the outcome that
//! took the place shows which number it was.

use serde::{Deserialize, Serialize};

use super::super::file::{ProofError, Records};
use super::super::slot::SlotProof;
use super::super::steps::{Step, Stop, fail, passed};
use super::super::verdict::Reason;
use super::certified::CertifiedHeader;
use super::placed::Placed;
use super::verdict::StatementVerdict;
use super::{ABSENCE_VERSION, file, record};
use crate::codec;
use crate::digest::TransactionId;
use crate::invoice::InvoiceNumber;
use crate::state::{Leaf, Slot, SlotKind, Totals};

/// The totals of the chain, in state M.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalsProof {
    /// Their leaf.
    pub totals: Totals,
    /// The path.
    pub path: SlotProof,
}

/// What was issued in the number's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedInstead {
    /// The transaction that issued it.
    pub txid: TransactionId,
    /// Where that stands.
    pub place: Placed,
}

/// A decoded file that shows a number not to be issued. Nothing in it is believed before
/// [`super::verify_statement`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceProof {
    /// Block M.
    pub at: CertifiedHeader,
    /// The number.
    pub number: InvoiceNumber,
    /// How many invoices are issued.
    pub totals: TotalsProof,
    /// Of a number within that count: what was issued in its place.
    pub instead: Option<IssuedInstead>,
}

impl AbsenceProof {
    /// The file's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let own = [
            (record::NUMBER, Some(codec::encode(&self.number))),
            (record::TOTALS, Some(codec::encode(&self.totals))),
            (record::INSTEAD, self.instead.as_ref().map(codec::encode)),
        ];
        file(ABSENCE_VERSION, self.at.records().into_iter().chain(own))
    }

    /// Decodes a file strictly.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        let mut records = Records::open(bytes, ABSENCE_VERSION)?;
        let proof = Self {
            at: CertifiedHeader::read(&mut records)?,
            number: records.need_decoded(record::NUMBER)?,
            totals: records.need_decoded(record::TOTALS)?,
            instead: records.take_decoded(record::INSTEAD)?,
        };
        records.close()?;
        Ok(proof)
    }

    /// The steps of its own; what they show, and whether it may change later.
    pub(super) fn judge(&self, report: &mut StatementVerdict) -> Result<(Reason, bool), Stop> {
        let as_of = &self.at.header;
        let totals = &self.totals.totals;
        let root = self
            .totals
            .path
            .root(Slot::TOTALS, Some(&Leaf::Totals(*totals)));
        if root != Some(as_of.state_root) {
            let detail = "the count of invoices is not in the proven state";
            return Err(fail(Reason::AbsenceInvalid, "count", detail));
        }
        let (sequence, count) = (self.number.sequence(), totals.issued_count);
        passed(
            report,
            "count",
            format!("{count} invoices issued as of block {}", as_of.height),
        );
        let is_counted = (1..=count).contains(&sequence);
        match &self.instead {
            Some(instead) if is_counted => self.check_instead(instead, report)?,
            None if !is_counted => {}
            Some(_) | None => {
                let detail = "it does not show what stands in the number's place";
                return Err(fail(Reason::AbsenceInvalid, "instead", detail));
            }
        }
        report.number = Some(self.number.to_string());
        Ok((Reason::NotIssued, sequence > count))
    }

    /// Another number took the place.
    fn check_instead(&self, instead: &IssuedInstead, report: &mut StatementVerdict) -> Step {
        let step = "instead";
        let as_of = &self.at.header;
        let placed = instead.place.check(&instead.txid, as_of);
        placed.map_err(|reason| fail(reason, step, "the transaction is not where it should be"))?;
        let slot = Slot::new(SlotKind::Invoice, self.number.sequence()).map(Slot::as_u64);
        let outcome = &instead.place.outcome;
        let mut effects = outcome.effects.iter();
        let effect = effects.find(|effect| Some(effect.slot) == slot);
        let Some(effect) = effect.filter(|_| outcome.is_applied()) else {
            let detail = "the transaction issued nothing in the number's place";
            return Err(fail(Reason::AbsenceInvalid, step, detail));
        };
        if effect.number == self.number {
            return Err(fail(Reason::NumberIssued, step, "this very number"));
        }
        let height = instead.place.header(as_of).height;
        passed(report, step, format!("{} in block {height}", effect.number));
        Ok(())
    }
}

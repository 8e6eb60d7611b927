//! Statements about a number or an account, rather than about one invoice (SPEC 7.11).
//!
//! Guards: that something is *not* there follows from what every block commits to, the count of
//! issued invoices and each seller's chain of invoice ids, and never from a node's silence. Files
//! are those of SPEC 7.4 with versions and records of their own; a reader that does not know them
//! says so and decides nothing.

mod absence;
mod certified;
mod completeness;
mod placed;
mod twin;
mod verdict;

pub use absence::{AbsenceProof, IssuedInstead, TotalsProof};
pub use certified::CertifiedHeader;
pub use completeness::{AccountProof, Anchor, CompletenessProof, IssuedAnchor, ListedInvoice};
pub use placed::{EarlierBlock, Placed};
pub use twin::StatementTwin;
pub use verdict::{
    ListedRow, Range, StatementFinding, StatementVerdict, is_statement, verify_statement,
};

/// Version of a file that shows a number not to be issued.
const ABSENCE_VERSION: u8 = 2;
/// Version of a file that lists the invoices of an account.
const COMPLETENESS_VERSION: u8 = 3;

/// Record types of statements, in file order; those below stand in both.
mod record {
    pub(super) const HEADER: u16 = 5;
    pub(super) const CERTIFICATE: u16 = 8;
    pub(super) const VALIDATORS: u16 = 9;
    pub(super) const LINKS: u16 = 10;
    pub(super) const NUMBER: u16 = 17;
    pub(super) const TOTALS: u16 = 18;
    pub(super) const INSTEAD: u16 = 19;
    pub(super) const LIST: u16 = 20;
    pub(super) const ACCOUNT: u16 = 21;
    pub(super) const ISSUED: u16 = 22;
    pub(super) const FIRST: u16 = 23;
}

/// The bytes of a file of records, absent ones left out.
fn file(version: u8, records: impl IntoIterator<Item = (u16, Option<Vec<u8>>)>) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in records {
        if let Some(value) = value {
            super::file::push_record(&mut body, kind, &value);
        }
    }
    super::file::frame(version, crate::transaction::SUITE, &body)
}

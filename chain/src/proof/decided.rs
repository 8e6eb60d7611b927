//! What every file of SPEC 7 shares: a block, who signed it, and how a verifier gets to know them.
//!
//! Guards: the steps that show a block to be decided are the same for a proof of an invoice and for
//! a statement about a number or an account.

use super::file::Proof;
use super::links::SetLink;
use super::verdict::{AsOf, Check, Verdict};
use crate::block::Header;
use crate::certificate::CommitCertificate;
use crate::validator::ValidatorSet;

/// A file that speaks for a decided block.
pub(super) trait Decided {
    /// Header M, the one the certificate is over.
    fn as_of(&self) -> &Header;
    /// Certificate of M.
    fn certificate(&self) -> &CommitCertificate;
    /// The set that signed it.
    fn validators(&self) -> &ValidatorSet;
    /// The changes that led to that set.
    fn links(&self) -> &[SetLink];
}

/// What steps write their findings into.
pub(super) trait Report {
    /// The steps so far.
    fn checks(&mut self) -> &mut Vec<Check>;
    /// Says which block it speaks for.
    fn set_as_of(&mut self, as_of: AsOf);
}

impl Decided for Proof {
    fn as_of(&self) -> &Header {
        self.as_of()
    }

    fn certificate(&self) -> &CommitCertificate {
        &self.certificate
    }

    fn validators(&self) -> &ValidatorSet {
        &self.validators
    }

    fn links(&self) -> &[SetLink] {
        &self.links
    }
}

impl Report for Verdict {
    fn checks(&mut self) -> &mut Vec<Check> {
        &mut self.checks
    }

    fn set_as_of(&mut self, as_of: AsOf) {
        self.as_of = Some(as_of);
    }
}

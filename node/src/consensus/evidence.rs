//! What this node saw validators do wrong, kept until it is on chain and for people after that.
//!
//! Guards: evidence outlives the process, and a validator that misbehaves without end fills neither
//! memory nor disk: one entry for a validator and height, the newest [`EVIDENCE_MAX`] of them.

use std::path::{Path, PathBuf};

use piao_chain::codec;
use piao_chain::signature::KeyId;
use piao_chain::transaction::{Evidence, ReportMisbehaviour};
use piao_chain::vote::VoteKind;
use piao_engine::Misconduct;

use crate::network::{NetworkError, write};

/// File in the data directory.
const EVIDENCE_FILE: &str = "misbehaviour";
/// Entries kept: a few hundred bytes each.
const EVIDENCE_MAX: usize = 256;

/// Evidence on disk, oldest first.
#[derive(Debug)]
pub(super) struct EvidenceStore {
    path: PathBuf,
    reports: Vec<ReportMisbehaviour>,
}

impl EvidenceStore {
    /// Reads what is there. A file that can't be read is begun anew: what it held is seen by the
    /// other validators too.
    pub(super) fn open(data: &Path) -> Self {
        let path = data.join(EVIDENCE_FILE);
        let reports = match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "evidence can't be read");
                Vec::new()
            }
            Ok(bytes) => codec::decode(&bytes).unwrap_or_else(|error| {
                tracing::warn!(path = %path.display(), %error, "evidence is damaged: begun anew");
                Vec::new()
            }),
        };
        Self { path, reports }
    }

    /// Every report, oldest first.
    pub(super) fn reports(&self) -> &[ReportMisbehaviour] {
        &self.reports
    }

    /// Keeps a report durably; whether it is the first of its validator and height.
    ///
    /// # Errors
    /// [`NetworkError::Io`]: it is kept in memory then.
    pub(super) fn add(&mut self, report: ReportMisbehaviour) -> Result<bool, NetworkError> {
        let same = |one: &ReportMisbehaviour| {
            one.height == report.height && one.validator == report.validator
        };
        if self.reports.iter().any(same) {
            return Ok(false);
        }
        if self.reports.len() >= EVIDENCE_MAX {
            self.reports.remove(0);
        }
        self.reports.push(report);
        write(&self.path, &codec::encode(&self.reports), 0o644)?;
        Ok(true)
    }
}

/// What the engine found, as a report: `None` when it shows nothing the chain counts as misbehaviour,
/// or is not of this key.
pub(super) fn report_of(
    accused: &KeyId,
    misconduct: &Misconduct,
    key: &dyn Fn(&KeyId) -> Option<piao_chain::signature::PublicKey>,
) -> Option<ReportMisbehaviour> {
    let validator = key(accused)?;
    let (height, round, evidence) = match misconduct {
        Misconduct::DoubleVote { first, second } => {
            let kind: VoteKind = first.0.kind;
            let same = second.0.kind == kind
                && (second.0.height, second.0.round) == (first.0.height, first.0.round);
            let ballot =
                |(vote, signature): &(piao_chain::vote::Vote, _)| (vote.block_id, *signature);
            let evidence = Evidence::of_votes(kind, ballot(first), ballot(second));
            (first.0.height, first.0.round, evidence.filter(|_| same))
        }
        Misconduct::DoubleProposal { first, second } => {
            let same = (second.0.height, second.0.round) == (first.0.height, first.0.round);
            let offer = |(proposal, signature): &(piao_chain::vote::Proposal, _)| {
                (proposal.block_id, proposal.pol_round, *signature)
            };
            let evidence = Evidence::of_proposals(offer(first), offer(second));
            (first.0.height, first.0.round, evidence.filter(|_| same))
        }
    };
    Some(ReportMisbehaviour {
        validator,
        height,
        round,
        evidence: evidence?,
    })
}

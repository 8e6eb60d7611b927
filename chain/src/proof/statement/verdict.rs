//! The verdict on a statement (SPEC 7.11.4).

use serde::Serialize;

use super::super::cache::VerifierCache;
use super::super::decided::{Decided as _, Report};
use super::super::file::{MAGIC, ProofError};
use super::super::steps::{self, Step, Stop, fail, not_checked, passed, unreadable};
use super::super::trust_root::TrustRoot;
use super::super::verdict::{AsOf, Check, CheckResult, Finding, Reason, VerifyOptions};
use super::absence::AbsenceProof;
use super::certified::CertifiedHeader;
use super::completeness::{Anchor, CompletenessProof};
use super::placed::Placed;
use super::{ABSENCE_VERSION, COMPLETENESS_VERSION};

/// What the verdict comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementFinding {
    /// What the file says is so.
    Holds,
    /// The file does not show what it says; malformed included.
    False,
    /// This program, with this trust root, cannot say.
    Undecided,
}

impl StatementFinding {
    /// The exit code of `piao verify --statements`; without that flag one that holds is 6, for it
    /// proves no invoice.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::False => 5,
            Self::Undecided => 6,
        }
    }
}

/// Numbers from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The first.
    pub from: u64,
    /// The last; one below the first where there is none.
    pub to: u64,
}

/// An invoice of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedRow {
    /// The seller's count.
    pub counter: u64,
    /// Its number.
    pub number: String,
    /// The transaction that issued it, hex.
    pub txid: String,
}

/// What can be said of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementVerdict {
    /// The outcome.
    pub verdict: StatementFinding,
    /// Why.
    pub reason: Reason,
    /// `absence` or `completeness`; `None` for a file that is neither.
    pub statement: Option<&'static str>,
    /// `test` or `production`.
    pub network: Option<String>,
    /// Fingerprint of the trust root used.
    pub trust_root: Option<String>,
    /// The number that is not issued.
    pub number: Option<String>,
    /// The account whose invoices are listed.
    pub account: Option<u32>,
    /// Its tax id, where the file shows it.
    pub tax_id: Option<String>,
    /// Counters that the list is of.
    pub counters: Option<Range>,
    /// Blocks of which every invoice of the account is in the list.
    pub blocks: Option<Range>,
    /// The invoices.
    pub invoices: Vec<ListedRow>,
    /// The block that the statement speaks for.
    pub as_of: Option<AsOf>,
    /// The steps, in order.
    pub checks: Vec<Check>,
}

impl Report for StatementVerdict {
    fn checks(&mut self) -> &mut Vec<Check> {
        &mut self.checks
    }

    fn set_as_of(&mut self, as_of: AsOf) {
        self.as_of = Some(as_of);
    }
}

/// A decoded file of either kind.
enum Statement {
    Absence(Box<AbsenceProof>),
    Completeness(Box<CompletenessProof>),
}

impl Statement {
    fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        match version_of(bytes) {
            Some(COMPLETENESS_VERSION) => {
                let proof = CompletenessProof::decode(bytes)?;
                Ok(Self::Completeness(Box::new(proof)))
            }
            _ => Ok(Self::Absence(Box::new(AbsenceProof::decode(bytes)?))),
        }
    }

    fn at(&self) -> &CertifiedHeader {
        match self {
            Self::Absence(proof) => &proof.at,
            Self::Completeness(proof) => &proof.at,
        }
    }

    /// Every place of a transaction in it.
    fn places(&self) -> impl Iterator<Item = &Placed> {
        let (one, other) = match self {
            Self::Absence(proof) => (proof.instead.as_ref().map(|instead| &instead.place), None),
            Self::Completeness(proof) => {
                let anchor = match &proof.anchor {
                    Anchor::Account(_) => None,
                    Anchor::Issued(issued) => Some(&issued.place),
                };
                (anchor, proof.first.as_ref())
            }
        };
        one.into_iter().chain(other)
    }
}

pub(super) fn version_of(bytes: &[u8]) -> Option<u8> {
    bytes.strip_prefix(&MAGIC)?.first().copied()
}

/// Whether bytes are those of a statement, going by their head alone: for
/// [`verify_statement`] rather than for [`super::super::verify`].
#[must_use]
pub fn is_statement(bytes: &[u8]) -> bool {
    word_of(bytes).is_some()
}

fn word_of(bytes: &[u8]) -> Option<&'static str> {
    match version_of(bytes)? {
        ABSENCE_VERSION => Some("absence"),
        COMPLETENESS_VERSION => Some("completeness"),
        _ => None,
    }
}

/// Judges the bytes of a statement. Reads nothing else: no network, no clock, no disk.
#[must_use]
pub fn verify_statement(
    bytes: &[u8],
    root: Option<&TrustRoot>,
    options: &VerifyOptions,
) -> StatementVerdict {
    let mut report = StatementVerdict {
        verdict: StatementFinding::Undecided,
        reason: Reason::MalformedProof,
        statement: word_of(bytes),
        network: root.map(|root| root.body().genesis.network.as_str().to_owned()),
        trust_root: root.map(TrustRoot::fingerprint),
        number: None,
        account: None,
        tax_id: None,
        counters: None,
        blocks: None,
        invoices: Vec::new(),
        as_of: None,
        checks: Vec::new(),
    };
    let (verdict, reason) = match run(bytes, root, options, &mut report) {
        Ok(conclusion) => conclusion,
        Err(stop) => {
            report.checks.push(Check {
                name: stop.step,
                result: CheckResult::Failed,
                detail: stop.detail,
            });
            let finding = match stop.finding {
                Finding::False => StatementFinding::False,
                // No step ends with one of the others.
                Finding::Undecided | Finding::InForce | Finding::NotInForce => {
                    StatementFinding::Undecided
                }
            };
            (finding, stop.reason)
        }
    };
    report.verdict = verdict;
    report.reason = reason;
    report
}

fn run(
    bytes: &[u8],
    root: Option<&TrustRoot>,
    options: &VerifyOptions,
    report: &mut StatementVerdict,
) -> Result<(StatementFinding, Reason), Stop> {
    let statement = Statement::decode(bytes).map_err(unreadable)?;
    passed(report, "parse", format!("{} bytes, suite 1", bytes.len()));
    one_chain(&statement)?;
    let at = statement.at();
    let root = steps::trust(at, root, options, report)?;
    let mut cache = VerifierCache::default();
    steps::certificate(at, root, &mut cache, report)?;
    steps::links(at, root, &mut cache, report)?;
    let (reason, may_change) = match &statement {
        Statement::Absence(proof) => proof.judge(report)?,
        Statement::Completeness(proof) => (proof.judge(report)?, false),
    };
    let stale = steps::freshness(at, options, report)?;
    if matches!(statement, Statement::Completeness(_)) {
        let detail = "amounts, status and texts of the invoices: each one's own proof says";
        not_checked(report, "invoices", detail);
    }
    let detail = "whatever happened after this height";
    not_checked(report, "later_changes", detail);
    if stale && may_change {
        return Ok((StatementFinding::Undecided, Reason::Stale));
    }
    Ok((StatementFinding::Holds, reason))
}

/// Everything inside must speak of one network.
fn one_chain(statement: &Statement) -> Step {
    let at = statement.at();
    let chain_id = at.as_of().chain_id;
    let linked = at.links().iter().map(|link| &link.header);
    let placed = statement.places().filter_map(|place| place.block.as_ref());
    let mut named = linked.chain(placed.map(|block| &block.header));
    if named.all(|header| header.chain_id == chain_id) {
        Ok(())
    } else {
        let detail = "headers name different networks";
        Err(fail(Reason::OtherChain, "chain", detail))
    }
}

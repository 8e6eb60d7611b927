//! The verdict on a refusal (SPEC 7.12.2).

use serde::Serialize;

use super::super::cache::VerifierCache;
use super::super::decided::Report;
use super::super::file::MAGIC;
use super::super::steps::{self, Step, Stop, fail, passed, unreadable};
use super::super::trust_root::TrustRoot;
use super::super::verdict::{AsOf, Check, CheckResult, Finding, Reason, VerifyOptions};
use super::REFUSAL_VERSION;
use super::file::RefusalProof;
use crate::time::BlockTime;

/// The block that holds a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedAt {
    /// Its height.
    pub height: u64,
    /// Its time, RFC 3339.
    pub time: String,
}

/// What can be said of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalVerdict {
    /// The outcome: never [`Finding::InForce`], since nothing came of the request.
    pub verdict: Finding,
    /// Why.
    pub reason: Reason,
    /// `refusal`, or null where the bytes are of no such file.
    pub statement: Option<&'static str>,
    /// `test` or `production`.
    pub network: Option<String>,
    /// Fingerprint of the trust root used.
    pub trust_root: Option<String>,
    /// The transaction, hex.
    pub txid: Option<String>,
    /// Account that asked.
    pub account: Option<u32>,
    /// What it asked for, for instance `IssueInvoice`.
    pub asked: Option<&'static str>,
    /// The failure code, for instance `E1601`.
    pub code: Option<String>,
    /// Numbers that show the failure.
    pub evidence: Vec<i64>,
    /// The block that holds it.
    pub refused_at: Option<RefusedAt>,
    /// The block that the verdict speaks for.
    pub as_of: Option<AsOf>,
    /// The steps, in order.
    pub checks: Vec<Check>,
}

impl Report for RefusalVerdict {
    fn checks(&mut self) -> &mut Vec<Check> {
        &mut self.checks
    }

    fn set_as_of(&mut self, as_of: AsOf) {
        self.as_of = Some(as_of);
    }
}

/// Whether bytes are those of a refusal, going by their head alone: for [`verify_refusal`] rather
/// than for [`super::super::verify`].
#[must_use]
pub fn is_refusal(bytes: &[u8]) -> bool {
    let version = bytes.strip_prefix(&MAGIC).and_then(|rest| rest.first());
    version == Some(&REFUSAL_VERSION)
}

/// Judges the bytes of a refusal. Reads nothing else: no network, no clock, no disk.
#[must_use]
pub fn verify_refusal(
    bytes: &[u8],
    root: Option<&TrustRoot>,
    options: &VerifyOptions,
) -> RefusalVerdict {
    let mut report = RefusalVerdict {
        verdict: Finding::Undecided,
        reason: Reason::MalformedProof,
        statement: is_refusal(bytes).then_some("refusal"),
        network: root.map(|root| root.body().genesis.network.as_str().to_owned()),
        trust_root: root.map(TrustRoot::fingerprint),
        txid: None,
        account: None,
        asked: None,
        code: None,
        evidence: Vec::new(),
        refused_at: None,
        as_of: None,
        checks: Vec::new(),
    };
    let judged = run(bytes, root, options, &mut report);
    (report.verdict, report.reason) = match judged {
        Ok(()) => (Finding::NotInForce, Reason::Refused),
        Err(stop) => {
            report.checks.push(Check {
                name: stop.step,
                result: CheckResult::Failed,
                detail: stop.detail,
            });
            (stop.finding, stop.reason)
        }
    };
    report
}

fn run(
    bytes: &[u8],
    root: Option<&TrustRoot>,
    options: &VerifyOptions,
    report: &mut RefusalVerdict,
) -> Step {
    let proof = RefusalProof::decode(bytes).map_err(unreadable)?;
    passed(report, "parse", format!("{} bytes, suite 1", bytes.len()));
    one_chain(&proof)?;
    let root = steps::trust(&proof, root, options, report)?;
    let mut cache = VerifierCache::default();
    steps::certificate(&proof, root, &mut cache, report)?;
    steps::links(&proof, root, &mut cache, report)?;
    let included = proof.included();
    included.history(report, "the certificate is over the request's own block")?;
    included.inclusion(report)?;
    refused(&proof, report)?;
    included.signed(None, report)?;
    describe(&proof, report);
    // A refusal in a block stays there: a stale file says the same as a fresh one.
    steps::freshness(&proof, options, report)?;
    Ok(())
}

/// Everything inside must speak of one network.
fn one_chain(proof: &RefusalProof) -> Step {
    let chain_id = proof.as_of().chain_id;
    let mut links = proof.links.iter();
    let linked = links.all(|link| link.header.chain_id == chain_id);
    let named = [proof.header.chain_id, proof.transaction.body().chain_id];
    if linked && named.iter().all(|named| *named == chain_id) {
        Ok(())
    } else {
        let detail = "headers and transaction name different networks";
        Err(fail(Reason::OtherChain, "chain", detail))
    }
}

fn refused(proof: &RefusalProof, report: &mut RefusalVerdict) -> Result<(), Stop> {
    let outcome = &proof.outcome;
    if outcome.is_applied() || !outcome.effects.is_empty() {
        let detail = "the transaction did not fail";
        return Err(fail(Reason::NotRefused, "refused", detail));
    }
    let detail = format!("{} in block {}", code_of(proof), proof.header.height);
    passed(report, "refused", detail);
    Ok(())
}

/// `E1601`, also of a code that this version does not know.
fn code_of(proof: &RefusalProof) -> String {
    format!("E{:04}", proof.outcome.code)
}

fn describe(proof: &RefusalProof, report: &mut RefusalVerdict) {
    let body = proof.transaction.body();
    report.txid = Some(proof.transaction.id().to_string());
    report.account = Some(body.account);
    report.asked = Some(body.payload.name());
    report.code = Some(code_of(proof));
    report.evidence.clone_from(&proof.outcome.evidence);
    let time = BlockTime::from_ms(proof.header.time_ms).to_rfc3339();
    report.refused_at = Some(RefusedAt {
        height: proof.header.height,
        time: time.unwrap_or_default(),
    });
}

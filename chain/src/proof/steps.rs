//! The steps of a verdict, in the order of SPEC 7.8.

use super::cache::VerifierCache;
use super::decided::{Decided, Report};
use super::file::{Proof, ProofError};
use super::links::{self, Broken};
use super::status::status;
use super::trust_root::TrustRoot;
use super::verdict::{
    AsOf, Check, CheckResult, Finding, Freshness, Reason, ShownField, Verdict, VerdictSeller,
    VerdictTotals, VerifyOptions,
};
use crate::document::DisclosedField;
use crate::outcome::Effect;
use crate::signature::KeyId;
use crate::state::KeyRole;
use crate::tax::RuleSet;
use crate::time::BlockTime;
use crate::transaction::{Identity, IssuedContent};

/// A verifier's clock may be this far behind a block's time before it says so, in ms.
const CLOCK_BEHIND_MS_MAX: u64 = 10 * 60 * 1000;

/// The step that ended a verdict.
pub(super) struct Stop {
    pub(super) finding: Finding,
    pub(super) reason: Reason,
    pub(super) step: &'static str,
    pub(super) detail: String,
}

pub(super) fn stop(
    finding: Finding,
    reason: Reason,
    step: &'static str,
    detail: impl Into<String>,
) -> Stop {
    Stop {
        finding,
        reason,
        step,
        detail: detail.into(),
    }
}

pub(super) fn fail(reason: Reason, step: &'static str, detail: impl Into<String>) -> Stop {
    stop(Finding::False, reason, step, detail)
}

pub(super) type Step = Result<(), Stop>;

pub(super) fn passed(report: &mut impl Report, name: &'static str, detail: impl Into<String>) {
    report.checks().push(Check {
        name,
        result: CheckResult::Passed,
        detail: detail.into(),
    });
}

pub(super) fn not_checked(report: &mut impl Report, name: &'static str, detail: impl Into<String>) {
    report.checks().push(Check {
        name,
        result: CheckResult::NotChecked,
        detail: detail.into(),
    });
}

/// Judges a decoded proof of so many bytes.
pub(super) fn run(
    (proof, bytes): (&Proof, usize),
    root: Option<&TrustRoot>,
    options: &VerifyOptions,
    cache: &mut VerifierCache,
    report: &mut Verdict,
) -> Result<(Finding, Reason), Stop> {
    passed(
        report,
        "parse",
        format!("{bytes} bytes, version 1, suite 1"),
    );
    one_chain(proof)?;
    let root = trust(proof, root, options, report)?;
    certificate(proof, root, cache, report)?;
    links(proof, root, cache, report)?;
    let included = proof.included();
    included.history(report, "the certificate is over the invoice's own block")?;
    included.inclusion(report)?;
    let (invoice, effect) = transaction(proof)?;
    let disputed = included.signed(Some(KeyRole::Issue), report)?;
    arithmetic(invoice, report)?;
    describe(proof, invoice, effect, report);
    let status = status(proof, invoice, effect, report)?;
    let stale = freshness(proof, options, report)?;
    disclosed(proof, invoice, report)?;
    card(proof, root, cache, report)?;
    not_checked(
        report,
        "later_changes",
        "whatever happened after this height",
    );
    Ok(match (status, disputed, stale) {
        (_, true, _) => (Finding::NotInForce, Reason::KeyDisputed),
        (Reason::Reversed | Reason::Reissued, _, _) => (Finding::NotInForce, status),
        (_, _, true) => (Finding::Undecided, Reason::Stale),
        _ => (Finding::InForce, status),
    })
}

/// The first step.
pub(super) fn parse(bytes: &[u8], cache: &mut VerifierCache) -> Result<Proof, Stop> {
    Proof::decode_with(bytes, cache).map_err(unreadable)
}

/// What is said of bytes that do not decode.
pub(super) fn unreadable(error: ProofError) -> Stop {
    let (finding, reason) = match error {
        ProofError::UnknownVersion(_) => (Finding::Undecided, Reason::UnknownVersion),
        ProofError::UnknownSuite(_) => (Finding::Undecided, Reason::UnknownSuite),
        ProofError::UnknownRecord(_) => (Finding::Undecided, Reason::UnknownRecord),
        ProofError::NotAProof
        | ProofError::MissingRecord(_)
        | ProofError::Order(_)
        | ProofError::Malformed(..)
        | ProofError::TooLarge(_) => (Finding::False, Reason::MalformedProof),
    };
    stop(finding, reason, "parse", error.to_string())
}

/// Everything inside must speak of one network.
fn one_chain(proof: &Proof) -> Step {
    let chain_id = proof.as_of().chain_id;
    let body = proof.transaction.body();
    let mut links = proof.links.iter();
    let linked = links.all(|link| link.header.chain_id == chain_id);
    if proof.header.chain_id == chain_id && body.chain_id == chain_id && linked {
        Ok(())
    } else {
        Err(fail(
            Reason::OtherChain,
            "chain",
            "headers and transaction name different networks",
        ))
    }
}

pub(super) fn trust<'a>(
    proof: &impl Decided,
    root: Option<&'a TrustRoot>,
    options: &VerifyOptions,
    report: &mut impl Report,
) -> Result<&'a TrustRoot, Stop> {
    let undecided = |reason, detail: &str| stop(Finding::Undecided, reason, "trust", detail);
    let root = root.ok_or_else(|| undecided(Reason::NoTrustRoot, "no trust root given"))?;
    if proof.as_of().chain_id != *root.chain_id() {
        return Err(undecided(
            Reason::OtherChain,
            "the proof is of another network",
        ));
    }
    if root.is_stale(options.now) {
        return Err(undecided(
            Reason::TrustRootStale,
            "checkpoint older than 180 days or expired",
        ));
    }
    passed(
        report,
        "trust",
        format!("trust root {}", root.fingerprint()),
    );
    Ok(root)
}

pub(super) fn certificate(
    proof: &impl Decided,
    root: &TrustRoot,
    cache: &mut VerifierCache,
    report: &mut impl Report,
) -> Step {
    let step = "certificate";
    let (header, certificate) = (proof.as_of(), proof.certificate());
    if certificate.block_id != header.id() || certificate.height != header.height {
        return Err(fail(
            Reason::CertificateInvalid,
            step,
            "certificate is over another block",
        ));
    }
    if proof.validators().hash() != header.valset_hash {
        let detail = "validators are not those the header names";
        return Err(fail(Reason::CertificateInvalid, step, detail));
    }
    let signed = cache.certificate(certificate, &header.chain_id, proof.validators());
    if let Err(error) = signed {
        return Err(fail(Reason::CertificateInvalid, step, error.to_string()));
    }
    // Anyone can make keys and sign: the set must be one the trust root vouches for, by itself or by
    // links. Another is undecided rather than false: a newer trust root may know it.
    if proof.links().is_empty() && *proof.validators() != root.body().checkpoint.validators {
        let detail = "signed by validators the trust root does not name";
        return Err(stop(
            Finding::Undecided,
            Reason::UnknownValidatorSet,
            step,
            detail,
        ));
    }
    let (signed, members) = (
        certificate.signatures.len(),
        proof.validators().members().len(),
    );
    passed(
        report,
        step,
        format!(
            "block {} signed by {signed} of {members} validators",
            header.height
        ),
    );
    Ok(())
}

/// From the set that the trust root names to the one that signed.
pub(super) fn links(
    proof: &impl Decided,
    root: &TrustRoot,
    cache: &mut VerifierCache,
    report: &mut impl Report,
) -> Step {
    if proof.links().is_empty() {
        return Ok(());
    }
    let found = links::check(proof, root, cache).map_err(|broken| match broken {
        Broken::Invalid(detail) => fail(Reason::LinksInvalid, "links", detail),
        Broken::Unknown(detail) => stop(
            Finding::Undecided,
            Reason::UnknownValidatorSet,
            "links",
            detail,
        ),
    })?;
    passed(report, "links", found);
    Ok(())
}

/// The invoice that the proof is about, and what came of it.
fn transaction(proof: &Proof) -> Result<(IssuedContent<'_>, &Effect), Stop> {
    let payload = &proof.transaction.body().payload;
    let Some(invoice) = payload.content(proof.part) else {
        return Err(fail(Reason::NotAnInvoice, "transaction", "not an invoice"));
    };
    let effects = &proof.outcome.effects;
    let complete = u32::try_from(effects.len()) == Ok(payload.issues());
    let place = usize::try_from(proof.part).unwrap_or(usize::MAX);
    match effects.get(place) {
        Some(effect) if proof.outcome.is_applied() && complete => Ok((invoice, effect)),
        _ => Err(fail(
            Reason::NotAnInvoice,
            "transaction",
            "the transaction failed",
        )),
    }
}

fn arithmetic(invoice: IssuedContent<'_>, report: &mut Verdict) -> Step {
    let rule_set = invoice.facts.rule_set;
    if RuleSet::by_id(rule_set).is_none() {
        // A newer network's law is not a forgery.
        let detail = format!("rule set {rule_set} is not known");
        let reason = Reason::UnknownRuleSet;
        return Err(stop(Finding::Undecided, reason, "arithmetic", detail));
    }
    // By the payload, as a block judges: an invoice that only calls itself a red letter is neither.
    let judged = match invoice.original {
        None => invoice.facts.check(),
        Some(_) => invoice.facts.check_red(),
    };
    match judged {
        Ok(()) => {
            passed(
                report,
                "arithmetic",
                format!("rule set {}", invoice.facts.rule_set),
            );
            Ok(())
        }
        Err(error) => Err(fail(
            Reason::ArithmeticInvalid,
            "arithmetic",
            error.to_string(),
        )),
    }
}

fn describe(proof: &Proof, invoice: IssuedContent<'_>, effect: &Effect, report: &mut Verdict) {
    let totals = &invoice.facts.totals;
    report.number = Some(effect.number.to_string());
    report.account = Some(proof.transaction.body().account);
    report.issued_at = Some(invoice.facts.issued_on.to_string());
    report.original = invoice.original.map(|number| number.to_string());
    report.totals = Some(VerdictTotals {
        amount: totals.amount.to_string(),
        tax: totals.tax.to_string(),
        gross: totals.gross.to_string(),
    });
}

/// Returns whether the proof is too old to say what holds today.
pub(super) fn freshness(
    proof: &impl Decided,
    options: &VerifyOptions,
    report: &mut impl Report,
) -> Result<bool, Stop> {
    let header = proof.as_of();
    let now_ms = options.now.ms();
    if header.time_ms > now_ms.saturating_add(CLOCK_BEHIND_MS_MAX) {
        let detail = "the block's time is ahead of this machine's clock";
        return Err(stop(
            Finding::Undecided,
            Reason::ClockBehind,
            "freshness",
            detail,
        ));
    }
    let age_ms = now_ms.saturating_sub(header.time_ms);
    let freshness = Freshness::of_age_ms(age_ms);
    let time = BlockTime::from_ms(header.time_ms)
        .to_rfc3339()
        .unwrap_or_default();
    passed(report, "freshness", format!("state of {time}"));
    report.set_as_of(AsOf {
        height: header.height,
        time,
        freshness,
    });
    let accepted = options.max_age_ms.is_some_and(|max_ms| age_ms <= max_ms);
    Ok(freshness == Freshness::Stale && !accepted)
}

fn disclosed(proof: &Proof, invoice: IssuedContent<'_>, report: &mut Verdict) -> Step {
    let fields = &proof.disclosed;
    let ascending = fields.iter().zip(fields.iter().skip(1)).all(|(a, b)| {
        let place = |shown: &DisclosedField| (shown.field.id, shown.field.line);
        a.index < b.index && place(a) < place(b)
    });
    let bound = fields
        .iter()
        .all(|shown| shown.is_under(invoice.doc_root, invoice.field_count));
    if !ascending || !bound {
        let detail = "a shown field is not under the document's root";
        return Err(fail(Reason::DisclosureInvalid, "fields", detail));
    }
    report.shown = fields
        .iter()
        .map(|shown| ShownField {
            id: shown.field.id,
            line: shown.field.line,
            value: String::from_utf8_lossy(&shown.field.value).into_owned(),
        })
        .collect();
    let shown = u32::try_from(fields.len()).unwrap_or(u32::MAX);
    report.withheld = u32::from(invoice.field_count).saturating_sub(shown);
    let detail = format!("{shown} shown, {} withheld", report.withheld);
    if shown == 0 {
        not_checked(report, "fields", detail);
    } else {
        passed(report, "fields", detail);
    }
    Ok(())
}

fn card(proof: &Proof, root: &TrustRoot, cache: &mut VerifierCache, report: &mut Verdict) -> Step {
    let Some(signed) = &proof.card else {
        not_checked(report, "seller", "the proof carries no seller card");
        return Ok(());
    };
    let signer: &KeyId = &signed.signer;
    let vouched = root
        .authority_key(signer)
        .is_some_and(|authority| cache.card(signed, authority, root.chain_id()));
    if !vouched || signed.card.key != proof.key.public_key.id() {
        let detail = "the card is not the authority's word for this key";
        return Err(fail(Reason::CardInvalid, "seller", detail));
    }
    let tax_id = match &signed.card.identity {
        Identity::Clear(uscc) => Some(uscc.to_string()),
        Identity::Sealed(_) => None,
    };
    report.seller = Some(VerdictSeller {
        tax_id,
        name: signed.card.name.clone(),
    });
    passed(report, "seller", "name vouched for by the authority");
    Ok(())
}

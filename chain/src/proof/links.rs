//! Links between validator sets (SPEC 7.9): how a verifier gets from the set it knows to the set that
//! signed.
//!
//! Guards: every link is signed by the set before it, and the path starts at a set that the trust
//! root names; nothing is skipped, and nothing stands beside.

use serde::{Deserialize, Serialize};

use super::cache::VerifierCache;
use super::decided::Decided;
use super::trust_root::TrustRoot;
use crate::block::Header;
use crate::certificate::CommitCertificate;
use crate::validator::ValidatorSet;

/// One change of the validator set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLink {
    /// The last block that the outgoing set decided.
    pub header: Header,
    /// Its certificate, by the outgoing set.
    pub certificate: CommitCertificate,
    /// The set that decides the next height.
    pub next: ValidatorSet,
}

/// Why links lead nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// They do not make a path, or a signature does not hold.
    Invalid(String),
    /// They make a path that the trust root does not know.
    Unknown(&'static str),
}

/// What is said of a path from elsewhere.
const UNKNOWN: &str = "the changes of validators do not start at a set the trust root names";

/// Checks the links of a proof against a trust root; what was found.
pub(super) fn check(
    proof: &impl Decided,
    root: &TrustRoot,
    cache: &mut VerifierCache,
) -> Result<String, Broken> {
    check_shape(proof)?;
    let first = anchor(proof.links(), root)?;
    let outgoing = core::iter::once(first).chain(proof.links().iter().map(|link| &link.next));
    for (link, outgoing) in proof.links().iter().zip(outgoing) {
        let signed = cache.certificate(&link.certificate, root.chain_id(), outgoing);
        signed.map_err(|error| invalid(link, &error.to_string()))?;
    }
    let heights = proof
        .links()
        .iter()
        .map(|link| link.header.height.to_string());
    let heights = heights.collect::<Vec<_>>().join(", ");
    let count = proof.links().len();
    Ok(format!(
        "{count} changes of validators, after blocks {heights}"
    ))
}

fn invalid(link: &SetLink, what: &str) -> Broken {
    Broken::Invalid(format!("link of block {}: {what}", link.header.height))
}

/// Rule 1: headers that follow each other up to the header the proof speaks for.
fn check_shape(proof: &impl Decided) -> Result<(), Broken> {
    let as_of = proof.as_of();
    let mut before: Option<&Header> = None;
    for link in proof.links() {
        let header = &link.header;
        let above = before.is_none_or(|before| header.height > before.height);
        let follows = before.is_none_or(|before| header.valset_hash == before.next_valset_hash);
        let certified =
            link.certificate.block_id == header.id() && link.certificate.height == header.height;
        let changes = header.next_valset_hash != header.valset_hash
            && header.next_valset_hash == link.next.hash();
        if !above || header.height >= as_of.height {
            return Err(invalid(link, "it is out of order"));
        }
        if !certified {
            return Err(invalid(link, "its certificate is over another block"));
        }
        if !changes {
            return Err(invalid(link, "it does not lead to the set it names"));
        }
        if !follows {
            return Err(invalid(link, "it does not follow the link before"));
        }
        before = Some(header);
    }
    match before {
        Some(last) if last.next_valset_hash != as_of.valset_hash => Err(Broken::Invalid(
            "the last link does not lead to the set that signed".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Rule 2: the set before the first link, which the trust root must name.
fn anchor<'a>(links: &[SetLink], root: &'a TrustRoot) -> Result<&'a ValidatorSet, Broken> {
    let checkpoint = &root.body().checkpoint;
    let past = links
        .iter()
        .take_while(|link| link.header.height <= checkpoint.height)
        .last();
    let first = match past {
        None => &checkpoint.validators,
        Some(last) if last.next == checkpoint.validators => &root.body().genesis.validators,
        Some(_another) => return Err(Broken::Unknown(UNKNOWN)),
    };
    match links.first() {
        Some(link) if link.header.valset_hash != first.hash() => Err(Broken::Unknown(UNKNOWN)),
        _ => Ok(first),
    }
}

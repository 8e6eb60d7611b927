//! The step of a verdict that says what became of the invoice (SPEC 7.8).
//!
//! Guards: what the leaf says counts only where it is proven under the state of block M, for the
//! very effect that the proof is about.

use super::file::Proof;
use super::steps::{Stop, fail, passed};
use super::verdict::{Reason, Verdict, VerdictRedLetter};
use crate::outcome::Effect;
use crate::state::{InvoiceLeaf, Leaf, Slot};
use crate::time::BlockTime;
use crate::transaction::IssuedContent;

/// What happened to the invoice, proven, and what that makes of it.
pub(super) fn status(
    proof: &Proof,
    invoice: IssuedContent<'_>,
    effect: &Effect,
    report: &mut Verdict,
) -> Result<Reason, Stop> {
    let unproven = |detail: &str| fail(Reason::StatusInvalid, "status", detail);
    let slot = Slot::from_u64(effect.slot).ok_or_else(|| unproven("no such slot"))?;
    let id = effect.invoice_id(&proof.transaction.id(), proof.part);
    let leaf = proof
        .status
        .leaf
        .clone()
        .map(|leaf| Leaf::Invoice(id, leaf));
    if proof.status.path.root(slot, leaf.as_ref()) != Some(proof.as_of().state_root) {
        return Err(unproven("the status is not in the proven state"));
    }
    let reason = proof
        .status
        .leaf
        .as_ref()
        .map_or(Reason::Genuine, |leaf| grade(leaf, invoice));
    let word = match reason {
        Reason::Reissued => "reissued",
        Reason::Reversed => "reversed",
        Reason::PartlyReversed => "partly_reversed",
        _ => "issued",
    };
    report.status = Some(word);
    // The leaf of a red letter leads to the one before it, which is not against it.
    let blue = proof.status.leaf.as_ref();
    let blue = blue.filter(|_| invoice.original.is_none());
    report.red_letter = blue.and_then(last_red_letter);
    passed(
        report,
        "status",
        format!("{word} as of block {}", proof.as_of().height),
    );
    Ok(reason)
}

/// Number and time of the last red letter against the invoice.
fn last_red_letter(leaf: &InvoiceLeaf) -> Option<VerdictRedLetter> {
    leaf.last_red.map(|red| VerdictRedLetter {
        number: red.number.to_string(),
        time: BlockTime::from_ms(red.time_ms)
            .to_rfc3339()
            .unwrap_or_default(),
    })
}

fn grade(leaf: &InvoiceLeaf, invoice: IssuedContent<'_>) -> Reason {
    if leaf.reissued_by.is_some() {
        Reason::Reissued
    } else if leaf.reversed_total_fen() == 0 {
        Reason::Genuine
    } else if leaf.is_reversed(invoice.facts) {
        Reason::Reversed
    } else {
        Reason::PartlyReversed
    }
}

//! Making statements about a number or an account (SPEC 7.11).
//!
//! Guards: what the journal says is gathered first and checked against the tip afterwards, so that
//! nobody holds the tip while blocks are read; a block in between costs another round.

mod walk;

use piao_api::backend::{CompletenessOrder, Refusal, StoredFile};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::invoice::InvoiceNumber;
use piao_chain::limits::PROOF_BYTES_MAX;
use piao_chain::proof::SlotProof;
use piao_chain::proof::statement::{
    AbsenceProof, AccountProof, Anchor, CertifiedHeader, CompletenessProof, IssuedAnchor,
    IssuedInstead, Placed, TotalsProof,
};
use piao_chain::state::{Account, Leaf, Slot, StateView as _, Totals};
use piao_chain::transaction::Identity;

use super::proofs::{binary_file, links};
use super::render::broken;
use crate::ledger::{ChainView, CommittedBlock, Place, Tip};
use walk::{Own, Walked};

/// Rounds before the chain is too busy to speak of.
const ROUNDS_MAX: usize = 4;

/// A transaction's place and its block.
type Stood = (Place, CommittedBlock);

/// That a number is not issued.
pub(super) fn absence(chain: &ChainView, text: &str) -> Result<StoredFile, Refusal> {
    let number: InvoiceNumber = text.parse().map_err(|_source| {
        Refusal::new(Fault::at(FailureCode::NumberFormat, "/number").got(text))
    })?;
    for _round in 0..ROUNDS_MAX {
        let taken = chain.place_of_issuance(number.sequence());
        let taken = taken.map_err(|error| broken(&error))?;
        if taken.as_ref().is_some_and(|taken| issued(taken, number)) {
            let refusal = Refusal::of(FailureCode::ResourceNotFound);
            return Err(refusal.detail("the number is issued: ask for its proof"));
        }
        let tip = chain.tip();
        let Ok(Some(Leaf::Totals(totals))) = chain.cache().leaf(Slot::TOTALS) else {
            return Err(missing());
        };
        let is_counted = (1..=totals.issued_count).contains(&number.sequence());
        if is_counted != taken.is_some() {
            // A block came in between, or one that the tip does not count yet.
            continue;
        }
        let instead = taken.as_ref().map(|taken| instead(taken, &tip));
        let proof = AbsenceProof {
            at: certified(chain, &tip)?,
            number,
            totals: totals_proof(totals, &tip),
            instead: instead.transpose()?,
        };
        return Ok(binary_file(proof.encode()));
    }
    Err(Refusal::of(FailureCode::ServerBusy))
}

fn totals_proof(totals: Totals, tip: &Tip) -> TotalsProof {
    TotalsProof {
        totals,
        path: SlotProof::of(&tip.tree, Slot::TOTALS),
    }
}

/// Whether the transaction at a place issued this very number.
fn issued((place, committed): &Stood, number: InvoiceNumber) -> bool {
    let at = usize::try_from(place.index).unwrap_or(usize::MAX);
    let outcome = committed.outcomes.get(at);
    let mut effects = outcome.into_iter().flat_map(|outcome| &outcome.effects);
    effects.any(|effect| effect.number == number)
}

fn instead(taken: &Stood, tip: &Tip) -> Result<IssuedInstead, Refusal> {
    let at = usize::try_from(taken.0.index).unwrap_or(usize::MAX);
    let transaction = taken.1.block.transactions.get(at).ok_or_else(missing)?;
    Ok(IssuedInstead {
        txid: transaction.id(),
        place: placed(taken, tip)?,
    })
}

/// Block M, which is the tip.
fn certified(chain: &ChainView, tip: &Tip) -> Result<CertifiedHeader, Refusal> {
    let none = || Refusal::of(FailureCode::ResourceNotFound).detail("no block is decided yet");
    Ok(CertifiedHeader {
        header: tip.header.clone(),
        certificate: tip.certificate.clone().ok_or_else(none)?,
        validators: (*tip.decided_by).clone(),
        links: links(chain, tip.header.height)?,
    })
}

fn placed((place, committed): &Stood, tip: &Tip) -> Result<Placed, Refusal> {
    Placed::of(
        (&committed.block, &committed.outcomes),
        place.index,
        (&tip.history, tip.header.height),
    )
    .ok_or_else(missing)
}

fn missing() -> Refusal {
    Refusal::of(FailureCode::StoreCorrupt)
}

/// All invoices of an account in a range.
pub(super) fn completeness(
    chain: &ChainView,
    order: CompletenessOrder,
) -> Result<StoredFile, Refusal> {
    let mut made = None;
    for _round in 0..ROUNDS_MAX {
        let counter = account(chain, order.account)?.1.counter;
        let walked = walk::all_of(chain, order, counter)?;
        let first = walked.listed.first().filter(|_| walked.from > 1);
        let first = first.map(|own| stood(chain, own)).transpose()?;
        let last = walked.listed.last().map(|own| stood(chain, own));
        let last = last.transpose()?;
        let tip = chain.tip();
        let (identity, leaf) = account(chain, order.account)?;
        if walked.is_to_the_end && leaf.counter != walked.to() {
            continue;
        }
        let anchor = if leaf.counter == walked.to() {
            Anchor::Account(Box::new(AccountProof {
                identity,
                account: leaf,
                path: SlotProof::of(&tip.tree, Slot::account(order.account)),
            }))
        } else {
            let last = last.as_ref().ok_or_else(missing)?;
            Anchor::Issued(Box::new(ended(last, &walked, &tip)?))
        };
        made = Some(CompletenessProof {
            at: certified(chain, &tip)?,
            account: order.account,
            from: walked.from,
            before: walked.before,
            listed: walked.listed.iter().map(|own| own.listed).collect(),
            anchor,
            first: first.map(|first| placed(&first, &tip)).transpose()?,
        });
        break;
    }
    let proof = made.ok_or_else(|| Refusal::of(FailureCode::ServerBusy))?;
    let bytes = proof.encode();
    if bytes.len() > PROOF_BYTES_MAX {
        return Err(walk::too_long());
    }
    Ok(binary_file(bytes))
}

fn account(chain: &ChainView, number: u32) -> Result<(Identity, Account), Refusal> {
    let found = chain.account(number).map_err(|_source| missing())?;
    found.ok_or_else(|| Refusal::of(FailureCode::ResourceNotFound).detail("no such account"))
}

/// The block of an invoice, read again: a list is longer than what should lie in memory.
fn stood(chain: &ChainView, own: &Own) -> Result<Stood, Refusal> {
    let committed = chain.block(own.place.height);
    let committed = committed.map_err(|error| broken(&error))?;
    Ok((own.place, committed.ok_or_else(missing)?))
}

fn ended(last: &Stood, walked: &Walked, tip: &Tip) -> Result<IssuedAnchor, Refusal> {
    let at = usize::try_from(last.0.index).unwrap_or(usize::MAX);
    let transaction = last.1.block.transactions.get(at).ok_or_else(missing)?;
    let own = walked.listed.last().ok_or_else(missing)?;
    Ok(IssuedAnchor {
        body: transaction.body_bytes().to_vec(),
        part: own.listed.part,
        place: placed(last, tip)?,
    })
}

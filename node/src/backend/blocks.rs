//! Blocks, transactions and public invoices, read from the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use piao_api::backend::Refusal;
use piao_api::wire;
use piao_chain::block::Header;
use piao_chain::digest::{BlockId, TransactionId};
use piao_chain::failure::FailureCode;
use piao_chain::invoice::InvoiceNumber;

use super::render::{Issued, action, broken, code_of, outcome_of, public_of, time_text};
use crate::gossip::Tips;
use crate::ledger::{ChainView, CommittedBlock, FinalOutcome, Place};

/// Where the chain stands.
pub(super) fn status(
    chain: &ChainView,
    others: Option<&(Arc<AtomicUsize>, Arc<Tips>)>,
) -> wire::ChainStatus {
    let tip = chain.tip();
    let height = tip.header.height;
    let ahead = others.and_then(|(_peers, tips)| tips.ahead_of(height, Instant::now()));
    let peers = others.map_or(0, |(peers, _tips)| peers.load(Ordering::Relaxed));
    wire::ChainStatus {
        chain_id: chain.chain_id().to_string(),
        network: chain.genesis().network.as_str().to_owned(),
        height,
        block_id: tip.id.to_string(),
        time: time_text(tip.header.time_ms),
        peers: u32::try_from(peers).unwrap_or(u32::MAX),
        syncing: ahead.is_some(),
        network_height: ahead.unwrap_or(height),
        validators: u32::try_from(tip.validators.members().len()).unwrap_or(u32::MAX),
    }
}

/// A page of blocks, newest first.
pub(super) fn list(
    chain: &ChainView,
    before: Option<u64>,
    limit: u32,
) -> Result<wire::Page<wire::BlockSummary>, Refusal> {
    let above = chain.height().saturating_add(1);
    let end = before.unwrap_or(above).min(above);
    let start = end.saturating_sub(u64::from(limit));
    let mut data = Vec::new();
    for height in (start..end).rev() {
        let (header, id) = header_at(chain, height)?;
        data.push(wire::BlockSummary {
            height,
            block_id: id.to_string(),
            time: time_text(header.time_ms),
            tx_count: header.tx_count,
            proposer: header.proposer.to_string(),
        });
    }
    Ok(wire::Page {
        data,
        has_more: start > 0,
        next_cursor: None,
    })
}

/// A block.
pub(super) fn block(chain: &ChainView, height: u64) -> Result<wire::Block, Refusal> {
    if height == 0 {
        let header = chain.genesis().header();
        return Ok(block_of(&header, header.id(), None));
    }
    let committed = chain.block(height).map_err(|error| broken(&error))?;
    let committed = committed.ok_or_else(|| Refusal::of(FailureCode::ResourceNotFound))?;
    Ok(block_of(
        &committed.block.header,
        committed.id,
        Some(&committed),
    ))
}

/// What came of a transaction that stands in a block.
pub(super) fn transaction(chain: &ChainView, id: &TransactionId) -> Result<wire::Outcome, Refusal> {
    let not_found = || Refusal::of(FailureCode::ResourceNotFound);
    let place = chain.place_of(id).ok_or_else(not_found)?;
    outcome_at(chain, place)?.ok_or_else(not_found)
}

/// What came of the transaction at a place.
pub(super) fn outcome_at(
    chain: &ChainView,
    place: Place,
) -> Result<Option<wire::Outcome>, Refusal> {
    let committed = chain.block(place.height).map_err(|error| broken(&error))?;
    let Some(committed) = committed else {
        return Ok(None);
    };
    let at = usize::try_from(place.index).unwrap_or(usize::MAX);
    let found = committed
        .block
        .transactions
        .get(at)
        .zip(committed.outcomes.get(at));
    Ok(found.map(|(transaction, outcome)| {
        let settled = FinalOutcome {
            place,
            block_id: committed.id,
            time_ms: committed.block.header.time_ms,
            outcome: outcome.clone(),
        };
        outcome_of(transaction, &settled)
    }))
}

/// An invoice that was found by its number, in its block.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where its transaction stands.
    pub(crate) place: Place,
    /// Its issuance index.
    pub(crate) index: u64,
    /// The block.
    pub(crate) committed: CommittedBlock,
}

impl Found {
    /// The invoice.
    ///
    /// # Errors
    /// Never, once it was found.
    pub(crate) fn issued(&self) -> Result<Issued<'_>, Refusal> {
        let issued = Issued::indexed(&self.committed, self.place, self.index);
        issued.ok_or_else(|| Refusal::of(FailureCode::InvoiceNotFound))
    }
}

/// The block and place of the invoice with a number.
pub(crate) fn find(chain: &ChainView, number: &str) -> Result<Found, Refusal> {
    let parsed: InvoiceNumber = number.parse().map_err(|_source| {
        Refusal::new(piao_chain::fault::Fault::at(FailureCode::NumberFormat, "/number").got(number))
    })?;
    let not_found = || Refusal::of(FailureCode::InvoiceNotFound);
    let found = chain
        .place_of_issuance(parsed.sequence())
        .map_err(|error| broken(&error))?;
    let (place, committed) = found.ok_or_else(not_found)?;
    let issued = Issued::indexed(&committed, place, parsed.sequence()).ok_or_else(not_found)?;
    // The sequence alone finds the invoice; the other digits must be its own too.
    if issued.effect.number == parsed {
        Ok(Found {
            place,
            index: parsed.sequence(),
            committed,
        })
    } else {
        Err(not_found())
    }
}

/// What everybody may know of an invoice.
pub(super) fn public_invoice(
    chain: &ChainView,
    number: &str,
) -> Result<wire::PublicInvoice, Refusal> {
    Ok(public_of(&find(chain, number)?.issued()?))
}

/// The latest invoices of the chain, newest first.
pub(super) fn latest_invoices(
    chain: &ChainView,
    limit: u32,
) -> Result<Vec<wire::PublicInvoice>, Refusal> {
    let totals = chain.totals();
    let count = totals.map_or(0, |totals| totals.issued_count);
    let first = count.saturating_sub(u64::from(limit));
    let mut invoices = Vec::new();
    for sequence in (first..count).rev() {
        let index = sequence.saturating_add(1);
        let found = chain
            .place_of_issuance(index)
            .map_err(|error| broken(&error))?;
        if let Some((place, committed)) = found
            && let Some(issued) = Issued::indexed(&committed, place, index)
        {
            invoices.push(public_of(&issued));
        }
    }
    Ok(invoices)
}

fn header_at(chain: &ChainView, height: u64) -> Result<(Header, BlockId), Refusal> {
    if height == 0 {
        let header = chain.genesis().header();
        let id = header.id();
        return Ok((header, id));
    }
    let committed = chain.block(height).map_err(|error| broken(&error))?;
    let committed = committed.ok_or_else(|| Refusal::of(FailureCode::ResourceNotFound))?;
    Ok((committed.block.header, committed.id))
}

fn block_of(header: &Header, id: BlockId, committed: Option<&CommittedBlock>) -> wire::Block {
    let transactions = committed.map_or_else(Vec::new, |committed| {
        (0u32..)
            .zip(committed.block.transactions.iter().zip(&committed.outcomes))
            .map(|(index, (transaction, outcome))| wire::BlockTransaction {
                index,
                txid: transaction.id().to_string(),
                account: transaction.body().account,
                action: action(transaction).to_owned(),
                code: code_of(outcome),
                number: outcome
                    .effects
                    .first()
                    .map(|effect| effect.number.to_string()),
            })
            .collect()
    });
    wire::Block {
        height: header.height,
        block_id: id.to_string(),
        parent_id: header.parent_id.to_string(),
        time: time_text(header.time_ms),
        tx_count: header.tx_count,
        tx_root: hex::encode(header.tx_root),
        state_root: hex::encode(header.state_root),
        hist_root: hex::encode(header.hist_root),
        valset_hash: hex::encode(header.valset_hash),
        proposer: header.proposer.to_string(),
        certificate: committed.map(|committed| wire::CertificateSummary {
            round: committed.certificate.round,
            signers: committed
                .certificate
                .signatures
                .iter()
                .map(|(id, _signature)| id.to_string())
                .collect(),
        }),
        transactions,
    }
}

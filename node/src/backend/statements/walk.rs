//! Finding an account's invoices in the journal.
//!
//! The journal knows which block issued the n-th invoice of the chain, not whose it was. So a walk
//! reads blocks that issued something, from the end of the range down, and before that halves its
//! way to the end. Guards: how many blocks one call reads is bounded, whoever asks.

use piao_api::backend::{CompletenessOrder, ListRange, Refusal};
use piao_chain::digest::InvoiceId;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::limits::LISTED_MAX;
use piao_chain::outcome::Effect;
use piao_chain::proof::statement::ListedInvoice;
use piao_chain::state::Slot;

use super::super::render::broken;
use crate::ledger::{ChainView, CommittedBlock, Place};

/// Blocks that one call reads.
const BLOCKS_READ_MAX: usize = 4096;
/// Blocks that one step of halving reads before it gives up.
const BLOCKS_PROBED_MAX: usize = 64;

/// An invoice of the account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    pub(super) listed: ListedInvoice,
    pub(super) place: Place,
    counter: u64,
    sequence: u64,
    previous: InvoiceId,
}

/// What a walk found.
#[derive(Debug)]
pub(super) struct Walked {
    /// Counter of the first.
    pub(super) from: u64,
    /// Id of the account's invoice before that.
    pub(super) before: InvoiceId,
    /// Ascending by counter.
    pub(super) listed: Vec<Own>,
    /// Whether it is to end with the account's last one.
    pub(super) is_to_the_end: bool,
}

impl Walked {
    /// Counter of the last one, one below the first where there is none.
    pub(super) fn to(&self) -> u64 {
        let count = u64::try_from(self.listed.len()).unwrap_or(u64::MAX);
        self.from.saturating_sub(1).saturating_add(count)
    }
}

/// The refusal of a range that does not fit.
pub(super) fn too_long() -> Refusal {
    let fault = Fault::at(FailureCode::ParameterInvalid, "/from");
    let refusal = Refusal::new(fault.expected(format!("a range of at most {LISTED_MAX} invoices")));
    refusal.detail("the range is too long for one file: ask for it in parts")
}

/// The invoices of a range. `counter` is the account's, as of now.
pub(super) fn all_of(
    chain: &ChainView,
    order: CompletenessOrder,
    counter: u64,
) -> Result<Walked, Refusal> {
    let mut walk = Walk {
        chain,
        account: order.account,
        left: BLOCKS_READ_MAX,
    };
    match order.range {
        ListRange::Counters { from, to } => walk.of_counters(from, to, counter),
        ListRange::Blocks { from, to } => walk.of_blocks(from, to, counter),
    }
}

struct Walk<'a> {
    chain: &'a ChainView,
    account: u32,
    left: usize,
}

impl Walk<'_> {
    fn of_counters(&mut self, from: u64, to: Option<u64>, counter: u64) -> Result<Walked, Refusal> {
        let end = to.unwrap_or(counter);
        if end > counter || from > counter.saturating_add(1) {
            let place = if end > counter { "/to" } else { "/from" };
            let fault = Fault::at(FailureCode::ParameterInvalid, place);
            return Err(Refusal::new(
                fault.expected(format!("at most {counter}, the account's last")),
            ));
        }
        let count = end.saturating_add(1).saturating_sub(from);
        if usize::try_from(count).map_or(true, |count| count > LISTED_MAX) {
            return Err(too_long());
        }
        if count == 0 {
            return self.nothing_after(counter);
        }
        let start = self.sequence_near(end)?;
        let first = |own: &Own| own.counter == from;
        let mut listed = self.down(start, |own| own.counter <= end, first)?;
        listed.reverse();
        Ok(self.walked(from, listed, to.is_none()))
    }

    /// The list of none that follow the last one.
    fn nothing_after(&mut self, counter: u64) -> Result<Walked, Refusal> {
        let found = if counter == 0 {
            Vec::new()
        } else {
            let issued = self.issued()?;
            self.down(issued, |_own| true, |_own| true)?
        };
        let id = found.first().map(Own::id);
        Ok(Walked {
            from: counter.saturating_add(1),
            before: id.unwrap_or(InvoiceId::NONE),
            listed: Vec::new(),
            is_to_the_end: true,
        })
    }

    fn of_blocks(&mut self, from: u64, to: Option<u64>, counter: u64) -> Result<Walked, Refusal> {
        let issued = self.issued()?;
        // The first one above the blocks, which bounds them.
        let reader = self.chain.reader();
        let above = to.and_then(|to| to.checked_add(1));
        let above = above.and_then(|height| reader.first_issuance(height));
        let next = match above {
            Some(sequence) => self.up(sequence, issued)?,
            None => None,
        };
        let is_to_the_end = next.is_none();
        if counter == 0 {
            return self.nothing_after(0);
        }
        let start = next.map_or(issued, |own| own.sequence);
        let first = |own: &Own| own.counter == 1 || own.place.height < from;
        let end = next.map_or(counter, |own| own.counter);
        let mut listed = self.down(start, |own| own.counter <= end, first)?;
        listed.reverse();
        let first = listed.first().map_or(1, |own| own.counter);
        Ok(self.walked(first, listed, is_to_the_end))
    }

    fn walked(&self, from: u64, listed: Vec<Own>, is_to_the_end: bool) -> Walked {
        let before = listed.first().map(|own| own.previous);
        Walked {
            from,
            before: before.unwrap_or(InvoiceId::NONE),
            listed,
            is_to_the_end,
        }
    }

    /// How many invoices the chain issued.
    fn issued(&self) -> Result<u64, Refusal> {
        let totals = self.chain.totals();
        let totals = totals.map_err(|_source| super::missing())?;
        Ok(totals.issued_count)
    }

    /// Issuance index of an invoice of the account with at least this counter, not far above it.
    fn sequence_near(&mut self, counter: u64) -> Result<u64, Refusal> {
        let (mut low, mut high) = (1, self.issued()?);
        while low < high {
            let middle = low.midpoint(high);
            let mut blocks = BLOCKS_PROBED_MAX;
            let Some(own) = self.one_at_or_below(middle, &mut blocks)? else {
                if blocks > 0 {
                    // There is none at all that far down.
                    low = middle.saturating_add(1);
                    continue;
                }
                break;
            };
            if own.counter >= counter {
                high = own.sequence;
            } else {
                low = middle.saturating_add(1);
            }
            if own.counter == counter {
                break;
            }
        }
        Ok(high)
    }

    /// The account's last invoice at or below an index, within so many blocks.
    fn one_at_or_below(&mut self, index: u64, blocks: &mut usize) -> Result<Option<Own>, Refusal> {
        let mut at = index;
        while let Some((found, below)) = self.block_with(at)? {
            let own = found.into_iter().rev().find(|own| own.sequence <= index);
            *blocks = blocks.saturating_sub(1);
            if own.is_some() || *blocks == 0 {
                return Ok(own);
            }
            at = below;
        }
        Ok(None)
    }

    /// The account's invoices from an index down, those that are wanted, up to the last one.
    fn down(
        &mut self,
        start: u64,
        wanted: impl Fn(&Own) -> bool,
        is_last: impl Fn(&Own) -> bool,
    ) -> Result<Vec<Own>, Refusal> {
        let mut listed = Vec::new();
        let mut at = start;
        while let Some((found, below)) = self.block_with(at)? {
            for own in found.into_iter().rev() {
                if own.sequence > start || !wanted(&own) {
                    continue;
                }
                listed.push(own);
                if is_last(&own) {
                    return Ok(listed);
                }
                if listed.len() > LISTED_MAX {
                    return Err(too_long());
                }
            }
            at = below;
        }
        Ok(listed)
    }

    /// The account's first invoice from an index up.
    fn up(&mut self, start: u64, issued: u64) -> Result<Option<Own>, Refusal> {
        let mut at = start;
        while at <= issued {
            let Some((found, _below)) = self.block_with(at)? else {
                return Ok(None);
            };
            if let Some(own) = found.into_iter().find(|own| own.sequence >= start) {
                return Ok(Some(own));
            }
            let reader = self.chain.reader();
            let height = reader.height_of_issuance(at);
            let above = height.and_then(|height| height.checked_add(1));
            match above.and_then(|height| reader.first_issuance(height)) {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The account's invoices in the block that issued an index, ascending, and the last index
    /// below that block; `None` where no block issued it.
    fn block_with(&mut self, index: u64) -> Result<Option<(Vec<Own>, u64)>, Refusal> {
        let reader = self.chain.reader();
        let Some(height) = reader.height_of_issuance(index) else {
            return Ok(None);
        };
        self.left = self.left.checked_sub(1).ok_or_else(too_far)?;
        let committed = self.chain.block(height).map_err(|error| broken(&error))?;
        let Some(committed) = committed else {
            return Ok(None);
        };
        let first = reader.first_issuance(height).unwrap_or(1);
        let own = own_of(&committed, self.account, height);
        Ok(Some((own, first.saturating_sub(1))))
    }
}

fn too_far() -> Refusal {
    let fault = Fault::at(FailureCode::ParameterInvalid, "/from");
    let expected = format!("a range that {BLOCKS_READ_MAX} blocks hold");
    let refusal = Refusal::new(fault.expected(expected));
    refusal.detail("the account's invoices lie too far apart for one call: ask for fewer blocks")
}

/// The account's invoices in a block.
fn own_of(committed: &CommittedBlock, account: u32, height: u64) -> Vec<Own> {
    let mut found = Vec::new();
    let transactions = committed.block.transactions.iter();
    for (index, (transaction, outcome)) in (0u32..).zip(transactions.zip(&committed.outcomes)) {
        if transaction.body().account != account {
            continue;
        }
        let place = Place { height, index };
        for (part, effect) in (0u32..).zip(&outcome.effects) {
            let listed = ListedInvoice {
                txid: transaction.id(),
                part,
                number: effect.number,
            };
            found.push(Own {
                listed,
                place,
                counter: effect.counter,
                sequence: Slot::from_u64(effect.slot).map_or(0, Slot::index),
                previous: effect.prev_invoice_id,
            });
        }
    }
    found
}

impl Own {
    fn id(&self) -> InvoiceId {
        let sequence = self.sequence;
        let slot = Slot::new(piao_chain::state::SlotKind::Invoice, sequence);
        let effect = Effect {
            slot: slot.map_or(0, Slot::as_u64),
            number: self.listed.number,
            counter: self.counter,
            prev_invoice_id: self.previous,
        };
        effect.invoice_id(&self.listed.txid, self.listed.part)
    }
}

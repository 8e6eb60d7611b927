//! The pool itself: a bounded queue with reservations. No clock, no I/O, no async.
//!
//! Guards: a transaction is in at most once; a replay guard and an order are in flight at most
//! once; what an account has in flight is reserved from its balance and quota.

use std::collections::{BTreeMap, HashMap};

use piao_chain::digest::TransactionId;
use piao_chain::transaction::{Idem, OrderKey, Payload, SignedTransaction};

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub struct PoolLimits {
    /// Transactions.
    pub transactions_max: usize,
    /// Bytes of all of them.
    pub bytes_max: usize,
}

/// What an account has in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserved {
    /// Fees, in fen.
    pub fee_fen: i64,
    /// Invoice amounts net of tax, in fen, counted against the monthly quota.
    pub amount_fen: i64,
    /// Transactions.
    pub count: u32,
    /// Those of them that issue an invoice, counted against the daily limit.
    pub invoices: u32,
}

/// Why a transaction does not go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Too many transactions or bytes are waiting.
    #[error("the pool is full")]
    Full,
    /// Another transaction with the same replay guard waits.
    #[error("another transaction with this replay guard waits")]
    GuardTaken,
    /// Another transaction for the same order waits.
    #[error("another transaction for this order waits")]
    OrderTaken,
}

#[derive(Debug)]
struct Entry {
    transaction: SignedTransaction,
    fee_fen: i64,
    held: bool,
}

/// Transactions that wait for a block, oldest first.
#[derive(Debug)]
pub struct Pool {
    limits: PoolLimits,
    entries: BTreeMap<u64, Entry>,
    places: HashMap<TransactionId, u64>,
    guards: HashMap<(u32, Idem), TransactionId>,
    orders: HashMap<OrderKey, TransactionId>,
    reserved: HashMap<u32, Reserved>,
    bytes: usize,
    held: usize,
    next_place: u64,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(limits: PoolLimits) -> Self {
        Self {
            limits,
            entries: BTreeMap::new(),
            places: HashMap::new(),
            guards: HashMap::new(),
            orders: HashMap::new(),
            reserved: HashMap::new(),
            bytes: 0,
            held: 0,
            next_place: 0,
        }
    }

    /// Transactions in the pool, held ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing waits at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of everything that waits.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there is something to put into a block.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.entries.len() > self.held
    }

    /// Whether so many transactions may go into a block, at least one.
    #[must_use]
    pub fn offers(&self, transactions: usize) -> bool {
        self.entries.len().saturating_sub(self.held) >= transactions.max(1)
    }

    /// Whether a transaction waits here.
    #[must_use]
    pub fn contains(&self, id: &TransactionId) -> bool {
        self.places.contains_key(id)
    }

    /// What an account has in flight.
    #[must_use]
    pub fn reserved(&self, account: u32) -> Reserved {
        self.reserved.get(&account).copied().unwrap_or_default()
    }

    /// Puts a transaction at the end, with the fee to reserve. A held one is not offered to blocks
    /// until it is released: its desk is still writing it to disk.
    ///
    /// # Errors
    /// [`PoolError`]. A transaction that waits already is no error and stays where it is.
    pub fn insert(
        &mut self,
        transaction: SignedTransaction,
        fee_fen: i64,
        held: bool,
    ) -> Result<(), PoolError> {
        let id = transaction.id();
        if self.contains(&id) {
            return Ok(());
        }
        let guard = guard_of(&transaction);
        if self.guards.contains_key(&guard) {
            return Err(PoolError::GuardTaken);
        }
        let order = order_of(&transaction);
        if order.is_some_and(|order| self.orders.contains_key(&order)) {
            return Err(PoolError::OrderTaken);
        }
        let bytes = self.bytes.saturating_add(transaction.encoded_len());
        if self.entries.len() >= self.limits.transactions_max || bytes > self.limits.bytes_max {
            return Err(PoolError::Full);
        }
        self.bytes = bytes;
        self.guards.insert(guard, id);
        if let Some(order) = order {
            self.orders.insert(order, id);
        }
        let reserved = self.reserved.entry(guard.0).or_default();
        reserved.fee_fen = reserved.fee_fen.saturating_add(fee_fen);
        reserved.amount_fen = reserved.amount_fen.saturating_add(amount_of(&transaction));
        reserved.count = reserved.count.saturating_add(1);
        reserved.invoices = reserved.invoices.saturating_add(u32::from(order.is_some()));
        self.held += usize::from(held);
        self.places.insert(id, self.next_place);
        let entry = Entry {
            transaction,
            fee_fen,
            held,
        };
        self.entries.insert(self.next_place, entry);
        self.next_place += 1;
        Ok(())
    }

    /// Offers a held transaction to blocks from now on.
    pub fn release(&mut self, id: &TransactionId) {
        let entry = self
            .places
            .get(id)
            .and_then(|place| self.entries.get_mut(place));
        if let Some(entry) = entry
            && entry.held
        {
            entry.held = false;
            self.held -= 1;
        }
    }

    /// Takes a transaction out and gives back what it reserved.
    pub fn remove(&mut self, id: &TransactionId) -> Option<SignedTransaction> {
        let place = self.places.remove(id)?;
        let entry = self.entries.remove(&place)?;
        let transaction = entry.transaction;
        self.bytes = self.bytes.saturating_sub(transaction.encoded_len());
        self.held -= usize::from(entry.held);
        let guard = guard_of(&transaction);
        self.guards.remove(&guard);
        let order = order_of(&transaction);
        if let Some(order) = order {
            self.orders.remove(&order);
        }
        if let Some(reserved) = self.reserved.get_mut(&guard.0) {
            reserved.fee_fen = reserved.fee_fen.saturating_sub(entry.fee_fen);
            reserved.amount_fen = reserved.amount_fen.saturating_sub(amount_of(&transaction));
            reserved.count = reserved.count.saturating_sub(1);
            reserved.invoices = reserved.invoices.saturating_sub(u32::from(order.is_some()));
            if reserved.count == 0 {
                self.reserved.remove(&guard.0);
            }
        }
        Some(transaction)
    }

    /// The oldest transactions that are not held, up to a number of bytes.
    #[must_use]
    pub fn candidates(&self, bytes_max: usize) -> Vec<SignedTransaction> {
        let mut bytes = 0usize;
        self.entries
            .values()
            .filter(|entry| !entry.held)
            .map(|entry| &entry.transaction)
            .take_while(|transaction| {
                bytes = bytes.saturating_add(transaction.encoded_len());
                bytes <= bytes_max
            })
            .cloned()
            .collect()
    }

    /// Ids of transactions that no block after this time may hold.
    #[must_use]
    pub fn expired(&self, time_ms: u64) -> Vec<TransactionId> {
        self.entries
            .values()
            .filter(|entry| entry.transaction.body().valid_until_ms < time_ms)
            .map(|entry| entry.transaction.id())
            .collect()
    }
}

fn guard_of(transaction: &SignedTransaction) -> (u32, Idem) {
    let body = transaction.body();
    (body.account, body.idem)
}

fn order_of(transaction: &SignedTransaction) -> Option<OrderKey> {
    match &transaction.body().payload {
        Payload::IssueInvoice(invoice) => Some(invoice.order_key),
        Payload::ReissueInvoice(reissue) => Some(reissue.invoice.order_key),
        _ => None,
    }
}

fn amount_of(transaction: &SignedTransaction) -> i64 {
    match &transaction.body().payload {
        Payload::IssueInvoice(invoice) => invoice.facts.totals.amount.fen(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::testing::TestNet;

    fn pool(transactions_max: usize) -> Pool {
        Pool::new(PoolLimits {
            transactions_max,
            bytes_max: 1 << 20,
        })
    }

    #[test]
    fn reservations_follow_what_is_in_flight() {
        let mut net = TestNet::with_merchant(1);
        let (a, b) = (net.invoice("a"), net.invoice("b"));
        let mut pool = pool(10);
        pool.insert(a.clone(), 10, false).unwrap();
        pool.insert(b, 10, false).unwrap();
        let reserved = pool.reserved(1);
        assert_eq!(
            (reserved.fee_fen, reserved.amount_fen, reserved.count),
            (20, 20_000, 2)
        );
        assert_eq!(reserved.invoices, 2);
        pool.remove(&a.id()).unwrap();
        assert_eq!(
            (pool.reserved(1).fee_fen, pool.reserved(1).invoices),
            (10, 1)
        );
        assert_eq!(pool.remove(&a.id()), None);
    }

    #[test]
    fn a_second_transaction_for_an_order_or_guard_stays_outside() {
        let mut net = TestNet::with_merchant(1);
        let first = net.invoice("a");
        let same_order = net.invoice("a");
        let mut body = net.invoice("b").body().clone();
        body.idem = first.body().idem;
        let same_guard = TestNet::sign(body, &net.merchant);
        let mut pool = pool(10);
        pool.insert(first.clone(), 10, false).unwrap();
        assert_eq!(pool.insert(first, 10, false), Ok(()));
        assert_eq!(
            pool.insert(same_order, 10, false),
            Err(PoolError::OrderTaken)
        );
        assert_eq!(
            pool.insert(same_guard, 10, false),
            Err(PoolError::GuardTaken)
        );
        assert_eq!(pool.len(), 1);
    }

    #[test]
    fn a_full_pool_refuses_and_a_held_transaction_is_not_offered() {
        let mut net = TestNet::with_merchant(1);
        let (a, b) = (net.invoice("a"), net.invoice("b"));
        let mut pool = pool(1);
        pool.insert(a.clone(), 10, true).unwrap();
        assert_eq!(pool.insert(b, 10, false), Err(PoolError::Full));
        assert!(!pool.has_work());
        assert!(pool.candidates(usize::MAX).is_empty());
        pool.release(&a.id());
        assert!(pool.has_work());
        assert_eq!(pool.candidates(usize::MAX), [a]);
    }

    #[test]
    fn what_no_later_block_may_hold_is_named() {
        let mut net = TestNet::with_merchant(1);
        let a = net.invoice("a");
        let mut pool = pool(10);
        pool.insert(a.clone(), 10, false).unwrap();
        let until_ms = a.body().valid_until_ms;
        assert!(pool.expired(until_ms).is_empty());
        assert_eq!(pool.expired(until_ms + 1), [a.id()]);
    }
}

//! What was held back for invoices in flight, and what was given back.
//!
//! The fee of what is signed is held back from then on. It is captured by the block (which the chain
//! tells) or released when nothing of it can become final any more.

use std::collections::{HashMap, VecDeque};

use piao_chain::digest::TransactionId;

use super::super::index::Entry;

/// Moves remembered of one account; older ones ended long ago.
const MOVES_MAX: usize = 20_000;

/// A fee held back or given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    /// When, in ms since 1970.
    pub(crate) at_ms: u64,
    /// For which transaction.
    pub(crate) txid: TransactionId,
    /// How much, in fen; negative when it was given back.
    pub(crate) fee_fen: i64,
}

/// The moves of every account, oldest first; the newest has the highest number.
#[derive(Debug, Default)]
pub(in crate::desk) struct Reservations {
    accounts: HashMap<u32, Moves>,
}

#[derive(Debug, Default)]
struct Moves {
    kept: VecDeque<Move>,
    /// How many were forgotten.
    forgotten: u64,
}

impl Reservations {
    /// Notes what changes when an entry takes the place of another.
    pub(in crate::desk) fn note(&mut self, account: u32, before: Option<&Entry>, after: &Entry) {
        let before = before.and_then(|entry| Some((entry.txid?, entry.fee_fen)));
        let now = after.txid.map(|txid| (txid, after.fee_fen));
        if before == now {
            return;
        }
        if let Some((txid, fee_fen)) = before {
            self.push(account, after.at_ms, txid, -i64::from(fee_fen));
        }
        if let Some((txid, fee_fen)) = now {
            self.push(account, after.at_ms, txid, i64::from(fee_fen));
        }
    }

    fn push(&mut self, account: u32, at_ms: u64, txid: TransactionId, fee_fen: i64) {
        let moves = self.accounts.entry(account).or_default();
        moves.kept.push_back(Move {
            at_ms,
            txid,
            fee_fen,
        });
        while moves.kept.len() > MOVES_MAX {
            moves.kept.pop_front();
            moves.forgotten = moves.forgotten.saturating_add(1);
        }
    }

    /// Moves with numbers below this one that are later than a time, newest first; each with its
    /// number, at most so many.
    pub(in crate::desk) fn later_than(
        &self,
        account: u32,
        below: u64,
        time_ms: u64,
        limit: usize,
    ) -> Vec<(u64, Move)> {
        let Some(moves) = self.accounts.get(&account) else {
            return Vec::new();
        };
        let count = u64::try_from(moves.kept.len()).unwrap_or(u64::MAX);
        let numbers = moves.forgotten..moves.forgotten.saturating_add(count);
        let numbered = numbers.rev().zip(moves.kept.iter().rev());
        numbered
            .skip_while(|(number, _move)| *number >= below)
            .take_while(|(_number, one)| one.at_ms > time_ms)
            .take(limit)
            .map(|(number, one)| (number, one.clone()))
            .collect()
    }
}

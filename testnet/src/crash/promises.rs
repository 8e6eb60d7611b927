//! The ledger of promises: what every key was sent with and what was said of it.
//!
//! It lives in this process, which nobody kills. A key may have been sent with several drafts; at
//! most one of them becomes an invoice, and from the first 201 on it is that one for ever.

use std::collections::BTreeMap;

use piao_api::wire::InvoiceDocument;

use super::draft::{Price, gross};

/// What was said of a call.
pub(crate) enum Told<'a> {
    /// 201.
    Final(&'a InvoiceDocument),
    /// Refused in a way that says that this call issued nothing.
    Refused {
        /// Failure code.
        code: &'a str,
    },
    /// Nothing that tells: it may have become an invoice.
    Nothing,
}

/// An invoice that was promised.
#[derive(Clone, Debug)]
pub(crate) struct Promised {
    pub(crate) number: String,
    pub(crate) counter: u64,
    pub(crate) price: Price,
    pub(crate) fee: String,
    /// Transaction and block that issued it.
    pub(crate) txid: String,
    pub(crate) height: u64,
}

/// A key, and all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) account: u32,
    /// Every draft sent with this key, by price, in the order they were sent.
    pub(crate) prices: Vec<Price>,
    /// What a 201 promised.
    pub(crate) promised: Option<Promised>,
    /// Calls that got no answer that tells, or none yet.
    open: usize,
}

impl Entry {
    /// Whether it must be asked what became of it.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.open > 0 && self.promised.is_none()
    }
}

/// All promises of a run.
#[derive(Debug, Default)]
pub(crate) struct Promises {
    entries: BTreeMap<String, Entry>,
    /// Which key got a number.
    numbers: BTreeMap<String, String>,
    /// Which key got a counter of an account.
    counters: BTreeMap<(u32, u64), String>,
    /// Refusals, counted by code.
    pub(crate) refusals: BTreeMap<String, usize>,
    /// What must not be, each in one line.
    pub(crate) broken: Vec<String>,
}

/// Code of a key that is bound to another draft.
pub(crate) const KEY_CONFLICT: &str = "E1408";

/// Code of a key whose request is being worked on: nothing is said of its end.
pub(crate) const IN_FLIGHT: &str = "E1409";

impl Promises {
    /// Notes a call before it is made.
    pub(crate) fn sending(&mut self, account: u32, key: &str, price: Price) {
        let entry = self.entries.entry(key.to_owned()).or_insert(Entry {
            account,
            prices: Vec::new(),
            promised: None,
            open: 0,
        });
        if !entry.prices.contains(&price) {
            entry.prices.push(price);
        }
        entry.open += 1;
    }

    /// Notes what was said of a call.
    pub(crate) fn told(&mut self, key: &str, price: Price, told: &Told<'_>) {
        match told {
            Told::Final(document) => self.told_final(key, price, document),
            Told::Refused { code } => {
                *self.refusals.entry((*code).to_owned()).or_default() += 1;
                self.told_refused(key, price, code);
            }
            Told::Nothing => {}
        }
    }

    fn told_final(&mut self, key: &str, price: Price, document: &InvoiceDocument) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        entry.open = entry.open.saturating_sub(1);
        let (number, counter) = (document.number.clone(), document.counter);
        let expected = gross(entry.account, price);
        if document.totals.gross != expected || document.order_ref.as_deref() != Some(key) {
            self.broken.push(format!(
                "key {key}: invoice {number} is not of its draft: {} for {:?}, not {expected}",
                document.totals.gross, document.order_ref
            ));
            return;
        }
        if let Some(promised) = &entry.promised {
            let is_moved = promised.txid != document.txid || promised.height != document.height;
            if promised.number == number && is_moved {
                self.broken.push(format!(
                    "key {key}: invoice {number} was of block {} and is now of block {}",
                    promised.height, document.height
                ));
            }
            if promised.number != number || promised.counter != counter {
                self.broken.push(format!(
                    "key {key}: two invoices, {} (count {}) and {number} (count {counter})",
                    promised.number, promised.counter
                ));
            }
            return;
        }
        entry.promised = Some(Promised {
            number: number.clone(),
            counter,
            price,
            fee: document.fee.clone(),
            txid: document.txid.clone(),
            height: document.height,
        });
        let account = entry.account;
        if let Some(other) = self.numbers.insert(number.clone(), key.to_owned()) {
            let line = format!("number {number} stands twice: keys {other} and {key}");
            self.broken.push(line);
        }
        let place = (account, counter);
        if let Some(other) = self.counters.insert(place, key.to_owned()) {
            let line = format!("account {account}: count {counter} twice: keys {other} and {key}");
            self.broken.push(line);
        }
    }

    fn told_refused(&mut self, key: &str, price: Price, code: &str) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        entry.open = entry.open.saturating_sub(1);
        let is_conflict = code == KEY_CONFLICT;
        let promised = entry.promised.as_ref().map(|promised| promised.price);
        if is_conflict && entry.prices.len() < 2 {
            let line = format!("key {key}: refused as bound to another draft; there is only one");
            self.broken.push(line);
        } else if promised == Some(price) {
            self.broken
                .push(format!("key {key}: issued, and now {code}"));
        }
    }

    /// A key was asked about with each of its drafts: nothing is open any more.
    pub(crate) fn settled(&mut self, key: &str) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.open = 0;
        }
    }

    /// Notes what must not be.
    pub(crate) fn breach(&mut self, line: String) {
        self.broken.push(line);
    }

    /// Every key with what is known of it, by key.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.entries.iter()
    }

    /// One key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// How many invoices were promised.
    pub(crate) fn promised_count(&self) -> usize {
        self.numbers.len()
    }

    /// The key that was promised a number.
    pub(crate) fn key_of(&self, number: &str) -> Option<&String> {
        self.numbers.get(number)
    }

    /// Holds an account's own count against what was promised: as many, without a gap.
    pub(crate) fn check_counters(&mut self, account: u32, issued_count: u64) {
        let all = (account, 0)..=(account, u64::MAX);
        let mut expected = 0u64;
        for ((_account, counter), key) in self.counters.range(all) {
            expected += 1;
            if *counter != expected {
                let line = format!(
                    "account {account}: gap before count {counter} of key {key}, not {expected}"
                );
                self.broken.push(line);
                return;
            }
        }
        if issued_count != expected {
            self.broken.push(format!(
                "account {account}: {issued_count} invoices on the chain, {expected} known to who asked for them"
            ));
        }
    }
}

#[cfg(test)]
#[path = "promises_tests.rs"]
mod tests;

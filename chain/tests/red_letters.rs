//! An invoice that went wrong is put right: red letters, confirmation, reissue, booking and keys,
//! on whole blocks.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

#[path = "red_letters/confirmation.rs"]
mod confirmation;
#[path = "red_letters/keys.rs"]
mod keys;
#[path = "red_letters/random.rs"]
mod random;
#[path = "red_letters/reissue.rs"]
mod reissue;
#[path = "red_letters/rules.rs"]
mod rules;
#[path = "red_letters/verdicts.rs"]
mod verdicts;

use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::outcome::Outcome;
use piao_chain::rate::RatePpm;
use piao_chain::state::{Account, Leaf, Slot, StateView as _};
use piao_chain::tax::{TaxFacts, TaxLine, Totals};
use piao_chain::testing::{TestNet, sample_facts};
use piao_chain::transaction::SignedTransaction;

/// What comes of a transaction alone in a block.
pub(crate) fn commit(net: &mut TestNet, transaction: SignedTransaction) -> Outcome {
    let mut outcomes = net.commit(vec![transaction]);
    assert_eq!(outcomes.len(), 1, "it stands in the block");
    outcomes.remove(0)
}

/// The code and evidence of a refusal that is kept.
pub(crate) fn refused(
    net: &mut TestNet,
    transaction: SignedTransaction,
) -> (FailureCode, Vec<i64>) {
    let outcome = commit(net, transaction);
    (outcome.failure().unwrap(), outcome.evidence)
}

/// Commits what must apply.
pub(crate) fn applied(net: &mut TestNet, transaction: SignedTransaction) -> Outcome {
    let outcome = commit(net, transaction);
    assert_eq!(outcome.failure(), None, "{:?}", outcome.evidence);
    assert!(outcome.is_applied());
    outcome
}

pub(crate) fn account(net: &TestNet, number: u32) -> Account {
    match net.state.leaf(Slot::account(number)).unwrap() {
        Some(Leaf::Account(_identity, account)) => account,
        other => panic!("account {number} is there, found {other:?}"),
    }
}

/// The sample facts with these lines in place of their one.
pub(crate) fn facts_of(lines: &[(i64, i64, u32)]) -> TaxFacts {
    let mut facts = sample_facts();
    let sample = facts.lines[0];
    facts.lines = lines
        .iter()
        .map(|(amount, tax, rate)| TaxLine {
            amount: Fen::new(*amount),
            tax: Fen::new(*tax),
            rate: RatePpm::new(*rate),
            ..sample
        })
        .collect();
    total(&mut facts);
    facts
}

/// Sets the totals to the sums of the lines.
pub(crate) fn total(facts: &mut TaxFacts) {
    let sum = |of: fn(&TaxLine) -> Fen| facts.lines.iter().map(|line| of(line).fen()).sum();
    let (amount, tax): (i64, i64) = (sum(|line| line.amount), sum(|line| line.tax));
    facts.totals = Totals {
        amount: Fen::new(amount),
        tax: Fen::new(tax),
        gross: Fen::new(amount + tax),
    };
}

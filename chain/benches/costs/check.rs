//! The rules: of a draft at the desk, of the facts in consensus, of a transaction without state.

use divan::{Bencher, black_box};
use piao_chain::invoice::{Draft, preflight, sample};
use piao_chain::limits::LINES_MAX;
use piao_chain::tax::Taxpayer;
use piao_chain::testing::sample_facts;

use crate::world::net;

fn draft_of(lines: usize) -> Draft {
    Draft {
        lines: vec![sample::line(); lines],
        ..sample::draft()
    }
}

/// The whole check at the desk; on one core 3 lines are to stay below 15 µs and 100 below 300 µs.
#[divan::bench(args = [1, 3, 20, 100, LINES_MAX])]
fn draft(bencher: Bencher<'_, '_>, lines: usize) {
    let (draft, desk) = (draft_of(lines), sample::desk());
    assert!(preflight(&draft, &desk).prepared.is_some());
    bencher.bench_local(|| preflight(black_box(&draft), &desk));
}

#[divan::bench(args = [1, 20, LINES_MAX])]
fn facts(bencher: Bencher<'_, '_>, lines: usize) {
    let mut facts = sample_facts();
    facts.lines = vec![facts.lines[0]; lines];
    let count = i64::try_from(lines).unwrap();
    let times = |one: piao_chain::amount::Fen| piao_chain::amount::Fen::new(one.fen() * count);
    facts.totals.amount = times(facts.totals.amount);
    facts.totals.tax = times(facts.totals.tax);
    facts.totals.gross = times(facts.totals.gross);
    assert_eq!(facts.check_taxpayer(Taxpayer::General), Ok(()));
    assert_eq!(facts.check(), Ok(()));
    bencher.bench_local(|| black_box(&facts).check());
}

#[divan::bench]
fn transaction_without_state(bencher: Bencher<'_, '_>) {
    let mut net = net();
    let (transaction, chain_id) = (net.invoice("one"), net.genesis.chain_id());
    bencher.bench_local(|| black_box(&transaction).check(&chain_id).unwrap());
}

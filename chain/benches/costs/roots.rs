//! Roots: over a block's transactions, and over the state after it.

use divan::{Bencher, black_box};
use piao_chain::block::tx_root;
use piao_chain::outcome::Outcome;
use piao_chain::state::{Leaf, Slot, SlotTree, StateView as _};

use crate::world::{invoices, net};

#[divan::bench]
fn tx_root_of_1000(bencher: Bencher<'_, '_>) {
    let transactions = invoices(&mut net(), 1_000);
    let outcome = Outcome {
        code: 0,
        evidence: Vec::new(),
        effects: Vec::new(),
        fee_charged_fen: 10,
    };
    let outcomes = vec![outcome; transactions.len()];
    bencher.bench_local(|| tx_root(black_box(&transactions), &outcomes));
}

/// So many accounts like merchant 1's.
fn accounts(count: u32) -> Vec<(Slot, Leaf)> {
    let net = net();
    let leaf = net.state.leaf(Slot::account(1)).unwrap().unwrap();
    (1..=count)
        .map(|number| (Slot::account(number), leaf.clone()))
        .collect()
}

#[divan::bench]
fn slot_tree_change_of_256_in_10000(bencher: Bencher<'_, '_>) {
    let leaves = accounts(10_000);
    let tree = SlotTree::build(leaves.iter().map(|(slot, leaf)| (*slot, leaf)));
    let step = leaves.len() / 256;
    let changed: Vec<_> = leaves.iter().step_by(step).take(256).collect();
    bencher.bench_local(|| {
        let changed = changed.iter().map(|(slot, leaf)| (*slot, leaf));
        black_box(&tree).change(changed)
    });
}

#[divan::bench(sample_count = 10)]
fn slot_tree_build_of_10000(bencher: Bencher<'_, '_>) {
    let leaves = accounts(10_000);
    bencher.bench_local(|| {
        SlotTree::build(black_box(&leaves).iter().map(|(slot, leaf)| (*slot, leaf)))
    });
}

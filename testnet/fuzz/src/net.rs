//! The network that decoded values are judged in: four validators, one merchant, a few blocks.

use std::sync::LazyLock;

use piao_chain::execute::{
    Basis, BuildLimits, Built, Parent, Proposer, SignatureCheck, build_block,
};
use piao_chain::signature::PublicKey;
use piao_chain::state::{Leaf, MemoryState};
use piao_chain::testing::TestNet;
use piao_chain::transaction::SignedTransaction;

/// The network at its tip, height 3.
pub(crate) static TIP: LazyLock<TestNet> = LazyLock::new(|| {
    let mut net = before_last();
    let block = last_candidates(&mut net);
    net.commit(block);
    net
});

/// The network before its last block: what that block is executed on.
pub(crate) static BEFORE: LazyLock<TestNet> = LazyLock::new(before_last);

fn before_last() -> TestNet {
    TestNet::with_merchant(4)
}

/// Two invoices, and a repetition of the second order, whose refusal is kept.
fn last_candidates(net: &mut TestNet) -> Vec<SignedTransaction> {
    vec![
        net.invoice("a"),
        net.invoice("b"),
        net.anchored_invoice("b"),
    ]
}

/// Believes every signature, so that what lies behind them is reached. Never used to say that
/// something is genuine.
pub(crate) struct Trusting;

impl SignatureCheck for Trusting {
    fn is_valid(&self, _transaction: &SignedTransaction, _keys: &[PublicKey]) -> bool {
        true
    }
}

/// Hands the basis of the next block to `then`.
pub(crate) fn on_basis<T>(net: &TestNet, then: impl FnOnce(&Basis<'_, MemoryState>) -> T) -> T {
    let header = net.tip();
    let parent = Parent {
        id: header.id(),
        header: &header,
        hist_root: net.history.root(),
        validators: &net.genesis.validators,
    };
    then(&Basis {
        view: &net.state,
        tree: &net.tree,
        parent,
    })
}

/// Builds a block a second after the tip.
pub(crate) fn build(
    basis: &Basis<'_, MemoryState>,
    proposer: Proposer,
    candidates: Vec<SignedTransaction>,
    signatures: &dyn SignatureCheck,
) -> Built {
    let limits = BuildLimits {
        bytes_max: usize::MAX,
        transactions_max: 10_000,
    };
    build_block(
        basis,
        proposer,
        &mut candidates.into_iter(),
        limits,
        signatures,
    )
    .expect("the state is in memory")
}

/// The first validator, a second after the tip.
pub(crate) fn next_proposer(net: &TestNet) -> Proposer {
    Proposer {
        id: net.validators[0].public_key().id(),
        clock_ms: net.tip().time_ms.saturating_add(1_000),
    }
}

/// Fees are conserved: what was ever credited is what lies on accounts and what was collected.
pub(crate) fn assert_conserved(state: &MemoryState) {
    let (mut balances, mut totals) = (0_i64, None);
    for (_slot, leaf) in state.leaves() {
        match leaf {
            Leaf::Account(_, account) => {
                assert!(account.fee_balance_fen >= 0, "a balance below zero");
                balances = balances
                    .checked_add(account.fee_balance_fen)
                    .expect("balances stay within an i64");
            }
            Leaf::Totals(found) => totals = Some(*found),
            _ => {}
        }
    }
    let totals = totals.unwrap_or_default();
    assert_eq!(totals.minted_fen, balances + totals.collected_fen, "fees");
}

//! What the benches share: a network with a rich merchant, and blocks of invoices.

use piao_chain::execute::{
    Basis, BuildLimits, Built, Parent, Proposer, SignatureCheck, build_block,
};
use piao_chain::signature::PublicKey;
use piao_chain::state::MemoryState;
use piao_chain::testing::TestNet;
use piao_chain::transaction::SignedTransaction;

/// Invoices in a block.
pub(crate) const INVOICES: usize = 256;

/// A network whose merchant can pay for every invoice here.
pub(crate) fn net() -> TestNet {
    let mut net = TestNet::with_merchant(1);
    let credit = net.credit(1, 1_000_000, "for the benches");
    net.commit(vec![credit]);
    net
}

/// Signed invoices for distinct orders.
pub(crate) fn invoices(net: &mut TestNet, count: usize) -> Vec<SignedTransaction> {
    (0..count)
        .map(|number| net.invoice(&format!("order {number}")))
        .collect()
}

/// Believes every signature: the work beside the signatures is left.
pub(crate) struct Trusting;

impl SignatureCheck for Trusting {
    fn is_valid(&self, _transaction: &SignedTransaction, _keys: &[PublicKey]) -> bool {
        true
    }
}

/// Hands over what the next block is executed on.
pub(crate) fn on_basis<T>(net: &TestNet, then: impl FnOnce(&Basis<'_, MemoryState>) -> T) -> T {
    let header = net.tip();
    then(&Basis {
        view: &net.state,
        tree: &net.tree,
        parent: Parent {
            id: header.id(),
            header: &header,
            hist_root: net.history.root(),
            validators: &net.genesis.validators,
        },
    })
}

/// Builds a block of candidates; all of them go in.
pub(crate) fn build(
    net: &TestNet,
    basis: &Basis<'_, MemoryState>,
    candidates: &[SignedTransaction],
    signatures: &dyn SignatureCheck,
) -> Built {
    let proposer = Proposer {
        id: net.validators[0].public_key().id(),
        clock_ms: net.tip().time_ms + 1_000,
    };
    let limits = BuildLimits {
        bytes_max: usize::MAX,
        transactions_max: 10_000,
    };
    let mut candidates = candidates.iter().cloned();
    build_block(basis, proposer, &mut candidates, limits, signatures).unwrap()
}

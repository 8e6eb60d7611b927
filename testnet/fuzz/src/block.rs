//! Blocks: one spelling, one id; a block that verifies is the one its transactions build, and
//! whatever transactions it holds, building with them gives a block that verifies.

use piao_chain::block::{Block, Header};
use piao_chain::codec;
use piao_chain::execute::{Proposer, verify_block};
use piao_chain::outcome::Outcome;

use crate::net::{BEFORE, TIP, Trusting, assert_conserved, build, next_proposer, on_basis};
use crate::{Seeds, Target};

pub(crate) const TARGET: Target = Target {
    name: "block",
    run,
    seeds,
    bytes_max: 8192,
};

fn run(bytes: &[u8]) {
    let Ok(block) = Block::decode(bytes) else {
        return;
    };
    assert_eq!(block.encode(), bytes, "another spelling");
    let header = codec::encode(&block.header);
    assert!(bytes.starts_with(&header), "a body starts with its header");
    let again: Header = codec::decode(&header).expect("a decoded header decodes again");
    assert_eq!(again.id(), block.header.id());
    judged(&block);
    rebuilt(&block);
}

/// A block that every voter accepts is exactly what a proposer makes of its transactions.
fn judged(block: &Block) {
    let net = &*BEFORE;
    on_basis(net, |basis| {
        let Ok(executed) = verify_block(basis, block, &Trusting) else {
            return;
        };
        assert_eq!(executed.outcomes.len(), block.transactions.len());
        assert_eq!(executed.tree.root(), block.header.state_root);
        let proposer = Proposer {
            id: block.header.proposer,
            clock_ms: block.header.time_ms,
        };
        // A proposer leaves out what would fail, unless its sender wants the refusal kept.
        if executed.outcomes.iter().all(Outcome::is_applied) {
            let built = build(basis, proposer, block.transactions.clone(), &Trusting);
            assert_eq!(&built.block, block);
        }
        let mut state = net.state.clone();
        state.apply(executed.delta);
        assert_conserved(&state);
    });
}

/// Its transactions as candidates: what is built of them verifies.
fn rebuilt(block: &Block) {
    let net = &*BEFORE;
    on_basis(net, |basis| {
        let candidates = block.transactions.clone();
        let built = build(basis, next_proposer(net), candidates, &Trusting);
        let verified = verify_block(basis, &built.block, &Trusting);
        assert_eq!(verified.as_ref(), Ok(&built.executed));
    });
}

fn seeds() -> Seeds {
    let blocks = &TIP.blocks;
    let mut heartbeat = on_basis(&BEFORE, |basis| {
        build(basis, next_proposer(&BEFORE), Vec::new(), &Trusting).block
    });
    let empty = heartbeat.encode();
    heartbeat.header.extra_root = [1; 32];
    vec![
        ("register", blocks[0].block.encode()),
        ("credit", blocks[1].block.encode()),
        ("invoices", blocks[2].block.encode()),
        ("empty", empty),
        ("reserved-root-used", heartbeat.encode()),
    ]
}

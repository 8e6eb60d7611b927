//! A network in memory, and its blocks on disk.

use std::path::Path;

use piao_chain::block::Header;
use piao_chain::digest::{BlockId, ChainId};
use piao_chain::state::StateDelta;
use piao_chain::testing::{Decided, TestNet};
use piao_node::journal::{
    BlockJournal, JournalError, JournalOptions, JournalReader, Proposal, Recovered,
};
use piao_node::storage::Tip;

/// A network whose journal has so many blocks: a registration, a credit, then invoices, with an
/// empty block now and then.
pub(crate) fn net(blocks: usize) -> TestNet {
    let mut net = TestNet::with_merchant(1);
    while net.blocks.len() < blocks {
        grow(&mut net);
    }
    net
}

/// Decides the next block; gives what it changes.
pub(crate) fn grow(net: &mut TestNet) -> StateDelta {
    let height = net.blocks.len().saturating_add(1);
    let candidates = if height.is_multiple_of(5) {
        Vec::new()
    } else {
        (0..height % 3)
            .map(|nth| net.invoice(&format!("{height}-{nth}")))
            .collect()
    };
    // The network's clock moves when it commits; no value of a delta follows from it.
    let delta = net.build(candidates.clone()).executed.delta;
    net.commit(candidates);
    delta
}

/// The proposal a block was decided by.
pub(crate) fn proposal(decided: &Decided) -> Proposal {
    Proposal {
        height: decided.block.header.height,
        round: 0,
        valid_round: None,
        proposer: decided.block.header.proposer,
        valid: true,
        block_id: id(decided),
    }
}

/// Where the store stands after a block.
pub(crate) fn tip_at(header: &Header) -> Tip {
    Tip {
        height: header.height,
        block_id: header.id(),
        time_ms: header.time_ms,
    }
}

pub(crate) fn id(decided: &Decided) -> BlockId {
    decided.block.header.id()
}

/// Appends a block as the ledger does: proposal and body, then the decision.
pub(crate) fn append(journal: &mut BlockJournal, decided: &Decided) {
    let body = decided.block.encode();
    journal.append_proposed(&proposal(decided), &body).unwrap();
    journal
        .append_decided(&id(decided), &decided.outcomes, &decided.certificate)
        .unwrap();
}

/// Segments so small that a few blocks fill them.
pub(crate) const SMALL: JournalOptions = JournalOptions {
    segment_bytes: 4096,
    checked_at_start_bytes: u64::MAX,
    on_damage: piao_node::journal::OnDamage::Refuse,
};

pub(crate) fn open(
    dir: &Path,
    chain_id: &ChainId,
) -> Result<(BlockJournal, Recovered), JournalError> {
    BlockJournal::open_with(dir, chain_id, SMALL)
}

/// Writes all blocks of a network and closes the journal.
pub(crate) fn write(dir: &Path, net: &TestNet) {
    let (mut journal, recovered) = open(dir, &net.genesis.chain_id()).unwrap();
    let from = usize::try_from(recovered.tip).unwrap();
    for decided in &net.blocks[from..] {
        append(&mut journal, decided);
    }
}

/// Every block up to the reader's tip is the network's.
pub(crate) fn assert_same(reader: &JournalReader, net: &TestNet) {
    for (height, decided) in (1..=reader.tip()).zip(&net.blocks) {
        let stored = reader.block(height).unwrap().unwrap();
        assert_eq!(stored.block_id, id(decided));
        assert_eq!(stored.body, decided.block.encode());
        assert_eq!(stored.outcomes, decided.outcomes);
        assert_eq!(stored.certificate, decided.certificate);
    }
}

/// Copies a folder of files.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Numbers that follow from a seed (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

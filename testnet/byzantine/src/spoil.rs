//! Blocks that no validator may vote for. Each breaks one rule, and names itself rightly, so that it
//! is the rule that must catch it.

use bytes::Bytes;
use piao_chain::block::Block;
use piao_chain::signature::Signature;
use piao_chain::transaction::SignedTransaction;
use piao_engine::BuiltBlock;

use crate::dice::Dice;

/// Far beyond what clocks may differ by: an hour.
const FAR_MS: u64 = 60 * 60 * 1_000;

/// A way to break a block; `None` where there is nothing to break.
type Way = fn(Block) -> Option<Block>;

const WAYS: [(&str, Way); 8] = [
    ("wrong state root", wrong_state_root),
    ("dated back", dated_back),
    ("dated ahead", dated_ahead),
    ("a forged signature", forged_signature),
    ("a transaction twice", transaction_twice),
    ("a transaction left out", transaction_left_out),
    ("another builder", another_builder),
    ("another parent", another_parent),
];

/// A block made from a good one that breaks a rule, and how.
pub(crate) fn spoil(good: &BuiltBlock, dice: &mut Dice) -> Option<(&'static str, BuiltBlock)> {
    let block = Block::decode(&good.body).ok()?;
    let count = u64::try_from(WAYS.len()).unwrap_or(1);
    let first = usize::try_from(dice.below(count)).unwrap_or(0);
    let mut ways = WAYS.iter().cycle().skip(first).take(WAYS.len());
    ways.find_map(|(how, way)| {
        let spoilt = way(block.clone())?;
        let made = BuiltBlock {
            block_id: spoilt.header.id(),
            body: Bytes::from(spoilt.encode()),
        };
        Some((*how, made))
    })
}

fn wrong_state_root(mut block: Block) -> Option<Block> {
    *block.header.state_root.last_mut()? ^= 1;
    Some(block)
}

fn dated_back(mut block: Block) -> Option<Block> {
    block.header.time_ms = block.header.time_ms.checked_sub(FAR_MS)?;
    Some(block)
}

fn dated_ahead(mut block: Block) -> Option<Block> {
    block.header.time_ms = block.header.time_ms.checked_add(FAR_MS)?;
    Some(block)
}

fn forged_signature(mut block: Block) -> Option<Block> {
    let last = block.transactions.last_mut()?;
    let forged = vec![Signature([7; 64]); last.signatures().len()];
    *last = SignedTransaction::from_parts(last.body_bytes().to_vec(), forged).ok()?;
    Some(block)
}

fn transaction_twice(mut block: Block) -> Option<Block> {
    block.transactions.push(block.transactions.last()?.clone());
    counted(block)
}

fn transaction_left_out(mut block: Block) -> Option<Block> {
    block.transactions.pop()?;
    counted(block)
}

fn counted(mut block: Block) -> Option<Block> {
    block.header.tx_count = u32::try_from(block.transactions.len()).ok()?;
    Some(block)
}

fn another_builder(mut block: Block) -> Option<Block> {
    *block.header.proposer.0.last_mut()? ^= 1;
    Some(block)
}

fn another_parent(mut block: Block) -> Option<Block> {
    *block.header.parent_id.0.last_mut()? ^= 1;
    Some(block)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use piao_chain::testing::TestNet;

    use super::*;

    #[test]
    fn every_way_makes_another_block_that_names_itself_rightly() {
        let mut net = TestNet::with_merchant(4);
        let invoice = net.invoice("order");
        let built = net.build(vec![invoice]);
        let good = BuiltBlock {
            block_id: built.id,
            body: Bytes::from(built.block.encode()),
        };
        let mut dice = Dice::new(1);
        let mut seen = BTreeSet::new();
        for _time in 0..200 {
            let (how, spoilt) = spoil(&good, &mut dice).unwrap();
            let block = Block::decode(&spoilt.body).unwrap();
            assert_eq!(block.header.id(), spoilt.block_id, "{how}");
            assert_ne!(spoilt.body, good.body, "{how}");
            seen.insert(how);
        }
        assert_eq!(seen.len(), WAYS.len());
    }

    #[test]
    fn a_block_without_transactions_is_spoilt_too() {
        let net = TestNet::new(4);
        let built = net.build(Vec::new());
        let good = BuiltBlock {
            block_id: built.id,
            body: Bytes::from(built.block.encode()),
        };
        for seed in 0..50 {
            assert!(spoil(&good, &mut Dice::new(seed)).is_some());
        }
    }
}

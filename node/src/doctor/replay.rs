//! Every block of the journal executed again, signatures and certificates included: it must come to
//! the outcomes and roots that were journalled.

use std::path::Path;

use piao_chain::block::{Block, Header};
use piao_chain::digest::{BlockId, Digest};
use piao_chain::execute::{Basis, Parent, VerifyEach, verify_block};
use piao_chain::genesis::Genesis;
use piao_chain::proof::history::History;
use piao_chain::state::{MemoryState, SlotTree, validators_at};

use super::finding::{Finding, Severity, WayOut};
use super::language::Text;
use crate::journal::Seen;

pub(super) struct Replay<'a> {
    genesis: &'a Genesis,
    state: MemoryState,
    tree: SlotTree,
    history: History,
    tip: Header,
    tip_id: BlockId,
    /// Height the state store is at.
    state_height: Option<u64>,
    root_at_state: Option<Digest>,
    wrong: Option<(Text, std::path::PathBuf, u64, u64)>,
}

impl<'a> Replay<'a> {
    pub(super) fn new(genesis: &'a Genesis, state_height: Option<u64>) -> Self {
        let tip = genesis.header();
        let tip_id = tip.id();
        let mut state = MemoryState::default();
        state.apply(genesis.initial_state());
        let mut history = History::default();
        history.push(&tip_id);
        let root = tip.state_root;
        Self {
            genesis,
            tree: SlotTree::build(state.leaves()),
            state,
            history,
            tip,
            tip_id,
            state_height,
            root_at_state: (state_height == Some(0)).then_some(root),
            wrong: None,
        }
    }

    /// The root after the block the state store is at.
    pub(super) fn root_at_state(&self) -> Option<Digest> {
        self.root_at_state
    }

    /// Executes the next block, unless an earlier one was wrong.
    pub(super) fn see(&mut self, seen: &Seen<'_>) {
        if self.wrong.is_some() {
            return;
        }
        if let Err(what) = self.step(seen) {
            let (file, offset) = seen.at.clone();
            self.wrong = Some((what, file, offset, seen.height));
        }
    }

    fn step(&mut self, seen: &Seen<'_>) -> Result<(), Text> {
        let height = seen.height;
        let wrong = |en: String, zh: String| Text::new(en, zh);
        let chain_id = self.genesis.chain_id();
        let set = validators_at(&self.state, &self.genesis.validators, height).map_err(|why| {
            wrong(
                format!("nobody is known to decide block {height}: {why}"),
                format!("无从得知高度 {height} 由谁决定：{why}"),
            )
        })?;
        seen.certificate.verify(&chain_id, &set).map_err(|error| {
            wrong(
                format!("block {height} is not certified: {error}"),
                format!("高度 {height} 的区块没有有效证书：{error}"),
            )
        })?;
        let block = Block::decode(seen.body).map_err(|error| {
            wrong(
                format!("block {height} does not decode: {error}"),
                format!("高度 {height} 的区块无法解码：{error}"),
            )
        })?;
        let hist_root = self.history.root_at(height).ok_or_else(|| {
            wrong(
                format!("block {height} does not follow"),
                format!("高度 {height} 的区块不衔接"),
            )
        })?;
        let basis = Basis {
            view: &self.state,
            tree: &self.tree,
            parent: Parent {
                header: &self.tip,
                id: self.tip_id,
                hist_root,
                validators: &set,
            },
        };
        let executed = verify_block(&basis, &block, &VerifyEach).map_err(|error| {
            wrong(
                format!("block {height} can't be executed again: {error}"),
                format!("高度 {height} 的区块无法重新执行：{error}"),
            )
        })?;
        if executed.outcomes != seen.outcomes || block.header.id() != seen.block_id {
            return Err(wrong(
                format!("block {height} does not come to the outcomes it was decided with"),
                format!("高度 {height} 的区块重新执行的结果与记录不符"),
            ));
        }
        self.state.apply(executed.delta);
        self.tree.apply(executed.tree);
        self.history.push(&seen.block_id);
        self.tip = block.header;
        self.tip_id = seen.block_id;
        if self.state_height == Some(height) {
            self.root_at_state = Some(self.tip.state_root);
        }
        Ok(())
    }

    pub(super) fn findings(&self, dir: &Path) -> Option<Finding> {
        let (what, file, offset, height) = self.wrong.as_ref()?;
        Some(
            Finding::new(Severity::Damage, "blocks", what.clone())
                .file(file)
                .offset(*offset)
                .height(height.saturating_sub(1))
                .way(WayOut::PutBack(vec![dir.to_owned()])),
        )
    }
}

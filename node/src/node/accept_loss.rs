//! `--accept-loss`: the only way on without what was acknowledged and is not there any more.
//!
//! Guards: everything that will be lost is known, named and written to `accepted-loss.log`, synced,
//! before a byte is moved; nothing is deleted, it is kept beside under names with `lost` in them; and
//! where others vote nothing is given up, because this node could sign twice.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use piao_chain::genesis::Genesis;
use piao_chain::signature::KeyId;

use super::engine::{WalVerdict, judge_wal, wal_path};
use super::error::NodeError;
use super::loss::Heights;
use super::open::state_options;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::store::{self as desk, DeskInspection, DeskStore};
use crate::journal::{self, BlockJournal, Depth, Inspection, JournalOptions, OnDamage};
use crate::network::{MEMBERS_FILE, Member, MemberList};
use crate::storage::{Store, StoreError};

/// Name of the file that remembers what was given up.
pub(crate) const AUDIT_FILE: &str = "accepted-loss.log";

/// Copies kept of the engine's log; the last is written over.
const LOST_COPIES_MAX: u32 = 100;

/// What an operator gives up, known before anything is changed.
pub(super) struct Acceptance<'a> {
    settings: &'a Settings,
    genesis: &'a Genesis,
    master: &'a [u8; 32],
    blocks: Inspection,
    wal: WalVerdict,
    desk: DeskInspection,
    lost: Heights,
    /// Whether the state's files must be made anew before they can be opened.
    state_is_damaged: bool,
}

impl<'a> Acceptance<'a> {
    /// Looks at everything; changes nothing.
    ///
    /// # Errors
    /// [`NodeError::NothingLost`], [`NodeError::LossNeedsPeers`], or what can't be read at all.
    pub(super) fn plan(
        settings: &'a Settings,
        genesis: &'a Genesis,
        me: &KeyId,
        master: &'a [u8; 32],
    ) -> Result<Self, NodeError> {
        let chain_id = genesis.chain_id();
        let blocks = settings.data.join("blocks");
        let _held = journal::hold(&blocks)?;
        let blocks = journal::inspect(&blocks, &chain_id, Depth::Records, &mut |_seen| {})?;
        let has_body = |height, id: &_| {
            Ok(height == blocks.tip.saturating_add(1) && blocks.undecided.contains(id))
        };
        piao_engine::mend_wal(&wal_path(settings), blocks.tip)?;
        let wal = judge_wal(&wal_path(settings), me, blocks.tip, &has_body)?;
        let state_tip = state_tip(settings, genesis)?;
        let mut to = blocks.promised.max(state_tip.unwrap_or(0));
        if let WalVerdict::Ahead { decided, .. } = wal {
            to = to.max(decided);
        }
        let desk = desk::inspect(&settings.data.join("desk"), master, true)?;
        let plan = Self {
            settings,
            genesis,
            master,
            lost: Heights::above(blocks.tip, to),
            blocks,
            wal,
            desk,
            state_is_damaged: state_tip.is_none(),
        };
        let wal_is_lost = matches!(
            plan.wal,
            WalVerdict::Ahead { .. } | WalVerdict::Damaged { .. }
        );
        let blocks_are_lost = !plan.lost.is_empty() || !plan.blocks.damage.is_empty();
        if !wal_is_lost && !blocks_are_lost && plan.desk.damage.is_empty() {
            let data = settings.data.display().to_string();
            return Err(NodeError::NothingLost(data));
        }
        let validators = others_vote(settings, genesis);
        if validators > 1 && (wal_is_lost || blocks_are_lost) {
            return Err(NodeError::LossNeedsPeers {
                lost: plan.lost,
                validators,
                data: settings.data.clone(),
            });
        }
        Ok(plan)
    }

    /// Writes down what is lost, then gives it up; one line for each thing.
    ///
    /// # Errors
    /// [`NodeError`]; started again, it goes on where it ended.
    pub(super) fn carry_out(self) -> Result<Vec<String>, NodeError> {
        let mut lines = self.lines();
        self.write_down(&lines)?;
        let data = &self.settings.data;
        if matches!(
            self.wal,
            WalVerdict::Ahead { .. } | WalVerdict::Damaged { .. }
        ) {
            set_aside(&wal_path(self.settings))?;
        }
        let options = JournalOptions {
            on_damage: OnDamage::GiveUp,
            ..JournalOptions::default()
        };
        let chain_id = self.genesis.chain_id();
        drop(BlockJournal::open_with(
            &data.join("blocks"),
            &chain_id,
            options,
        )?);
        let state = state_options(self.settings, self.genesis);
        if self.state_is_damaged || !self.lost.is_empty() {
            // It may hold blocks that are given up, and would be a witness of them at every start.
            drop(Store::create(&state)?);
        }
        if !self.desk.damage.is_empty() {
            let (store, _headers, lost) =
                DeskStore::open_accepting_loss(&data.join("desk"), self.master)?;
            drop(store);
            self.write_down(&lost)?;
            lines.extend(lost);
        }
        Ok(lines)
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.lost.is_empty() {
            lines.push(format!(
                "given up: {}. The chain goes on at height {} with other blocks: invoices of the lost \
                 heights are gone from this node, and whoever holds a proof of one holds one that \
                 contradicts this chain",
                self.lost, self.lost.from
            ));
        }
        for damage in &self.blocks.damage {
            lines.push(format!(
                "given up: what {} holds from byte {} on ({})",
                damage.file.display(),
                damage.offset,
                damage.what
            ));
        }
        match &self.wal {
            WalVerdict::Ahead { height, .. } => lines.push(format!(
                "given up: what this node signed at height {height}"
            )),
            WalVerdict::Damaged { what, .. } => lines.push(format!(
                "given up: what this node signed above height {} ({what})",
                self.blocks.tip
            )),
            WalVerdict::Fine | WalVerdict::Stale { .. } => {}
        }
        for damage in &self.desk.damage {
            lines.push(format!("given up at the desk: {}", damage.place()));
        }
        lines
    }

    /// Appends to the file that remembers, synced.
    fn write_down(&self, lines: &[String]) -> Result<(), NodeError> {
        let path = self.settings.data.join(AUDIT_FILE);
        let now = Clock::with_offset_ms(self.settings.clock_offset_ms).now();
        let mut text = String::new();
        for line in lines {
            text.push_str(&crate::backend::time_text(now.ms()));
            text.push(' ');
            text.push_str(line);
            text.push('\n');
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        crate::keys::atomic_file::sync_directory_of(&path)?;
        Ok(())
    }
}

/// The height the state remembers; `None` when it can't be opened, which costs nothing but a
/// rebuild.
/// How many vote as far as genesis and the list of members know: the set may have grown since.
fn others_vote(settings: &Settings, genesis: &Genesis) -> usize {
    let members = MemberList::read(&settings.data.join(MEMBERS_FILE)).unwrap_or_default();
    let voters = members.members.iter().filter_map(Member::validator);
    voters.count().max(genesis.validators.members().len())
}

fn state_tip(settings: &Settings, genesis: &Genesis) -> Result<Option<u64>, NodeError> {
    match Store::open(&state_options(settings, genesis)) {
        Ok(store) => Ok(Some(store.tip().map_or(0, |tip| tip.height))),
        Err(StoreError::Corrupt { .. } | StoreError::Engine { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives the engine's log a name under which the engine does not look for it, durably.
fn set_aside(path: &Path) -> Result<(), NodeError> {
    let mut aside = path.with_extension("wal.lost");
    for copy in 2..=LOST_COPIES_MAX {
        if !aside.exists() {
            break;
        }
        aside = path.with_extension(format!("wal.lost-{copy}"));
    }
    rename(path, &aside)
}

fn rename(from: &Path, to: &PathBuf) -> Result<(), NodeError> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(crate::keys::atomic_file::sync_directory_of(to)?),
    }
}

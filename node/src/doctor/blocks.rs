//! The block journal: every record, and with `--deep` every block executed again.

use piao_chain::genesis::Genesis;

use super::finding::{Finding, Severity, WayOut};
use super::language::Text;
use super::replay::Replay;
use super::state::{self, Examined};
use crate::config::Settings;
use crate::journal::{Depth, Inspection, JournalError, MarkState, inspect};

/// What lies in the journal; `None` when it can't be told.
pub(super) fn examine(
    settings: &Settings,
    genesis: &Genesis,
    deep: bool,
    state: Examined,
    progress: &mut dyn FnMut(u64, u64),
    findings: &mut Vec<Finding>,
) -> Option<Inspection> {
    let dir = settings.data.join("blocks");
    let chain_id = genesis.chain_id();
    let mut replay = Replay::new(genesis, state.height());
    let depth = if deep { Depth::Blocks } else { Depth::Records };
    let found = inspect(&dir, &chain_id, depth, &mut |seen| {
        progress(seen.height, seen.acknowledged.max(seen.height));
        replay.see(&seen);
    });
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            findings.push(unreadable(settings, &error));
            return None;
        }
    };
    let is_alone = genesis.validators.members().len() == 1;
    let from = found.tip.saturating_add(1);
    for (nth, damage) in found.damage.iter().enumerate() {
        let put_back = WayOut::PutBack(vec![damage.file.clone()]);
        let mut finding = Finding::new(Severity::Damage, "blocks", Text::of(damage.what))
            .file(&damage.file)
            .offset(damage.offset)
            .height(damage.height)
            .way(put_back);
        if nth == 0 && is_alone {
            let to = found.promised;
            finding = finding.way(WayOut::AcceptLoss { from, to });
        }
        findings.push(finding);
    }
    findings.extend(replay.findings(&dir));
    mark(settings, &found, findings);
    if found.damage.is_empty() {
        state::compare(
            settings,
            is_alone,
            state,
            &found,
            replay.root_at_state(),
            findings,
        );
    }
    Some(found)
}

fn unreadable(settings: &Settings, error: &JournalError) -> Finding {
    let genesis = settings.data.join("genesis");
    match error {
        JournalError::OtherChain { file, .. } => {
            let what = Text::new(
                "the blocks are of another network than genesis: one of the two was changed",
                "区块与创世文件不属于同一网络：其中之一被改动过",
            );
            Finding::new(Severity::Damage, "genesis", what)
                .file(file)
                .way(WayOut::PutBack(vec![genesis]))
        }
        error => {
            let text = error.to_string();
            Finding::new(Severity::Damage, "blocks", Text::new(text.clone(), text))
        }
    }
}

fn mark(settings: &Settings, found: &Inspection, findings: &mut Vec<Finding>) {
    if let Some((file, offset)) = &found.torn {
        let what = Text::new(
            "the torn end of a record that was never acknowledged",
            "一条从未确认的记录的残尾",
        );
        findings.push(
            Finding::new(Severity::Note, "blocks", what)
                .file(file)
                .offset(*offset)
                .way(WayOut::Start),
        );
    }
    let what = match found.mark {
        MarkState::Holds(_) => return,
        MarkState::Missing if found.tip == 0 => return,
        MarkState::Missing => Text::new(
            "the mark of how far was acknowledged is missing",
            "已确认位置的标记缺失",
        ),
        MarkState::Damaged => Text::new(
            "the mark of how far was acknowledged is damaged",
            "已确认位置的标记已损坏",
        ),
    };
    let file = settings.data.join("blocks").join("acknowledged");
    let finding = Finding::new(Severity::Warning, "blocks", what).file(&file);
    findings.push(finding.way(WayOut::Start));
}

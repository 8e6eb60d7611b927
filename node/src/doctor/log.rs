//! The engine's log against the journal: does it remember more than the journal holds?

use piao_chain::genesis::Genesis;
use piao_chain::signature::KeyId;

use super::finding::{Finding, Severity, WayOut};
use super::language::Text;
use crate::config::Settings;
use crate::journal::Inspection;
use crate::node::{WalVerdict, judge_wal, wal_path};

pub(super) fn examine(
    settings: &Settings,
    genesis: &Genesis,
    me: &KeyId,
    blocks: &Inspection,
    findings: &mut Vec<Finding>,
) {
    let path = wal_path(settings);
    let tip = blocks.tip;
    let next = tip.saturating_add(1);
    let finding = |severity, what| Finding::new(severity, "log", what).file(&path);
    let put_back = || WayOut::PutBack(vec![path.clone()]);
    let accept = |from, to| {
        let is_alone = genesis.validators.members().len() == 1;
        is_alone.then_some(WayOut::AcceptLoss { from, to })
    };
    let is_there = std::fs::metadata(&path).is_ok_and(|found| found.len() > 0);
    // What a crash in the middle of a write leaves is mended by the next start.
    if matches!(piao_engine::wal_to_mend(&path, tip), Ok(Some(_mended))) {
        return;
    }
    if !is_there && tip > 0 {
        let what = Text::new(
            format!(
                "the engine's log is missing: what this node signed at height {next} is forgotten"
            ),
            format!("共识日志缺失：本节点在高度 {next} 签过什么已无从得知"),
        );
        let missing = finding(Severity::Warning, what);
        findings.push(missing.way(put_back()).way(WayOut::Start));
        return;
    }
    let has_body = |height, id: &_| Ok(height == next && blocks.undecided.contains(id));
    match judge_wal(&path, me, tip, &has_body) {
        Ok(WalVerdict::Fine) => {}
        Ok(WalVerdict::Stale { what }) => {
            let what = Text::of(what);
            findings.push(finding(Severity::Warning, what).way(WayOut::Start));
        }
        Ok(WalVerdict::Damaged { what, .. }) => {
            let known = Text::of(&what);
            let what = Text::new(
                format!(
                    "{}: what this node signed at height {next} is not known and it must not vote",
                    known.en
                ),
                format!(
                    "{}：本节点在高度 {next} 签过什么已无从得知，不得投票",
                    known.zh
                ),
            );
            let mut found = finding(Severity::Damage, what).way(put_back());
            found.ways_out.extend(accept(next, tip));
            findings.push(found);
        }
        // With damaged blocks the journal's own findings say what is lost.
        Ok(WalVerdict::Ahead { .. }) if !blocks.damage.is_empty() => {}
        Ok(WalVerdict::Ahead { height, decided }) => {
            let what = Text::new(
                format!(
                    "it is at height {height}, but the block journal ends at {tip}: the journal lost \
                     its tail and this node must not vote"
                ),
                format!(
                    "它在高度 {height}，而区块日志止于 {tip}：区块日志丢失了尾部，本节点不得投票"
                ),
            );
            let folder = settings.data.join("blocks");
            let mut found = finding(Severity::Damage, what).way(WayOut::PutBack(vec![folder]));
            found.ways_out.extend(accept(next, decided));
            findings.push(found);
        }
        Err(error) => {
            let what = Text::new(error.to_string(), error.to_string());
            findings.push(finding(Severity::Damage, what).way(put_back()));
        }
    }
}

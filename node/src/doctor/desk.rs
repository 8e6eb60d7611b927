//! The desk journal, and its documents.

use super::finding::{Finding, Severity, WayOut};
use super::language::Text;
use crate::config::Settings;
use crate::desk::store::{DeskStoreError, inspect};

/// Records that hold.
pub(super) fn examine(
    settings: &Settings,
    master: &[u8; 32],
    deep: bool,
    findings: &mut Vec<Finding>,
) -> u64 {
    let dir = settings.data.join("desk");
    let found = match inspect(&dir, master, deep) {
        Ok(found) => found,
        Err(DeskStoreError::MasterKey(_dir)) => {
            let key = settings.data.join("keys").join("desk-master.key");
            let what = Text::new(
                "the desk's documents are sealed with another master key",
                "柜台文档由另一主密钥加密",
            );
            let finding = Finding::new(Severity::Damage, "desk", what).file(&key);
            findings.push(finding.way(WayOut::PutBack(vec![key])));
            return 0;
        }
        Err(error) => {
            let what = Text::new(error.to_string(), error.to_string());
            findings.push(Finding::new(Severity::Damage, "desk", what).file(&dir));
            return 0;
        }
    };
    for damage in &found.damage {
        let DeskStoreError::Damaged { path, offset, what } = damage else {
            continue;
        };
        findings.push(
            Finding::new(Severity::Damage, "desk", Text::of(what))
                .file(path)
                .offset(*offset)
                .way(WayOut::PutBack(vec![path.clone()]))
                // No height is lost with it.
                .way(WayOut::AcceptLoss { from: 1, to: 0 }),
        );
    }
    if let Some((path, offset)) = &found.torn {
        let what = Text::new(
            "the torn end of a write that nobody was told of",
            "一次未告知任何人的写入的残尾",
        );
        findings.push(
            Finding::new(Severity::Note, "desk", what)
                .file(path)
                .offset(*offset)
                .way(WayOut::Start),
        );
    }
    found.records
}

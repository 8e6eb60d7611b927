//! Room on the disk.

use super::finding::{Finding, Severity, WayOut};
use super::language::Text;
use crate::config::Settings;

/// Less room than this stops issuing within a day of busy trade.
const SPACE_BYTES_MIN: u64 = 256 * 1024 * 1024;

pub(super) fn examine(settings: &Settings, findings: &mut Vec<Finding>) {
    let data = &settings.data;
    let free = match rustix::fs::statvfs(data) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            let what = Text::new(
                format!("the room on its disk can't be told: {error}"),
                format!("无法得知磁盘剩余空间：{error}"),
            );
            findings.push(Finding::new(Severity::Warning, "space", what).file(data));
            return;
        }
    };
    if free < SPACE_BYTES_MIN {
        let mib = free / (1024 * 1024);
        let what = Text::new(
            format!("{mib} MiB are free; the node stops taking invoices when the disk is full"),
            format!("剩余 {mib} MiB；磁盘写满后节点将停止受理开票"),
        );
        findings.push(
            Finding::new(Severity::Warning, "space", what)
                .file(data)
                .way(WayOut::FreeSpace(data.clone())),
        );
    }
}

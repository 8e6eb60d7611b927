//! Shortening segments, and keeping what an operator gave up.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::error::JournalError;

/// Copies kept of one segment that was given up again and again; the last is written over.
const LOST_COPIES_MAX: u32 = 100;

/// Cuts a file, durably.
pub(super) fn cut(path: &Path, len: u64) -> Result<(), JournalError> {
    let file = File::options()
        .write(true)
        .open(path)
        .map_err(JournalError::io("open", path))?;
    file.set_len(len)
        .and_then(|()| file.sync_all())
        .map_err(JournalError::io("cut", path))
}

/// Keeps a copy of a file, then cuts it.
pub(super) fn copy_aside_and_cut(path: &Path, len: u64) -> Result<(), JournalError> {
    std::fs::copy(path, aside(path)).map_err(JournalError::io("copy", path))?;
    cut(path, len)
}

/// Gives a file that may be missing a name that is no segment's.
pub(super) fn move_aside(path: &Path) -> Result<(), JournalError> {
    match std::fs::rename(path, aside(path)) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(JournalError::io("move", path)),
    }
}

/// A free name for what is given up.
fn aside(path: &Path) -> PathBuf {
    let mut aside = path.with_extension("log.lost");
    for copy in 2..=LOST_COPIES_MAX {
        if !aside.exists() {
            break;
        }
        aside = path.with_extension(format!("log.lost-{copy}"));
    }
    aside
}

//! Keeping what an operator gave up: nothing is deleted, it only stops being read.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Copies kept of one file that was given up again and again; the last is written over.
const LOST_COPIES_MAX: u32 = 100;

/// Keeps a copy of a file, then cuts it, durably.
pub(super) fn cut_aside(path: &Path, length: u64) -> io::Result<()> {
    copy_aside(path)?;
    let file = File::options().write(true).open(path)?;
    file.set_len(length)?;
    file.sync_all()
}

/// Keeps a synced copy of a file.
pub(super) fn copy_aside(path: &Path) -> io::Result<()> {
    let aside = aside(path);
    std::fs::copy(path, &aside)?;
    File::open(&aside)?.sync_all()
}

/// Gives a file a name under which nobody looks for it.
pub(super) fn move_aside(path: &Path) -> io::Result<()> {
    std::fs::rename(path, aside(path))
}

/// A free name for what is given up.
fn aside(path: &Path) -> PathBuf {
    let name = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut aside = name(".lost");
    for copy in 2..=LOST_COPIES_MAX {
        if !aside.exists() {
            break;
        }
        aside = name(&format!(".lost-{copy}"));
    }
    aside
}

//! Keeping what an operator gave up: nothing is deleted, it only stops being read.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Copies kept of one file that was given up again and again; the last is written over.
const LOST_COPIES_MAX: u32 = 100;

/// Keeps a copy of a file, then cuts it, durably; where the copy is.
pub(super) fn cut_aside(path: &Path, length: u64) -> io::Result<PathBuf> {
    let aside = copy_aside(path)?;
    let file = File::options().write(true).open(path)?;
    file.set_len(length)?;
    file.sync_all()?;
    Ok(aside)
}

/// Keeps a synced copy of a file; where it is.
pub(super) fn copy_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = aside(path);
    std::fs::copy(path, &aside)?;
    File::open(&aside)?.sync_all()?;
    Ok(aside)
}

/// Gives a file a name under which nobody looks for it; which.
pub(super) fn move_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = aside(path);
    std::fs::rename(path, &aside)?;
    Ok(aside)
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

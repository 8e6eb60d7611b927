//! A folder for targets that read files: in memory where the system has that.

use std::path::Path;

use tempfile::TempDir;

const IN_MEMORY: &str = "/dev/shm";

/// A new folder, removed when dropped.
pub(crate) fn folder() -> TempDir {
    let at = Path::new(IN_MEMORY);
    let made = if at.is_dir() {
        tempfile::tempdir_in(at)
    } else {
        tempfile::tempdir()
    };
    made.expect("a temporary folder can be made")
}

//! Writing a small file so that it is there whole, or not at all, and never over another.
//!
//! The bytes are synced under a passing name and then linked to the final one. A link, unlike a
//! rename, fails when the name is taken, so two writers can not replace each other's file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Read and write for the owner, nothing for anybody else.
const OWNER_ONLY: u32 = 0o600;

/// Writes a new file readable by its owner alone, durable when this returns.
///
/// # Errors
/// `AlreadyExists` when the path is taken; whatever the file system says otherwise. After an error
/// the path is as it was.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let passing = passing_name(path)?;
    let written = write_and_link(&passing, path, bytes);
    crash_point!("keys.file-linked");
    // The passing name has done its work, or failed; what it holds is in place, or unwanted.
    let removed = std::fs::remove_file(&passing);
    written?;
    removed?;
    sync_directory_of(path)
}

fn write_and_link(passing: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(passing)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    crash_point!("keys.file-synced");
    std::fs::hard_link(passing, path)
}

/// Makes the directory entry of a path durable.
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

fn directory_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// A name beside the path that no other writer picks.
fn passing_name(path: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok(path.with_file_name(format!(
        ".{}.{}.tmp",
        name.to_string_lossy(),
        hex::encode(random)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_taken_name_keeps_its_file_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_new(&path, b"first").unwrap();
        let error = write_new(&path, b"second").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_the_owner_may_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_new(&path, b"secret").unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
    }
}

//! The files below a directory, in order.
//!
//! Guards: what can not be read is reported in its place, not passed over; depth and number are
//! bounded, and nothing is opened that might never end, such as a pipe.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::CommandError;

/// Files one call judges of a directory, at most.
const FILES_MAX: usize = 100_000;
/// Directories inside directories, at most.
const DEPTH_MAX: usize = 32;

/// What lies below a directory.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file.
    File(PathBuf),
    /// Something that can not be looked at, and why.
    Unreadable(PathBuf, io::Error),
}

impl Found {
    /// Where it lies.
    fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Unreadable(path, _) => path,
        }
    }
}

/// Every file below a directory, by path, but for hidden ones (`.name`). Links to directories are not
/// followed, and are reported.
///
/// # Errors
/// [`CommandError::NoProofs`] when there is no file, [`CommandError::TooManyProofs`].
pub(crate) fn files_below(dir: &Path) -> Result<Vec<Found>, CommandError> {
    let mut found = Vec::new();
    collect(dir, 0, &mut found).map_err(|TooMany| CommandError::TooManyProofs {
        dir: dir.to_owned(),
        most: FILES_MAX,
    })?;
    if found.is_empty() {
        return Err(CommandError::NoProofs(dir.to_owned()));
    }
    found.sort_by(|a, b| a.path().cmp(b.path()));
    Ok(found)
}

struct TooMany;

fn collect(dir: &Path, depth: usize, found: &mut Vec<Found>) -> Result<(), TooMany> {
    if depth > DEPTH_MAX {
        return Err(TooMany);
    }
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => return push(found, Found::Unreadable(dir.to_owned(), error)),
    };
    for entry in entries {
        match entry {
            Err(error) => push(found, Found::Unreadable(dir.to_owned(), error))?,
            Ok(entry) if is_hidden(&entry) => {}
            Ok(entry) => match look(&entry) {
                Ok(true) => collect(&entry.path(), depth + 1, found)?,
                Ok(false) => push(found, Found::File(entry.path()))?,
                Err(error) => push(found, Found::Unreadable(entry.path(), error))?,
            },
        }
    }
    Ok(())
}

fn push(found: &mut Vec<Found>, one: Found) -> Result<(), TooMany> {
    if found.len() >= FILES_MAX {
        return Err(TooMany);
    }
    found.push(one);
    Ok(())
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// Whether an entry is a directory rather than a file; neither is an error.
fn look(entry: &DirEntry) -> io::Result<bool> {
    if entry.file_type()?.is_dir() {
        return Ok(true);
    }
    // Through a link, as opening it would go.
    let behind = fs::metadata(entry.path())?;
    if behind.is_dir() {
        return Err(io::Error::other("a link to a directory, not followed"));
    }
    if !behind.is_file() {
        return Err(io::Error::other("not a file"));
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<(bool, PathBuf)> {
        let found = files_below(dir).unwrap();
        found
            .iter()
            .map(|one| {
                let name = one.path().strip_prefix(dir).unwrap().to_owned();
                (matches!(one, Found::File(_)), name)
            })
            .collect()
    }

    #[test]
    fn files_come_in_order_and_hidden_ones_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "b.proof",
            "a.proof",
            "c.json",
            "sub/a.proof",
            ".cache/a.proof",
            ".b",
        ] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let expected = ["a.proof", "b.proof", "c.json", "sub/a.proof"];
        assert_eq!(
            names(dir.path()),
            expected.map(|name| (true, PathBuf::from(name)))
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_to_nowhere_and_to_directories_are_reported() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.proof"), b"").unwrap();
        symlink(dir.path().join("a.proof"), dir.path().join("b.proof")).unwrap();
        symlink(dir.path(), dir.path().join("circle")).unwrap();
        symlink("nowhere", dir.path().join("lost.proof")).unwrap();
        let expected = [
            (true, "a.proof"),
            (true, "b.proof"),
            (false, "circle"),
            (false, "lost.proof"),
        ];
        let expected = expected.map(|(file, name)| (file, PathBuf::from(name)));
        assert_eq!(names(dir.path()), expected);
    }

    #[test]
    fn a_directory_without_files_is_not_a_success() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(
            files_below(dir.path()),
            Err(CommandError::NoProofs(_))
        ));
    }

    #[test]
    fn directories_too_deep_are_not_descended_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let deep: PathBuf = (0..=DEPTH_MAX).map(|_| "d").collect();
        fs::create_dir_all(dir.path().join(deep)).unwrap();
        assert!(matches!(
            files_below(dir.path()),
            Err(CommandError::TooManyProofs { .. })
        ));
    }
}

//! The proofs below a directory, in order.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::CommandError;

/// Proofs one call judges, at most.
const PROOFS_MAX: usize = 100_000;
/// Directories inside directories, at most.
const DEPTH_MAX: usize = 32;

/// Every `*.proof` below a directory, by path. Links to directories are not followed.
///
/// # Errors
/// [`CommandError::NoProofs`], [`CommandError::TooManyProofs`], [`CommandError::File`].
pub(crate) fn proofs_below(dir: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let mut found = Vec::new();
    collect(dir, 0, &mut found).map_err(|stop| match stop {
        Stop::TooMany => CommandError::TooManyProofs {
            dir: dir.to_owned(),
            most: PROOFS_MAX,
        },
        Stop::Unreadable(path, source) => CommandError::File { path, source },
    })?;
    if found.is_empty() {
        return Err(CommandError::NoProofs(dir.to_owned()));
    }
    found.sort();
    Ok(found)
}

enum Stop {
    TooMany,
    Unreadable(PathBuf, std::io::Error),
}

fn collect(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Stop> {
    if depth > DEPTH_MAX {
        return Err(Stop::TooMany);
    }
    let unreadable = |source| Stop::Unreadable(dir.to_owned(), source);
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            collect(&path, depth + 1, found)?;
        } else if path.extension().is_some_and(|ending| ending == "proof") {
            if found.len() >= PROOFS_MAX {
                return Err(Stop::TooMany);
            }
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_come_in_order_and_other_files_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.proof", "a.proof", "c.json", "sub/a.proof"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let found = proofs_below(dir.path()).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(dir.path()).unwrap().to_owned())
            .collect();
        assert_eq!(
            names,
            ["a.proof", "b.proof", "sub/a.proof"].map(PathBuf::from)
        );
        fs::remove_dir_all(dir.path().join("sub")).unwrap();
    }

    #[test]
    fn a_directory_without_proofs_is_not_a_success() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(
            proofs_below(dir.path()),
            Err(CommandError::NoProofs(_))
        ));
    }
}

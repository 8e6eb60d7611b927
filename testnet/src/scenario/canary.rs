//! Looking for strings that must be nowhere but at the merchant's node.

use std::fs::File;
use std::io::{BufRead as _, Read as _};
use std::path::{Path, PathBuf};

/// Bytes looked at at once.
const WINDOW_BYTES: usize = 1024 * 1024;

/// Files at a path, or below it, that hold a string.
pub(crate) fn holding(path: &Path, needle: &[u8]) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left = vec![path.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                left.push(entry?.path());
            }
        } else if path.is_file() && holds(File::open(&path)?, needle)? {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether a file holds a string, also across two windows.
fn holds(mut file: File, needle: &[u8]) -> std::io::Result<bool> {
    let overlap = needle.len().saturating_sub(1);
    let mut window = vec![0; WINDOW_BYTES + overlap];
    let mut kept = 0;
    loop {
        let Some(free) = window.get_mut(kept..) else {
            return Ok(false);
        };
        let read = file.read(free)?;
        if read == 0 {
            return Ok(false);
        }
        let end = kept + read;
        let seen = window.get(..end).unwrap_or_default();
        if is_in(needle, seen)? {
            return Ok(true);
        }
        let from = end.saturating_sub(overlap);
        kept = end - from;
        window.copy_within(from..end, 0);
    }
}

/// Whether a string is there. The standard library's own search for a byte is quick in a debug build
/// too, and there is much to look through.
fn is_in(needle: &[u8], mut rest: &[u8]) -> std::io::Result<bool> {
    let Some((first, others)) = needle.split_first() else {
        return Ok(true);
    };
    while !rest.is_empty() {
        rest.skip_until(*first)?;
        if !others.is_empty() && rest.starts_with(others) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_found_wherever_it_lies_also_across_windows() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        let mut bytes = vec![0; WINDOW_BYTES - 3];
        bytes.extend_from_slice(b"canary");
        bytes.extend_from_slice(&[1; 500]);
        std::fs::write(folder.path().join("inner/across"), &bytes).unwrap();
        std::fs::write(folder.path().join("at-the-end"), b"xxcanary").unwrap();
        std::fs::write(folder.path().join("none"), b"canar").unwrap();
        std::fs::write(folder.path().join("empty"), b"").unwrap();
        let mut found = holding(folder.path(), b"canary").unwrap();
        found.sort();
        assert_eq!(
            found,
            [
                folder.path().join("at-the-end"),
                folder.path().join("inner/across")
            ]
        );
        let one = folder.path().join("at-the-end");
        assert_eq!(holding(&one, b"canary").unwrap(), [one]);
    }
}

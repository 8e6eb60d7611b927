//! Copies of a whole stopped network, and going back to one.

use std::path::{Path, PathBuf};

use super::error::LocalError;
use super::layout::Layout;

/// Folder of the copies, in the network's folder.
const SNAPSHOTS: &str = "snapshots";

/// Copies a stopped network under a name.
pub(super) fn take(layout: &Layout, name: &str) -> Result<PathBuf, LocalError> {
    let to = place(layout, name)?;
    check_stopped(layout)?;
    if to.exists() {
        let line = format!("there is a snapshot {name} already; choose another name");
        return Err(LocalError::Snapshot(line));
    }
    // Under another name until it is whole.
    let beside = to.with_extension("part");
    clear(&beside)?;
    for part in parts(layout) {
        copy(&layout.dir.join(&part), &beside.join(&part))?;
    }
    std::fs::rename(&beside, &to).map_err(LocalError::io(&to))?;
    Ok(to)
}

/// Puts a stopped network back to a copy. The copy stays.
pub(super) fn restore(layout: &Layout, name: &str) -> Result<(), LocalError> {
    let from = place(layout, name)?;
    check_stopped(layout)?;
    if !from.is_dir() {
        let line = format!("there is no snapshot {name} in {}", layout.dir.display());
        return Err(LocalError::Snapshot(line));
    }
    for part in parts(layout) {
        let to = layout.dir.join(&part);
        clear(&to)?;
        copy(&from.join(&part), &to)?;
    }
    Ok(())
}

/// Names lead nowhere else.
fn place(layout: &Layout, name: &str) -> Result<PathBuf, LocalError> {
    let plain = |one: char| one.is_ascii_alphanumeric() || one == '-' || one == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        let line = "a snapshot's name has letters, digits, - and _, at most 64".to_owned();
        return Err(LocalError::Snapshot(line));
    }
    Ok(layout.dir.join(SNAPSHOTS).join(name))
}

fn check_stopped(layout: &Layout) -> Result<(), LocalError> {
    if layout.alive().is_empty() {
        Ok(())
    } else {
        Err(LocalError::IsUp(layout.dir.clone()))
    }
}

/// Everything a network consists of but its description, which has the ports and stays.
fn parts(layout: &Layout) -> Vec<String> {
    let nodes = layout.nodes.iter().map(|node| node.name.clone());
    nodes.chain(["network".to_owned()]).collect()
}

fn clear(path: &Path) -> Result<(), LocalError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LocalError::io(path)(error))
        }
        _ => Ok(()),
    }
}

/// Copies a folder with everything in it, with its permissions: keys stay their owner's.
fn copy(from: &Path, to: &Path) -> Result<(), LocalError> {
    let mut folders = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        std::fs::create_dir_all(&to).map_err(LocalError::io(&to))?;
        let mode = std::fs::metadata(&from).map_err(LocalError::io(&from))?;
        std::fs::set_permissions(&to, mode.permissions()).map_err(LocalError::io(&to))?;
        for entry in std::fs::read_dir(&from).map_err(LocalError::io(&from))? {
            let entry = entry.map_err(LocalError::io(&from))?;
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            if entry.file_type().map_err(LocalError::io(&path))?.is_dir() {
                folders.push((path, target));
            } else {
                std::fs::copy(&path, &target).map_err(LocalError::io(&path))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_goes_back_to_what_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::plan(folder.path(), (1, 1), None).unwrap();
        for part in parts(&layout) {
            std::fs::create_dir_all(folder.path().join(&part).join("inner")).unwrap();
            std::fs::write(folder.path().join(&part).join("inner/file"), "before").unwrap();
        }
        take(&layout, "one").unwrap();
        assert!(take(&layout, "one").is_err(), "it is there already");
        let file = folder.path().join("validator-1/inner/file");
        std::fs::write(&file, "after").unwrap();
        std::fs::write(folder.path().join("validator-1/more"), "new").unwrap();
        restore(&layout, "one").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "before");
        assert!(!folder.path().join("validator-1/more").exists());
        assert!(restore(&layout, "two").is_err());
        for name in ["", "../x", "a/b", "a b"] {
            assert!(take(&layout, name).is_err(), "{name:?}");
        }
    }
}

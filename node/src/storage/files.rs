//! sled's files: opening, removing and syncing them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use super::error::StoreError;
use super::marker::sync_dir;

/// Tries to lock sled's files, and the time between two.
const LOCK_TRIES_MAX: u32 = 50;
const LOCK_RETRY: Duration = Duration::from_millis(20);

/// Why sled did not open.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenFault {
    /// For reasons of the system; the files may be good.
    #[error(transparent)]
    System(sled::Error),
    /// The files are not what sled wrote.
    #[error("{0}")]
    Damage(String),
}

/// Opens sled's files, waiting a little for whoever holds them: a process that is being started
/// has a copy of its parent's locks until it runs its own program.
pub(super) fn open_sled(dir: &Path, cache_bytes: u64) -> Result<sled::Db, OpenFault> {
    for _try in 1..LOCK_TRIES_MAX {
        match try_open_sled(dir, cache_bytes) {
            // The kind sled gives to a lock it did not get.
            Err(OpenFault::System(sled::Error::Io(source)))
                if source.kind() == std::io::ErrorKind::Other =>
            {
                std::thread::sleep(LOCK_RETRY);
            }
            other => return other,
        }
    }
    try_open_sled(dir, cache_bytes)
}

/// On torn files sled may panic: where panics unwind it is caught here; where they end the
/// process, the marker keeps the next start from opening the same files again.
fn try_open_sled(dir: &Path, cache_bytes: u64) -> Result<sled::Db, OpenFault> {
    let config = sled::Config::new().path(dir).cache_capacity(cache_bytes);
    match catch_unwind(AssertUnwindSafe(|| config.open())) {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(source @ sled::Error::Io(_))) => Err(OpenFault::System(source)),
        Ok(Err(source)) => Err(OpenFault::Damage(source.to_string())),
        Err(_panic) => Err(OpenFault::Damage("sled could not read its files".into())),
    }
}

/// Removes a folder that may not be there.
pub(super) fn remove(dir: &Path) -> Result<(), StoreError> {
    match std::fs::remove_dir_all(dir) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(StoreError::io("remove", dir)),
    }
}

/// Syncs every file of sled's folder and of the one folder below it.
pub(super) fn sync_files(dir: &Path) -> Result<(), StoreError> {
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(StoreError::io("read", &folder))?;
        for entry in entries {
            let path = entry.map_err(StoreError::io("read", &folder))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            match std::fs::File::open(&path).and_then(|file| file.sync_all()) {
                // sled replaces its snapshot files whenever it likes.
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => {}
                other => other.map_err(StoreError::io("sync", &path))?,
            }
        }
        sync_dir(&folder)?;
    }
    Ok(())
}

//! Looking at the state's files: whether they would be opened, and whether everything in them holds.
//!
//! Guards: the files of a node are never opened here, because opening them changes them and may end
//! the process. What is examined is a copy.

use std::path::{Path, PathBuf};

use piao_chain::digest::{ChainId, Digest};
use piao_chain::state::SlotTree;

use super::error::StoreError;
use super::marker::Marker;
use super::store::{Store, StoreOptions, Tip};

/// Memory for the pages of a copy.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// What a copy of the state holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateFound {
    /// The last block whose changes are in, `None` for an empty state.
    pub tip: Option<Tip>,
    /// Root of its slot tree.
    pub root: Digest,
}

/// Why the files in a folder will be discarded unopened at the next start and made again, if they
/// will be. That costs time and loses nothing.
///
/// # Errors
/// [`StoreError::Io`].
pub fn reason_to_rebuild(
    dir: &Path,
    chain_id: &ChainId,
) -> Result<Option<&'static str>, StoreError> {
    if !dir.join(super::store::SLED_DIR).exists() {
        return Ok(Some("there is none"));
    }
    Marker::of(dir, chain_id).reason_to_discard()
}

/// Copies the files of a state into a folder.
///
/// # Errors
/// [`StoreError::Io`].
pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut folders: Vec<(PathBuf, PathBuf)> = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        std::fs::create_dir_all(&to).map_err(StoreError::io("create", &to))?;
        for entry in std::fs::read_dir(&from).map_err(StoreError::io("read", &from))? {
            let entry = entry.map_err(StoreError::io("read", &from))?;
            let (path, target) = (entry.path(), to.join(entry.file_name()));
            if path.is_dir() {
                folders.push((path, target));
            } else {
                std::fs::copy(&path, &target).map_err(StoreError::io("copy", &path))?;
            }
        }
    }
    Ok(())
}

/// Opens a copy and reads every value of it. May end the process where panics do: call it in a
/// process of its own.
///
/// # Errors
/// [`StoreError`]; what does not open at all is [`StoreError::Engine`].
pub fn examine_copy(dir: &Path, chain_id: &ChainId) -> Result<StateFound, StoreError> {
    let mut options = StoreOptions::new(dir, chain_id);
    options.cache_bytes = CACHE_BYTES;
    let store = Store::open(&options)?;
    if let Some(reason) = store.discarded() {
        return Err(StoreError::Engine {
            action: "open",
            reason: reason.to_owned(),
        });
    }
    store.verify(&mut || true)?;
    let leaves = store.leaves()?;
    let tree = SlotTree::build(leaves.iter().map(|(slot, leaf)| (*slot, leaf)));
    Ok(StateFound {
        tip: store.tip(),
        root: tree.root(),
    })
}

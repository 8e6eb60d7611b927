//! Whether the files of sled may be opened at all.
//!
//! sled is not safe against power cuts: its flush does not reach the disk, and opening torn files
//! may panic, which ends the process in a release build. So a small file beside it, which *is*
//! synced, tells before opening: was the store closed in order, or is this still the same boot of
//! the machine, so that the page cache has kept everything? And it says when an open was begun:
//! one that never came back is not tried again.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use piao_chain::digest::ChainId;

use super::error::StoreError;

/// Version of trees, keys and values. Another one is discarded and made again.
const SCHEMA: u32 = 2;

/// Name of the file.
const FILE_NAME: &str = "marker";

/// Where the kernel names this boot.
const BOOT_ID_PATH: &str = "/proc/sys/kernel/random/boot_id";

/// What was being done with the store when the marker was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Opening and checking it.
    Opening,
    /// Using it.
    Open,
    /// Nothing: it was closed, and its files were synced.
    Clean,
}

impl Use {
    const fn word(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Clean => "clean",
        }
    }
}

/// The marker of one store.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    path: PathBuf,
    chain_id: ChainId,
    /// `None` when the kernel does not tell: then every boot counts as another.
    boot_id: Option<String>,
}

impl Marker {
    /// The marker in a folder.
    pub(super) fn of(dir: &Path, chain_id: &ChainId) -> Self {
        let boot_id = std::fs::read_to_string(BOOT_ID_PATH).ok();
        Self {
            path: dir.join(FILE_NAME),
            chain_id: *chain_id,
            boot_id: boot_id.map(|id| id.trim().to_owned()),
        }
    }

    /// Why the files of sled must be discarded unopened, if they must.
    pub(super) fn reason_to_discard(&self) -> Result<Option<&'static str>, StoreError> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(Some("there is no marker"));
            }
            Err(source) if source.kind() == io::ErrorKind::InvalidData => {
                return Ok(Some("the marker is damaged"));
            }
            Err(source) => return Err(StoreError::io("read", &self.path)(source)),
        };
        Ok(self.judge(&text))
    }

    fn judge(&self, text: &str) -> Option<&'static str> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let [schema, chain, boot, used] = words[..] else {
            return Some("the marker is damaged");
        };
        if schema != SCHEMA.to_string() {
            return Some("it is of another schema");
        }
        if chain != self.chain_id.to_string() {
            return Some("it is of another chain");
        }
        let is_same_boot = self.boot_id.as_deref() == Some(boot);
        if used == Use::Clean.word() || (used == Use::Open.word() && is_same_boot) {
            None
        } else if used == Use::Open.word() {
            Some("the machine went down while it was in use")
        } else {
            Some("opening it did not come to an end the last time")
        }
    }

    /// Writes the marker, synced, in one step.
    pub(super) fn write(&self, used: Use) -> Result<(), StoreError> {
        let boot = self.boot_id.as_deref().unwrap_or("unknown");
        let text = format!("{SCHEMA} {} {boot} {}\n", self.chain_id, used.word());
        let next = self.path.with_extension("next");
        let mut file = File::create(&next).map_err(StoreError::io("write", &next))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(StoreError::io("write", &next))?;
        crash_point!("state.marker-synced");
        std::fs::rename(&next, &self.path).map_err(StoreError::io("move", &next))?;
        crash_point!("state.marker-moved");
        let dir = self.path.parent().unwrap_or(Path::new("."));
        sync_dir(dir)
    }
}

/// Makes names in a folder durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(StoreError::io("sync", dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(dir: &Path, boot: &str) -> Marker {
        Marker {
            boot_id: Some(boot.to_owned()),
            ..Marker::of(dir, &ChainId([6; 32]))
        }
    }

    #[test]
    fn the_same_boot_trusts_an_open_store_and_another_boot_only_a_clean_one() {
        let dir = tempfile::tempdir().unwrap();
        let (same, other) = (marker(dir.path(), "a"), marker(dir.path(), "b"));
        assert!(same.reason_to_discard().unwrap().is_some());
        same.write(Use::Open).unwrap();
        assert_eq!(same.reason_to_discard().unwrap(), None);
        assert!(other.reason_to_discard().unwrap().is_some());
        same.write(Use::Clean).unwrap();
        assert_eq!(same.reason_to_discard().unwrap(), None);
        assert_eq!(other.reason_to_discard().unwrap(), None);
    }

    #[test]
    fn an_open_that_never_came_back_is_not_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let marker = marker(dir.path(), "a");
        marker.write(Use::Opening).unwrap();
        assert!(marker.reason_to_discard().unwrap().is_some());
    }

    #[test]
    fn another_chain_schema_or_text_is_discarded() {
        let dir = tempfile::tempdir().unwrap();
        let ours = marker(dir.path(), "a");
        let other = Marker {
            chain_id: ChainId([7; 32]),
            ..ours.clone()
        };
        other.write(Use::Clean).unwrap();
        assert_eq!(
            ours.reason_to_discard().unwrap(),
            Some("it is of another chain")
        );
        assert_eq!(
            ours.judge("1 0606 a clean"),
            Some("it is of another schema")
        );
        assert_eq!(ours.judge(""), Some("the marker is damaged"));
        std::fs::write(dir.path().join(FILE_NAME), [0xff, 0xfe]).unwrap();
        assert_eq!(
            ours.reason_to_discard().unwrap(),
            Some("the marker is damaged")
        );
    }

    #[test]
    fn a_kernel_that_names_no_boot_makes_every_boot_another() {
        let dir = tempfile::tempdir().unwrap();
        let nameless = Marker {
            boot_id: None,
            ..marker(dir.path(), "a")
        };
        nameless.write(Use::Open).unwrap();
        assert!(nameless.reason_to_discard().unwrap().is_some());
    }
}

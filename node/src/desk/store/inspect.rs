//! Looking at a desk journal without changing a byte of it: for `piaod doctor`.

use std::path::{Path, PathBuf};

use super::document_keys::DocumentKeys;
use super::documents::{self, Documents};
use super::error::DeskStoreError;
use super::recover::{OnDamage, Scan};
use super::segment;

/// Damaged documents named; the first ones tell enough.
const DAMAGES_MAX: usize = 64;

/// What lies in a desk journal's folder.
#[derive(Debug, Default)]
pub struct DeskInspection {
    /// Records that hold.
    pub records: u64,
    /// Documents that were opened; 0 unless asked for.
    pub documents: u64,
    /// Documents whose key was erased, on purpose.
    pub erased: u64,
    /// Damage: of the records, the first; of document keys, each.
    pub damage: Vec<DeskStoreError>,
    /// The torn end of a write that nobody was told of: the next start cuts it off.
    pub torn: Option<(PathBuf, u64)>,
}

/// Reads every record and, when asked to, opens every document. A folder that is missing or empty
/// is one of a node that was never started. Nothing is written, created, cut or locked.
///
/// # Errors
/// [`DeskStoreError::Io`], [`DeskStoreError::MasterKey`]. Damage is no error here.
pub fn inspect(
    dir: &Path,
    master_key: &[u8; 32],
    open_documents: bool,
) -> Result<DeskInspection, DeskStoreError> {
    let mut found = DeskInspection::default();
    let io_error = DeskStoreError::io;
    if !dir.try_exists().map_err(io_error(dir))? {
        return Ok(found);
    }
    if !DocumentKeys::exists(dir).map_err(io_error(dir))? {
        let segments = segment::list(dir).map_err(io_error(dir))?;
        if !segments.is_empty() {
            let path = DocumentKeys::path_in(dir);
            let missing = DeskStoreError::damaged(&path, 0, "the file is missing");
            found.damage.push(missing);
        }
        return Ok(found);
    }
    let (keys, mark) = match DocumentKeys::look(dir, &documents::recognition(master_key)) {
        Ok(opened) => opened,
        Err(damage @ DeskStoreError::Damaged { .. }) => {
            found.damage.push(damage);
            return Ok(found);
        }
        Err(error) => return Err(error),
    };
    let mut scan = Scan::new(dir, mark, OnDamage::Look);
    match scan.segments() {
        Ok(_tail) => {}
        Err(damage @ DeskStoreError::Damaged { .. }) => found.damage.push(damage),
        Err(error) => return Err(error),
    }
    found.torn = scan.torn.take();
    if open_documents {
        found.documents(&keys, &scan, &Documents::new(master_key))?;
    }
    found.records = scan.headers.len().try_into().unwrap_or(u64::MAX);
    Ok(found)
}

impl DeskInspection {
    /// Opens every document of the records that hold.
    fn documents(
        &mut self,
        keys: &DocumentKeys,
        scan: &Scan<'_>,
        documents: &Documents,
    ) -> Result<(), DeskStoreError> {
        for header in &scan.headers {
            let (slot, stored) = match scan.index.read(header.seq) {
                Ok(read) => read,
                Err(damage @ DeskStoreError::Damaged { .. }) => {
                    self.note(damage);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some((id, attempt, sealed)) = stored.sealed() else {
                continue;
            };
            match keys.read_slot(slot, id) {
                Ok(None) => self.erased = self.erased.saturating_add(1),
                Ok(Some(key)) => match documents.open(id, attempt, sealed, &key) {
                    Some(_opened) => self.documents = self.documents.saturating_add(1),
                    None => self.note(keys.damaged_slot(slot)),
                },
                Err(damage @ DeskStoreError::Damaged { .. }) => self.note(damage),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn note(&mut self, damage: DeskStoreError) {
        if self.damage.len() < DAMAGES_MAX {
            self.damage.push(damage);
        }
    }
}

//! What a full run holds, in a small file beside the store, so that a start need not read the run.
//!
//! Written when the next run is begun, or after a start that had to read the run. Guards: it is
//! believed only when its own check holds, which is made with the key of this store alone, and when
//! it names the table and the run it is asked for. Whether it is of *this* content of the run is
//! told by the sums beside the tip. Values are checked on every read all the same, and all of the
//! run's some time after the start ([`super::verify`]).
//!
//! Beside it, for as long as a run is being checked, lies an empty file that says so: a process
//! that found it did not come back from there, and the run is read before anything is served.
//!
//! File: `u32 length of the head || head || words of the filter, little-endian || check`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fastbloom::BloomFilter;
use piao_chain::codec;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::marker::sync_dir;
use super::tables::Table;
use super::value::{Seal, Sum};

/// Folder of the files, beside sled's.
pub(super) const DIR: &str = "runs";

/// First bytes of the head.
const MAGIC: [u8; 8] = *b"PIAORUN\0";

/// Version of the file.
const VERSION: u8 = 1;

/// Bytes of the check at the end.
const CHECK_BYTES: usize = 32;

/// Larger than the file of any run; what is larger is not read.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Bits of the filter whose contents tell how filters hash.
const PROBE_BITS: usize = 1 << 12;

/// Ends of names: a file on its way, and a check under way.
const NEXT: &str = "next";
const CHECKING: &str = "checking";

/// What is known of a full run.
#[derive(Clone, Debug)]
pub(super) struct Summary {
    pub(super) number: u32,
    /// Count and sum of its values' checksums.
    pub(super) sum: Sum,
    /// When the last of its keys stops guarding, ms since 1970.
    pub(super) until_ms: u64,
    /// Which keys it has.
    pub(super) keys: BloomFilter,
}

#[derive(Serialize, Deserialize)]
struct Head {
    magic: [u8; 8],
    version: u8,
    table: u8,
    number: u32,
    sum: Sum,
    until_ms: u64,
    /// How the filter hashes: another release of its library may do so in another way, and would
    /// deny keys that are there.
    hashing: [u8; 32],
    hashes: u32,
}

impl Summary {
    fn encode(&self, table: Table, seal: &Seal) -> Vec<u8> {
        let head = codec::encode(&Head {
            magic: MAGIC,
            version: VERSION,
            table: table as u8,
            number: self.number,
            sum: self.sum,
            until_ms: self.until_ms,
            hashing: hashing(seal.filter_seed(table)),
            hashes: self.keys.num_hashes(),
        });
        let length = u32::try_from(head.len()).unwrap_or(u32::MAX);
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend_from_slice(&head);
        for word in self.keys.as_slice() {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        let check = seal.summary_check(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    /// `None` for whatever this store did not write for this run.
    fn decode(bytes: &[u8], table: Table, number: u32, seal: &Seal) -> Option<Self> {
        let (body, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
        if seal.summary_check(body) != *check {
            return None;
        }
        let (length, rest) = body.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (head, words) = rest.split_at_checked(length)?;
        let head: Head = codec::decode(head).ok()?;
        let seed = seal.filter_seed(table);
        let is_meant = head.magic == MAGIC
            && head.version == VERSION
            && head.table == table as u8
            && head.number == number
            && head.hashing == hashing(seed);
        let (words, left) = words.as_chunks::<8>();
        if !is_meant || !left.is_empty() || words.is_empty() {
            return None;
        }
        let words = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        Some(Self {
            number,
            sum: head.sum,
            until_ms: head.until_ms,
            keys: BloomFilter::from_vec(words).seed(&seed).hashes(head.hashes),
        })
    }
}

/// What a small filter looks like after some keys of the lengths that runs have.
fn hashing(seed: u128) -> [u8; 32] {
    let mut probe = BloomFilter::with_num_bits(PROBE_BITS).seed(&seed).hashes(8);
    for length in 0..=40 {
        let key: &[u8] = &[0x5a; 40][..length];
        probe.insert(key);
    }
    let mut hasher = blake3::Hasher::new();
    for word in probe.as_slice() {
        hasher.update(&word.to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// The folder of one store's summaries.
#[derive(Clone, Debug)]
pub(super) struct Summaries {
    dir: PathBuf,
    seal: Seal,
}

impl Summaries {
    /// The folder beside a store's other files.
    pub(super) fn of(store_dir: &Path, seal: Seal) -> Self {
        Self {
            dir: store_dir.join(DIR),
            seal,
        }
    }

    /// Keeps what a run holds, synced. Without it the next start reads the run, so what can't be
    /// written is told and costs nothing else. Whether it is there.
    pub(super) fn keep(&self, table: Table, summary: &Summary) -> bool {
        let kept = self.write(table, summary);
        if let Err(error) = &kept {
            tracing::warn!(%error, "a full run of the store has no summary");
        }
        kept.is_ok()
    }

    fn write(&self, table: Table, summary: &Summary) -> Result<(), StoreError> {
        let path = self.path(table, summary.number);
        let next = path.with_extension(NEXT);
        let bytes = summary.encode(table, &self.seal);
        fs::create_dir_all(&self.dir).map_err(StoreError::io("create", &self.dir))?;
        let written = File::create(&next).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.map_err(StoreError::io("write", &next))?;
        crash_point!("state.summary-synced");
        fs::rename(&next, &path).map_err(StoreError::io("move", &next))?;
        crash_point!("state.summary-moved");
        sync_dir(&self.dir)
    }

    /// What a run held when its summary was written; `None` when there is none to be believed.
    pub(super) fn read(&self, table: Table, number: u32) -> Option<Summary> {
        let path = self.path(table, number);
        if fs::metadata(&path).ok()?.len() > FILE_BYTES_MAX {
            return None;
        }
        let bytes = fs::read(&path).ok()?;
        Summary::decode(&bytes, table, number, &self.seal)
    }

    /// Forgets a run whose content changes or goes.
    pub(super) fn remove(&self, table: Table, number: u32) {
        remove_file(&self.path(table, number));
    }

    /// Numbers of the runs of a table that have a summary, ascending. Of those at or above `newest`
    /// it is removed: the store may have lost what it wrote last, and fills these runs again. So is
    /// that of a run below `oldest`.
    pub(super) fn tidy(&self, table: Table, oldest: u32, newest: u32) -> BTreeSet<u32> {
        let mut numbers = BTreeSet::new();
        for path in self.files() {
            if path.extension().is_some_and(|end| end == NEXT) {
                remove_file(&path);
            } else if let Some((of, number)) = named(&path)
                && of == table
                && path.extension().is_none()
            {
                if (oldest..newest).contains(&number) {
                    numbers.insert(number);
                } else {
                    remove_file(&path);
                }
            }
        }
        numbers
    }

    /// Says that a run is being checked, and later that it is no more. Not synced: it is for the
    /// next process, not for the next boot.
    pub(super) fn say_checking(&self, table: Table, number: u32, is_checking: bool) {
        let path = self.path(table, number).with_extension(CHECKING);
        if !is_checking {
            remove_file(&path);
        } else if let Err(error) = File::create(&path) {
            tracing::warn!(%error, path = %path.display(), "can't be written");
        }
    }

    /// Runs from whose check a process did not come back.
    pub(super) fn left_checking(&self) -> Vec<(Table, u32)> {
        let all = self.files().into_iter();
        all.filter(|path| path.extension().is_some_and(|end| end == CHECKING))
            .filter_map(|path| named(&path))
            .collect()
    }

    /// Makes the names of the files durable.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        if self.dir.exists() {
            sync_dir(&self.dir)?;
        }
        Ok(())
    }

    fn path(&self, table: Table, number: u32) -> PathBuf {
        self.dir.join(format!("{}-{number:010}", table.name()))
    }

    /// None when the folder can't be read: then every run is.
    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect()
    }
}

/// Table and run that a file is named for.
fn named(path: &Path) -> Option<(Table, u32)> {
    let (name, number) = path.file_stem()?.to_str()?.rsplit_once('-')?;
    let table = Table::ALL.into_iter().find(|table| table.name() == name)?;
    Some((table, number.parse().ok()?))
}

/// Removes a file that may not be there. One that stays is found out by its sum.
fn remove_file(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "can't be removed");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAL: Seal = Seal::new([3; 32]);

    fn summary() -> Summary {
        let mut sum = Sum::default();
        sum.add(77);
        let keys = BloomFilter::with_num_bits(640).seed(&SEAL.filter_seed(Table::Orders));
        let mut keys = keys.hashes(5);
        keys.insert(&b"key"[..]);
        Summary {
            number: 7,
            sum,
            until_ms: 1_000,
            keys,
        }
    }

    fn decode(bytes: &[u8]) -> Option<Summary> {
        Summary::decode(bytes, Table::Orders, 7, &SEAL)
    }

    #[test]
    fn a_summary_comes_back_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Summaries::of(dir.path(), SEAL);
        assert!(folder.read(Table::Orders, 7).is_none());
        assert!(folder.keep(Table::Orders, &summary()));
        let read = folder.read(Table::Orders, 7).unwrap();
        assert_eq!((read.number, read.sum), (7, summary().sum));
        assert_eq!((read.until_ms, &read.keys), (1_000, &summary().keys));
        assert!(read.keys.contains(&b"key"[..]));
        assert!(!read.keys.contains(&b"kez"[..]));
    }

    #[test]
    fn a_summary_cut_or_changed_anywhere_is_not_believed() {
        let bytes = summary().encode(Table::Orders, &SEAL);
        assert!(decode(&bytes).is_some());
        for at in 0..bytes.len() {
            assert!(decode(&bytes[..at]).is_none(), "cut at {at}");
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                assert!(decode(&flipped).is_none(), "bit {bit} at {at}");
            }
        }
        assert!(decode(&[&bytes[..], b"more"].concat()).is_none());
    }

    #[test]
    fn a_summary_of_another_run_table_or_store_is_not_believed() {
        let bytes = summary().encode(Table::Orders, &SEAL);
        assert!(Summary::decode(&bytes, Table::Orders, 8, &SEAL).is_none());
        assert!(Summary::decode(&bytes, Table::Idems, 7, &SEAL).is_none());
        let other = Seal::new([4; 32]);
        assert!(Summary::decode(&bytes, Table::Orders, 7, &other).is_none());
    }

    #[test]
    fn a_summary_of_a_filter_that_hashes_in_another_way_is_not_believed() {
        let mut bytes = summary().encode(Table::Orders, &SEAL);
        let probe = hashing(SEAL.filter_seed(Table::Orders));
        let at = bytes.windows(32).position(|some| some == probe).unwrap();
        bytes[at] ^= 1;
        let body = bytes.len() - CHECK_BYTES;
        let check = SEAL.summary_check(&bytes[..body]);
        bytes[body..].copy_from_slice(&check);
        assert!(decode(&bytes).is_none());
    }

    #[test]
    fn summaries_outside_of_the_runs_in_the_store_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Summaries::of(dir.path(), SEAL);
        for number in 2..8 {
            folder.keep(
                Table::Orders,
                &Summary {
                    number,
                    ..summary()
                },
            );
        }
        folder.keep(Table::Idems, &summary());
        fs::write(dir.path().join(DIR).join("orders-0000000004.next"), b"torn").unwrap();
        let left = folder.tidy(Table::Orders, 3, 6);
        assert_eq!(left, BTreeSet::from([3, 4, 5]));
        let files = folder.files().len();
        assert_eq!(files, 4, "three and the other table's");
        assert!(folder.tidy(Table::Idems, 0, 7).is_empty());
    }

    #[test]
    fn a_check_that_did_not_end_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Summaries::of(dir.path(), SEAL);
        folder.keep(Table::Orders, &summary());
        folder.say_checking(Table::Orders, 7, true);
        folder.say_checking(Table::Idems, 0, true);
        folder.say_checking(Table::Orders, 7, false);
        let left = folder.left_checking();
        assert_eq!(left, [(Table::Idems, 0)]);
        assert_eq!(folder.tidy(Table::Orders, 0, 9), BTreeSet::from([7]));
    }
}

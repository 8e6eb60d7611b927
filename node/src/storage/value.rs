//! Values as they lie in sled: the bytes, then a keyed checksum over table, key and bytes.
//!
//! sled hands out a flipped byte without a word, and a value of another key when its own index is
//! damaged. The key is random and of this store alone, so a file of another store does not pass.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::tables::Table;

/// Bytes of a checksum.
const CHECKSUM_BYTES: usize = 16;

/// Count and wrapping sum of the checksums of a table. Finds what single checksums can't: a value
/// that is missing, or one that was hidden and came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    count: u64,
    sum: u128,
}

impl Sum {
    /// Counts a value in.
    pub(super) fn add(&mut self, checksum: u128) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(checksum);
    }

    /// Counts a value out.
    pub(super) fn remove(&mut self, checksum: u128) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(checksum);
    }

    /// Counts in everything that another has counted.
    pub(super) fn add_all(&mut self, other: Self) {
        self.count = self.count.wrapping_add(other.count);
        self.sum = self.sum.wrapping_add(other.sum);
    }

    /// How many values.
    pub(super) fn count(&self) -> u64 {
        self.count
    }
}

/// Purposes of further keys that follow from the store's.
const SUMMARY_CONTEXT: &str = "piao state store: summaries of runs";
const FILTER_CONTEXT: &str = "piao state store: filters of runs";

/// Makes and checks checksums.
#[derive(Clone, Copy)]
pub(super) struct Seal([u8; 32]);

impl Seal {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// What filters of a table hash with: as random as the key, so that nobody can make keys that
    /// are taken for known ones, and the same at every start.
    pub(super) fn filter_seed(&self, table: Table) -> u128 {
        let mut hasher = blake3::Hasher::new_derive_key(FILTER_CONTEXT);
        hasher.update(&self.0);
        hasher.update(&[table as u8]);
        first_bytes(&hasher.finalize())
    }

    /// The check of a run's summary.
    pub(super) fn summary_check(&self, bytes: &[u8]) -> [u8; 32] {
        let key = blake3::derive_key(SUMMARY_CONTEXT, &self.0);
        *blake3::keyed_hash(&key, bytes).as_bytes()
    }

    /// The value with its checksum behind it, and the checksum as a number.
    pub(super) fn seal(&self, table: Table, key: &[u8], mut value: Vec<u8>) -> (Vec<u8>, u128) {
        let checksum = self.checksum(table, key, &value);
        value.extend_from_slice(&checksum.to_be_bytes());
        (value, checksum)
    }

    /// The value without its checksum, and the checksum; `None` when it does not hold.
    pub(super) fn open<'a>(
        &self,
        table: Table,
        key: &[u8],
        sealed: &'a [u8],
    ) -> Option<(&'a [u8], u128)> {
        let (value, stored) = sealed.split_last_chunk::<CHECKSUM_BYTES>()?;
        let checksum = self.checksum(table, key, value);
        (checksum == u128::from_be_bytes(*stored)).then_some((value, checksum))
    }

    fn checksum(&self, table: Table, key: &[u8], value: &[u8]) -> u128 {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[table as u8]);
        hasher.update(&(key.len() as u64).to_be_bytes());
        hasher.update(key);
        hasher.update(value);
        first_bytes(&hasher.finalize())
    }
}

fn first_bytes(digest: &blake3::Hash) -> u128 {
    let (first, _rest) = digest
        .as_bytes()
        .split_first_chunk::<CHECKSUM_BYTES>()
        .expect("a digest is longer than a checksum");
    u128::from_be_bytes(*first)
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_in_its_own_place_and_unchanged_only() {
        let seal = Seal::new([3; 32]);
        let (sealed, checksum) = seal.seal(Table::Orders, b"key", b"value".to_vec());
        let opened = seal.open(Table::Orders, b"key", &sealed);
        assert_eq!(opened, Some((&b"value"[..], checksum)));
        assert_eq!(seal.open(Table::Keys, b"key", &sealed), None);
        assert_eq!(seal.open(Table::Orders, b"kez", &sealed), None);
        assert_eq!(
            Seal::new([4; 32]).open(Table::Orders, b"key", &sealed),
            None
        );
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 0x10;
            assert_eq!(seal.open(Table::Orders, b"key", &flipped), None);
        }
        assert_eq!(seal.open(Table::Orders, b"key", b"short"), None);
    }

    #[test]
    fn a_sum_forgets_what_is_counted_out_and_sees_what_is_exchanged() {
        let mut sum = Sum::default();
        sum.add(u128::MAX);
        sum.add(7);
        sum.remove(u128::MAX);
        let mut other = Sum::default();
        other.add(8);
        assert_ne!(sum, other);
        other.remove(8);
        other.add(7);
        assert_eq!(sum, other);
    }
}

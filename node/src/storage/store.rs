//! sled with checked values: opening, reading, and one transaction per batch of blocks.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use piao_chain::codec;
use piao_chain::digest::{BlockId, ChainId};
use piao_chain::signature::KeyId;
use piao_chain::state::{
    IdemRecord, IssuedInvoice, Leaf, Slot, StateDelta, StateUnavailable, StateView,
};
use piao_chain::transaction::{Idem, Identity, OrderKey};
use sled::{Batch, IVec, Tree};

use super::check::Counters;
use super::error::StoreError;
use super::files::{OpenFault, open_sled, remove, sync_files};
use super::marker::{Marker, Use};
use super::runs::{RUN_KEYS, Runs};
use super::summary::{self, Summaries};
use super::tables::{
    META_SEAL, META_TIP, SUMMED, Table, TipRecord, account_key, decode_idem, decode_leaf,
    decode_u32, decode_u64, idem_key, key_key, leaf_key, order_key, records, stored_key,
};
use super::value::{Seal, Sum};
use super::verify::Damage;

/// Memory sled may use for pages, unless told otherwise.
pub const CACHE_BYTES_DEFAULT: u64 = 16 * 1024 * 1024;

/// The one tree of sled that holds all tables: only within a tree is a batch atomic and cheap.
const TREE: &str = "state";

/// Folder of sled's files, beside the marker.
pub(super) const SLED_DIR: &str = "sled";

/// Where the store is and how much memory it takes.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Folder of the marker and of sled's own folder.
    pub dir: PathBuf,
    /// Bytes of sled's page cache.
    pub cache_bytes: u64,
    /// The network.
    pub chain_id: ChainId,
    /// Order keys, or replay guards, of a full run, at least one. Runs that are there keep to theirs.
    pub run_keys: usize,
}

impl StoreOptions {
    /// The usual options.
    #[must_use]
    pub fn new(dir: &Path, chain_id: &ChainId) -> Self {
        Self {
            dir: dir.to_path_buf(),
            cache_bytes: CACHE_BYTES_DEFAULT,
            chain_id: *chain_id,
            run_keys: crate::crash_point::run_keys(RUN_KEYS),
        }
    }
}

/// The last block whose changes are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Its height.
    pub height: u64,
    /// Its id.
    pub block_id: BlockId,
    /// Its time, ms since 1970.
    pub time_ms: u64,
}

/// The state on disk.
#[derive(Debug)]
pub struct Store {
    options: StoreOptions,
    marker: Marker,
    db: sled::Db,
    /// All tables: a key is the table's number and the key in it.
    pub(super) tree: Tree,
    pub(super) seal: Seal,
    orders: Runs,
    pub(super) idems: Runs,
    pub(super) summaries: Summaries,
    /// Runs from whose check an earlier process did not come back: they are not believed.
    pub(super) left_checking: Vec<(Table, u32)>,
    pub(super) counters: Counters,
    pub(super) damage: Damage,
    /// Held by who reads a believed run because somebody waits for the answer.
    pub(super) verifying: Mutex<()>,
    pub(super) tip: RwLock<Option<TipRecord>>,
    /// Held over a whole transaction: sums are read, changed and written back.
    pub(super) writing: Mutex<()>,
    discarded: Option<String>,
}

impl Store {
    /// Opens the store and checks every value of it, but for full runs that have a summary: those
    /// are for [`Self::verify`] to check afterwards. Files that must not be opened, or that sled
    /// cannot open, are discarded: see [`Self::discarded`].
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a value or a sum does not hold, [`StoreError::Engine`],
    /// [`StoreError::Io`].
    pub fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        std::fs::create_dir_all(&options.dir).map_err(StoreError::io("create", &options.dir))?;
        let marker = Marker::of(&options.dir, &options.chain_id);
        let sled_dir = options.dir.join(SLED_DIR);
        let mut discarded = None;
        if sled_dir.exists()
            && let Some(reason) = marker.reason_to_discard()?
        {
            remove_files(&options.dir)?;
            crash_point!("state.discarded");
            discarded = Some(reason.to_owned());
        }
        marker.write(Use::Opening)?;
        let db = match open_sled(&sled_dir, options.cache_bytes) {
            Ok(db) => db,
            Err(OpenFault::System(source)) => return Err(StoreError::engine("open")(source)),
            Err(OpenFault::Damage(reason)) => {
                remove_files(&options.dir)?;
                discarded = Some(reason);
                open_sled(&sled_dir, options.cache_bytes).map_err(|fault| StoreError::Engine {
                    action: "open",
                    reason: fault.to_string(),
                })?
            }
        };
        let store = Self::of(options.clone(), marker, db, discarded)?;
        let checked = store.check();
        // From here on a crash is one of a store in use, whatever the check says: a damaged store
        // is refused at every start until the operator has it made again.
        store.marker.write(Use::Open)?;
        checked?;
        for (table, number) in &store.left_checking {
            store.summaries.say_checking(*table, *number, false);
        }
        store.keep_summaries();
        Ok(store)
    }

    /// Removes whatever is there and opens an empty store.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn create(options: &StoreOptions) -> Result<Self, StoreError> {
        remove_files(&options.dir)?;
        Self::open(options)
    }

    /// Drops everything in the store.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn discard(self) -> Result<Self, StoreError> {
        let options = self.options.clone();
        drop(self);
        Self::create(&options)
    }

    /// Why the files found were not opened, when they were not.
    #[must_use]
    pub fn discarded(&self) -> Option<&str> {
        self.discarded.as_deref()
    }

    /// The last block whose changes are in, `None` when not even genesis is.
    #[must_use]
    pub fn tip(&self) -> Option<Tip> {
        self.tip_record().map(|record| Tip {
            height: record.height,
            block_id: record.block_id,
            time_ms: record.time_ms,
        })
    }

    /// Writes the changes of one or several blocks and the tip they lead to, at once:
    /// after a crash all of it is there or nothing. Not durable over a power cut.
    ///
    /// # Errors
    /// [`StoreError::NotNext`], [`StoreError::Corrupt`] when a value about to be replaced does not
    /// hold, [`StoreError::Engine`].
    pub fn apply(&self, tip: Tip, delta: &StateDelta) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.tip_record();
        if let Some(before) = before
            && before.height >= tip.height
        {
            return Err(StoreError::NotNext {
                height: tip.height,
                tip: before.height,
            });
        }
        let newest = [self.orders.newest(), self.idems.newest()];
        let mut after = TipRecord {
            height: tip.height,
            block_id: tip.block_id,
            time_ms: tip.time_ms,
            sums: before.map_or([Sum::default(); SUMMED], |before| before.sums),
        };
        let mut batch = Batch::default();
        for record in records(delta) {
            let table = record.table;
            let sum = &mut after.sums[table as usize];
            let (key, may_replace) = match self.runs(table) {
                Some(runs) => runs.place(&record.key, record.until_ms),
                None => (record.key, true),
            };
            let stored = stored_key(table, &key);
            let mut replaced = None;
            if may_replace
                && let Some(old) = self.tree.get(&stored).map_err(StoreError::engine("read"))?
            {
                let (_value, checksum) = self.open_value(table, &key, &old)?;
                sum.remove(checksum);
                replaced = Some(checksum);
            }
            let (value, checksum) = self.seal.seal(table, &key, record.value);
            sum.add(checksum);
            if let Some(runs) = self.runs(table) {
                runs.count(replaced, checksum);
            }
            batch.insert(stored, value);
        }
        self.write(batch, after)?;
        if [self.orders.newest(), self.idems.newest()] != newest {
            crash_point!("state.run-filled");
            self.keep_summaries();
        }
        Ok(())
    }

    /// Writes a batch and the tip that goes with it: after a crash all of it is there or nothing.
    pub(super) fn write(&self, mut batch: Batch, after: TipRecord) -> Result<(), StoreError> {
        let tip = codec::encode(&after);
        let (tip, _checksum) = self.seal.seal(Table::Meta, META_TIP, tip);
        batch.insert(stored_key(Table::Meta, META_TIP), tip);
        self.tree
            .apply_batch(batch)
            .map_err(StoreError::engine("write"))?;
        *self.tip.write().unwrap_or_else(PoisonError::into_inner) = Some(after);
        Ok(())
    }

    /// Every leaf, ascending by slot.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Engine`].
    pub fn leaves(&self) -> Result<Vec<(Slot, Leaf)>, StoreError> {
        let mut leaves = Vec::new();
        for entry in self.entries(Table::Leaves, &[]) {
            let (key, sealed) = entry?;
            let (value, _checksum) = self.open_value(Table::Leaves, &key, &sealed)?;
            let leaf = decode_leaf(&key, value);
            leaves.push(leaf.ok_or_else(|| corrupt(Table::Leaves, "a value does not hold"))?);
        }
        Ok(leaves)
    }

    /// Bytes on disk.
    ///
    /// # Errors
    /// [`StoreError::Engine`].
    pub fn disk_bytes(&self) -> Result<u64, StoreError> {
        self.db.size_on_disk().map_err(StoreError::engine("size"))
    }

    /// Closes the store so that the next start may trust it, also after a power cut.
    ///
    /// # Errors
    /// [`StoreError::Engine`], [`StoreError::Io`].
    pub fn close(&self) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.db.flush().map_err(StoreError::engine("flush"))?;
        // sled's flush does not reach the disk; this does.
        sync_files(&self.options.dir.join(SLED_DIR))?;
        self.summaries.sync()?;
        self.marker.write(Use::Clean)
    }

    /// Flips a bit of the first value of a table, as a disk would.
    #[cfg(test)]
    pub(super) fn damage_first(&self, table: Table) {
        let mut all = self.tree.scan_prefix([table as u8]);
        let (key, mut value) = all.next().unwrap().unwrap();
        value[0] ^= 1;
        self.tree.insert(key, value).unwrap();
    }

    fn of(
        options: StoreOptions,
        marker: Marker,
        db: sled::Db,
        discarded: Option<String>,
    ) -> Result<Self, StoreError> {
        let tree = db.open_tree(TREE).map_err(StoreError::engine("open"))?;
        let seal = seal_of(&tree)?;
        let runs = |table| Runs::new(seal.filter_seed(table), options.run_keys);
        let summaries = Summaries::of(&options.dir, seal);
        Ok(Self {
            orders: runs(Table::Orders),
            idems: runs(Table::Idems),
            left_checking: summaries.left_checking(),
            summaries,
            counters: Counters::default(),
            damage: Damage::default(),
            verifying: Mutex::new(()),
            options,
            marker,
            db,
            tree,
            seal,
            tip: RwLock::new(None),
            writing: Mutex::new(()),
            discarded,
        })
    }

    /// The runs of a table whose keys lie in such.
    pub(super) fn runs(&self, table: Table) -> Option<&Runs> {
        match table {
            Table::Orders => Some(&self.orders),
            Table::Idems => Some(&self.idems),
            _ => None,
        }
    }

    pub(super) fn tip_record(&self) -> Option<TipRecord> {
        *self.tip.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// One value, checked and decoded.
    pub(super) fn read<T>(
        &self,
        table: Table,
        key: &[u8],
        decode: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, StateUnavailable> {
        let sealed = self
            .tree
            .get(stored_key(table, key))
            .map_err(|source| unavailable(&StoreError::engine("read")(source)))?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let opened = self.open_value(table, key, &sealed);
        let decoded = opened.and_then(|(value, _checksum)| {
            decode(value).ok_or_else(|| corrupt(table, "a value does not hold"))
        });
        match decoded {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                self.damage.tell(&error);
                Err(unavailable(&error))
            }
        }
    }

    /// A value without its checksum, and the checksum.
    pub(super) fn open_value<'a>(
        &self,
        table: Table,
        key: &[u8],
        sealed: &'a [u8],
    ) -> Result<(&'a [u8], u128), StoreError> {
        let opened = self.seal.open(table, key, sealed);
        opened.ok_or_else(|| corrupt(table, "a value's checksum does not hold"))
    }

    /// The keys of a table that begin so, ascending, with their sealed values.
    pub(super) fn entries(
        &self,
        table: Table,
        prefix: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, IVec), StoreError>> {
        self.tree
            .scan_prefix(stored_key(table, prefix))
            .map(|entry| {
                let (key, sealed) = entry.map_err(StoreError::engine("read"))?;
                Ok((key.get(1..).unwrap_or_default().to_vec(), sealed))
            })
    }
}

impl StateView for Store {
    fn leaf(&self, slot: Slot) -> Result<Option<Leaf>, StateUnavailable> {
        let key = leaf_key(slot);
        self.read(Table::Leaves, &key, |value| {
            decode_leaf(&key, value).map(|(_slot, leaf)| leaf)
        })
    }

    fn key_index(&self, id: &KeyId) -> Result<Option<u32>, StateUnavailable> {
        self.read(Table::Keys, &key_key(id), decode_u32)
    }

    fn account_of(&self, identity: &Identity) -> Result<Option<u32>, StateUnavailable> {
        self.read(Table::Accounts, &account_key(identity), decode_u32)
    }

    fn order(&self, key: &OrderKey) -> Result<Option<u64>, StateUnavailable> {
        self.read_run(Table::Orders, &self.orders, &order_key(key), decode_u64)
    }

    fn idem(&self, account: u32, idem: &Idem) -> Result<Option<IdemRecord>, StateUnavailable> {
        let key = idem_key(account, idem);
        self.read_run(Table::Idems, &self.idems, &key, decode_idem)
    }

    fn top_up(&self, reference: &[u8; 32]) -> Result<bool, StateUnavailable> {
        let found = self.read(Table::TopUps, reference, |_value| Some(()))?;
        Ok(found.is_some())
    }

    /// None: the store keeps no invoices, the journal does.
    fn issued(&self, _index: u64) -> Result<Option<IssuedInvoice>, StateUnavailable> {
        Ok(None)
    }
}

pub(super) fn corrupt(table: Table, what: &'static str) -> StoreError {
    StoreError::Corrupt { table, what }
}

pub(super) fn unavailable(error: &StoreError) -> StateUnavailable {
    StateUnavailable(error.to_string())
}

/// The key of the checksums: found, or made for a new store.
fn seal_of(tree: &Tree) -> Result<Seal, StoreError> {
    let place = stored_key(Table::Meta, META_SEAL);
    let stored = tree.get(&place).map_err(StoreError::engine("read"))?;
    if let Some(stored) = stored {
        let key = <[u8; 32]>::try_from(&*stored)
            .map_err(|_source| corrupt(Table::Meta, "the key of the checksums is cut"))?;
        return Ok(Seal::new(key));
    }
    let key: [u8; 32] = random()?;
    tree.insert(place, &key)
        .map_err(StoreError::engine("write"))?;
    Ok(Seal::new(key))
}

/// Removes everything that is of the store's content, and not the marker.
fn remove_files(dir: &Path) -> Result<(), StoreError> {
    // First, so that no summary is left of a store that is gone.
    remove(&dir.join(summary::DIR))?;
    remove(&dir.join(SLED_DIR))
}

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|source| StoreError::Engine {
        action: "make a random number",
        reason: source.to_string(),
    })?;
    Ok(bytes)
}

//! Goal: a start reads the newest runs only, and whatever becomes of the rest, nothing that was
//! stored is ever said to be absent. Method: a store with small runs is filled, its values or its
//! files are changed behind its back, and what it answers is compared with what was put in.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use piao_chain::digest::{BlockId, ChainId};
use piao_chain::state::{IdemRecord, StateDelta, StateView as _};
use piao_node::storage::{Opening, Store, StoreError, StoreOptions, Tip, copy};

use crate::store::tamper;

/// Keys of a full run here.
const RUN_KEYS: u64 = 16;

/// Numbers put in: six full runs and a quarter of one, in two tables.
const NUMBERS: u64 = 100;

const FULL: u64 = NUMBERS / RUN_KEYS;

/// Values of the newest runs of both tables.
const NEWEST: u64 = 2 * (NUMBERS % RUN_KEYS);

/// Numbers of the tables in the tree.
const ORDERS: u8 = 3;
const IDEMS: u8 = 4;

/// Longer than telling takes.
const DEADLINE: Duration = Duration::from_secs(30);

fn options(dir: &Path) -> StoreOptions {
    StoreOptions {
        run_keys: usize::try_from(RUN_KEYS).unwrap(),
        ..StoreOptions::new(dir, &ChainId([6; 32]))
    }
}

fn open(dir: &Path) -> Store {
    Store::open(&options(dir)).unwrap()
}

/// Keys of a number; of a salt, so that two histories differ.
fn order(salt: u8, number: u64) -> [u8; 32] {
    *blake3::hash(&[&[salt][..], &number.to_be_bytes()].concat()).as_bytes()
}

fn guard(salt: u8, number: u64) -> [u8; 16] {
    *order(salt, number).first_chunk().unwrap()
}

fn used(number: u64) -> IdemRecord {
    IdemRecord {
        valid_until_ms: 1_000 + number,
        height: number,
        index: 0,
    }
}

fn tip(height: u64, time_ms: u64) -> Tip {
    Tip {
        height,
        block_id: BlockId([1; 32]),
        time_ms,
    }
}

/// Puts numbers in, three at a time.
fn fill(store: &Store, salt: u8, numbers: std::ops::Range<u64>) {
    let mut from = numbers.start;
    while from < numbers.end {
        let mut delta = StateDelta::default();
        for number in from..numbers.end.min(from + 3) {
            delta.orders.insert(order(salt, number), number);
            delta.idems.insert((1, guard(salt, number)), used(number));
        }
        from = numbers.end.min(from + 3);
        store.apply(tip(from, 0), &delta).unwrap();
    }
}

/// A store of [`NUMBERS`], closed in order.
fn filled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store, 0, 0..NUMBERS);
    store.close().unwrap();
    dir
}

fn assert_all(store: &Store, salt: u8, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let found = store.order(&order(salt, number)).unwrap();
        assert_eq!(found, Some(number));
        let found = store.idem(1, &guard(salt, number)).unwrap();
        assert_eq!(found, Some(used(number)));
    }
    for absent in 0..NUMBERS {
        assert_eq!(store.order(&order(99, absent)), Ok(None));
        assert_eq!(store.idem(2, &guard(salt, absent)), Ok(None));
    }
}

fn verify(store: &Store) -> Result<(u32, u64), StoreError> {
    let verified = store.verify(&mut || true)?;
    Ok((verified.runs, verified.values))
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir.join("runs")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn file(dir: &Path, table: &str, run: u32) -> PathBuf {
    dir.join("runs").join(format!("{table}-{run:010}"))
}

fn opening(values_read: u64, values_believed: u64) -> Opening {
    Opening {
        values_read,
        values_believed,
    }
}

/// The key of the first value of a run, as it lies in the tree.
fn first_of(tree: &sled::Tree, table: u8, run: u32) -> sled::IVec {
    let prefix = [&[table][..], &run.to_be_bytes()].concat();
    tree.scan_prefix(prefix).next().unwrap().unwrap().0
}

#[test]
fn a_start_reads_the_newest_runs_and_believes_the_full_ones_until_they_are_verified() {
    let dir = filled();
    for _start in 0..2 {
        let store = open(dir.path());
        let believed = 2 * FULL * RUN_KEYS;
        assert_eq!(store.opening(), opening(NEWEST, believed));
        // Before anything is asked: a question that a filter can't deny verifies a run by itself.
        let (runs, values) = verify(&store).unwrap();
        assert!(u64::from(runs) <= 2 * FULL && values <= believed);
        assert_eq!(verify(&store).unwrap(), (0, 0), "once is enough");
        assert_all(&store, 0, 0..NUMBERS);
        // Not closed: a process that was killed leaves no more than that.
    }
}

#[test]
fn a_summary_that_is_lost_cut_or_flipped_costs_reading_its_run_once() {
    let dir = filled();
    let lost = file(dir.path(), "orders", 2);
    let whole = std::fs::read(&lost).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 4;
    let other = std::fs::read(file(dir.path(), "orders", 3)).unwrap();
    for bytes in [None, Some(&whole[..9]), Some(&flipped), Some(&other)] {
        match bytes {
            None => std::fs::remove_file(&lost).unwrap(),
            Some(bytes) => std::fs::write(&lost, bytes).unwrap(),
        }
        let store = open(dir.path());
        assert_eq!(store.opening().values_read, NEWEST + RUN_KEYS);
        assert_all(&store, 0, 0..NUMBERS);
        drop(store);
        assert_eq!(std::fs::read(&lost).unwrap(), whole, "made again");
        assert_eq!(open(dir.path()).opening().values_read, NEWEST);
    }
}

#[test]
fn a_store_without_summaries_is_read_and_gets_them() {
    let dir = filled();
    std::fs::remove_dir_all(dir.path().join("runs")).unwrap();
    let store = open(dir.path());
    assert_eq!(store.opening(), opening(2 * NUMBERS, 0));
    drop(store);
    assert_eq!(open(dir.path()).opening().values_read, NEWEST);
}

#[test]
fn summaries_of_runs_that_the_store_has_lost_again_are_ignored() {
    let (dir, early) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(dir.path());
    let few = 2 * RUN_KEYS + 5;
    fill(&store, 0, 0..few);
    store.close().unwrap();
    drop(store);
    copy(&dir.path().join("sled"), early.path()).unwrap();
    let store = open(dir.path());
    fill(&store, 0, few..NUMBERS);
    store.close().unwrap();
    drop(store);
    let stale = std::fs::read(file(dir.path(), "orders", 3)).unwrap();
    // What was written last is gone, as a kill may have it.
    std::fs::remove_dir_all(dir.path().join("sled")).unwrap();
    copy(early.path(), &dir.path().join("sled")).unwrap();
    let store = open(dir.path());
    assert_eq!(store.opening(), opening(2 * 5, 4 * RUN_KEYS));
    assert_eq!(files(dir.path()).len(), 4);
    assert_all(&store, 0, 0..few);
    // The same runs fill again, with other keys.
    fill(&store, 8, few..NUMBERS);
    store.close().unwrap();
    drop(store);
    std::fs::write(file(dir.path(), "orders", 3), stale).unwrap();
    let store = open(dir.path());
    // A stale summary comes out in the sum: nothing of its table is believed.
    assert_eq!(store.opening().values_believed, FULL * RUN_KEYS);
    assert_all(&store, 0, 0..few);
    assert_all(&store, 8, few..NUMBERS);
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.opening(), opening(NEWEST, 2 * FULL * RUN_KEYS));
    // Before anything is asked: a question that a filter can't deny verifies a run by itself.
    assert_eq!(verify(&store).unwrap().1, 2 * FULL * RUN_KEYS);
    assert_all(&store, 8, few..NUMBERS);
}

#[test]
fn a_value_missing_in_a_believed_run_is_never_said_to_be_absent() {
    for table in [ORDERS, IDEMS] {
        let dir = filled();
        tamper(dir.path(), |db| {
            let tree = db.open_tree("state").unwrap();
            let key = first_of(&tree, table, 1);
            tree.remove(key).unwrap().unwrap();
        });
        let store = open(dir.path());
        let (told, lines) = mpsc::channel();
        store.on_damage(move |line| told.send(line.to_owned()).unwrap());
        let run = RUN_KEYS..2 * RUN_KEYS;
        let answers = run.map(|number| match table {
            ORDERS => store.order(&order(0, number)).map(|found| found.is_some()),
            _ => {
                let found = store.idem(1, &guard(0, number));
                found.map(|found| found.is_some())
            }
        });
        let answers: Vec<_> = answers.collect();
        assert!(!answers.contains(&Ok(false)), "said to be absent");
        let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
        let refused: Vec<_> = refused.collect();
        assert_eq!(refused.len(), 1);
        assert!(refused[0].0.contains("piaod reindex"), "{}", refused[0]);
        let line = lines.recv_timeout(DEADLINE).unwrap();
        assert!(line.contains("piaod reindex") && !line.contains('\n'));
        assert_eq!(lines.recv(), Err(mpsc::RecvError), "told once");
        // Asked again it is no more absent than before, and what is whole is served.
        let again = (0..NUMBERS).map(|number| match table {
            ORDERS => store.order(&order(0, number)).is_err(),
            _ => store.idem(1, &guard(0, number)).is_err(),
        });
        assert_eq!(again.filter(|is_refused| *is_refused).count(), 1);
        assert_eq!(store.order(&order(99, 1)), Ok(None));
    }
}

#[test]
fn a_check_afterwards_finds_what_is_missing_changed_or_moved_in_a_believed_run() {
    type Change = fn(&sled::Tree, u8);
    let changes: [(&str, Change); 4] = [
        ("missing", |tree, table| {
            tree.remove(first_of(tree, table, 2)).unwrap();
        }),
        ("all missing", |tree, table| {
            let prefix = [&[table][..], &2_u32.to_be_bytes()].concat();
            for entry in tree.scan_prefix(prefix) {
                tree.remove(entry.unwrap().0).unwrap();
            }
        }),
        ("changed", |tree, table| {
            let key = first_of(tree, table, 2);
            let mut value = tree.get(&key).unwrap().unwrap();
            value[0] ^= 1;
            tree.insert(key, value).unwrap();
        }),
        ("moved", |tree, table| {
            let value = tree.get(first_of(tree, table, 3)).unwrap().unwrap();
            tree.insert(first_of(tree, table, 2), value).unwrap();
        }),
    ];
    for (table, name) in [(ORDERS, "orders"), (IDEMS, "idems")] {
        for (change, damage) in changes {
            let dir = filled();
            tamper(dir.path(), |db| {
                damage(&db.open_tree("state").unwrap(), table);
            });
            for _start in 0..2 {
                let store = open(dir.path());
                let (told, lines) = mpsc::channel();
                let error = verify(&store).unwrap_err();
                let line = error.to_string();
                assert!(matches!(error, StoreError::Corrupt { .. }), "{change}");
                assert!(line.contains(name) && line.contains("piaod reindex"));
                // Whoever listens late hears it too.
                store.on_damage(move |line| told.send(line.to_owned()).unwrap());
                assert_eq!(lines.recv_timeout(DEADLINE).unwrap(), line);
            }
            // Without the summary it is found before anything is served.
            std::fs::remove_dir_all(dir.path().join("runs")).unwrap();
            let refused = Store::open(&options(dir.path()));
            assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
        }
    }
}

#[test]
fn a_run_whose_check_a_process_did_not_survive_is_read_at_the_next_start() {
    let dir = filled();
    let begun = file(dir.path(), "idems", 4).with_extension("checking");
    std::fs::write(&begun, b"").unwrap();
    let store = open(dir.path());
    assert_eq!(store.opening().values_read, NEWEST + RUN_KEYS);
    assert!(!begun.exists(), "it was read and holds");
    drop(store);
    assert_eq!(open(dir.path()).opening().values_read, NEWEST);
}

#[test]
fn a_check_that_is_told_to_stop_leaves_the_rest_for_the_next_one() {
    let dir = filled();
    let store = open(dir.path());
    let mut asked = 0;
    let stopped = store.verify(&mut || {
        asked += 1;
        asked <= 3
    });
    assert_eq!(stopped.unwrap().runs, 3);
    assert_eq!(files(dir.path()).len() as u64, 2 * FULL, "nothing is left");
    assert_eq!(u64::from(verify(&store).unwrap().0), 2 * FULL - 3);
}

#[test]
fn a_store_that_is_made_anew_believes_nothing_of_the_one_before() {
    let dir = filled();
    let kept = file(dir.path(), "orders", 0);
    let of_before = std::fs::read(&kept).unwrap();
    let store = Store::create(&options(dir.path())).unwrap();
    assert!(!kept.exists());
    fill(&store, 0, 0..NUMBERS);
    store.close().unwrap();
    drop(store);
    std::fs::write(&kept, of_before).unwrap();
    let store = open(dir.path());
    assert_eq!(store.opening().values_read, NEWEST + RUN_KEYS);
    assert_all(&store, 0, 0..NUMBERS);
}

#[test]
fn a_run_that_is_being_pruned_is_not_believed_and_its_summary_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    let large = StoreOptions {
        run_keys: 2_000,
        ..options(dir.path())
    };
    let store = Store::open(&large).unwrap();
    let mut delta = StateDelta::default();
    for number in 0..4_500 {
        delta.idems.insert((1, guard(0, number)), used(0));
    }
    store.apply(tip(1, 0), &delta).unwrap();
    store.apply(tip(2, 9_999), &StateDelta::default()).unwrap();
    assert_eq!(files(dir.path()).len(), 2);
    let pruned = store.prune().unwrap() as u64;
    assert!(pruned > 0 && pruned < 2_000, "a part of the run");
    assert!(!file(dir.path(), "idems", 0).exists());
    drop(store);
    let store = Store::open(&large).unwrap();
    assert_eq!(store.opening(), opening(2_500 - pruned, 2_000));
    while store.prune().unwrap() > 0 {}
    while store.prune().unwrap() > 0 {}
    assert!(files(dir.path()).is_empty(), "full runs are gone");
    drop(store);
    assert_eq!(Store::open(&large).unwrap().opening(), opening(500, 0));
}

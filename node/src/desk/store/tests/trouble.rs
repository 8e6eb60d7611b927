//! A full disk, a failing one, and more work than can wait.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::faulty_disk::{Faults, FaultyDisk};
use super::*;
use crate::desk::store::segment::SEGMENT_BYTES_MAX;
use crate::desk::store::{DeskStoreError, QUEUE_RECORDS_MAX};

/// Longest wait for anything in these tests.
const DEADLINE: Duration = Duration::from_secs(60);

fn open_faulty(dir: &Path) -> (DeskStore, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let disk = Box::new(FaultyDisk(Arc::clone(&faults)));
    let (store, _) = DeskStore::open_on(dir, &MASTER, disk, SEGMENT_BYTES_MAX).unwrap();
    (store, faults)
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_writing_goes_on_when_there_is_space() {
    let dir = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty(dir.path());
    store.append(accepted(1, 1)).await.unwrap();
    faults.full.store(true, Ordering::SeqCst);
    for record in [accepted(2, 1), top_up(3), resolved(4)] {
        let error = store.append(record).await.unwrap_err();
        assert!(matches!(error, DeskStoreError::NoSpace), "{error}");
    }
    faults.full.store(false, Ordering::SeqCst);
    assert_eq!(store.append(accepted(5, 1)).await.unwrap(), 1);
    drop(store);

    let (store, headers) = DeskStore::open(dir.path(), &MASTER).unwrap();
    assert_eq!(headers.len(), 2);
    assert_eq!(store.read(0).unwrap(), accepted(1, 1));
    assert_eq!(store.read(1).unwrap(), accepted(5, 1));
}

#[tokio::test]
async fn a_failed_sync_ends_all_promises_and_a_restart_mends_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty(dir.path());
    store.append(accepted(1, 1)).await.unwrap();
    faults.sync_fails.store(true, Ordering::SeqCst);
    for sync_fails in [true, false] {
        faults.sync_fails.store(sync_fails, Ordering::SeqCst);
        let error = store.append(accepted(2, 1)).await.unwrap_err();
        assert!(matches!(error, DeskStoreError::Stopped), "{error}");
    }
    assert_eq!(store.read(0).unwrap(), accepted(1, 1));
    drop(store);

    let store = open(dir.path());
    assert_eq!(store.read(0).unwrap(), accepted(1, 1));
    store.append(accepted(3, 1)).await.unwrap();
}

#[tokio::test]
async fn no_record_is_written_before_the_key_it_needs_is_synced() {
    let dir = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty(dir.path());
    let segment = segments(dir.path()).remove(0);
    let before = std::fs::metadata(&segment).unwrap().len();
    faults.sync_fails.store(true, Ordering::SeqCst);
    store.append(accepted(1, 1)).await.unwrap_err();
    assert_eq!(std::fs::metadata(&segment).unwrap().len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_wait_together_share_one_sync() {
    const TOGETHER: usize = 50;
    let dir = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty(dir.path());
    let store = Arc::new(store);
    faults.close_gate();
    let first = spawn_append(&store, top_up(0));
    // The writer is inside its first sync: everything below waits for it.
    wait_until(|| faults.syncs.load(Ordering::SeqCst) == 1).await;
    let waiting: Vec<_> = (0..TOGETHER)
        .map(|_| spawn_append(&store, top_up(1)))
        .collect();
    wait_until(|| store.waiting_records() == TOGETHER).await;
    faults.open_gate();
    assert_eq!(first.await.unwrap().unwrap(), 0);
    for append in waiting {
        append.await.unwrap().unwrap();
    }
    assert_eq!(faults.syncs.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_the_queue_appends_are_refused_as_busy_and_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (store, faults) = open_faulty(dir.path());
    let store = Arc::new(store);
    faults.close_gate();
    let first = spawn_append(&store, top_up(0));
    wait_until(|| faults.syncs.load(Ordering::SeqCst) == 1).await;
    for _ in 0..QUEUE_RECORDS_MAX {
        store.append_unsynced(resolved(1)).unwrap();
    }
    let error = store.append(top_up(2)).await.unwrap_err();
    assert!(matches!(error, DeskStoreError::Busy), "{error}");
    faults.open_gate();
    first.await.unwrap().unwrap();
    drop(store);
    let (_, headers) = DeskStore::open(dir.path(), &MASTER).unwrap();
    assert_eq!(headers.len(), QUEUE_RECORDS_MAX + 1);
}

type Appending = tokio::task::JoinHandle<Result<u64, DeskStoreError>>;

fn spawn_append(store: &Arc<DeskStore>, record: DeskRecord) -> Appending {
    let store = Arc::clone(store);
    tokio::spawn(async move { store.append(record).await })
}

async fn wait_until(holds: impl Fn() -> bool) {
    let polling = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, polling)
        .await
        .expect("what was waited for happens");
}

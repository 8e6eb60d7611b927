//! What was acknowledged is there; what is private is sealed; what was erased is gone.

use super::*;
use crate::desk::store::{DeskHeaderBody, DeskStoreError, Downloaded};

#[tokio::test]
async fn every_record_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let records = [
        accepted(1, 1),
        top_up(2),
        DeskRecord::Card {
            account: 1,
            card: vec![4; 30],
        },
        DeskRecord::Downloaded(Downloaded {
            account: 1,
            number: "26427000000000000018".parse().unwrap(),
            downloads: 3,
        }),
        resolved(1),
    ];
    let store = open(dir.path());
    for (seq, record) in (0..).zip(&records) {
        assert_eq!(store.append(record.clone()).await.unwrap(), seq);
        assert_eq!(store.read(seq).unwrap(), *record);
    }
    drop(store);

    let (store, headers) = DeskStore::open(dir.path(), &MASTER).unwrap();
    assert_eq!(headers.len(), records.len());
    for ((seq, record), header) in (0..).zip(&records).zip(&headers) {
        assert_eq!(header.seq, seq);
        assert_eq!(store.read(seq).unwrap(), *record);
    }
    let DeskHeaderBody::Accepted(header) = &headers[0].body else {
        panic!("{headers:?}");
    };
    assert_eq!((header.key.as_str(), header.attempt), ("till-1", 1));
    assert!(matches!(
        store.read(5).unwrap_err(),
        DeskStoreError::NotFound(5)
    ));
    assert_eq!(store.append(resolved(2)).await.unwrap(), 5);
}

#[tokio::test]
async fn private_bytes_are_nowhere_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.append(accepted(1, 1)).await.unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(5).any(|part| part == b"buyer"));
    }
}

#[tokio::test]
async fn erasing_a_request_forgets_its_documents_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for record in [accepted(1, 1), accepted(2, 1), accepted(1, 2)] {
        store.append(record).await.unwrap();
    }
    assert_eq!(store.erase([1; 16]).await.unwrap(), 2);
    assert_eq!(store.erase([1; 16]).await.unwrap(), 0);
    assert_erased(&store);
    drop(store);
    assert_erased(&open(dir.path()));
}

fn assert_erased(store: &DeskStore) {
    for seq in [0, 2] {
        let DeskRecord::Accepted {
            transaction,
            draft,
            document,
            ..
        } = store.read(seq).unwrap()
        else {
            panic!("record {seq} is a request");
        };
        assert_eq!((draft, document), (Private::Erased, Private::Erased));
        assert_eq!(transaction, vec![1; 40]);
    }
    assert_eq!(store.read(1).unwrap(), accepted(2, 1));
}

#[tokio::test]
async fn keys_written_after_a_restart_spare_those_before_and_fill_more_than_one_growth() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.append(accepted(1, 1)).await.unwrap();
    drop(store);
    let store = open(dir.path());
    for attempt in 1..1100 {
        let record = accepted(2, attempt);
        store.append_unsynced(record).unwrap();
    }
    store.sync().await.unwrap();
    assert_eq!(store.read(0).unwrap(), accepted(1, 1));
    assert_eq!(store.read(1099).unwrap(), accepted(2, 1099));
    assert_eq!(store.erase([2; 16]).await.unwrap(), 1099);
    assert_eq!(store.read(0).unwrap(), accepted(1, 1));
}

#[tokio::test]
async fn records_nobody_waits_for_are_written_when_the_store_closes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.append_unsynced(resolved(1)).unwrap();
    drop(store);
    assert_eq!(open(dir.path()).read(0).unwrap(), resolved(1));
}

#[tokio::test]
async fn another_master_key_is_refused_at_the_door() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let error = DeskStore::open(dir.path(), &[2; 32]).unwrap_err();
    assert!(matches!(error, DeskStoreError::MasterKey(_)), "{error}");
}

#[tokio::test]
async fn two_can_not_have_it_open() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let error = DeskStore::open(dir.path(), &MASTER).unwrap_err();
    assert!(matches!(error, DeskStoreError::InUse(_)), "{error}");
    drop(store);
    open(dir.path());
}

#[tokio::test]
async fn a_record_over_the_bound_is_refused_and_binds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let card = vec![0; 1024 * 1024];
    let error = store
        .append(DeskRecord::Card { account: 1, card })
        .await
        .unwrap_err();
    assert!(matches!(error, DeskStoreError::TooLarge { .. }), "{error}");
    assert_eq!(store.append(resolved(1)).await.unwrap(), 0);
}

#[test]
fn a_debug_print_shows_nothing_private() {
    let shown = format!("{:?}", accepted(1, 1));
    assert!(shown.contains("Open(16 bytes)"), "{shown}");
    assert!(!shown.contains("buyer"), "{shown}");
}

//! What an operator gives up: no more than what can't be read, and nothing is deleted.

use super::*;
use crate::desk::store::frame;
use crate::desk::store::segment::SEGMENT_HEADER_BYTES;

/// Requests in the journal, a record each.
const REQUESTS: u8 = 6;

async fn filled(dir: &Path) {
    let store = open(dir);
    for id in 1..=REQUESTS {
        store.append(accepted(id, 1)).await.unwrap();
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn one_bad_record_costs_that_record_and_those_behind_it_stay_private_and_readable() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let segment = segments(dir.path()).remove(0);
    let length = std::fs::read(&segment).unwrap().len();
    flip(&segment, length / 2);
    let line = DeskStore::open(dir.path(), &MASTER)
        .unwrap_err()
        .to_string();
    assert!(
        line.contains("put back a copy") && line.contains("--accept-loss"),
        "{line}"
    );

    let (store, headers, lost) = DeskStore::open_accepting_loss(dir.path(), &MASTER).unwrap();
    assert_eq!(headers.len(), usize::from(REQUESTS) - 1);
    assert!(
        lost.iter().any(|line| line.starts_with("given up: ")),
        "{lost:?}"
    );
    assert!(
        lost.iter().any(|line| line.starts_with("kept: ")),
        "{lost:?}"
    );
    let aside = format!("{}.lost", segment.display());
    assert_eq!(
        std::fs::read(aside).unwrap().len(),
        length,
        "it is kept aside whole"
    );
    // New keys must not be written over those of the records that were kept.
    store.append(accepted(9, 1)).await.unwrap();
    drop(store);
    let (store, headers) = DeskStore::open(dir.path(), &MASTER).unwrap();
    let read: Vec<DeskRecord> = headers
        .iter()
        .map(|header| store.read(header.seq).unwrap())
        .collect();
    let wanted = (1..=REQUESTS).chain([9]).map(|id| accepted(id, 1));
    let missing = wanted.filter(|record| !read.contains(record)).count();
    assert_eq!((missing, read.len()), (1, usize::from(REQUESTS)));
}

#[tokio::test]
async fn a_damaged_document_key_costs_that_document_alone() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    // In the third slot: 2 048 bytes in front, 128 bytes each.
    flip(&dir.path().join("document-keys"), 2_048 + 2 * 128 + 50);
    let (store, headers, lost) = DeskStore::open_accepting_loss(dir.path(), &MASTER).unwrap();
    assert_eq!(lost.len(), 1, "{lost:?}");
    for (id, header) in (1..=REQUESTS).zip(&headers) {
        let read = store.read(header.seq).unwrap();
        assert_eq!(read == accepted(id, 1), id != 3, "{read:?}");
    }
}

#[tokio::test]
async fn a_damaged_check_costs_nothing_where_the_record_behind_vouches() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path()).await;
    let segment = segments(dir.path()).remove(0);
    let whole = std::fs::read(&segment).unwrap();
    // The ends of the records: head, content, check.
    let mut ends = Vec::new();
    let mut at = SEGMENT_HEADER_BYTES;
    while let Some(length) = whole.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        at += frame::HEAD_BYTES + length + frame::CHECK_BYTES;
        ends.push(at);
    }
    assert_eq!(ends.len(), usize::from(REQUESTS));
    for (number, end) in ends.into_iter().enumerate() {
        let damaged = tempfile::tempdir().unwrap();
        copy(dir.path(), damaged.path());
        flip(&segments(damaged.path()).remove(0), end - 7);
        let opened = DeskStore::open_accepting_loss(damaged.path(), &MASTER);
        let (_store, headers, _lost) = opened.unwrap();
        // Nobody vouches for the last.
        let lost = usize::from(number + 1 == usize::from(REQUESTS));
        assert_eq!(
            headers.len() + lost,
            usize::from(REQUESTS),
            "record {number}"
        );
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

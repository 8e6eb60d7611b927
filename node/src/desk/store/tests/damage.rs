//! Torn ends are cut, damage is refused: tried at every byte.

use super::faulty_disk::FaultyDisk;
use super::*;
use crate::desk::store::DeskStoreError;

/// Three records, acknowledged; the mark file as it was after the second and at the end.
struct Written {
    segment: Vec<u8>,
    keys_after_two: Vec<u8>,
    keys: Vec<u8>,
    /// Bytes of the segment after the second record.
    two: usize,
}

const SEGMENT: &str = "00000000000000000000.desk";
const KEYS: &str = "document-keys";

async fn written() -> Written {
    let dir = tempfile::tempdir().unwrap();
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    let store = open(dir.path());
    store.append(accepted(1, 1)).await.unwrap();
    store.append(top_up(2)).await.unwrap();
    let keys_after_two = read(KEYS);
    let two = read(SEGMENT).len();
    store.append(resolved(1)).await.unwrap();
    drop(store);
    Written {
        segment: read(SEGMENT),
        keys_after_two,
        keys: read(KEYS),
        two,
    }
}

fn laid_out(segment: &[u8], keys: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(SEGMENT), segment).unwrap();
    std::fs::write(dir.path().join(KEYS), keys).unwrap();
    dir
}

fn refusal(segment: &[u8], keys: &[u8]) -> String {
    let dir = laid_out(segment, keys);
    let error = DeskStore::open(dir.path(), &MASTER).unwrap_err();
    assert!(matches!(error, DeskStoreError::Damaged { .. }), "{error}");
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[tokio::test]
async fn a_tail_torn_at_any_byte_behind_the_mark_is_cut_and_writing_goes_on() {
    let written = written().await;
    for length in written.two..written.segment.len() {
        let dir = laid_out(&written.segment[..length], &written.keys_after_two);
        let (store, headers) = DeskStore::open(dir.path(), &MASTER).unwrap();
        assert_eq!(headers.len(), 2, "{length}");
        assert_eq!(store.append(resolved(9)).await.unwrap(), 2);
        drop(store);
        let (store, headers) = DeskStore::open(dir.path(), &MASTER).unwrap();
        assert_eq!(headers.len(), 3, "{length}");
        assert_eq!(store.read(2).unwrap(), resolved(9));
    }
}

#[tokio::test]
async fn a_tail_of_zeros_behind_the_mark_is_cut() {
    let written = written().await;
    for zeros in [1, 13, 40, 600] {
        let mut segment = written.segment[..written.two].to_vec();
        segment.resize(written.two + zeros, 0);
        let dir = laid_out(&segment, &written.keys_after_two);
        assert_eq!(DeskStore::open(dir.path(), &MASTER).unwrap().1.len(), 2);
    }
}

#[tokio::test]
async fn a_whole_record_behind_the_mark_is_kept() {
    let written = written().await;
    let dir = laid_out(&written.segment, &written.keys_after_two);
    let (store, headers) = DeskStore::open(dir.path(), &MASTER).unwrap();
    assert_eq!(headers.len(), 3);
    assert_eq!(store.read(2).unwrap(), resolved(1));
}

#[tokio::test]
async fn a_cut_at_any_byte_of_what_was_acknowledged_is_refused() {
    let written = written().await;
    for length in 0..written.segment.len() {
        let line = refusal(&written.segment[..length], &written.keys);
        assert!(line.contains(SEGMENT), "{line}");
    }
}

#[tokio::test]
async fn a_changed_byte_anywhere_in_what_was_acknowledged_is_refused() {
    let written = written().await;
    for at in 0..written.segment.len() {
        let mut segment = written.segment.clone();
        segment[at] ^= 0x10;
        let line = refusal(&segment, &written.keys);
        assert!(line.contains(SEGMENT), "{at}: {line}");
    }
}

#[tokio::test]
async fn a_byte_changed_while_it_is_open_is_never_served() {
    let written = written().await;
    let dir = laid_out(&written.segment, &written.keys);
    let store = open(dir.path());
    let path = dir.path().join(SEGMENT);
    for at in 36..written.segment.len() {
        let mut segment = written.segment.clone();
        segment[at] ^= 1;
        std::fs::write(&path, &segment).unwrap();
        let served: Vec<bool> = (0..3).map(|seq| store.read(seq).is_ok()).collect();
        assert!(served.contains(&false), "byte {at}");
    }
    std::fs::write(&path, &written.segment).unwrap();
    assert_eq!(store.read(0).unwrap(), accepted(1, 1));
}

#[tokio::test]
async fn a_changed_byte_of_the_key_file_never_opens_another_document() {
    let written = written().await;
    // Header, marks and the first slot; the rest is unused.
    for at in (0..60).chain(512..568).chain(1024..1080).chain(2048..2152) {
        let mut keys = written.keys.clone();
        keys[at] ^= 1;
        let dir = laid_out(&written.segment, &keys);
        match DeskStore::open(dir.path(), &MASTER) {
            Ok((store, headers)) => {
                assert_eq!(headers.len(), 3);
                match store.read(0) {
                    Ok(record) => assert_eq!(record, accepted(1, 1), "byte {at}"),
                    Err(error) => assert!(at >= 2048, "{at}: {error}"),
                }
            }
            Err(error) => assert!(at < 60, "{at}: {error}"),
        }
    }
    let mut keys = written.keys.clone();
    keys[512] ^= 1;
    keys[1024] ^= 1;
    assert!(refusal(&written.segment, &keys).contains(KEYS));
}

#[tokio::test]
async fn a_missing_file_is_refused() {
    let written = written().await;
    let dir = laid_out(&written.segment, &written.keys);
    std::fs::remove_file(dir.path().join(KEYS)).unwrap();
    assert!(DeskStore::open(dir.path(), &MASTER).is_err());

    let dir = laid_out(&written.segment, &written.keys);
    std::fs::remove_file(dir.path().join(SEGMENT)).unwrap();
    assert!(DeskStore::open(dir.path(), &MASTER).is_err());
}

#[tokio::test]
async fn segments_follow_one_another_and_none_may_be_missing() {
    let dir = tempfile::tempdir().unwrap();
    let disk = || Box::new(FaultyDisk(std::sync::Arc::default()));
    let (store, _) = DeskStore::open_on(dir.path(), &MASTER, disk(), 300).unwrap();
    for id in 1..8 {
        store.append(top_up(id)).await.unwrap();
    }
    drop(store);
    let files = segments(dir.path());
    assert!(files.len() >= 3, "{files:?}");

    let (store, headers) = DeskStore::open_on(dir.path(), &MASTER, disk(), 300).unwrap();
    assert_eq!(headers.len(), 7);
    for (seq, id) in (0..).zip(1..8) {
        assert_eq!(store.read(seq).unwrap(), top_up(id));
    }
    drop(store);

    // A segment whose making a crash interrupted is made again.
    let begun = dir.path().join(format!("{:020}.desk", 7));
    for length in [0, 20] {
        std::fs::write(&begun, vec![0; length]).unwrap();
        assert_eq!(DeskStore::open(dir.path(), &MASTER).unwrap().1.len(), 7);
        assert!(!begun.exists());
    }
    std::fs::write(&begun, [0; 53]).unwrap();
    assert!(DeskStore::open(dir.path(), &MASTER).is_err());
    std::fs::remove_file(&begun).unwrap();

    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        std::fs::remove_file(file).unwrap();
        assert!(
            DeskStore::open(dir.path(), &MASTER).is_err(),
            "{} is missed",
            file.display()
        );
        std::fs::write(file, bytes).unwrap();
    }
    assert_eq!(DeskStore::open(dir.path(), &MASTER).unwrap().1.len(), 7);
}

//! The journal after damage: cut, flipped, missing, misplaced.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use piao_chain::testing::TestNet;
use piao_node::journal::{BlockJournal, JournalError, JournalOptions, OnDamage};

use crate::world::{Dice, SMALL, append, assert_same, copy, net, open, write};

const MARK: &str = "acknowledged";

/// Where the records of a segment end: the byte after the last that is not zero. The check of the
/// last record ends in a zero once in 256 runs, so its frame is walked instead.
fn records(segment: &Path) -> Vec<(usize, usize)> {
    const HEADER: usize = 77;
    let bytes = std::fs::read(segment).unwrap();
    let mut frames = Vec::new();
    let mut at = HEADER;
    while let Some(length) = bytes.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap());
        if length == 0 {
            break;
        }
        let end = at + 29 + usize::try_from(length).unwrap();
        frames.push((at, end));
        at = end;
    }
    frames
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "log"))
        .collect();
    found.sort();
    found
}

fn flip(file: &Path, at: usize) {
    let file = File::options().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at as u64).unwrap();
    file.write_all_at(&[byte[0] ^ 0x20], at as u64).unwrap();
}

/// A journal in one segment, and the mark as it was before the last record.
fn before_and_after(dir: &Path, net: &TestNet) -> (Vec<u8>, PathBuf) {
    let last = net.blocks.last().unwrap();
    let chain_id = net.genesis.chain_id();
    let (mut journal, _recovered) = BlockJournal::open(dir, &chain_id).unwrap();
    for decided in &net.blocks[..net.blocks.len() - 1] {
        append(&mut journal, decided);
    }
    let body = last.block.encode();
    journal
        .append_proposed(&crate::world::proposal(last), &body)
        .unwrap();
    let mark = std::fs::read(dir.join(MARK)).unwrap();
    journal
        .append_decided(&crate::world::id(last), &last.outcomes, &last.certificate)
        .unwrap();
    (mark, dir.join("blocks-00000001.log"))
}

#[test]
fn a_last_record_cut_at_any_byte_and_never_acknowledged_is_cut_off_cleanly() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(4);
    let (mark, segment) = before_and_after(dir.path(), &net);
    let whole = std::fs::read(&segment).unwrap();
    let (start, end) = *records(&segment).last().unwrap();
    for cut in start..end {
        // The file ends there, or zeros that were written ahead follow.
        for is_filled in [false, true] {
            let mut torn = whole[..cut].to_vec();
            if is_filled {
                torn.resize(whole.len(), 0);
            }
            std::fs::write(&segment, &torn).unwrap();
            std::fs::write(dir.path().join(MARK), &mark).unwrap();
            let opened = BlockJournal::open(dir.path(), &net.genesis.chain_id());
            let (mut journal, recovered) = opened.unwrap();
            assert_eq!(recovered.tip, 3, "cut at {cut}");
            // A cut that leaves zeros only is no different from zeros written ahead.
            let is_begun = torn[start..].iter().any(|byte| *byte != 0);
            assert_eq!(recovered.truncated.is_some(), is_begun, "cut at {cut}");
            assert_eq!(journal.undecided(4).len(), 1);
            if cut % 64 == 0 {
                append(&mut journal, net.blocks.last().unwrap());
                assert_same(&journal.reader(), &net);
            }
        }
    }
}

#[test]
fn a_last_record_cut_at_any_byte_after_it_was_acknowledged_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(4);
    let (_mark, segment) = before_and_after(dir.path(), &net);
    let whole = std::fs::read(&segment).unwrap();
    let (start, end) = *records(&segment).last().unwrap();
    for cut in start..end {
        std::fs::write(&segment, &whole[..cut]).unwrap();
        let error = BlockJournal::open(dir.path(), &net.genesis.chain_id()).unwrap_err();
        let is_named = matches!(
            error,
            JournalError::Damaged { .. } | JournalError::TailLost { .. }
        );
        let line = error.to_string();
        assert!(is_named && line.contains("blocks-00000001.log"), "{line}");
        assert!(
            !line.contains('\n') && line.contains("--accept-loss"),
            "{line}"
        );
        assert_eq!(
            std::fs::read(&segment).unwrap().len(),
            cut,
            "nothing is changed"
        );
    }
}

#[test]
fn a_flipped_byte_anywhere_in_the_records_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(12);
    write(dir.path(), &net);
    let chain_id = net.genesis.chain_id();
    let seed = 20_261_121;
    let mut dice = Dice(seed);
    for segment in segments(dir.path()) {
        let used = records(&segment).last().map_or(77, |(_start, end)| *end);
        let mut places: Vec<usize> = (0..77).step_by(3).collect();
        places.extend((0..60).map(|_nth| usize::try_from(dice.below(used as u64)).unwrap()));
        for at in places {
            flip(&segment, at);
            let error = open(dir.path(), &chain_id).expect_err("a flipped byte was not seen");
            let is_named = matches!(
                error,
                JournalError::Damaged { .. } | JournalError::TailLost { .. }
            );
            assert!(
                is_named,
                "seed {seed}, byte {at} of {}: {error}",
                segment.display()
            );
            flip(&segment, at);
        }
    }
    let (journal, _recovered) = open(dir.path(), &chain_id).unwrap();
    assert_same(&journal.reader(), &net);
}

#[test]
fn without_the_mark_a_flipped_byte_is_refused_or_costs_the_last_record_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(6);
    let (_mark, segment) = before_and_after(dir.path(), &net);
    let whole = std::fs::read(&segment).unwrap();
    let frames = records(&segment);
    let (last, end) = *frames.last().unwrap();
    let seed = 77;
    let mut dice = Dice(seed);
    let anywhere = (0..300).map(|_nth| usize::try_from(dice.below(end as u64)).unwrap());
    let places: Vec<usize> = anywhere
        .chain(frames.iter().map(|(_start, end)| end - 1))
        .collect();
    for at in places {
        std::fs::write(&segment, &whole).unwrap();
        flip(&segment, at);
        std::fs::remove_file(dir.path().join(MARK)).unwrap();
        match BlockJournal::open(dir.path(), &net.genesis.chain_id()) {
            Err(error) => {
                assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
            }
            Ok((_journal, recovered)) => {
                assert!(at >= last, "seed {seed}: byte {at} was passed over");
                assert_eq!(recovered.tip, 5);
                assert!(recovered.truncated.is_some());
            }
        }
        std::fs::write(dir.path().join(MARK), b"").unwrap();
    }
}

#[test]
fn a_byte_in_the_zeros_behind_the_records_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(6);
    let (_mark, segment) = before_and_after(dir.path(), &net);
    let len = usize::try_from(segment.metadata().unwrap().len()).unwrap();
    flip(&segment, len - 1);
    let (journal, recovered) = BlockJournal::open(dir.path(), &net.genesis.chain_id()).unwrap();
    assert_eq!(recovered.tip, 6);
    assert!(recovered.truncated.is_some());
    assert_same(&journal.reader(), &net);
}

#[test]
fn a_missing_swapped_or_foreign_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(20);
    write(dir.path(), &net);
    let chain_id = net.genesis.chain_id();
    let all = segments(dir.path());
    for nth in 0..all.len() {
        let aside = dir.path().join("aside");
        std::fs::rename(&all[nth], &aside).unwrap();
        let error = open(dir.path(), &chain_id).unwrap_err();
        assert!(!error.is_refusal(), "segment {nth} missing: {error}");
        let other = &all[(nth + 1) % all.len()];
        std::fs::copy(other, &all[nth]).unwrap();
        let error = open(dir.path(), &chain_id).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
        std::fs::rename(&aside, &all[nth]).unwrap();
    }
    assert!(open(dir.path(), &chain_id).is_ok());
}

#[test]
fn a_segment_whose_creation_was_cut_short_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(20);
    write(dir.path(), &net);
    let last = segments(dir.path()).len();
    let next = dir.path().join(format!("blocks-{:08}.log", last + 1));
    for bytes in [&b""[..], &b"PIAOBLKS"[..], &[0; 77][..]] {
        std::fs::write(&next, bytes).unwrap();
        let (journal, recovered) = open(dir.path(), &net.genesis.chain_id()).unwrap();
        assert_eq!(recovered.tip, 20);
        assert!(recovered.truncated.is_some() && !next.exists());
        assert_same(&journal.reader(), &net);
    }
}

#[test]
fn damage_under_an_open_journal_is_never_served() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(6);
    let (_mark, segment) = before_and_after(dir.path(), &net);
    let (journal, _recovered) = BlockJournal::open(dir.path(), &net.genesis.chain_id()).unwrap();
    let reader = journal.reader();
    for (start, end) in records(&segment) {
        let at = (start + end) / 2;
        flip(&segment, at);
        let refused = (1..=6)
            .filter(|height| reader.block(*height).is_err())
            .count();
        assert_eq!(refused, 1, "byte {at}");
        flip(&segment, at);
    }
    assert_same(&reader, &net);
}

#[test]
fn giving_up_names_the_heights_keeps_the_bytes_and_goes_on_below() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(20);
    write(dir.path(), &net);
    let chain_id = net.genesis.chain_id();
    let all = segments(dir.path());
    let middle = &all[all.len() / 2];
    let (start, _end) = records(middle)[1];
    flip(middle, start + 40);
    assert!(open(dir.path(), &chain_id).is_err());
    let give_up = JournalOptions {
        on_damage: OnDamage::GiveUp,
        ..SMALL
    };
    let (mut journal, recovered) = BlockJournal::open_with(dir.path(), &chain_id, give_up).unwrap();
    assert!(recovered.tip > 0 && recovered.tip < 20);
    let line = recovered.truncated.unwrap();
    let lost = format!("heights above {} up to 20", recovered.tip);
    assert!(line.contains(&lost), "{line}");
    let kept = std::fs::read_dir(dir.path()).unwrap();
    let kept = kept.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().contains(".lost")
    });
    assert_eq!(kept.count(), all.len() - all.len() / 2);
    let from = usize::try_from(recovered.tip).unwrap();
    for decided in &net.blocks[from..] {
        append(&mut journal, decided);
    }
    drop(journal);
    let (journal, _recovered) = open(dir.path(), &chain_id).unwrap();
    assert_same(&journal.reader(), &net);
}

#[test]
fn a_copy_put_back_over_a_cut_segment_opens_again() {
    let (dir, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let net = net(10);
    write(dir.path(), &net);
    copy(dir.path(), backup.path());
    let all = segments(dir.path());
    let bytes = std::fs::read(&all[0]).unwrap();
    std::fs::write(&all[0], &bytes[..bytes.len() - 10]).unwrap();
    assert!(open(dir.path(), &net.genesis.chain_id()).is_err());
    std::fs::copy(backup.path().join(all[0].file_name().unwrap()), &all[0]).unwrap();
    let (journal, recovered) = open(dir.path(), &net.genesis.chain_id()).unwrap();
    assert_eq!(recovered.tip, 10);
    assert_same(&journal.reader(), &net);
}

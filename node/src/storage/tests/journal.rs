//! The journal in order: what was appended is found again.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;

use piao_chain::digest::{BlockId, ChainId};
use piao_chain::testing::TestNet;
use piao_node::journal::{BlockJournal, HEIGHTS_AHEAD_MAX, JournalError, JournalOptions, Proposal};

use crate::world::{SMALL, append, assert_same, copy, id, net, open, proposal, write};

#[test]
fn blocks_of_several_segments_are_found_again_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(30);
    write(dir.path(), &net);
    let segments = std::fs::read_dir(dir.path())
        .unwrap()
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with("blocks-")
        })
        .count();
    assert!(segments > 3, "only {segments} segments");
    let (journal, recovered) = open(dir.path(), &net.genesis.chain_id()).unwrap();
    assert_eq!((recovered.tip, recovered.truncated), (30, None));
    let reader = journal.reader();
    assert_same(&reader, &net);
    let ids: Vec<BlockId> = net.blocks.iter().map(id).collect();
    assert_eq!(reader.ids(), ids);
    assert_eq!(reader.block(0).unwrap(), None);
    assert_eq!(reader.block(31).unwrap(), None);
    let header = reader.header(7).unwrap();
    assert_eq!(header.as_ref(), Some(&net.blocks[6].block.header));
    assert_eq!(reader.time_ms(7), header.map(|header| header.time_ms));
}

#[test]
fn every_invoice_leads_to_the_block_that_issued_it() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(20);
    write(dir.path(), &net);
    let (journal, _recovered) = open(dir.path(), &net.genesis.chain_id()).unwrap();
    let reader = journal.reader();
    let mut issued = 0u64;
    for decided in &net.blocks {
        for _effect in decided.outcomes.iter().flat_map(|outcome| &outcome.effects) {
            issued += 1;
            let height = decided.block.header.height;
            assert_eq!(reader.height_of_issuance(issued), Some(height));
        }
    }
    assert!(issued > 5);
    assert_eq!(reader.next_issuance(), issued + 1);
    assert_eq!(reader.height_of_issuance(issued + 1), None);
}

#[test]
fn proposals_above_the_tip_are_found_again_with_their_bodies() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(4);
    let chain_id = net.genesis.chain_id();
    let last = &net.blocks[3];
    let again = Proposal {
        round: 3,
        valid_round: Some(0),
        ..proposal(last)
    };
    {
        let (mut journal, _recovered) = open(dir.path(), &chain_id).unwrap();
        for decided in &net.blocks[..3] {
            append(&mut journal, decided);
        }
        let body = last.block.encode();
        journal.append_proposed(&proposal(last), &body).unwrap();
        journal.append_proposed(&again, &body).unwrap();
        journal.append_proposed(&again, &body).unwrap();
    }
    let (mut journal, recovered) = open(dir.path(), &chain_id).unwrap();
    assert_eq!(recovered.tip, 3);
    assert_eq!(journal.undecided(4), [proposal(last), again]);
    let body = journal.body(4, &id(last)).unwrap();
    assert_eq!(body, Some(last.block.encode()));
    assert_eq!(journal.body(4, &BlockId([0; 32])).unwrap(), None);
    journal
        .append_decided(&id(last), &last.outcomes, &last.certificate)
        .unwrap();
    assert!(journal.undecided(4).is_empty());
    assert_eq!(journal.body(4, &id(last)).unwrap(), body);
    assert_same(&journal.reader(), &net);
}

#[test]
fn a_body_is_written_once_however_often_it_is_proposed() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(4);
    let (mut journal, _recovered) = open(dir.path(), &net.genesis.chain_id()).unwrap();
    let first = &net.blocks[0];
    let body = first.block.encode();
    for round in 0..5 {
        let one = Proposal {
            round,
            ..proposal(first)
        };
        journal.append_proposed(&one, &body).unwrap();
    }
    journal
        .append_decided(&id(first), &first.outcomes, &first.certificate)
        .unwrap();
    let bytes = std::fs::read(dir.path().join("blocks-00000001.log")).unwrap();
    let copies = bytes.windows(body.len()).filter(|window| *window == body);
    assert_eq!(copies.count(), 1);
}

#[test]
fn refuses_what_does_not_follow_and_stays_usable() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(3);
    let chain_id = net.genesis.chain_id();
    let (mut journal, _recovered) = open(dir.path(), &chain_id).unwrap();
    let (first, second) = (&net.blocks[0], &net.blocks[1]);
    let decide = |journal: &mut BlockJournal, one: &_, id: &_| {
        let one: &piao_chain::testing::Decided = one;
        journal.append_decided(id, &one.outcomes, &one.certificate)
    };
    let refusals = [
        decide(&mut journal, second, &id(second)),
        decide(&mut journal, first, &id(first)),
        decide(&mut journal, first, &id(second)),
        journal.append_proposed(&proposal(first), &second.block.encode()),
        journal.append_proposed(
            &Proposal {
                height: HEIGHTS_AHEAD_MAX + 1,
                ..proposal(first)
            },
            &first.block.encode(),
        ),
        journal.append_proposed(&proposal(first), b"short"),
    ];
    for refusal in refusals {
        let error = refusal.unwrap_err();
        assert!(error.is_refusal(), "{error}");
    }
    append(&mut journal, first);
    let late = journal.append_proposed(&proposal(first), &first.block.encode());
    assert!(matches!(late, Err(JournalError::HeightOutOfWindow { .. })));
    append(&mut journal, second);
    assert_eq!(journal.tip(), 2);
}

#[test]
fn one_process_at_a_time_and_one_chain_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(3);
    let chain_id = net.genesis.chain_id();
    let (journal, _recovered) = open(dir.path(), &chain_id).unwrap();
    let second = open(dir.path(), &chain_id).unwrap_err();
    assert!(matches!(second, JournalError::Locked { .. }), "{second}");
    drop(journal);
    let other = open(dir.path(), &ChainId([1; 32])).unwrap_err();
    assert!(matches!(other, JournalError::OtherChain { .. }), "{other}");
    assert!(open(dir.path(), &chain_id).is_ok());
}

#[test]
fn a_reader_in_another_thread_sees_each_block_once_it_is_decided() {
    let dir = tempfile::tempdir().unwrap();
    let net = net(12);
    let (mut journal, _recovered) = open(dir.path(), &net.genesis.chain_id()).unwrap();
    let reader = journal.reader();
    let (told, heights) = mpsc::channel::<u64>();
    std::thread::scope(|scope| {
        let seen = scope.spawn(move || {
            heights
                .iter()
                .filter(|height| reader.block(*height).unwrap().is_some())
                .count()
        });
        for decided in &net.blocks {
            append(&mut journal, decided);
            told.send(decided.block.header.height).unwrap();
        }
        drop(told);
        assert_eq!(seen.join().unwrap(), 12);
    });
}

/// Full segments are believed by their summaries.
fn by_summary(dir: &Path, net: &TestNet) -> Result<BlockJournal, JournalError> {
    let options = JournalOptions {
        checked_at_start_bytes: 0,
        ..SMALL
    };
    BlockJournal::open_with(dir, &net.genesis.chain_id(), options).map(|(journal, _found)| journal)
}

fn segment(number: u32) -> String {
    format!("blocks-{number:08}.log")
}

#[test]
fn a_journal_opened_by_its_summaries_is_the_one_that_was_read_whole() {
    let (dir, net) = (tempfile::tempdir().unwrap(), net(24));
    write(dir.path(), &net);
    let go_on = AtomicBool::new(false);
    let journal = by_summary(dir.path(), &net).unwrap();
    let reader = journal.reader();
    assert_eq!(reader.tip(), 24);
    assert_same(&reader, &net);
    let whole = {
        let copied = tempfile::tempdir().unwrap();
        copy(dir.path(), copied.path());
        let (journal, _found) = open(copied.path(), &net.genesis.chain_id()).unwrap();
        let reader = journal.reader();
        assert_eq!(reader.verify(&go_on).unwrap().segments, 0, "all was read");
        (reader.ids(), reader.next_issuance())
    };
    assert_eq!((reader.ids(), reader.next_issuance()), whole);
    let verified = reader.verify(&go_on).unwrap();
    assert!(
        verified.segments >= 2 && verified.records >= 20,
        "{verified:?}"
    );
    let stopped = AtomicBool::new(true);
    assert_eq!(reader.verify(&stopped).unwrap().segments, 0);
}

#[test]
fn a_journal_opened_by_its_summaries_goes_on_across_segments() {
    let (dir, mut net) = (tempfile::tempdir().unwrap(), net(12));
    write(dir.path(), &net);
    for _again in 0..3 {
        let mut journal = by_summary(dir.path(), &net).unwrap();
        for _block in 0..5 {
            crate::world::grow(&mut net);
            append(&mut journal, net.blocks.last().unwrap());
        }
    }
    let journal = by_summary(dir.path(), &net).unwrap();
    assert_eq!(journal.tip(), 27);
    assert_same(&journal.reader(), &net);
    drop(journal);
    let (journal, _found) = open(dir.path(), &net.genesis.chain_id()).unwrap();
    assert_same(&journal.reader(), &net);
}

#[test]
fn damage_in_a_segment_that_was_not_read_is_found_and_never_served() {
    let (dir, net) = (tempfile::tempdir().unwrap(), net(24));
    write(dir.path(), &net);
    let first = dir.path().join(segment(1));
    let length = std::fs::metadata(&first).unwrap().len();
    let mut dice = crate::world::Dice(7);
    for _flip in 0..24 {
        let mut bytes = std::fs::read(&first).unwrap();
        // Behind the header, whose damage keeps the summary from being believed.
        let at = usize::try_from(77 + dice.below(length - 77)).unwrap();
        bytes[at] ^= 1;
        std::fs::write(&first, &bytes).unwrap();
        let journal = by_summary(dir.path(), &net).unwrap();
        let reader = journal.reader();
        let mut refused = 0;
        for (height, decided) in (1..).zip(&net.blocks) {
            match reader.block(height) {
                Ok(stored) => assert_eq!(stored.unwrap().body, decided.block.encode()),
                Err(JournalError::Damaged { file, .. }) => {
                    assert_eq!(file, first);
                    refused += 1;
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert!(refused > 0, "byte {at}");
        let found = reader.verify(&AtomicBool::new(false)).unwrap_err();
        assert!(found.to_string().contains(&segment(1)), "{found}");
        drop(journal);
        assert!(open(dir.path(), &net.genesis.chain_id()).is_err());
        bytes[at] ^= 1;
        std::fs::write(&first, &bytes).unwrap();
    }
}

#[test]
fn a_summary_that_cannot_be_written_costs_a_read_at_the_next_start_and_nothing_else() {
    let (dir, net) = (tempfile::tempdir().unwrap(), net(24));
    // Nothing can be moved into a folder's place.
    std::fs::create_dir(dir.path().join("blocks-00000001.summary")).unwrap();
    write(dir.path(), &net);
    let journal = by_summary(dir.path(), &net).unwrap();
    assert_eq!(journal.tip(), 24);
    assert_same(&journal.reader(), &net);
}

#[test]
fn without_a_summary_that_fits_a_segment_is_read() {
    let (dir, net) = (tempfile::tempdir().unwrap(), net(24));
    write(dir.path(), &net);
    let summary = dir.path().join("blocks-00000001.summary");
    let good = std::fs::read(&summary).unwrap();
    let second = std::fs::read(dir.path().join("blocks-00000002.summary")).unwrap();
    for bad in [&good[..good.len() - 1], &second[..], b""] {
        std::fs::write(&summary, bad).unwrap();
        let journal = by_summary(dir.path(), &net).unwrap();
        assert_same(&journal.reader(), &net);
        assert_eq!(std::fs::read(&summary).unwrap(), good, "it is made again");
    }
    // A segment that is cut is another than the summary speaks of.
    let first = dir.path().join(segment(1));
    let bytes = std::fs::read(&first).unwrap();
    std::fs::write(&first, &bytes[..bytes.len() - 1]).unwrap();
    assert!(by_summary(dir.path(), &net).is_err());
}

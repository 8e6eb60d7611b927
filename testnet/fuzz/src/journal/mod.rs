//! Journal segments: opening one that holds arbitrary bytes keeps every record whose check holds,
//! never one whose check does not, and never shortens in silence what was promised.

mod layout;

use std::fs::{self, OpenOptions};
use std::path::Path;

use piao_chain::certificate::CommitCertificate;
use piao_chain::codec;
use piao_chain::digest::BlockId;
use piao_chain::testing::TestNet;
use piao_node::journal::{BlockJournal, JournalError, JournalOptions, OnDamage, Recovered};

use self::layout::{
    CHECK_BYTES, HEAD_BYTES, HEADER_BYTES, chain_id, framed, header_of, held_bytes,
};
use crate::net::TIP;
use crate::{Seeds, Target, scratch};

pub(crate) const TARGET: Target = Target {
    name: "journal",
    run,
    seeds,
    bytes_max: 8192,
};

/// First byte of an input: what the rest is.
const RAW: u8 = 0;
const FRAMED: u8 = 1;
const MARKED: u8 = 2;

const SEGMENT: &str = "blocks-00000001.log";
const MARK: &str = "acknowledged";

fn run(bytes: &[u8]) {
    let Some(([mode, cut], rest)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let dir = scratch::folder();
    let (segment, mark) = match *mode {
        RAW => (rest.to_vec(), None),
        FRAMED => (framed(rest), None),
        // A mark in front of a genuine segment.
        MARKED => {
            let at = rest.len().min(37);
            (framed(rest.get(at..).unwrap_or_default()), rest.get(..at))
        }
        _ => return,
    };
    fs::write(dir.path().join(SEGMENT), &segment).expect("the scratch folder can be written");
    if let Some(mark) = mark {
        fs::write(dir.path().join(MARK), mark).expect("the scratch folder can be written");
    }
    match open(dir.path(), OnDamage::Refuse) {
        Ok((journal, recovered)) => {
            opened(dir.path(), &segment, &journal, &recovered);
            drop(journal);
            reopened(dir.path(), recovered.tip);
            promised(dir.path(), recovered.tip, *cut);
        }
        Err(error) => refused(dir.path(), &segment, &error),
    }
}

fn open(dir: &Path, on_damage: OnDamage) -> Result<(BlockJournal, Recovered), JournalError> {
    let options = JournalOptions {
        on_damage,
        ..JournalOptions::default()
    };
    BlockJournal::open_with(dir, &chain_id(), options)
}

fn segment_in(dir: &Path) -> Vec<u8> {
    fs::read(dir.join(SEGMENT)).expect("the segment is there")
}

/// What was opened is what held, no more and no less, and all of it can be read.
fn opened(dir: &Path, written: &[u8], journal: &BlockJournal, recovered: &Recovered) {
    let kept = segment_in(dir);
    let held = held_bytes(written);
    if held == 0 {
        assert!(
            written.len() <= HEADER_BYTES,
            "a damaged segment was replaced"
        );
        assert_eq!((recovered.tip, kept.len()), (0, HEADER_BYTES));
        return;
    }
    assert_eq!(
        kept.get(..held),
        written.get(..held),
        "good records changed"
    );
    assert!(
        kept[held..].iter().all(|byte| *byte == 0),
        "bad bytes were kept"
    );
    let lost = written[held..].iter().any(|byte| *byte != 0);
    assert_eq!(lost, recovered.truncated.is_some(), "cut in silence");
    let reader = journal.reader();
    assert_eq!(reader.tip(), recovered.tip);
    for height in 1..=recovered.tip {
        let header = reader.header(height).expect("it was checked at opening");
        let header = header.expect("heights up to the tip are there");
        assert_eq!(reader.id(height), Some(header.id()));
        let decision = reader.decision(height).expect("it was checked at opening");
        let (_outcomes, certificate) = decision.expect("heights up to the tip are decided");
        assert_eq!(
            (certificate.height, certificate.block_id),
            (height, header.id())
        );
    }
    for height in recovered.tip.saturating_add(1)..=recovered.tip.saturating_add(4) {
        for proposal in journal.undecided(height) {
            let body = journal.body(height, &proposal.block_id);
            body.expect("it was checked at opening")
                .expect("a proposal has its body");
        }
    }
}

/// Opening again finds the same and cuts nothing more.
fn reopened(dir: &Path, tip: u64) {
    let (_journal, again) = open(dir, OnDamage::Refuse).expect("what opened once opens again");
    assert_eq!(
        again,
        Recovered {
            tip,
            truncated: None
        }
    );
}

/// What was opened was promised: when its last bytes are cut off, the journal refuses.
fn promised(dir: &Path, tip: u64, cut: u8) {
    let held = held_bytes(&segment_in(dir));
    let left = held.saturating_sub(usize::from(cut)).max(HEADER_BYTES);
    if left == held {
        return;
    }
    let path = dir.join(SEGMENT);
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .expect("the segment is there");
    file.set_len(u64::try_from(left).unwrap_or(u64::MAX))
        .expect("the segment can be cut");
    assert!(
        open(dir, OnDamage::Refuse).is_err(),
        "a promised record vanished"
    );
    let (_journal, given_up) = open(dir, OnDamage::GiveUp).expect("giving up opens");
    assert!(given_up.tip <= tip);
    assert!(given_up.truncated.is_some(), "given up in silence");
}

/// A refusal changes nothing; giving up is possible, says so, and leaves a journal that opens.
fn refused(dir: &Path, written: &[u8], error: &JournalError) {
    assert_eq!(segment_in(dir), written, "a refusal changed the journal");
    assert!(!error.to_string().is_empty());
    if !matches!(
        error,
        JournalError::Damaged { .. } | JournalError::TailLost { .. }
    ) {
        return;
    }
    let (journal, given_up) = open(dir, OnDamage::GiveUp).expect("giving up opens");
    assert!(given_up.truncated.is_some(), "given up in silence");
    drop(journal);
    reopened(dir, given_up.tip);
}

/// The plan of records, kind and payload, as [`framed`] takes it.
fn plan(records: &[(u8, u64, Vec<u8>)]) -> Vec<u8> {
    let mut plan = Vec::new();
    for (kind, height, payload) in records {
        let length = u16::try_from(payload.len()).expect("seeds are short");
        plan.extend_from_slice(&length.to_be_bytes());
        plan.push(*kind);
        plan.extend_from_slice(&height.to_be_bytes());
        plan.extend_from_slice(payload);
    }
    plan
}

/// The records of a network's blocks: each proposed with its body, then decided.
fn records(net: &TestNet) -> Vec<(u8, u64, Vec<u8>)> {
    let mut offset = HEADER_BYTES;
    let mut records = Vec::new();
    for decided in &net.blocks {
        let header = &decided.block.header;
        let mut proposed = proposed_head(header.id(), true);
        proposed.extend_from_slice(&decided.block.encode());
        let place = (1_u32, u32::try_from(offset).expect("seeds are short"));
        let (outcomes, certificate): (_, &CommitCertificate) =
            (&decided.outcomes, &decided.certificate);
        let decided = codec::encode(&(header.id(), place, outcomes, certificate));
        offset += proposed.len() + decided.len() + 2 * (HEAD_BYTES + CHECK_BYTES);
        records.push((1, header.height, proposed));
        records.push((2, header.height, decided));
    }
    records
}

fn proposed_head(block_id: BlockId, has_body: bool) -> Vec<u8> {
    let proposer = TIP.validators[0].public_key().id();
    codec::encode(&(0_u32, -1_i64, proposer, true, block_id, has_body))
}

fn seeds() -> Seeds {
    let with = |mode: u8, cut: u8, rest: &[u8]| [&[mode, cut], rest].concat();
    let records = records(&TIP);
    let all = plan(&records);
    let segment = framed(&all);
    let mut again = records[..2].to_vec();
    again.push((1, 2, proposed_head(BlockId([1; 32]), false)));
    let mut torn = segment.clone();
    torn.truncate(segment.len() - 5);
    let mut reserved = segment.clone();
    reserved.resize(segment.len() + 300, 0);
    let mark = [0_u8; 37];
    vec![
        ("bare-header", with(RAW, 0, &header_of(&chain_id()).0)),
        ("framed", with(FRAMED, 1, &all)),
        ("raw", with(RAW, 0, &segment)),
        ("torn", with(RAW, 3, &torn)),
        ("reserved", with(RAW, 200, &reserved)),
        ("body-unknown", with(FRAMED, 0, &plan(&again))),
        (
            "marked",
            with(MARKED, 9, &[&mark[..], &plan(&records[..2])].concat()),
        ),
    ]
}

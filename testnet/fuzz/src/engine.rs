//! Consensus messages and the engine's write-ahead log: one spelling for each message, bounded
//! streams, and a log that is read or called damaged.
//!
//! First byte: which message, or [`STREAMS`], [`LOG`], [`FRAMED_LOG`].

use piao_chain::certificate::CommitCertificate;
use piao_chain::codec;
use piao_chain::digest::BlockId;
use piao_chain::signature::{KeyId, Signature};
use piao_engine::fuzzing::{MESSAGES, Streams, read_log, reencoded};

use crate::net::TIP;
use crate::{Seeds, Target};

pub(crate) const TARGET: Target = Target {
    name: "engine",
    run,
    seeds,
    bytes_max: 4096,
};

/// Stream messages of several neighbours, one after another.
const STREAMS: u8 = MESSAGES;
/// A write-ahead log as it is.
const LOG: u8 = MESSAGES + 1;
/// Entries of a write-ahead log, to be framed with checks that hold.
const FRAMED_LOG: u8 = MESSAGES + 2;

/// Bytes of a body in [`STREAMS`]: two parts.
const BLOCK_BYTES_MAX: usize = 160 * 1024;

const VOTER: KeyId = KeyId([4; 16]);
const BLOCK: BlockId = BlockId([0xb1; 32]);
const SIGNATURE: Signature = Signature([0x51; 64]);

fn run(bytes: &[u8]) {
    let Some((&kind, bytes)) = bytes.split_first() else {
        return;
    };
    match kind {
        STREAMS => streams(bytes),
        LOG => log(bytes),
        FRAMED_LOG => log(&framed_log(bytes)),
        message => {
            if let Some(again) = reencoded(message, bytes) {
                assert_eq!(again.as_deref(), Ok(bytes), "another spelling");
            }
        }
    }
}

/// `neighbour u8 || length u16 || message` again and again; what lies under way stays bounded.
fn streams(mut bytes: &[u8]) {
    let mut streams = Streams::new(BLOCK_BYTES_MAX);
    while let Some(([neighbour, high, low], rest)) = bytes.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (message, after) = rest.split_at(length.min(rest.len()));
        bytes = after;
        if let Some(body) = streams.add(*neighbour, message) {
            assert!(body.len() <= BLOCK_BYTES_MAX, "a body above the bound");
        }
        assert!(streams.within_bounds(), "more under way than allowed");
    }
}

fn log(bytes: &[u8]) {
    let summary = read_log(bytes.to_vec(), &VOTER);
    if let Ok(summary) = summary {
        assert!(summary.blocks.is_sorted_by(|a, b| a < b));
        assert!(summary.signed || summary.blocks.is_empty());
        assert!(summary.entries <= bytes.len());
    }
}

/// `length u8 || entry` again and again, as the engine frames it: flag, length, checksum, entry.
fn framed_log(mut entries: &[u8]) -> Vec<u8> {
    let mut log = Vec::new();
    log.extend_from_slice(&1_u32.to_be_bytes());
    log.extend_from_slice(&7_u64.to_be_bytes());
    while let Some((&length, rest)) = entries.split_first() {
        let (entry, after) = rest.split_at(usize::from(length).min(rest.len()));
        entries = after;
        log.push(0);
        log.extend_from_slice(&u64::try_from(entry.len()).unwrap_or(u64::MAX).to_be_bytes());
        log.extend_from_slice(&crc32(entry).to_be_bytes());
        log.extend_from_slice(entry);
    }
    log
}

/// CRC-32 as in zlib; slow and short.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _bit| step(crc));
    !bytes.iter().fold(u32::MAX, byte)
}

/// Fields in a row, as the canonical encoding writes them.
macro_rules! wire {
    ($($field:expr),+ $(,)?) => {
        [$(codec::encode(&$field)),+].concat()
    };
}

fn seeds() -> Seeds {
    let vote = wire!(1_u32, 7_u64, 3_u32, Some(BLOCK), VOTER, SIGNATURE);
    let nil = wire!(0_u32, 7_u64, 3_u32, None::<BlockId>, VOTER, SIGNATURE);
    let proposal = wire!(7_u64, 3_u32, BLOCK, -1_i64, VOTER, SIGNATURE);
    let polka = wire!(7_u64, 3_u32, BLOCK, vec![(VOTER, SIGNATURE)]);
    let entry = (0_u32, Some(BLOCK), VOTER, SIGNATURE);
    let skip = wire!(7_u64, 3_u32, 0_u32, vec![entry]);
    let value = wire!(7_u64, 3_u32, -1_i64, VOTER, BLOCK, true);
    let peer = vec![0_u8, 3, 1, 2, 1];
    let signed_vote = [codec::encode(&0_u32), vote.clone()].concat();
    let certificate: &CommitCertificate = &TIP.blocks[0].certificate;
    let decided = (TIP.blocks[0].block.encode(), certificate);
    let of = |kind: u8, wire: &[u8]| [&[kind], wire].concat();
    let tagged = |tag: u32, wire: &[u8]| [&tag.to_be_bytes(), wire].concat();
    vec![
        ("vote", of(0, &signed_vote)),
        ("nil-vote", of(0, &tagged(0, &nil))),
        ("proposal", of(0, &tagged(1, &proposal))),
        ("liveness-vote", of(1, &tagged(0, &vote))),
        ("liveness-polka", of(1, &tagged(1, &polka))),
        ("liveness-skip", of(1, &tagged(2, &skip))),
        ("part", of(2, &part(0, 1))),
        ("stream", of(3, &stream(b"s", Some(&part(0, 1))))),
        ("stream-end", of(3, &stream(b"s", None))),
        ("proposed-value", of(4, &value)),
        ("polka", of(5, &polka)),
        (
            "validator-proof",
            of(6, &wire!(vec![1_u8; 32], vec![2_u8; 38], SIGNATURE)),
        ),
        ("status", of(7, &wire!(peer, 9_u64, 1_u64))),
        ("request", of(8, &wire!(1_u64, 16_u64))),
        ("response", of(9, &wire!(1_u64, vec![decided]))),
        ("streams", of(STREAMS, &two_streams())),
        (
            "log",
            of(LOG, &framed_log(&log_entries(&signed_vote, &value))),
        ),
        (
            "framed-log",
            of(FRAMED_LOG, &log_entries(&signed_vote, &value)),
        ),
    ]
}

/// A short part; sealed when it is the last.
fn part(index: u32, count: u32) -> Vec<u8> {
    let seal = (index + 1 == count).then_some((BLOCK, SIGNATURE));
    wire!(
        7_u64,
        3_u32,
        Some(1_u32),
        VOTER,
        count,
        index,
        vec![0xda_u8; 10],
        seal
    )
}

fn stream(id: &[u8], part: Option<&[u8]>) -> Vec<u8> {
    let head = wire!(id.to_vec(), 5_u64);
    match part {
        None => [&head[..], &[0]].concat(),
        Some(part) => [&head[..], &[1], part].concat(),
    }
}

fn two_streams() -> Vec<u8> {
    let mut all = Vec::new();
    for (neighbour, id) in [(1_u8, b"a"), (2, b"b"), (1, b"a")] {
        let message = stream(id, Some(&part(0, 1)));
        let length = u16::try_from(message.len()).expect("seeds are short");
        all.push(neighbour);
        all.extend_from_slice(&length.to_be_bytes());
        all.extend_from_slice(&message);
    }
    all
}

/// A vote, a timeout and a proposed value, as the engine tags them.
fn log_entries(vote: &[u8], value: &[u8]) -> Vec<u8> {
    let tagged = |tag: u8, wire: &[u8]| {
        let length = u64::try_from(wire.len()).unwrap_or(u64::MAX).to_be_bytes();
        [&[tag][..], &length, wire].concat()
    };
    let timeout = [&[2, 1][..], &3_i64.to_be_bytes()].concat();
    let mut all = Vec::new();
    for entry in [tagged(1, vote), timeout, tagged(4, value)] {
        all.push(u8::try_from(entry.len()).expect("entries are short"));
        all.extend_from_slice(&entry);
    }
    all
}

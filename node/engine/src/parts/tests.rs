//! Bounds of the assembler. Time is passed in; every limit is reached and then exceeded by one.

use std::time::Instant;

use bytes::Bytes;

use super::assembler::{
    Assembled, Assembler, BLOCKS_PER_NEIGHBOUR_MAX, KEPT_MAX, KEPT_PER_NEIGHBOUR_MAX, Origin,
    PartRefused, STREAM_AGE_MAX, STREAMS_MAX, STREAMS_PER_NEIGHBOUR_MAX,
};
use super::part::{PART_BYTES, Part, PartHeader, STREAM_ID_BYTES_MAX, Seal, split};
use crate::testing::{CHAIN, peer, secret_keys};
use piao_chain::digest::BlockId;

const BLOCK_MAX: usize = 3 * PART_BYTES;

fn assembler() -> Assembler {
    Assembler::new(BLOCK_MAX)
}

fn origin(neighbour: u8) -> Origin {
    Origin {
        publisher: peer(200),
        neighbour: peer(neighbour),
    }
}

fn id(number: usize) -> Bytes {
    Bytes::from(number.to_be_bytes().to_vec())
}

/// The parts of a body at a height.
fn parts(height: u64, bytes: usize) -> Vec<Part> {
    let key = &secret_keys(1)[0];
    let proposer = key.public_key().id();
    let header = PartHeader {
        height,
        round: 0,
        valid_round: None,
        proposer,
        count: 0,
    };
    let seal = Seal::sign(key, &CHAIN, height, 0, BlockId([1; 32]));
    let body: Vec<u8> = (0..bytes)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    split(header, seal, &body.into())
}

fn whole(height: u64) -> Assembled {
    let part = parts(height, 10).remove(0);
    let now = Instant::now();
    assembler()
        .add(now, origin(1), id(0), part)
        .unwrap()
        .unwrap()
}

#[test]
fn parts_in_any_order_and_from_any_neighbour_make_the_body() {
    let mut assembler = assembler();
    let now = Instant::now();
    let mut parts = parts(1, 2 * PART_BYTES + 5);
    parts.reverse();
    let mut complete = None;
    for (part, neighbour) in parts.into_iter().zip(1..) {
        assert_eq!(complete, None);
        // Each twice: gossip may repeat itself.
        let again = part.clone();
        complete = assembler.add(now, origin(neighbour), id(0), part).unwrap();
        if complete.is_none() {
            assert_eq!(
                assembler.add(now, origin(neighbour), id(0), again),
                Ok(None)
            );
        }
    }
    let body = complete.unwrap().body;
    assert_eq!(body.len(), 2 * PART_BYTES + 5);
    assert!(
        body.iter()
            .enumerate()
            .all(|(at, byte)| usize::from(*byte) == at % 251)
    );
    assert!(assembler.streams.is_empty());
}

fn refusal(part: Part) -> Option<PartRefused> {
    let mut assembler = assembler();
    let refused = assembler.add(Instant::now(), origin(1), id(0), part).err();
    assert!(assembler.streams.is_empty());
    refused
}

#[test]
fn refuses_parts_whose_count_index_and_seal_do_not_fit() {
    let good = parts(1, 10).remove(0);
    let seal = good.seal;
    let of = |count, index, seal| {
        let header = PartHeader {
            count,
            ..good.header
        };
        Part {
            header,
            index,
            seal,
            data: Bytes::from(vec![0; PART_BYTES]),
        }
    };
    let wrong = [
        ("no parts", of(0, 0, None)),
        ("index at the count", of(1, 1, None)),
        ("index overflows", of(1, u32::MAX, None)),
        ("last part without a seal", of(1, 0, None)),
        ("seal before the last part", of(2, 0, seal)),
        ("more parts than a block has", of(4, 0, None)),
    ];
    for (why, part) in wrong {
        assert_eq!(refusal(part), Some(PartRefused::Shape), "{why}");
    }
}

#[test]
fn refuses_parts_of_a_wrong_length_and_long_stream_ids() {
    let good = parts(1, 10).remove(0);
    let header = PartHeader {
        count: 2,
        ..good.header
    };
    let short = Part {
        header,
        seal: None,
        ..good.clone()
    };
    assert_eq!(refusal(short), Some(PartRefused::Shape));
    let long = Part {
        data: Bytes::from(vec![0; PART_BYTES + 1]),
        ..good.clone()
    };
    assert_eq!(refusal(long), Some(PartRefused::Shape));
    let long_id = Bytes::from(vec![0; STREAM_ID_BYTES_MAX + 1]);
    let refused = assembler().add(Instant::now(), origin(1), long_id, good);
    assert_eq!(refused, Err(PartRefused::StreamId));
}

#[test]
fn refuses_a_body_above_the_block_bound() {
    let mut assembler = Assembler::new(PART_BYTES + 1);
    let mut parts = parts(1, PART_BYTES + 2);
    let last = parts.pop().unwrap();
    let first = parts.pop().unwrap();
    assert_eq!(
        assembler.add(Instant::now(), origin(1), id(0), first),
        Ok(None)
    );
    let refused = assembler.add(Instant::now(), origin(1), id(0), last);
    assert_eq!(refused, Err(PartRefused::Shape));
}

#[test]
fn refuses_a_part_that_contradicts_the_first_of_its_stream() {
    let mut assembler = assembler();
    let now = Instant::now();
    let part = parts(1, 2 * PART_BYTES).remove(0);
    assert_eq!(assembler.add(now, origin(1), id(0), part.clone()), Ok(None));
    let header = PartHeader {
        round: 1,
        ..part.header
    };
    let other = Part {
        header,
        index: 1,
        seal: part.seal,
        ..part
    };
    let other = Part {
        seal: parts(1, 10)[0].seal,
        ..other
    };
    assert_eq!(
        assembler.add(now, origin(1), id(0), other),
        Err(PartRefused::Contradiction)
    );
}

#[test]
fn a_neighbour_has_a_bounded_number_of_streams() {
    let mut assembler = assembler();
    let now = Instant::now();
    // The seal comes last, so a lone last part of a long stream takes few bytes.
    let part = parts(1, PART_BYTES + 1).pop().unwrap();
    for number in 0..STREAMS_PER_NEIGHBOUR_MAX {
        assert_eq!(
            assembler.add(now, origin(1), id(number), part.clone()),
            Ok(None)
        );
    }
    let one_more = assembler.add(now, origin(1), id(999), part.clone());
    assert_eq!(one_more, Err(PartRefused::Full));
    assert_eq!(assembler.add(now, origin(2), id(999), part), Ok(None));
}

#[test]
fn all_neighbours_together_have_a_bounded_number_of_streams() {
    let mut assembler = assembler();
    let now = Instant::now();
    let part = parts(1, PART_BYTES + 1).pop().unwrap();
    for number in 0..STREAMS_MAX {
        let neighbour = u8::try_from(number / STREAMS_PER_NEIGHBOUR_MAX).unwrap();
        assert_eq!(
            assembler.add(now, origin(neighbour), id(number), part.clone()),
            Ok(None)
        );
    }
    let one_more = assembler.add(now, origin(100), id(STREAMS_MAX), part);
    assert_eq!(one_more, Err(PartRefused::Full));
}

#[test]
fn a_neighbour_has_a_bounded_number_of_bytes() {
    let mut assembler = assembler();
    let now = Instant::now();
    // Three parts a stream of which two are sent: two thirds of a block for each stream.
    let sent = parts(1, BLOCK_MAX);
    let mut held = 0;
    let mut refused = None;
    for number in 0..STREAMS_PER_NEIGHBOUR_MAX {
        for part in &sent[..2] {
            match assembler.add(now, origin(1), id(number), part.clone()) {
                Ok(_) => held += part.data.len(),
                Err(error) => refused = Some(error),
            }
        }
    }
    assert_eq!(held, BLOCKS_PER_NEIGHBOUR_MAX * BLOCK_MAX);
    assert_eq!(refused, Some(PartRefused::Full));
}

#[test]
fn an_unfinished_stream_is_given_up_in_time() {
    let mut assembler = assembler();
    let start = Instant::now();
    let mut parts = parts(1, PART_BYTES + 1);
    let (last, first) = (parts.pop().unwrap(), parts.pop().unwrap());
    assert_eq!(
        assembler.add(start, origin(1), id(0), first.clone()),
        Ok(None)
    );
    // Too late: the stream starts anew and lacks its first part.
    let late = start + STREAM_AGE_MAX;
    assert_eq!(assembler.add(late, origin(1), id(0), last), Ok(None));
    assert!(
        assembler
            .add(late, origin(1), id(0), first)
            .unwrap()
            .is_some()
    );
}

#[test]
fn bodies_of_later_heights_are_kept_within_bounds_and_handed_over_once() {
    let mut assembler = assembler();
    for neighbour in 0.. {
        let kept = (0..KEPT_PER_NEIGHBOUR_MAX)
            .filter(|_| assembler.keep(peer(neighbour), whole(u64::from(neighbour))))
            .count();
        if kept == 0 {
            break;
        }
        assert!(
            !assembler.keep(peer(neighbour), whole(1)),
            "one neighbour's share is used up"
        );
    }
    assert_eq!(assembler.kept.len(), KEPT_MAX);
    assert_eq!(assembler.take(1).len(), KEPT_PER_NEIGHBOUR_MAX);
    assert!(assembler.take(1).is_empty());
    assembler.forget_below(3);
    assert!(assembler.take(2).is_empty());
    assert_eq!(assembler.take(3).len(), KEPT_PER_NEIGHBOUR_MAX);
}

#[test]
fn streams_of_decided_heights_are_forgotten() {
    let mut assembler = assembler();
    let now = Instant::now();
    let part = |height| parts(height, PART_BYTES + 1).remove(0);
    assert_eq!(assembler.add(now, origin(1), id(4), part(4)), Ok(None));
    assert_eq!(assembler.add(now, origin(1), id(5), part(5)), Ok(None));
    assembler.forget_below(5);
    assert!(
        assembler
            .streams
            .values()
            .all(|stream| stream.header.height == 5)
    );
    assert_eq!(assembler.streams.len(), 1);
}

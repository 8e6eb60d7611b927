//! Changes of a proof file's bytes and records, without any key.

use crate::random::Random;
use crate::roots::World;

/// Bytes before the records: magic, version, suite, length.
const FRAME: usize = 14;

type Record = (u16, Vec<u8>);

/// A file made of a valid one, and what was done to it.
pub(crate) fn changed(world: &World, random: &mut Random, base: usize) -> (&'static str, Vec<u8>) {
    let other = &world.proofs[random.below(world.proofs.len())];
    changed_bytes(world.proofs[base].encode(), &other.encode(), random)
}

/// The same of any file of records, with another one at hand.
pub(crate) fn changed_bytes(
    mut file: Vec<u8>,
    other: &[u8],
    random: &mut Random,
) -> (&'static str, Vec<u8>) {
    match random.below(6) {
        0 => ("as it is", file),
        1 => {
            for _bit in 0..=random.below(3) {
                let at = random.below(file.len());
                file[at] ^= 1 << random.below(8);
            }
            ("flipped bits", file)
        }
        2 => {
            let at = random.below(file.len());
            if random.once_in(2) {
                file.truncate(at);
            } else {
                file.extend(core::iter::repeat_n(random.byte(), at % 40));
            }
            ("cut or longer", file)
        }
        3 => ("records of two proofs", recombined(&file, other, random)),
        _ => ("changed records", with_changed_records(&file, random)),
    }
}

/// The records of a whole file.
fn records(file: &[u8]) -> Vec<Record> {
    let mut rest = &file[FRAME..];
    let mut found = Vec::new();
    while let Some((head, tail)) = rest.split_first_chunk::<6>() {
        let [a, b, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
        let (value, tail) = tail.split_at(length);
        found.push((u16::from_be_bytes([a, b]), value.to_vec()));
        rest = tail;
    }
    found
}

/// The file of records, with a length that is right.
fn framed(file: &[u8], records: &[Record]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in records {
        body.extend_from_slice(&kind.to_be_bytes());
        body.extend_from_slice(&u32::try_from(value.len()).unwrap().to_be_bytes());
        body.extend_from_slice(value);
    }
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&file[..FRAME - 4], &length, &body].concat()
}

/// Each record from one of two files.
fn recombined(one: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let (mut mixed, other) = (records(one), records(other));
    for _record in 0..=random.below(3) {
        let (kind, value) = other[random.below(other.len())].clone();
        mixed.retain(|(known, _)| *known != kind);
        mixed.push((kind, value));
    }
    mixed.sort_by_key(|(kind, _)| *kind);
    framed(one, &mixed)
}

fn with_changed_records(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut records = records(file);
    for _change in 0..=random.below(2) {
        let at = random.below(records.len());
        let other = random.below(records.len());
        match random.below(9) {
            0 => records.swap(at, other),
            1 => records.insert(other, records[at].clone()),
            2 => drop(records.remove(at)),
            3 => records.insert(
                at,
                (u16::from(random.byte() % 26), vec![0; random.below(9)]),
            ),
            4 => records[at].0 = u16::from(random.byte() % 26),
            5 => records[at].1.truncate(other * 3),
            6 => records[at].1.push(random.byte()),
            _ => change_value(&mut records[at].1, random),
        }
        if records.is_empty() {
            break;
        }
    }
    framed(file, &records)
}

/// Bytes within a value, or a whole number of it, become others.
fn change_value(value: &mut [u8], random: &mut Random) {
    let at = random.below(value.len());
    let number = random.number().to_be_bytes();
    let length = random.pick(&[1, 1, 2, 4, 8]);
    for (byte, other) in value
        .iter_mut()
        .skip(at)
        .take(length)
        .zip(&number[8 - length..])
    {
        *byte = *other;
    }
}

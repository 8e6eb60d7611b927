//! Changes of JSON texts, as far as two readers could read them differently.

use piao_chain::proof::{Proof, ProofTwin, StatementTwin};

use crate::random::Random;

/// The twin of a proof file as text, often changed; `None` for bytes that are no proof.
pub(crate) fn twin_of(file: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let twin = ProofTwin::of(&Proof::decode(file).ok()?);
    Some(often_changed(serde_json::to_vec(&twin).unwrap(), random))
}

/// The same of a statement.
pub(crate) fn twin_of_statement(file: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut twin = StatementTwin::of_file(file).ok()?;
    if random.once_in(8) {
        twin.version ^= 1;
    }
    Some(often_changed(serde_json::to_vec(&twin).unwrap(), random))
}

fn often_changed(text: Vec<u8>, random: &mut Random) -> Vec<u8> {
    if random.once_in(3) {
        text
    } else {
        changed(text, random)
    }
}

/// Bytes put into a text: what JSON readers are known to disagree about.
const ODDITIES: [&str; 22] = [
    " ", "\n", "\t", "\u{c}", "\u{a0}", "\u{feff}", ",", "\"", "\\", "\\u0061", "\\ud800", "\\/",
    "null", "1", "-0", "1e0", "01", "{}", "[]", "\0", "//", "\u{7f}",
];

/// One to three changes of a text.
pub(crate) fn changed(mut text: Vec<u8>, random: &mut Random) -> Vec<u8> {
    for _change in 0..=random.below(3) {
        text = change(text, random);
    }
    text
}

fn change(mut text: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let at = random.below(text.len());
    match random.below(9) {
        0 => insert(&mut text, at, random.pick(&ODDITIES).as_bytes()),
        1 => text.truncate(at),
        2 => text
            .iter_mut()
            .skip(at)
            .take(1)
            .for_each(|byte| *byte ^= 1 << random.below(8)),
        3 => text.make_ascii_uppercase(),
        4 => {
            let member = members(&text, random).unwrap_or_default();
            insert(&mut text, 1, &[member, b",".to_vec()].concat());
        }
        5 => {
            let member = [members(&text, random).unwrap_or_default(), b",".to_vec()].concat();
            text = replaced(&text, &member, b"");
        }
        6 => {
            let value = random.pick(&["null", "1", "\"\"", "[]", "{}", "true", "\"00\""]);
            let member = members(&text, random).unwrap_or_default();
            let name: Vec<u8> = member
                .split(|byte| *byte == b':')
                .take(1)
                .flatten()
                .copied()
                .collect();
            text = replaced(
                &text,
                &member,
                &[name, b":".to_vec(), value.into()].concat(),
            );
        }
        7 => insert(&mut text, 1, b"\"more\":1,"),
        _ => {
            let blank = random.pick(&[" ", "\n", "\r\n", "\t"]);
            text = String::from_utf8_lossy(&text)
                .replace(',', &format!("{blank},{blank}"))
                .into();
        }
    }
    text
}

fn insert(text: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let at = at.min(text.len());
    text.splice(at..at, bytes.iter().copied());
}

/// One of the members of the object, `"name":value`, without commas within.
fn members(text: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let inner = text.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let parts: Vec<&[u8]> = inner.split(|byte| *byte == b',').collect();
    parts
        .get(random.below(parts.len()))
        .map(|part| part.to_vec())
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let found = text
        .windows(from.len().max(1))
        .position(|window| window == from);
    found.map_or_else(
        || text.to_vec(),
        |at| [&text[..at], to, &text[at + from.len()..]].concat(),
    )
}

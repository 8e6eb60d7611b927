//! The committed corpus: what it is made of, and that every target holds on it and near it.
//!
//! `seed-…` files are made by the targets; `PIAO_UPDATE_GOLDEN=1` writes them. `found-…` files came
//! out of `scripts/fuzz --minimise`; `finding-…` files broke a target once and must never again.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use piao_fuzz::{TARGETS, Target};

/// Bounds of the committed corpus, files of a target and bytes of all: it is a start for a fuzzer,
/// not an archive.
const FILES_MAX: usize = 32;
const BYTES_MAX: usize = 200 * 1024;

/// Mutations of each target's corpus in one test run.
const MUTATIONS: usize = 1_000;

fn folder(target: &Target) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target.name)
}

/// Every file of a target's corpus, by name.
fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder(target))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_seed_in_the_repository_is_what_its_target_makes() {
    let update = std::env::var_os("PIAO_UPDATE_GOLDEN").is_some_and(|wish| wish == "1");
    for target in &TARGETS {
        let mut expected = BTreeSet::new();
        for (name, bytes) in (target.seeds)() {
            let path = folder(target).join(format!("seed-{name}"));
            if update {
                fs::create_dir_all(folder(target)).unwrap();
                fs::write(&path, &bytes).unwrap();
            }
            assert_eq!(fs::read(&path).unwrap(), bytes, "{}", path.display());
            expected.insert(format!("seed-{name}"));
        }
        for (name, _bytes) in corpus(target) {
            let is_known = expected.contains(&name)
                || name.starts_with("found-")
                || name.starts_with("finding-");
            assert!(is_known, "{}/{name} is of no known origin", target.name);
        }
    }
}

#[test]
fn the_corpus_stays_small() {
    let mut bytes = 0;
    for target in &TARGETS {
        let files = corpus(target);
        assert!(
            !files.is_empty() && files.len() <= FILES_MAX,
            "{}",
            target.name
        );
        for (name, content) in files {
            assert!(content.len() <= target.bytes_max, "{}/{name}", target.name);
            bytes += content.len();
        }
    }
    assert!(bytes <= BYTES_MAX, "{bytes} bytes");
}

#[test]
fn every_target_holds_on_its_corpus_and_on_every_past_finding() {
    for target in &TARGETS {
        (target.run)(&[]);
        for (_name, bytes) in corpus(target) {
            (target.run)(&bytes);
        }
    }
}

#[test]
fn every_target_holds_on_mutations_of_its_corpus() {
    let broken: Vec<String> = TARGETS.iter().filter_map(first_broken).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The first mutation that a target does not hold on, in hex.
fn first_broken(target: &Target) -> Option<String> {
    let files = corpus(target);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    (0..MUTATIONS).find_map(|_| {
        let (name, bytes) = &files[random.below(files.len())];
        let mutated = mutated(bytes, &mut random, target.bytes_max);
        let held = std::panic::catch_unwind(|| (target.run)(&mutated));
        let broken = || format!("{} from {name}: {}", target.name, hex(&mutated));
        held.is_err().then(broken)
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// One to four edits: a bit flipped, a byte set, bytes removed, repeated or cut off.
fn mutated(bytes: &[u8], random: &mut Random, bytes_max: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(16)).min(bytes.len());
        match random.below(6) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0xff][random.below(4)],
            3 if at < end => drop(bytes.drain(at..end)),
            4 if at < end => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            5 => bytes.truncate(at),
            _ => {}
        }
    }
    bytes.truncate(bytes_max);
    bytes
}

/// xorshift64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound).unwrap();
        usize::try_from(self.0 % bound).unwrap()
    }
}

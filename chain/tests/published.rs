//! Goal: the suites that the world publishes for BLAKE3, Ed25519 and the trees of RFC 6962 come out
//! under the rules of SPEC 3.1, 3.2 and 7.1 as their files say; the verifier in JavaScript reads the
//! same files.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of the tests: a suite that can not be read ends the test"
)]

use piao_chain::digest::Digest;
use piao_chain::proof::merkle::{self, HistoryTree, TreeHash as _};
use piao_chain::signature::{PublicKey, Signature};
use piao_chain::transparency::is_consistent;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

const ED25519: &str = include_str!("../vectors/published/ed25519.json");
const RFC_6962: &str = include_str!("../vectors/published/rfc6962.json");
const BLAKE3: &str = include_str!("../vectors/published/blake3.json");

fn texts(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item.as_str().unwrap()).collect()
}

/// Whether a signature holds; one that has not 64 bytes does not decode.
fn holds(key: &str, message: &str, signature: &str) -> bool {
    let key: [u8; 32] = hex::decode(key).unwrap().try_into().unwrap();
    let signature = <[u8; 64]>::try_from(hex::decode(signature).unwrap()).ok();
    let (Ok(key), Some(signature)) = (PublicKey::from_bytes(&key), signature) else {
        return false;
    };
    key.verify_bytes(&hex::decode(message).unwrap(), &Signature(signature))
}

/// Judges a suite; returns how many cases it has and how many hold.
fn judge(name: &str) -> (usize, usize) {
    let published: Value = serde_json::from_str(ED25519).unwrap();
    let suite = &published[name];
    let (keys, firsts) = (texts(&suite["keys"]), texts(&suite["r"]));
    let cases = texts(&suite["cases"]);
    let mut held = 0;
    for row in &cases {
        let [key, first, second, message, expected] =
            <[&str; 5]>::try_from(row.split(' ').collect::<Vec<_>>()).unwrap();
        let plain = |text: &str| text.trim_start_matches('-').to_owned();
        let (key, first): (usize, usize) = (key.parse().unwrap(), first.parse().unwrap());
        let signature = firsts[first].to_owned() + &plain(second);
        let found = holds(keys[key], &plain(message), &signature);
        assert_eq!(found, expected == "1", "{name}: {row}");
        held += usize::from(found);
    }
    (cases.len(), held)
}

#[test]
fn every_case_of_cctv_comes_out_as_its_flags_say() {
    assert_eq!(judge("cctv"), (914, 43));
}

#[test]
fn every_case_of_wycheproof_comes_out_as_it_says() {
    assert_eq!(judge("wycheproof"), (151, 88));
}

#[test]
fn of_the_twelve_taming_cases_the_fourth_alone_holds() {
    assert_eq!(judge("taming"), (12, 1));
}

#[test]
fn blake3_is_that_of_its_published_vectors() {
    let published: Value = serde_json::from_str(BLAKE3).unwrap();
    let key: [u8; 32] = published["key"]
        .as_str()
        .unwrap()
        .as_bytes()
        .try_into()
        .unwrap();
    let context = published["context"].as_str().unwrap();
    let cases = texts(&published["cases"]);
    assert_eq!(cases.len(), 35);
    for row in cases {
        let [length, hash, keyed, derived] =
            <[&str; 4]>::try_from(row.split(' ').collect::<Vec<_>>()).unwrap();
        let input: Vec<u8> = (0..=250).cycle().take(length.parse().unwrap()).collect();
        assert_eq!(blake3::hash(&input).to_hex().as_str(), hash, "{length}");
        assert_eq!(
            blake3::keyed_hash(&key, &input).to_hex().as_str(),
            keyed,
            "{length}"
        );
        assert_eq!(
            hex::encode(blake3::derive_key(context, &input)),
            derived,
            "{length}"
        );
    }
}

fn digest(text: &Value) -> Digest {
    let bytes = hex::decode(text.as_str().unwrap()).unwrap();
    bytes.try_into().unwrap()
}

fn digests(list: &Value) -> Vec<Digest> {
    list.as_array().unwrap().iter().map(digest).collect()
}

/// The leaf of an input of any length; those of the chain have 32 bytes each.
fn leaf(input: &[u8]) -> Digest {
    Sha256::digest([&[0], input].concat()).into()
}

#[test]
fn roots_and_inclusion_paths_are_those_of_rfc_6962() {
    let published: Value = serde_json::from_str(RFC_6962).unwrap();
    let inputs = texts(&published["inputs"]);
    let inputs = inputs.iter().map(|text| hex::decode(text).unwrap());
    let leaves: Vec<Digest> = inputs.map(|input| leaf(&input)).collect();
    let roots = digests(&published["roots"]);
    assert_eq!(HistoryTree::empty(), digest(&published["empty_root"]));
    for (size, root) in (1..).zip(&roots) {
        assert_eq!(
            merkle::root::<HistoryTree>(&leaves[..size]),
            *root,
            "{size}"
        );
    }
    let cases = published["inclusion"].as_array().unwrap();
    for case in cases {
        let place = |name: &str| case[name].as_u64().unwrap();
        let (index, size, path) = (place("index"), place("size"), digests(&case["path"]));
        let at = usize::try_from(index).unwrap();
        let root = roots[usize::try_from(size).unwrap() - 1];
        let reached = merkle::root_of_path::<HistoryTree>(&leaves[at], index, size, &path);
        assert_eq!(reached, Some(root), "{index} of {size}");
        let longer = [&path[..], &[[0; 32]]].concat();
        let reached = merkle::root_of_path::<HistoryTree>(&leaves[at], index, size, &longer);
        assert_eq!(reached, None, "{index} of {size}");
    }
    assert_eq!(cases.len(), 5);
}

#[test]
fn consistency_paths_are_those_of_rfc_6962() {
    let published: Value = serde_json::from_str(RFC_6962).unwrap();
    let roots = digests(&published["roots"]);
    let cases = published["consistency"].as_array().unwrap();
    for case in cases {
        let size = |name: &str| case[name].as_u64().unwrap();
        let (from, to, path) = (size("from"), size("to"), digests(&case["path"]));
        let root = |size: u64| &roots[usize::try_from(size).unwrap() - 1];
        let (old, new) = ((from, root(from)), (to, root(to)));
        assert!(is_consistent(old, new, &path), "{from} to {to}");
        // Wrong in one place each.
        let longer = [&path[..], &[[0; 32]]].concat();
        assert!(!is_consistent(old, new, &longer));
        assert!(!is_consistent((0, old.1), new, &path));
        assert!(!is_consistent((to + 1, old.1), new, &path));
        assert!(!is_consistent((from, root(3)), new, &path));
        assert!(!is_consistent(old, (to, root(3)), &path));
        for at in 0..path.len() {
            let mut changed = path.clone();
            changed[at][0] ^= 1;
            assert!(!is_consistent(old, new, &changed), "{from} to {to} at {at}");
            changed.remove(at);
            assert!(
                !is_consistent(old, new, &changed),
                "{from} to {to} without {at}"
            );
        }
    }
    assert_eq!(cases.len(), 4);
}

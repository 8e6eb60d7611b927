//! Goal: the suites that the world publishes for BLAKE3 and Ed25519 come out under the rules of
//! SPEC 3.1 and 3.2 as their files say; the verifier in JavaScript reads the same files.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of the tests: a suite that can not be read ends the test"
)]

use piao_chain::signature::{PublicKey, Signature};
use serde_json::Value;

const ED25519: &str = include_str!("../vectors/published/ed25519.json");
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

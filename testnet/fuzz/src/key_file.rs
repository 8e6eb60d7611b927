//! Key files: whatever stands in one, loading it never panics and never gives another key than the
//! one that was sealed.

use std::fs;

use piao_chain::signature::SecretKey;
use piao_node::keys::{Keyring, UnlockSecret};

use crate::{Seeds, Target, scratch};

pub(crate) const TARGET: Target = Target {
    name: "key-file",
    run,
    seeds,
    bytes_max: 2048,
};

const NAME: &str = "merchant-1";
const SEED: [u8; 32] = [9; 32];
const UNLOCK: [u8; 32] = [1; 32];

/// The key of [`SEED`] under [`NAME`], sealed once by the node with the secret of [`UNLOCK`].
const SEALED: &str = include_str!("sealed-key.json");

fn run(bytes: &[u8]) {
    let dir = scratch::folder();
    let path = dir.path().join(format!("{NAME}.key"));
    fs::write(&path, bytes).expect("the scratch folder can be written");
    let keyring =
        Keyring::open(dir.path(), &UnlockSecret::from_bytes(UNLOCK)).expect("the folder is there");
    assert!(matches!(keyring.contains(NAME), Ok(true)));
    match keyring.load(NAME) {
        Ok(key) => assert_eq!(
            key.public_key(),
            SecretKey::from_seed(&SEED).public_key(),
            "another key than the one that was sealed"
        ),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    assert!(
        keyring.load_bytes(NAME).is_err(),
        "a signing key passed as another secret"
    );
    let other = Keyring::open(dir.path(), &UnlockSecret::from_bytes([2; 32]));
    let other = other.expect("the folder is there");
    assert!(
        other.load(NAME).is_err(),
        "opened with another unlock secret"
    );
    assert_eq!(
        fs::read(&path).ok().as_deref(),
        Some(bytes),
        "reading changed the file"
    );
}

fn seeds() -> Seeds {
    let edited = |from: &str, to: &str| SEALED.replacen(from, to, 1).into_bytes();
    vec![
        ("sealed", SEALED.as_bytes().to_vec()),
        ("other-purpose", edited("signing-key", "secret")),
        ("other-name", edited(NAME, "authority")),
        ("later-version", edited("\"version\": 1", "\"version\": 2")),
        ("no-public-half", edited("public_key", "public_kex")),
    ]
}

//! Signatures: what is signed, and where lenient rules of Ed25519 would say otherwise.

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use piao_chain::digest::ChainId;
use piao_chain::signature::{KeyError, PublicKey, Purpose, Signature, signed_bytes};
use piao_chain::testing::key;
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::golden::hexed;

const PURPOSES: [Purpose; 9] = [
    Purpose::Transaction,
    Purpose::Proposal,
    Purpose::Prevote,
    Purpose::Precommit,
    Purpose::Part,
    Purpose::TrustRoot,
    Purpose::KeyPossession,
    Purpose::Card,
    Purpose::Peer,
];

/// The order of the group, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn scalar(name: &str) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&sha2::Sha512::digest(name).into())
}

fn base(scalar: Scalar) -> EdwardsPoint {
    scalar * ED25519_BASEPOINT_POINT
}

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let digest = sha2::Sha512::digest([r.as_slice(), key, message].concat());
    Scalar::from_bytes_mod_order_wide(&digest.into())
}

fn join(r: &[u8; 32], s: &[u8; 32]) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(r);
    signature[32..].copy_from_slice(s);
    signature
}

/// What a strict verifier says of a key and a signature.
fn case(name: &str, public: &[u8; 32], message: &[u8], signature: &[u8; 64], holds: bool) -> Value {
    let (accepted, valid) = match PublicKey::from_bytes(public) {
        Ok(key) => (
            "accepted",
            key.verify_bytes(message, &Signature(*signature)),
        ),
        Err(KeyError::Weak) => ("weak", false),
        Err(_) => ("not_canonical", false),
    };
    assert_eq!(valid, holds, "{name}");
    json!({
        "name": name,
        "public_key": hexed(public),
        "key": accepted,
        "message": hexed(message),
        "signature": hexed(signature),
        "valid": valid,
    })
}

/// A key whose point has a component of order 8, and a message for which its challenge is, or is
/// not, a multiple of 8.
fn mixed_key(multiple: bool) -> ([u8; 32], Vec<u8>, [u8; 64]) {
    let (secret, nonce) = (scalar("mixed key"), scalar("mixed nonce"));
    let public = (base(secret) + EIGHT_TORSION[1]).compress().to_bytes();
    let r = base(nonce).compress().to_bytes();
    for count in 0_u32.. {
        let message = count.to_be_bytes().to_vec();
        let k = challenge(&r, &public, &message);
        if k.as_bytes()[0].is_multiple_of(8) == multiple {
            return (public, message, join(&r, &(nonce + k * secret).to_bytes()));
        }
    }
    unreachable!("one challenge in eight is a multiple of 8")
}

fn plus_order(s: &[u8; 32]) -> [u8; 32] {
    let mut sum = [0; 32];
    let mut carry = 0_u16;
    for (at, byte) in sum.iter_mut().enumerate() {
        let total = u16::from(s[at]) + u16::from(ORDER[at]) + carry;
        *byte = u8::try_from(total % 256).unwrap();
        carry = total / 256;
    }
    sum
}

/// The neutral element: canonical, with the sign bit set, and as y = p + 1.
fn spellings_of_neutral() -> [[u8; 32]; 3] {
    let neutral = EIGHT_TORSION[0].compress().to_bytes();
    let mut signed = neutral;
    signed[31] |= 0x80;
    let mut beyond = [0xff; 32];
    (beyond[0], beyond[31]) = (0xee, 0x7f);
    [neutral, signed, beyond]
}

/// Signatures that rules of other libraries disagree on.
fn strict_signatures() -> Vec<Value> {
    let (secret, nonce) = (scalar("key"), scalar("nonce"));
    let message = b"piao".as_slice();
    let public = base(secret).compress().to_bytes();
    let r = base(nonce).compress().to_bytes();
    let s = (nonce + challenge(&r, &public, message) * secret).to_bytes();
    let mut cases = vec![
        case("plain", &public, message, &join(&r, &s), true),
        case("another message", &public, b"piap", &join(&r, &s), false),
        case(
            "S plus the group order",
            &public,
            message,
            &join(&r, &plus_order(&s)),
            false,
        ),
    ];
    let with_r = |r: [u8; 32], nonce: Scalar| {
        let s = nonce + challenge(&r, &public, message) * secret;
        join(&r, &s.to_bytes())
    };
    let torsioned = (base(nonce) + EIGHT_TORSION[1]).compress().to_bytes();
    cases.push(case(
        "R with a component of order 8: holds with a cofactor only",
        &public,
        message,
        &with_r(torsioned, nonce),
        false,
    ));
    let [neutral, signed_neutral, beyond] = spellings_of_neutral();
    for (name, r) in [
        ("R is the neutral element", neutral),
        (
            "R is the neutral element with the sign bit set",
            signed_neutral,
        ),
        ("R is the neutral element, written as p + 1", beyond),
    ] {
        let signature = with_r(r, Scalar::ZERO);
        cases.push(case(name, &public, message, &signature, false));
    }
    cases
}

/// Keys that a strict verifier refuses, and keys of mixed order, which it can't tell.
fn strict_keys() -> Vec<Value> {
    let message = b"piao".as_slice();
    let [neutral, signed_neutral, beyond] = spellings_of_neutral();
    let mut cases = Vec::new();
    let (mixed, text, signature) = mixed_key(false);
    cases.push(case(
        "key of mixed order, challenge not a multiple of 8: holds with a cofactor only",
        &mixed,
        &text,
        &signature,
        false,
    ));
    let (mixed, text, signature) = mixed_key(true);
    cases.push(case(
        "key of mixed order, challenge a multiple of 8",
        &mixed,
        &text,
        &signature,
        true,
    ));
    for (order, point) in EIGHT_TORSION.iter().enumerate() {
        let weak = point.compress().to_bytes();
        let name = format!("key of small order, number {order}");
        // S = 0 and R = the neutral element hold under such a key for one message in eight.
        cases.push(case(
            &name,
            &weak,
            message,
            &join(&neutral, &[0; 32]),
            false,
        ));
    }
    let mut three = [0xff; 32];
    (three[0], three[31]) = (0xf0, 0x7f);
    for (name, bytes) in [
        ("key y = 1 with the sign bit set", signed_neutral),
        ("key y = p + 1", beyond),
        ("key y = p + 3", three),
        ("key y = 2, not on the curve", {
            let mut two = [0; 32];
            two[0] = 2;
            two
        }),
    ] {
        cases.push(case(
            name,
            &bytes,
            message,
            &join(&neutral, &[0; 32]),
            false,
        ));
    }
    cases
}

/// SPEC 3.2.
pub(crate) fn signatures() -> Value {
    let (signer, chain_id) = (key("merchant 1"), ChainId([7; 32]));
    let purposes: Vec<Value> = PURPOSES
        .into_iter()
        .map(|purpose| {
            let body = b"body";
            let bytes = signed_bytes(purpose, &chain_id, body);
            let tag = purpose.tag();
            let length = u8::try_from(tag.len()).unwrap();
            let expected = [&[length], tag.as_bytes(), &[7; 32], body.as_slice()].concat();
            assert_eq!(bytes, expected, "{tag}");
            json!({
                "tag": tag,
                "chain_id": chain_id.to_string(),
                "body": hexed(body),
                "signed_bytes": hexed(bytes),
                "public_key": hexed(signer.public_key().as_bytes()),
                "signature": hexed(signer.sign(purpose, &chain_id, body).0),
            })
        })
        .collect();
    let strict = [strict_signatures(), strict_keys()].concat();
    json!({ "purposes": purposes, "strict": strict })
}

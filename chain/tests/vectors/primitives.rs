//! Layouts and digests.

use piao_chain::codec::{self, CodecError};
use piao_chain::digest::{Hasher, Tag, hash};
use piao_chain::signature::PublicKey;
use piao_chain::state::Slot;
use piao_chain::tax::Uscc;
use piao_chain::testing::{key, sample_uscc};
use piao_chain::validator::{Validator, ValidatorSet};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::oracle;

#[derive(Serialize, Deserialize)]
enum Shape {
    Dot,
    Box { side: u16, mark: Option<[u8; 2]> },
}

#[derive(Serialize, Deserialize)]
struct Bytes(#[serde(with = "serde_bytes")] Vec<u8>);

fn layout<T: Serialize + DeserializeOwned>(shape: &str, shown: &str, value: &T) -> Value {
    let bytes = codec::encode(value);
    assert!(codec::decode::<T>(&bytes).is_ok(), "{shape} {shown}");
    json!({ "type": shape, "value": shown, "hex": hexed(bytes) })
}

fn refused<T: Serialize + DeserializeOwned>(shape: &str, why: &str, hex: &str) -> Value {
    let error = codec::decode::<T>(&hex::decode(hex).unwrap()).err();
    let word = match error.unwrap() {
        CodecError::Trailing(_) => "trailing",
        CodecError::NotCanonical => "not_canonical",
        _ => "malformed",
    };
    json!({ "type": shape, "why": why, "hex": hex, "error": word })
}

/// SPEC 2.
pub(crate) fn codec() -> Value {
    let boxed = Shape::Box {
        side: 7,
        mark: Some([1, 2]),
    };
    let layouts = [
        layout("u8", "255", &255_u8),
        layout("u16", "258", &258_u16),
        layout("u32", "66051", &66_051_u32),
        layout("u64", "1", &1_u64),
        layout("i64", "-2", &-2_i64),
        layout("[u8; 3]", "010203", &[1_u8, 2, 3]),
        layout("bytes", "0506", &Bytes(vec![5, 6])),
        layout("text", "票", &"票".to_owned()),
        layout("Vec<u16>", "[1, 2]", &vec![1_u16, 2]),
        layout("Vec<u16>", "[]", &Vec::<u16>::new()),
        layout("Option<u32>", "none", &None::<u32>),
        layout("Option<u32>", "7", &Some(7_u32)),
        layout("(u8, u32)", "1, 2", &(1_u8, 2_u32)),
        layout("enum tag 0, no fields", "Dot", &Shape::Dot),
        layout(
            "enum tag 1, u16, Option<[u8; 2]>",
            "Box 7, some 0102",
            &boxed,
        ),
        layout("Slot", "kind 6, index 0", &Slot::PARAMS),
        layout("Uscc", sample_uscc().as_str(), &sample_uscc()),
    ];
    let mut members: Vec<Validator> = ["one", "two"]
        .map(|name| Validator {
            public_key: key(name).public_key(),
            power: 1,
        })
        .to_vec();
    members.sort_by_key(|one| core::cmp::Reverse(*one.public_key.as_bytes()));
    let descending = hexed(codec::encode(&members));
    let wrong_uscc = hexed(b"91420100MAXH4XGP0J");
    let refusals = [
        refused::<u16>("u16", "a byte too many", "010203"),
        refused::<u16>("u16", "a byte too few", "01"),
        refused::<Option<u8>>("Option<u8>", "tag 2", "0207"),
        refused::<Shape>("enum of two", "tag 2", "00000002"),
        refused::<Vec<u8>>("Vec<u8>", "length beyond the end", "000000000000000301"),
        refused::<Vec<u8>>("Vec<u8>", "length of 2^64 - 1", "ffffffffffffffff"),
        refused::<String>("text", "not UTF-8", "0000000000000001ff"),
        refused::<Slot>("Slot", "kind 9", "0000009000000000"),
        refused::<Slot>("Slot", "kind 0", "0000000000000001"),
        refused::<Uscc>("Uscc", "wrong check character", &wrong_uscc),
        refused::<ValidatorSet>("ValidatorSet", "descending keys", &descending),
    ];
    json!({ "layouts": layouts, "refused": refusals })
}

/// SPEC 3.1 and 3.2, the part without signatures.
pub(crate) fn digests() -> Value {
    let tags: Vec<Value> = Tag::ALL
        .into_iter()
        .map(|tag| {
            let name = tag.context().strip_prefix("piao/1 ").unwrap();
            assert_eq!(hash(tag, b"x"), oracle::h(name, &[b"x"]), "{name}");
            json!({
                "tag": name,
                "of_nothing": hexed(hash(tag, b"")),
                "of_78": hexed(hash(tag, b"x")),
            })
        })
        .collect();
    let prefixed = Hasher::new(Tag::Dev).with_prefixed(b"ab").finish();
    assert_eq!(prefixed, oracle::h("dev", &[&[0, 0, 0, 2], b"ab"]));
    let keys: Vec<Value> = ["authority", "log", "merchant 1", "validator 0"]
        .into_iter()
        .map(|name| {
            let public: PublicKey = key(name).public_key();
            let full = oracle::h("key-id", &[public.as_bytes()]);
            assert_eq!(public.id().0, full[..16]);
            json!({
                "name": name,
                "seed": hexed(hash(Tag::Dev, name.as_bytes())),
                "public_key": hexed(public.as_bytes()),
                "key_id": public.id().to_string(),
            })
        })
        .collect();
    json!({ "tags": tags, "lp_of_ab_under_dev": hexed(prefixed), "keys": keys })
}

//! JSON read without forgiveness: no duplicate member, no bottomless nesting, no broken text, and
//! numbers kept as they were written (never a float).
//!
//! Guards: one body has one meaning for every reader; what a lenient reader would drop or repair is
//! refused with E1111 and the place where it stands.

use core::fmt;
use std::collections::BTreeSet;

use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::limits::{ECHO_CHARS_MAX, JSON_DEPTH_MAX};

/// A JSON value; members in the order written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    Array(Vec<Self>),
    /// An object; names are distinct.
    Object(Vec<(String, Self)>),
}

/// Reads a whole body.
///
/// # Errors
/// [`FailureCode::BodyMalformed`] with the pointer of the place, as far as there is one: not UTF-8,
/// not JSON, a duplicate member, a lone surrogate, nesting over 32 levels.
pub fn read(body: &[u8]) -> Result<Json, Box<Fault>> {
    let Ok(text) = core::str::from_utf8(body) else {
        return Err(malformed("").expected("UTF-8").into());
    };
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        malformed("").got(format!("line {}, column {}", error.line(), error.column()))
    })?;
    value(raw.get(), "", 1)
}

/// Reads one value that is known to be JSON in outline. Recursion ends at `JSON_DEPTH_MAX`.
fn value(text: &str, pointer: &str, depth: usize) -> Result<Json, Box<Fault>> {
    if depth > JSON_DEPTH_MAX {
        let expected = format!("at most {JSON_DEPTH_MAX} levels");
        return Err(malformed(pointer).expected(expected).into());
    }
    match text.bytes().next() {
        Some(b'{') => object(text, pointer, depth),
        Some(b'[') => array(text, pointer, depth),
        Some(b'"') => read_as(text, pointer).map(Json::Text),
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Number(text.to_owned())),
    }
}

fn object(text: &str, pointer: &str, depth: usize) -> Result<Json, Box<Fault>> {
    let Members(raw) = read_as(text, pointer)?;
    let mut names = BTreeSet::new();
    let mut members = Vec::with_capacity(raw.len());
    for (name, raw) in raw {
        let place = below(pointer, &name);
        if !names.insert(name.clone()) {
            return Err(malformed(&place).expected("one member of this name").into());
        }
        members.push((name, value(raw.get(), &place, depth + 1)?));
    }
    Ok(Json::Object(members))
}

fn array(text: &str, pointer: &str, depth: usize) -> Result<Json, Box<Fault>> {
    let Items(raw) = read_as(text, pointer)?;
    let items = raw
        .into_iter()
        .enumerate()
        .map(|(index, raw)| value(raw.get(), &format!("{pointer}/{index}"), depth + 1))
        .collect::<Result<_, _>>()?;
    Ok(Json::Array(items))
}

fn read_as<'a, T: Deserialize<'a>>(text: &'a str, pointer: &str) -> Result<T, Box<Fault>> {
    serde_json::from_str(text).map_err(|_position| malformed(pointer).into())
}

fn malformed(pointer: &str) -> Fault {
    let mut fault = Fault::new(FailureCode::BodyMalformed);
    fault.pointer = (!pointer.is_empty()).then(|| pointer.to_owned());
    fault
}

/// The JSON pointer of member `name` below `pointer` (RFC 6901), shortened if it is very long.
#[must_use]
pub fn below(pointer: &str, name: &str) -> String {
    let name = shortened(name).replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{name}")
}

/// At most 256 characters of a text that came from outside.
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(ECHO_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// The members of an object as written, duplicates included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(InOrder).map(Members)
    }
}

/// The items of a list as written.
struct Items<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(items)
            }
        }

        deserializer.deserialize_seq(InOrder).map(Items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer_of_refusal(body: &str) -> Option<String> {
        let fault = read(body.as_bytes()).expect_err(body);
        assert_eq!(fault.code, FailureCode::BodyMalformed, "{body}");
        fault.pointer
    }

    #[test]
    fn values_keep_order_and_number_spelling() {
        let json = read(br#" {"b":[1.50,-0e1,null,true],"a":"\u7968\ud83d\ude00"} "#).unwrap();
        let number = |text: &str| Json::Number(text.to_owned());
        let list = vec![number("1.50"), number("-0e1"), Json::Null, Json::Bool(true)];
        let text = Json::Text("票😀".to_owned());
        let members = vec![("b".to_owned(), Json::Array(list)), ("a".to_owned(), text)];
        assert_eq!(json, Json::Object(members));
    }

    #[test]
    fn broken_json_is_refused() {
        let bodies = [
            "",
            " ",
            "{",
            "{}{}",
            "{} x",
            "[1,]",
            "{\"a\":}",
            "nul",
            "01",
            "1.",
            "'a'",
            "\"\u{1}\"",
            "{a:1}",
            "NaN",
            "+1",
            "\"\\x\"",
            "[1 2]",
            "\u{feff}{}",
        ];
        for body in bodies {
            assert_eq!(pointer_of_refusal(body), None, "{body}");
        }
        assert!(read(b"\"\xff\"").is_err());
    }

    #[test]
    fn a_duplicate_member_is_refused_where_it_stands() {
        let body = r#"{"a":{"x/y":1,"x\u002fy":2}}"#;
        assert_eq!(pointer_of_refusal(body).as_deref(), Some("/a/x~1y"));
    }

    #[test]
    fn a_lone_surrogate_is_refused_where_it_stands() {
        let body = r#"{"lines":[{"name":"\ud800"}]}"#;
        assert_eq!(pointer_of_refusal(body).as_deref(), Some("/lines/0/name"));
        assert_eq!(pointer_of_refusal(r#"{"\udc00":1}"#), None);
    }

    #[test]
    fn nesting_is_bounded_and_cannot_exhaust_the_stack() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(nested(JSON_DEPTH_MAX).as_bytes()).is_ok());
        assert!(pointer_of_refusal(&nested(JSON_DEPTH_MAX + 1)).is_some());
        assert!(read(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn it_agrees_with_a_lenient_reader_on_mutated_bodies() {
        // Whatever this reader accepts, serde_json accepts; seeded, so a failure repeats.
        let seed = br#"{"a":[{"b":"\u00e9","c":-1.5e3},true,null],"d":{"e":""}}"#;
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut accepted = 0;
        for _ in 0..20_000 {
            let mut body = seed.to_vec();
            for _ in 0..2 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let [place, byte, ..] = (state >> 16).to_le_bytes();
                let place = usize::from(place) % body.len();
                body[place] = byte & 0x7f;
            }
            let lenient = serde_json::from_slice::<serde_json::Value>(&body);
            if read(&body).is_ok() {
                accepted += 1;
                assert!(lenient.is_ok(), "{}", String::from_utf8_lossy(&body));
            }
        }
        assert!(accepted > 100, "the mutations are too rough: {accepted}");
    }
}

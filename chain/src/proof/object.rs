//! JSON objects that are read as objects alone.
//!
//! Guards: serde takes a list of values where a struct is expected, by place; a proof or a trust root
//! written so is refused, as every other reader of the same text refuses it.

use core::fmt;
use core::marker::PhantomData;

use serde::Deserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};

/// Reads a value that may only stand as an object.
pub(super) trait FromObject<'de>: Sized {
    /// What `derive` made: takes lists too.
    fn from_members<D: Deserializer<'de>>(members: D) -> Result<Self, D::Error>;
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: FromObject<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::from_members(MapAccessDeserializer::new(members))
    }
}

/// Reads an object, and nothing else.
pub(super) fn read<'de, T: FromObject<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_map(ObjectVisitor(PhantomData))
}

/// Makes a type, whose `derive` says `#[serde(remote = "Self")]`, one that is read as an object.
macro_rules! object_only {
    ($($name:ty),+) => {$(
        impl<'de> $crate::proof::object::FromObject<'de> for $name {
            fn from_members<D: serde::Deserializer<'de>>(members: D) -> Result<Self, D::Error> {
                Self::deserialize(members)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::proof::object::read(from)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, to)
            }
        }
    )+};
}

pub(super) use object_only;

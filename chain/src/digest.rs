//! Digests: `H(tag, x) = BLAKE3.derive_key("piao/1 " || tag, x)`, one tag per purpose (SPEC 3.1).
//!
//! A tag binds a digest to one use, so bytes of one kind can never pass for another. A new tag is
//! a change of the specification. The history tree alone uses SHA-256, see [`crate::proof::history`].

use core::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A 32-byte digest without a meaning of its own; newtypes below give it one.
pub type Digest = [u8; 32];

/// The purposes that digests serve. The text of each is in [`Tag::context`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
#[expect(
    missing_docs,
    reason = "each variant is named as its tag; SPEC 3.1 lists them"
)]
pub enum Tag {
    ChainId,
    BlockId,
    TxId,
    TxChecked,
    TxLeaf,
    TxNode,
    TxEmpty,
    ValidatorSet,
    Params,
    StateLeaf,
    StateNode,
    Sigs,
    KeyId,
    InvoiceId,
    FieldSalt,
    FieldLeaf,
    FieldNode,
    FieldDecoy,
    BuyerSalt,
    Buyer,
    Holder,
    ViewSecret,
    View,
    Idem,
    Order,
    TopUp,
    Fingerprint,
    Misbehaviour,
    Card,
    Journal,
    Desk,
    Dev,
}

impl Tag {
    /// Every tag, in the order of the enum.
    pub const ALL: [Self; 32] = [
        Self::ChainId,
        Self::BlockId,
        Self::TxId,
        Self::TxChecked,
        Self::TxLeaf,
        Self::TxNode,
        Self::TxEmpty,
        Self::ValidatorSet,
        Self::Params,
        Self::StateLeaf,
        Self::StateNode,
        Self::Sigs,
        Self::KeyId,
        Self::InvoiceId,
        Self::FieldSalt,
        Self::FieldLeaf,
        Self::FieldNode,
        Self::FieldDecoy,
        Self::BuyerSalt,
        Self::Buyer,
        Self::Holder,
        Self::ViewSecret,
        Self::View,
        Self::Idem,
        Self::Order,
        Self::TopUp,
        Self::Fingerprint,
        Self::Misbehaviour,
        Self::Card,
        Self::Journal,
        Self::Desk,
        Self::Dev,
    ];

    /// The full derivation context.
    #[must_use]
    pub const fn context(self) -> &'static str {
        match self {
            Self::ChainId => "piao/1 chain-id",
            Self::BlockId => "piao/1 block-id",
            Self::TxId => "piao/1 txid",
            Self::TxChecked => "piao/1 tx-checked",
            Self::TxLeaf => "piao/1 tx-leaf",
            Self::TxNode => "piao/1 tx-node",
            Self::TxEmpty => "piao/1 tx-empty",
            Self::ValidatorSet => "piao/1 valset",
            Self::Params => "piao/1 params",
            Self::StateLeaf => "piao/1 state-leaf",
            Self::StateNode => "piao/1 state-node",
            Self::Sigs => "piao/1 sigs",
            Self::KeyId => "piao/1 key-id",
            Self::InvoiceId => "piao/1 invoice-id",
            Self::FieldSalt => "piao/1 field-salt",
            Self::FieldLeaf => "piao/1 field-leaf",
            Self::FieldNode => "piao/1 field-node",
            Self::FieldDecoy => "piao/1 field-decoy",
            Self::BuyerSalt => "piao/1 buyer-salt",
            Self::Buyer => "piao/1 buyer",
            Self::Holder => "piao/1 holder",
            Self::ViewSecret => "piao/1 view-secret",
            Self::View => "piao/1 view",
            Self::Idem => "piao/1 idem",
            Self::Order => "piao/1 order",
            Self::TopUp => "piao/1 top-up",
            Self::Fingerprint => "piao/1 fingerprint",
            Self::Misbehaviour => "piao/1 misbehaviour",
            Self::Card => "piao/1 card",
            Self::Journal => "piao/1 journal",
            Self::Desk => "piao/1 desk",
            Self::Dev => "piao/1 dev",
        }
    }
}

/// Context keys are hashed once: deriving one costs as much as hashing a short message.
static CONTEXT_KEYS: LazyLock<[Digest; Tag::ALL.len()]> =
    LazyLock::new(|| Tag::ALL.map(|tag| blake3::hazmat::hash_derive_key_context(tag.context())));

/// A digest in progress.
#[derive(Clone)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Starts a digest of one purpose.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "the table has one row per variant of Tag"
    )]
    pub fn new(tag: Tag) -> Self {
        use blake3::hazmat::HasherExt as _;
        Self(blake3::Hasher::new_from_context_key(
            &CONTEXT_KEYS[tag as usize],
        ))
    }

    /// Adds bytes.
    #[must_use]
    pub fn with(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    /// Adds a `u32` length (big-endian) and the bytes: `lp` of the specification.
    ///
    /// # Panics
    /// When the bytes are 4 GiB or longer, which no bound of the protocol allows.
    #[must_use]
    pub fn with_prefixed(self, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).expect("bounded far below 4 GiB");
        self.with(&length.to_be_bytes()).with(bytes)
    }

    /// The digest.
    #[must_use]
    pub fn finish(self) -> Digest {
        *self.0.finalize().as_bytes()
    }
}

/// `H(tag, bytes)`.
#[must_use]
pub fn hash(tag: Tag, bytes: &[u8]) -> Digest {
    Hasher::new(tag).with(bytes).finish()
}

/// The first 16 bytes of a digest.
#[must_use]
pub fn truncate(digest: &Digest) -> [u8; 16] {
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(digest) {
        *to = *from;
    }
    short
}

/// Declares the shape every digest newtype has: ordered, hashable, shown as lower-case hex.
trait Hex: AsRef<[u8]> {
    fn write_hex(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Names one network for ever: `H("chain-id", enc(genesis))`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChainId(pub Digest);

/// Names a block: `H("block-id", header)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockId(pub Digest);

/// Names a transaction's body, without its signatures: `H("txid", body)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TransactionId(pub Digest);

/// Names an issued invoice and what was issued before it (SPEC 5.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InvoiceId(pub Digest);

impl InvoiceId {
    /// Stands for "no invoice before": the link of a seller's first.
    pub const NONE: Self = Self([0; 32]);
}

impl BlockId {
    /// Stands for "no block before": the parent of genesis.
    pub const NONE: Self = Self([0; 32]);
}

impl AsRef<[u8]> for ChainId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
impl AsRef<[u8]> for BlockId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
impl AsRef<[u8]> for TransactionId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
impl AsRef<[u8]> for InvoiceId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
impl Hex for ChainId {}
impl Hex for BlockId {}
impl Hex for TransactionId {}
impl Hex for InvoiceId {}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_hex(f)
    }
}
impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_hex(f)
    }
}
impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_hex(f)
    }
}
impl fmt::Display for InvoiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_hex(f)
    }
}
impl fmt::Debug for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainId({self})")
    }
}
impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockId({self})")
    }
}
impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionId({self})")
    }
}
impl fmt::Debug for InvoiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvoiceId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_derivation_context_of_blake3() {
        for tag in Tag::ALL {
            assert_eq!(hash(tag, b"x"), blake3::derive_key(tag.context(), b"x"));
        }
    }

    #[test]
    fn every_tag_has_a_text_of_its_own() {
        let mut texts: Vec<_> = Tag::ALL.map(Tag::context).to_vec();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Tag::ALL.len());
    }

    #[test]
    fn digests_show_as_lower_case_hex() {
        assert_eq!(BlockId([0xab; 32]).to_string(), "ab".repeat(32));
    }
}

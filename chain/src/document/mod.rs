//! The document: everything an invoice says, as salted fields under one root (SPEC 8).
//!
//! The chain holds the root alone. Any subset of fields can be shown and checked later, and
//! forgetting the seed forgets the link between the fields and the root.

mod disclosure;
mod view;

pub use disclosure::DisclosedField;
pub use view::ViewSecret;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher, Tag, truncate};
use crate::limits::{FIELD_BYTES_MAX, FIELDS_MAX};
use crate::proof::merkle::{self, FieldTree};

/// Leaves are padded with decoys to a multiple of this, so that the root's tree tells little of
/// how many fields there are.
const PADDING: usize = 8;

/// One field: an id of SPEC 8.2, the line it belongs to (0 for the head), and its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Field {
    /// Which field.
    pub id: u16,
    /// Line number from 1; 0 for fields of the whole document.
    pub line: u16,
    /// Its value: UTF-8 text for every field of this version.
    #[serde(with = "serde_bytes")]
    pub value: Vec<u8>,
}

/// A document and the seed its salts come from. Private: it never leaves its owner's hands whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    seed: [u8; 32],
    fields: Vec<Field>,
}

impl core::fmt::Debug for Document {
    /// Shows no contents: documents hold names and ids, which must never reach a log.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Document({} fields)", self.fields.len())
    }
}

/// Why fields are not a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// None, or more than [`FIELDS_MAX`].
    #[error("a document has 1 to {FIELDS_MAX} fields, not {0}")]
    Count(usize),
    /// The same field twice, or out of order.
    #[error("field {id} of line {line} stands twice or out of order")]
    Order {
        /// Field id.
        id: u16,
        /// Line.
        line: u16,
    },
    /// A value over [`FIELD_BYTES_MAX`].
    #[error("field {id} of line {line} is too long")]
    TooLong {
        /// Field id.
        id: u16,
        /// Line.
        line: u16,
    },
}

impl Document {
    /// Makes a document of fields, ascending by id and line, and a random seed.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn new(seed: [u8; 32], fields: Vec<Field>) -> Result<Self, DocumentError> {
        if fields.is_empty() || fields.len() > FIELDS_MAX {
            return Err(DocumentError::Count(fields.len()));
        }
        for (a, b) in fields.iter().zip(fields.iter().skip(1)) {
            if (a.id, a.line) >= (b.id, b.line) {
                return Err(DocumentError::Order {
                    id: b.id,
                    line: b.line,
                });
            }
        }
        if let Some(long) = fields
            .iter()
            .find(|field| field.value.len() > FIELD_BYTES_MAX)
        {
            return Err(DocumentError::TooLong {
                id: long.id,
                line: long.line,
            });
        }
        Ok(Self { seed, fields })
    }

    /// The fields, ascending by id and line.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The seed. Who has it can open every field.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// Number of fields, decoys not counted.
    #[must_use]
    pub fn field_count(&self) -> u16 {
        u16::try_from(self.fields.len()).unwrap_or(u16::MAX)
    }

    /// The root that goes on chain.
    #[must_use]
    pub fn root(&self) -> Digest {
        merkle::root::<FieldTree>(&self.leaves())
    }

    /// Shows one field: its value, salt and path.
    #[must_use]
    pub fn disclose(&self, id: u16, line: u16) -> Option<DisclosedField> {
        let at = self
            .fields
            .iter()
            .position(|field| (field.id, field.line) == (id, line))?;
        let field = self.fields.get(at)?.clone();
        let leaves = self.leaves();
        Some(DisclosedField {
            salt: salt(&self.seed, id, line),
            field,
            index: u16::try_from(at).ok()?,
            path: merkle::path::<FieldTree>(&leaves, at)?,
        })
    }

    fn leaves(&self) -> Vec<Digest> {
        let mut leaves: Vec<Digest> = self
            .fields
            .iter()
            .map(|field| field_leaf(&salt(&self.seed, field.id, field.line), field))
            .collect();
        let decoys = padded_len(leaves.len()).saturating_sub(leaves.len());
        leaves.extend((0u32..).take(decoys).map(|n| {
            Hasher::new(Tag::FieldDecoy)
                .with(&self.seed)
                .with(&n.to_be_bytes())
                .finish()
        }));
        leaves
    }
}

/// Leaves of a tree over this many fields.
fn padded_len(fields: usize) -> usize {
    fields.div_ceil(PADDING).saturating_mul(PADDING)
}

/// `H("field-salt", seed || id || line)[..16]`.
fn salt(seed: &[u8; 32], id: u16, line: u16) -> [u8; 16] {
    let hasher = Hasher::new(Tag::FieldSalt).with(seed);
    truncate(
        &hasher
            .with(&id.to_be_bytes())
            .with(&line.to_be_bytes())
            .finish(),
    )
}

/// `H("field-leaf", salt || id || line || u32 len || value)`.
pub(crate) fn field_leaf(salt: &[u8; 16], field: &Field) -> Digest {
    Hasher::new(Tag::FieldLeaf)
        .with(salt)
        .with(&field.id.to_be_bytes())
        .with(&field.line.to_be_bytes())
        .with_prefixed(&field.value)
        .finish()
}

/// The commitment to a buyer whose id must not stand on chain:
/// `H("buyer", H("buyer-salt", seed)[..16] || id_type || lp(id))`.
#[must_use]
pub fn buyer_commitment(seed: &[u8; 32], id_type: u8, id: &[u8]) -> Digest {
    let salt = truncate(&Hasher::new(Tag::BuyerSalt).with(seed).finish());
    Hasher::new(Tag::Buyer)
        .with(&salt)
        .with(&[id_type])
        .with_prefixed(id)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let field = |id, line, text: &str| Field {
            id,
            line,
            value: text.into(),
        };
        Document::new(
            [3; 32],
            vec![field(1, 0, "a"), field(2, 1, "b"), field(2, 2, "c")],
        )
        .unwrap()
    }

    #[test]
    fn every_field_can_be_shown_alone() {
        let document = document();
        for field in document.fields() {
            let shown = document.disclose(field.id, field.line).unwrap();
            assert!(shown.is_under(&document.root(), document.field_count()));
        }
        assert_eq!(document.disclose(9, 0), None);
    }

    #[test]
    fn a_changed_value_salt_or_place_is_not_under_the_root() {
        let document = document();
        let (root, count) = (document.root(), document.field_count());
        let shown = document.disclose(2, 1).unwrap();
        let mut value = shown.clone();
        value.field.value = b"x".to_vec();
        let mut salt = shown.clone();
        salt.salt[0] ^= 1;
        let mut line = shown.clone();
        line.field.line = 2;
        let mut place = shown.clone();
        place.index = 0;
        let mut decoy = shown;
        decoy.index = 3;
        for wrong in [value, salt, line, place, decoy] {
            assert!(!wrong.is_under(&root, count));
        }
    }

    #[test]
    fn equal_documents_with_other_seeds_have_other_roots() {
        let other = Document::new([4; 32], document().fields().to_vec()).unwrap();
        assert_ne!(other.root(), document().root());
    }

    #[test]
    fn refuses_fields_twice_out_of_order_too_long_and_none() {
        let field = |id, line| Field {
            id,
            line,
            value: vec![],
        };
        assert_eq!(Document::new([0; 32], vec![]), Err(DocumentError::Count(0)));
        let twice = vec![field(1, 0), field(1, 0)];
        assert_eq!(
            Document::new([0; 32], twice),
            Err(DocumentError::Order { id: 1, line: 0 })
        );
        let long = Field {
            value: vec![0; FIELD_BYTES_MAX + 1],
            ..field(1, 0)
        };
        assert_eq!(
            Document::new([0; 32], vec![long]),
            Err(DocumentError::TooLong { id: 1, line: 0 })
        );
    }

    #[test]
    fn a_buyer_can_not_be_guessed_without_the_seed() {
        let one = buyer_commitment(&[1; 32], 3, b"110105194912310021");
        let other = buyer_commitment(&[2; 32], 3, b"110105194912310021");
        assert_ne!(one, other);
    }

    #[test]
    fn a_debug_print_shows_no_contents() {
        assert_eq!(format!("{:?}", document()), "Document(3 fields)");
    }
}

//! One field shown: enough to check it against the root, and nothing about the others (SPEC 8.3).

use serde::{Deserialize, Serialize};

use super::{Field, field_leaf, padded_len};
use crate::digest::Digest;
use crate::proof::merkle::{self, FieldTree};

/// A field with its salt and path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosedField {
    /// The field.
    pub field: Field,
    /// Its salt.
    pub salt: [u8; 16],
    /// Its place among the leaves.
    pub index: u16,
    /// The inclusion path, from the leaf up.
    pub path: Vec<Digest>,
}

impl DisclosedField {
    /// Whether the field stands under a document's root with this many fields.
    #[must_use]
    pub fn is_under(&self, root: &Digest, field_count: u16) -> bool {
        // A decoy is no field, even if its preimage were known.
        if self.index >= field_count {
            return false;
        }
        let leaf = field_leaf(&self.salt, &self.field);
        let size = padded_len(usize::from(field_count)) as u64;
        let reached =
            merkle::root_of_path::<FieldTree>(&leaf, u64::from(self.index), size, &self.path);
        reached.as_ref() == Some(root)
    }
}

//! What a link to an invoice holds, so that whoever has the paper can open the document (SPEC 8.6).
//!
//! Guards: the secret follows from the document's seed, so nothing more is kept, and erasing the
//! document ends its links; it opens one invoice, shows neither seed nor salt, and claims nothing.
//! A server is shown a digest of it and never the secret itself.

use base64ct::{Base64UrlUnpadded, Encoding as _};

use crate::digest::{Digest, Hasher, Tag, hash, truncate};
use crate::invoice::InvoiceNumber;

/// Bytes of a secret: nobody guesses 128 bits.
const SECRET_BYTES: usize = 16;

/// What stands behind the `#` of a link.
#[derive(Clone, PartialEq, Eq)]
pub struct ViewSecret([u8; SECRET_BYTES]);

impl core::fmt::Debug for ViewSecret {
    /// Shows nothing: it must never reach a log.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ViewSecret(..)")
    }
}

impl ViewSecret {
    /// The secret of an invoice, from the seed of its document.
    #[must_use]
    pub fn of(seed: &[u8; 32], number: &InvoiceNumber) -> Self {
        let digest = Hasher::new(Tag::ViewSecret)
            .with(seed)
            .with(number.as_str().as_bytes())
            .finish();
        Self(truncate(&digest))
    }

    /// What a page shows to a server in its place: `H("view", secret)`.
    #[must_use]
    pub fn digest(&self) -> Digest {
        hash(Tag::View, &self.0)
    }

    /// As it stands in a link: 22 characters of base64url without padding (RFC 4648, 5).
    #[must_use]
    pub fn text(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_of_one_document_and_one_number() {
        let number = |text: &str| text.parse::<InvoiceNumber>().unwrap();
        let first = number("26427000000000000001");
        let secret = ViewSecret::of(&[7; 32], &first);
        assert_eq!(secret, ViewSecret::of(&[7; 32], &first));
        assert_ne!(secret, ViewSecret::of(&[8; 32], &first));
        assert_ne!(
            secret,
            ViewSecret::of(&[7; 32], &number("26427000000000000002"))
        );
        assert_eq!(secret.text().len(), 22);
        let in_link = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(secret.text().chars().all(in_link));
        assert_ne!(secret.digest()[..16], secret.0);
        assert_eq!(format!("{secret:?}"), "ViewSecret(..)");
    }
}

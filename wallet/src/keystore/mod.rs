//! Secret keys at rest: one encrypted file for each key.
//!
//! Guards: a stolen file is worth nothing without its passphrase (argon2id, at least 64 MiB and
//! three passes, then XChaCha20-Poly1305); the public half is readable without it; a key is never
//! overwritten; secrets are erased from memory. Source: RFC 9106, draft-irtf-cfrg-xchacha.

mod error;
mod file;
mod marks;
mod seal;
mod store;

pub(crate) use error::KeystoreError;
pub(crate) use marks::{Retired, Rotation};
pub(crate) use store::{Keystore, StoredKey};

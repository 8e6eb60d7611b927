//! Secrets at rest: one encrypted file per key, opened by an unlock secret kept apart.
//!
//! Guards: no secret lies in the clear in the data directory, no key file is ever overwritten, and
//! no secret shows in a log. A node restarts unattended because its unlock secret lies in a file
//! that only its own user can read.

pub(crate) mod atomic_file;
mod key_file;
mod keyring;
mod unlock;

pub use key_file::{KEY_FILE_VERSION, KeyFileError};
pub use keyring::{Keyring, KeyringError};
pub use unlock::{UnlockError, UnlockSecret};

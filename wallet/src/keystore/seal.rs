//! From a passphrase to a sealed secret and back.
//!
//! Guards: the parameters of RFC 9106's second recommended option are the floor. A fresh random
//! salt and nonce for every file.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::error::KeystoreError;

/// Name of the derivation in the file.
pub(super) const KDF: &str = "argon2id";
/// Name of the cipher in the file.
pub(super) const CIPHER: &str = "xchacha20poly1305";

/// What deriving a key costs whoever guesses passphrases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    /// Memory, KiB.
    pub(super) memory_kib: u32,
    /// Passes over the memory.
    pub(super) passes: u32,
    /// Lanes.
    pub(super) lanes: u32,
}

impl Cost {
    /// 64 MiB, three passes, one lane: about a third of a second on a small machine.
    pub(super) const DEFAULT: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };
}

/// Random bytes of the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], KeystoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| KeystoreError::Derivation(error.to_string()))?;
    Ok(bytes)
}

/// The key that wraps the secret.
pub(super) fn derive(
    passphrase: &str,
    salt: &[u8; 16],
    cost: Cost,
) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
    let failed = |error: argon2::Error| KeystoreError::Derivation(error.to_string());
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(failed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(failed)?;
    Ok(key)
}

/// Seals a seed; `bound` is authenticated with it.
pub(super) fn encrypt(
    wrapping: &Zeroizing<[u8; 32]>,
    nonce: &[u8; 24],
    seed: &Zeroizing<[u8; 32]>,
    bound: &[u8],
) -> Result<Vec<u8>, KeystoreError> {
    let cipher = XChaCha20Poly1305::new(Key::from_slice(wrapping.as_slice()));
    let payload = Payload {
        msg: seed.as_slice(),
        aad: bound,
    };
    cipher
        .encrypt(XNonce::from_slice(nonce), payload)
        .map_err(|_too_long| KeystoreError::Derivation("seal".to_owned()))
}

/// Opens a seed.
pub(super) fn decrypt(
    wrapping: &Zeroizing<[u8; 32]>,
    nonce: &[u8; 24],
    sealed: &[u8],
    bound: &[u8],
) -> Result<Zeroizing<[u8; 32]>, KeystoreError> {
    let cipher = XChaCha20Poly1305::new(Key::from_slice(wrapping.as_slice()));
    let payload = Payload {
        msg: sealed,
        aad: bound,
    };
    let opened = cipher
        .decrypt(XNonce::from_slice(nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_forged| KeystoreError::WrongPassphrase)?;
    let mut seed = Zeroizing::new([0; 32]);
    if opened.len() != seed.len() {
        return Err(KeystoreError::WrongPassphrase);
    }
    seed.copy_from_slice(&opened);
    Ok(seed)
}

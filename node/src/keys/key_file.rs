//! One key file: 32 secret bytes sealed with XChaCha20-Poly1305, in JSON.
//!
//! Name, purpose and public half stand in the clear and are bound to the sealed bytes, so a file
//! that was renamed, or whose public half was exchanged, does not open.

use chacha20poly1305::aead::{AeadInPlace as _, KeyInit as _};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The layout of a key file.
pub const KEY_FILE_VERSION: u16 = 1;

/// Bytes of a nonce.
pub(super) const NONCE_BYTES: usize = 24;

/// What the 32 bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Purpose {
    /// The seed of an Ed25519 key.
    SigningKey,
    /// Any other secret.
    Secret,
}

impl Purpose {
    const fn text(self) -> &'static str {
        match self {
            Self::SigningKey => "signing-key",
            Self::Secret => "secret",
        }
    }
}

/// What stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyFile {
    /// [`KEY_FILE_VERSION`].
    version: u16,
    /// The name it was stored under.
    name: String,
    /// What it is.
    purpose: Purpose,
    /// The public half, for people and listings; absent for other secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<HexBytes<32>>,
    nonce: HexBytes<NONCE_BYTES>,
    /// 32 bytes and the cipher's tag.
    sealed: HexBytes<48>,
}

/// Bytes that stand in JSON as lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct HexBytes<const N: usize>([u8; N]);

impl<const N: usize> TryFrom<String> for HexBytes<N> {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; N];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl<const N: usize> From<HexBytes<N>> for String {
    fn from(bytes: HexBytes<N>) -> Self {
        hex::encode(bytes.0)
    }
}

/// Why a key file does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// Not the JSON of a key file.
    #[error("not a key file: {0}")]
    Malformed(String),
    /// Of a version this program does not know.
    #[error("key file version {0} is not known here (this is version {KEY_FILE_VERSION})")]
    Version(u16),
    /// It holds another kind of secret than asked for, or stands under another name.
    #[error("it holds another key than its name says")]
    OtherKey,
    /// The seal does not hold.
    #[error("it does not open: the unlock secret is another one, or the file is damaged")]
    Sealed,
}

impl KeyFile {
    /// Seals a secret under a nonce that was never used before.
    pub(super) fn seal(
        key: &[u8; 32],
        nonce: [u8; NONCE_BYTES],
        name: &str,
        public_key: Option<[u8; 32]>,
        secret: &[u8; 32],
    ) -> Self {
        let purpose = match public_key {
            Some(_) => Purpose::SigningKey,
            None => Purpose::Secret,
        };
        let mut sealed = [0; 48];
        let (text, tag) = sealed.split_at_mut(32);
        text.copy_from_slice(secret);
        let made = XChaCha20Poly1305::new(key.into())
            .encrypt_in_place_detached(
                XNonce::from_slice(&nonce),
                &bound(name, purpose, public_key.as_ref()),
                text,
            )
            .expect("32 bytes are far below the cipher's limit");
        tag.copy_from_slice(&made);
        Self {
            version: KEY_FILE_VERSION,
            name: name.to_owned(),
            purpose,
            public_key: public_key.map(HexBytes),
            nonce: HexBytes(nonce),
            sealed: HexBytes(sealed),
        }
    }

    /// Opens the seal.
    ///
    /// # Errors
    /// [`KeyFileError::OtherKey`], [`KeyFileError::Sealed`].
    pub(super) fn open(
        &self,
        key: &[u8; 32],
        name: &str,
        purpose: Purpose,
    ) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
        if self.name != name || self.purpose != purpose {
            return Err(KeyFileError::OtherKey);
        }
        let (text, tag) = self.sealed.0.split_at(32);
        let mut secret = Zeroizing::new([0; 32]);
        secret.copy_from_slice(text);
        XChaCha20Poly1305::new(key.into())
            .decrypt_in_place_detached(
                XNonce::from_slice(&self.nonce.0),
                &bound(name, purpose, self.public_key().as_ref()),
                secret.as_mut(),
                Tag::from_slice(tag),
            )
            .map_err(|_source| KeyFileError::Sealed)?;
        Ok(secret)
    }

    /// The public half, as the file says; checked by [`Self::open`] alone.
    pub(super) fn public_key(&self) -> Option<[u8; 32]> {
        self.public_key.map(|public_key| public_key.0)
    }

    /// Reads the JSON.
    ///
    /// # Errors
    /// [`KeyFileError::Malformed`], [`KeyFileError::Version`].
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, KeyFileError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u16,
        }
        let malformed = |error: serde_json::Error| KeyFileError::Malformed(error.to_string());
        let Versioned { version } = serde_json::from_slice(bytes).map_err(malformed)?;
        if version != KEY_FILE_VERSION {
            return Err(KeyFileError::Version(version));
        }
        serde_json::from_slice(bytes).map_err(malformed)
    }

    /// Writes the JSON.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut bytes =
            serde_json::to_vec_pretty(self).expect("texts and numbers are always valid JSON");
        bytes.push(b'\n');
        bytes
    }
}

/// What is bound to the sealed bytes: purpose, public half, name; each part at a fixed place.
fn bound(name: &str, purpose: Purpose, public_key: Option<&[u8; 32]>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    bytes.extend_from_slice(purpose.text().as_bytes());
    bytes.push(0);
    bytes.push(u8::from(public_key.is_some()));
    bytes.extend_from_slice(public_key.unwrap_or(&[0; 32]));
    bytes.extend_from_slice(name.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> KeyFile {
        KeyFile::seal(&[1; 32], [2; 24], "a", Some([3; 32]), &[7; 32])
    }

    #[test]
    fn opens_with_its_key_alone() {
        let file = KeyFile::from_json(&sealed().to_json()).unwrap();
        let secret = file.open(&[1; 32], "a", Purpose::SigningKey).unwrap();
        assert_eq!(*secret, [7; 32]);
        assert_eq!(
            file.open(&[2; 32], "a", Purpose::SigningKey),
            Err(KeyFileError::Sealed)
        );
    }

    #[test]
    fn name_purpose_and_public_half_are_bound() {
        let open = |file: &KeyFile| file.open(&[1; 32], &file.name, file.purpose);
        let mut name = sealed();
        name.name = "b".into();
        let mut purpose = sealed();
        purpose.purpose = Purpose::Secret;
        let mut public = sealed();
        public.public_key = Some(HexBytes([4; 32]));
        let mut absent = sealed();
        absent.public_key = None;
        for wrong in [name, purpose, public, absent] {
            assert_eq!(open(&wrong), Err(KeyFileError::Sealed));
        }
        assert!(open(&sealed()).is_ok());
        assert_eq!(
            sealed().open(&[1; 32], "b", Purpose::SigningKey),
            Err(KeyFileError::OtherKey)
        );
    }

    #[test]
    fn a_later_version_says_so_whatever_else_it_holds() {
        let text = br#"{"version":2,"something":"new"}"#;
        assert_eq!(KeyFile::from_json(text), Err(KeyFileError::Version(2)));
        assert!(matches!(
            KeyFile::from_json(b"{}"),
            Err(KeyFileError::Malformed(_))
        ));
    }
}

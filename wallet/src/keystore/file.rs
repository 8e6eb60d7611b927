//! The key file, version 1: JSON with a readable public half and a sealed secret.
//!
//! Guards: everything readable is authenticated by the seal, so that nobody can pair a secret with
//! another public key; the cost figures are bounded, so that a foreign file cannot exhaust memory.

use std::path::Path;

use piao_chain::signature::{PublicKey, SecretKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::KeystoreError;
use super::seal::{self, Cost};

/// The word in [`KeyFile::kind`].
const KIND: &str = "piao-key";
/// The format this program writes, and the only one it reads.
const VERSION: u8 = 1;
/// Bytes of a key file, at most. A written one has about 700.
pub(super) const FILE_BYTES_MAX: usize = 16 * 1024;
/// Memory a foreign file may ask for, in KiB: 1 GiB.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
/// Passes a foreign file may ask for.
const PASSES_MAX: u32 = 16;
/// Lanes a foreign file may ask for.
const LANES_MAX: u32 = 4;

/// A key as it lies on disk. Reading it needs no passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyFile {
    /// Always `piao-key`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Version of the format.
    pub(crate) version: u8,
    /// Id of the key, 32 hex digits.
    pub(crate) id: String,
    /// Public key, 64 hex digits.
    pub(crate) public_key: String,
    /// When it was made, RFC 3339.
    pub(crate) created: String,
    kdf: Kdf,
    cipher: Cipher,
}

/// How the encryption key follows from the passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kdf {
    name: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

/// The sealed secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cipher {
    name: String,
    nonce: String,
    text: String,
}

impl KeyFile {
    /// Seals a key under a passphrase.
    ///
    /// # Errors
    /// [`KeystoreError::Derivation`].
    pub(crate) fn seal(
        key: &SecretKey,
        passphrase: &Zeroizing<String>,
        created: String,
    ) -> Result<Self, KeystoreError> {
        let cost = Cost::DEFAULT;
        let (salt, nonce) = (seal::random::<16>()?, seal::random::<24>()?);
        let mut file = Self {
            kind: KIND.to_owned(),
            version: VERSION,
            id: key.public_key().id().to_string(),
            public_key: hex::encode(key.public_key().as_bytes()),
            created,
            kdf: Kdf {
                name: seal::KDF.to_owned(),
                memory_kib: cost.memory_kib,
                passes: cost.passes,
                lanes: cost.lanes,
                salt: hex::encode(salt),
            },
            cipher: Cipher {
                name: seal::CIPHER.to_owned(),
                nonce: hex::encode(nonce),
                text: String::new(),
            },
        };
        let wrapping = seal::derive(passphrase, &salt, cost)?;
        let sealed = seal::encrypt(&wrapping, &nonce, &key.seed(), &file.bound())?;
        file.cipher.text = hex::encode(sealed);
        Ok(file)
    }

    /// Reads a key file and checks everything that needs no passphrase.
    ///
    /// # Errors
    /// [`KeystoreError::NotAKey`], [`KeystoreError::UnknownVersion`].
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Self, KeystoreError> {
        let not_a_key = |why| KeystoreError::NotAKey {
            path: path.to_owned(),
            why,
        };
        // The version is asked first: a newer file may have members this program does not know.
        let head: Head =
            serde_json::from_slice(bytes).map_err(|_json| not_a_key("not JSON of one"))?;
        if head.kind != KIND {
            return Err(not_a_key("type is not piao-key"));
        }
        if head.version != VERSION {
            return Err(KeystoreError::UnknownVersion {
                path: path.to_owned(),
                version: head.version,
            });
        }
        let file: Self = serde_json::from_slice(bytes)
            .map_err(|_json| not_a_key("members are not those of version 1"))?;
        let cost = file.cost();
        let bounded = (Cost::DEFAULT.memory_kib..=MEMORY_KIB_MAX).contains(&cost.memory_kib)
            && (Cost::DEFAULT.passes..=PASSES_MAX).contains(&cost.passes)
            && (1..=LANES_MAX).contains(&cost.lanes);
        if file.kdf.name != seal::KDF || file.cipher.name != seal::CIPHER || !bounded {
            return Err(not_a_key("its encryption is not of this version"));
        }
        match file.public() {
            Some(public) if public.id().to_string() == file.id => Ok(file),
            _ => Err(not_a_key("id and public key do not belong together")),
        }
    }

    /// Opens the secret.
    ///
    /// # Errors
    /// [`KeystoreError::WrongPassphrase`], also when the file was changed;
    /// [`KeystoreError::Derivation`].
    pub(crate) fn open(&self, passphrase: &Zeroizing<String>) -> Result<SecretKey, KeystoreError> {
        let wrong = || KeystoreError::WrongPassphrase;
        let salt: [u8; 16] = bytes_of(&self.kdf.salt).ok_or_else(wrong)?;
        let nonce: [u8; 24] = bytes_of(&self.cipher.nonce).ok_or_else(wrong)?;
        let sealed: [u8; 48] = bytes_of(&self.cipher.text).ok_or_else(wrong)?;
        let wrapping = seal::derive(passphrase, &salt, self.cost())?;
        let seed = seal::decrypt(&wrapping, &nonce, &sealed, &self.bound())?;
        let key = SecretKey::from_seed(&seed);
        if Some(key.public_key()) == self.public() {
            Ok(key)
        } else {
            Err(wrong())
        }
    }

    fn public(&self) -> Option<PublicKey> {
        PublicKey::from_bytes(&bytes_of(&self.public_key)?).ok()
    }

    fn cost(&self) -> Cost {
        Cost {
            memory_kib: self.kdf.memory_kib,
            passes: self.kdf.passes,
            lanes: self.kdf.lanes,
        }
    }

    /// The readable half as bytes the seal authenticates. Every text is length-prefixed, so two
    /// files never share these bytes.
    fn bound(&self) -> Vec<u8> {
        let mut bytes = vec![self.version];
        let kdf = &self.kdf;
        for number in [kdf.memory_kib, kdf.passes, kdf.lanes] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        let texts = [
            &self.kind,
            &self.id,
            &self.public_key,
            &self.created,
            &kdf.name,
            &kdf.salt,
        ];
        for text in texts {
            bytes.extend_from_slice(&text.len().to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

/// What every version of the format has.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    version: u8,
}

fn bytes_of<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[test]
    fn a_key_opens_with_its_passphrase_and_only_unchanged() {
        let key = SecretKey::from_seed(&[7; 32]);
        let file = KeyFile::seal(
            &key,
            &phrase("correct horse"),
            "2026-11-21T10:00:00Z".into(),
        )
        .unwrap();
        let json = serde_json::to_vec(&file).unwrap();
        assert!(!String::from_utf8_lossy(&json).contains(&hex::encode([7; 32])));
        let path = Path::new("k.json");
        let read = KeyFile::parse(&json, path).unwrap();
        assert_eq!(
            read.open(&phrase("correct horse")).unwrap().seed(),
            key.seed()
        );
        let is_wrong = |file: &KeyFile, words| {
            matches!(
                file.open(&phrase(words)),
                Err(KeystoreError::WrongPassphrase)
            )
        };
        assert!(is_wrong(&read, "correct horsf"));
        let mut dated = read.clone();
        dated.created = "2020-01-01T00:00:00Z".into();
        assert!(is_wrong(&dated, "correct horse"));
    }

    #[test]
    fn a_foreign_file_cannot_lower_or_explode_the_cost() {
        let key = SecretKey::from_seed(&[8; 32]);
        let file = KeyFile::seal(&key, &phrase("x"), String::new()).unwrap();
        let path = Path::new("k.json");
        let with = |change: &dyn Fn(&mut KeyFile)| {
            let mut changed = file.clone();
            change(&mut changed);
            KeyFile::parse(&serde_json::to_vec(&changed).unwrap(), path)
        };
        assert!(with(&|_| ()).is_ok());
        assert!(with(&|file| file.kdf.memory_kib = 8).is_err());
        assert!(with(&|file| file.kdf.memory_kib = u32::MAX).is_err());
        assert!(with(&|file| file.kdf.passes = 1).is_err());
        assert!(with(&|file| file.id = "00".repeat(16)).is_err());
        assert!(matches!(
            with(&|file| file.version = 2),
            Err(KeystoreError::UnknownVersion { version: 2, .. })
        ));
    }
}

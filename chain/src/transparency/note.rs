//! Signed notes: a text, a blank line, and signature lines `— NAME BASE64`.
//!
//! A signature is four bytes of key id and the bytes of its algorithm. Ed25519 signs the text as it
//! stands, a cosignature a short head before it with the time it was given at.

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use crate::signature::{PublicKey, SecretKey, Signature};

/// Bytes of a note, at most: 16 lines of text and signatures of many witnesses fit.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;
/// Signature lines of a note, at most.
const SIGNATURES_MAX: usize = 64;
/// Begins a signature line: an em dash and a blank.
const DASH: &str = "\u{2014} ";

/// Algorithm of a log's own signature.
const ED25519: u8 = 0x01;
/// Algorithm of a witness's cosignature.
const COSIGNATURE: u8 = 0x04;

/// Why a text is no signed note, or not one by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Too long, no blank line before the signatures, or a line that is none.
    #[error("not a signed note")]
    Malformed,
    /// No signature by this key.
    #[error("not signed by this key")]
    NotSigned,
    /// A signature by this key that does not hold.
    #[error("a signature by this key does not hold")]
    Invalid,
}

/// A key with the name it signs notes under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    key: PublicKey,
    algorithm: u8,
}

impl NoteKey {
    /// The key of a log. A name has no blanks and no `+`; `None` for another.
    #[must_use]
    pub fn log(name: &str, key: PublicKey) -> Option<Self> {
        Self::new(name, key, ED25519)
    }

    /// The key of a witness.
    #[must_use]
    pub fn witness(name: &str, key: PublicKey) -> Option<Self> {
        Self::new(name, key, COSIGNATURE)
    }

    fn new(name: &str, key: PublicKey, algorithm: u8) -> Option<Self> {
        let plain = |one: char| !one.is_whitespace() && !one.is_control() && one != '+';
        let name = (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())?;
        Some(Self {
            name,
            key,
            algorithm,
        })
    }

    /// `NAME+ID+KEY`, as tools of transparency logs take it.
    #[must_use]
    pub fn verifier(&self) -> String {
        let mut bytes = vec![self.algorithm];
        bytes.extend_from_slice(self.key.as_bytes());
        let (id, key) = (hex::encode(self.id()), Base64::encode_string(&bytes));
        format!("{}+{id}+{key}", self.name)
    }

    /// First four bytes of SHA-256 over name, line end, algorithm and key.
    fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', self.algorithm]);
        hash.update(self.key.as_bytes());
        let mut id = [0; 4];
        for (into, from) in id.iter_mut().zip(hash.finalize()) {
            *into = from;
        }
        id
    }
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A text and its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// A note without signatures. The text ends with a line end and has no control characters but
    /// that.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn new(text: String) -> Result<Self, NoteError> {
        let plain = text.chars().all(|one| one == '\n' || !one.is_control());
        let ends = text.ends_with('\n') && !text.ends_with("\n\n");
        if !plain || !ends || text.len() > NOTE_BYTES_MAX {
            return Err(NoteError::Malformed);
        }
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Reads a note.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::Malformed);
        }
        // The last blank line: a text may have others.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed)?;
        let mut read = Self::new(format!("{text}\n"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        for line in lines.split('\n') {
            if read.signatures.len() >= SIGNATURES_MAX {
                return Err(NoteError::Malformed);
            }
            let signature = signature_of(line).ok_or(NoteError::Malformed)?;
            read.signatures.push(signature);
        }
        Ok(read)
    }

    /// What is signed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The note as it is handed out.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut note = format!("{}\n", self.text);
        for signature in &self.signatures {
            let mut bytes = signature.id.to_vec();
            bytes.extend_from_slice(&signature.bytes);
            note.push_str(DASH);
            note.push_str(&signature.name);
            note.push(' ');
            note.push_str(&Base64::encode_string(&bytes));
            note.push('\n');
        }
        note
    }

    /// Signs as the log. The key's secret must be the one of `key`.
    pub fn sign(&mut self, key: &NoteKey, secret: &SecretKey) {
        let signature = secret.sign_bytes(self.text.as_bytes());
        self.add(key, signature.0.to_vec());
    }

    /// Signs as a witness that saw the note's root follow from the one it saw before.
    pub fn cosign(&mut self, key: &NoteKey, secret: &SecretKey, unix_seconds: u64) {
        let signature = secret.sign_bytes(&self.cosigned(unix_seconds));
        let mut bytes = unix_seconds.to_be_bytes().to_vec();
        bytes.extend_from_slice(&signature.0);
        self.add(key, bytes);
    }

    /// Checks that a key signed it; a witness's time in seconds since 1970, 0 for a log's.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`], [`NoteError::Invalid`].
    pub fn verify(&self, key: &NoteKey) -> Result<u64, NoteError> {
        let id = key.id();
        let mut by_key = self
            .signatures
            .iter()
            .filter(|one| one.name == key.name && one.id == id);
        let signature = by_key.next().ok_or(NoteError::NotSigned)?;
        // Two signatures by one key say nothing one does not.
        if by_key.next().is_some() {
            return Err(NoteError::Invalid);
        }
        if key.algorithm == ED25519 {
            let bytes = signature.bytes.as_slice().try_into();
            let bytes = bytes.map_err(|_length| NoteError::Invalid)?;
            let holds = key
                .key
                .verify_bytes(self.text.as_bytes(), &Signature(bytes));
            return if holds {
                Ok(0)
            } else {
                Err(NoteError::Invalid)
            };
        }
        let (time, bytes) = signature
            .bytes
            .split_first_chunk::<8>()
            .ok_or(NoteError::Invalid)?;
        let time = u64::from_be_bytes(*time);
        let bytes = bytes.try_into().map_err(|_length| NoteError::Invalid)?;
        let holds = key
            .key
            .verify_bytes(&self.cosigned(time), &Signature(bytes));
        if holds {
            Ok(time)
        } else {
            Err(NoteError::Invalid)
        }
    }

    fn add(&mut self, key: &NoteKey, bytes: Vec<u8>) {
        let id = key.id();
        self.signatures
            .retain(|known| known.name != key.name || known.id != id);
        self.signatures.push(NoteSignature {
            name: key.name.clone(),
            id,
            bytes,
        });
    }

    fn cosigned(&self, unix_seconds: u64) -> Vec<u8> {
        format!("cosignature/v1\ntime {unix_seconds}\n{}", self.text).into_bytes()
    }
}

fn signature_of(line: &str) -> Option<NoteSignature> {
    let (name, base64) = line.strip_prefix(DASH)?.split_once(' ')?;
    if name.is_empty() || name.contains('+') {
        return None;
    }
    let bytes = Base64::decode_vec(base64).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    Some(NoteSignature {
        name: name.to_owned(),
        id: *id,
        bytes: bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the documentation of Go's `note` package, whose keys and text are published.
    const EXAMPLE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const EXAMPLE_KEY: &str = "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_published_example_verifies_and_no_changed_one_does() {
        let bytes = Base64::decode_vec(EXAMPLE_KEY).unwrap();
        let key = PublicKey::from_bytes(&bytes[1..].try_into().unwrap()).unwrap();
        let key = NoteKey::log("PeterNeumann", key).unwrap();
        assert_eq!(
            key.verifier(),
            format!("PeterNeumann+c74f20a3+{EXAMPLE_KEY}")
        );
        let note = Note::parse(EXAMPLE).unwrap();
        assert_eq!(note.to_text(), EXAMPLE);
        assert_eq!(note.verify(&key), Ok(0));
        let changed = Note::parse(&EXAMPLE.replace("answer", "cause")).unwrap();
        assert_eq!(changed.verify(&key), Err(NoteError::Invalid));
        let other = NoteKey::log("AnnaNeumann", key.key).unwrap();
        assert_eq!(note.verify(&other), Err(NoteError::NotSigned));
    }

    #[test]
    fn a_witness_signs_the_time_too() {
        let secret = SecretKey::from_seed(&[7; 32]);
        let key = NoteKey::witness("witness.example", secret.public_key()).unwrap();
        let mut note = Note::new("log\n1\nAAAA\n".to_owned()).unwrap();
        note.cosign(&key, &secret, 1_790_000_000);
        let read = Note::parse(&note.to_text()).unwrap();
        assert_eq!(read.verify(&key), Ok(1_790_000_000));
        let mut later = read;
        later.signatures[0].bytes[7] ^= 1;
        assert_eq!(later.verify(&key), Err(NoteError::Invalid));
        let as_log = NoteKey::log("witness.example", secret.public_key()).unwrap();
        assert_eq!(note.verify(&as_log), Err(NoteError::NotSigned));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for bad in [
            "",
            "text\n",
            "text\n\n",
            "text\n\nname sig\n",
            "text\n\n\u{2014} name\n",
            "text\n\n\u{2014} name !!\n",
            "text\n\n\u{2014} na+me AAAAAAAA\n",
            "te\u{7}xt\n\n\u{2014} name AAAAAAAA\n",
            "text\n\n\u{2014} name AAAAAAAA",
        ] {
            assert_eq!(Note::parse(bad), Err(NoteError::Malformed), "{bad:?}");
        }
        assert!(NoteKey::log("two words", SecretKey::from_seed(&[1; 32]).public_key()).is_none());
    }
}

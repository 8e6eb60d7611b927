//! Sealing what is private, each document under a random key of its own.
//!
//! The key lies sealed under the master key in a slot of the `document-keys` file. Both seals are
//! bound to the request they belong to, so no document can be shown in place of another.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use piao_chain::codec;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::record::{Private, RequestId};

/// Separates the keys made of the master key from any other use of the same bytes.
const SEALING_CONTEXT: &str = "piao-node/1 desk document key";
/// Tells whether a journal was made with this master key, without telling the key.
const RECOGNITION_CONTEXT: &str = "piao-node/1 desk master key recognition";

/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;

/// A document's key, sealed under the master key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SealedKey {
    pub(super) request_id: RequestId,
    pub(super) nonce: [u8; NONCE_BYTES],
    pub(super) sealed: [u8; 48],
}

/// Seals and opens documents.
pub(super) struct Documents {
    sealing_key: Zeroizing<[u8; 32]>,
}

/// The private parts, sealed as one.
#[derive(Serialize)]
struct PlainRef<'a> {
    #[serde(with = "serde_bytes")]
    draft: &'a [u8],
    #[serde(with = "serde_bytes")]
    document: &'a [u8],
}

/// [`PlainRef`] as it is read.
#[derive(Serialize, Deserialize)]
struct Plain {
    #[serde(with = "serde_bytes")]
    draft: Vec<u8>,
    #[serde(with = "serde_bytes")]
    document: Vec<u8>,
}

/// The bytes recognised in the header of a `document-keys` file.
pub(super) fn recognition(master_key: &[u8; 32]) -> [u8; 32] {
    blake3::derive_key(RECOGNITION_CONTEXT, master_key)
}

impl Documents {
    pub(super) fn new(master_key: &[u8; 32]) -> Self {
        Self {
            sealing_key: Zeroizing::new(blake3::derive_key(SEALING_CONTEXT, master_key)),
        }
    }

    /// Seals draft and document under a new key; returns the sealed bytes and the sealed key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub(super) fn seal(
        &self,
        request_id: &RequestId,
        attempt: u32,
        draft: &[u8],
        document: &[u8],
    ) -> Result<(Vec<u8>, SealedKey), getrandom::Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut())?;
        let plain = Zeroizing::new(codec::encode(&PlainRef { draft, document }));
        let nonce = random_nonce()?;
        let text = seal(&key, &nonce, &document_bound(request_id, attempt), &plain);
        let sealed = [&nonce[..], &text].concat();
        Ok((sealed, self.seal_key(random_nonce()?, request_id, &key)))
    }

    fn seal_key(
        &self,
        nonce: [u8; NONCE_BYTES],
        request_id: &RequestId,
        key: &[u8; 32],
    ) -> SealedKey {
        let sealed = seal(&self.sealing_key, &nonce, request_id, key);
        SealedKey {
            request_id: *request_id,
            nonce,
            sealed: sealed.try_into().expect("32 bytes and a tag of 16"),
        }
    }

    /// Opens draft and document. `None` when either seal does not hold.
    pub(super) fn open(
        &self,
        request_id: &RequestId,
        attempt: u32,
        sealed: &[u8],
        key: &SealedKey,
    ) -> Option<(Private, Private)> {
        let opened = open(&self.sealing_key, &key.nonce, request_id, &key.sealed)?;
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(opened.as_slice().try_into().ok()?);
        let (nonce, text) = sealed.split_first_chunk()?;
        let plain = open(&key, nonce, &document_bound(request_id, attempt), text)?;
        let plain: Plain = codec::decode(&plain).ok()?;
        Some((Private::Open(plain.draft), Private::Open(plain.document)))
    }
}

/// What is bound to a sealed document: request and attempt.
fn document_bound(request_id: &RequestId, attempt: u32) -> [u8; 20] {
    let mut bytes = [0; 20];
    let (id, number) = bytes.split_at_mut(16);
    id.copy_from_slice(request_id);
    number.copy_from_slice(&attempt.to_be_bytes());
    bytes
}

fn random_nonce() -> Result<[u8; NONCE_BYTES], getrandom::Error> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce)?;
    Ok(nonce)
}

fn seal(key: &[u8; 32], nonce: &[u8; NONCE_BYTES], bound: &[u8], plain: &[u8]) -> Vec<u8> {
    let payload = Payload {
        msg: plain,
        aad: bound,
    };
    XChaCha20Poly1305::new(key.into())
        .encrypt(XNonce::from_slice(nonce), payload)
        .expect("a desk record is far below the cipher's limit")
}

fn open(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    bound: &[u8],
    text: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload {
        msg: text,
        aad: bound,
    };
    XChaCha20Poly1305::new(key.into())
        .decrypt(XNonce::from_slice(nonce), payload)
        .ok()
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_opens_for_its_request_attempt_and_master_key_alone() {
        let documents = Documents::new(&[1; 32]);
        let (sealed, key) = documents.seal(&[7; 16], 1, b"draft", b"document").unwrap();
        let opened = documents.open(&[7; 16], 1, &sealed, &key).unwrap();
        assert_eq!(opened.0.bytes(), Some(&b"draft"[..]));
        assert_eq!(opened.1.bytes(), Some(&b"document"[..]));

        assert!(documents.open(&[8; 16], 1, &sealed, &key).is_none());
        assert!(documents.open(&[7; 16], 2, &sealed, &key).is_none());
        let other = Documents::new(&[2; 32]);
        assert!(other.open(&[7; 16], 1, &sealed, &key).is_none());
        let (_, other_key) = documents.seal(&[7; 16], 1, b"", b"").unwrap();
        assert!(documents.open(&[7; 16], 1, &sealed, &other_key).is_none());
    }

    #[test]
    fn sealed_bytes_hold_nothing_of_the_plain_ones() {
        let documents = Documents::new(&[1; 32]);
        let (sealed, _) = documents.seal(&[7; 16], 1, b"", b"Zhang San").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"Zhang"));
    }
}

//! Ed25519-strict (SPEC 3.2) and the purposes one may sign for.
//!
//! Strict means: S below the group order, A and R canonical encodings and not of small order, the
//! cofactorless equation. A is judged once, when a [`PublicKey`] is made. For R the plain check of
//! the library does: it encodes the R that the equation demands and compares bytes, so only a
//! canonical R passes, and one of small order is one of eight encodings. That spares the square
//! root with which `verify_strict` decodes R, a tenth of a check; a test holds the two to the same
//! verdicts. Batch verification is never used to accept: its verdict depends on the batch.
//!
//! What is signed is always `u8(len(tag)) || tag || chain_id || body`, so a vote can never pass
//! for a transaction, nor a signature of one network for one of another.

use core::fmt;
use std::sync::LazyLock;

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::{Signer as _, Verifier as _};
use serde::{Deserialize, Serialize, de, ser::SerializeTuple as _};

use crate::digest::{ChainId, Tag, hash, truncate};

/// What a signature is for. One signature never serves two purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A transaction body.
    Transaction,
    /// A consensus proposal.
    Proposal,
    /// A prevote.
    Prevote,
    /// A precommit; those of a commit certificate.
    Precommit,
    /// The last part of a streamed block body.
    Part,
    /// A trust-root file.
    TrustRoot,
    /// Proof that the registrant of a key holds its secret.
    KeyPossession,
    /// A seller's card: the name that goes with an account.
    Card,
    /// Binds a validator's consensus key to its network identity.
    Peer,
}

impl Purpose {
    /// The text that stands in the signed bytes.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Transaction => "tx",
            Self::Proposal => "proposal",
            Self::Prevote => "prevote",
            Self::Precommit => "precommit",
            Self::Part => "part",
            Self::TrustRoot => "trust-root",
            Self::KeyPossession => "key-pop",
            Self::Card => "card",
            Self::Peer => "peer",
        }
    }
}

/// The bytes that are signed: `u8(len(tag)) || tag || chain_id || body`.
#[must_use]
pub fn signed_bytes(purpose: Purpose, chain_id: &ChainId, body: &[u8]) -> Vec<u8> {
    let tag = purpose.tag().as_bytes();
    let mut bytes = Vec::with_capacity(body.len().saturating_add(64));
    bytes.push(u8::try_from(tag.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(tag);
    bytes.extend_from_slice(&chain_id.0);
    bytes.extend_from_slice(body);
    bytes
}

/// Names a public key: the first 16 bytes of `H("key-id", key)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// Stands for "nobody": the proposer of genesis.
    pub const NONE: Self = Self([0; 16]);
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// 64 bytes that may or may not be a valid signature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

/// Serde has no arrays beyond 32 elements, so the 64 bytes are written as a tuple: bare bytes.
impl Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for byte in &self.0 {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> de::Visitor<'de> for Bytes {
            type Value = [u8; 64];
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 bytes")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<[u8; 64], A::Error> {
                let mut bytes = [0; 64];
                for (at, byte) in bytes.iter_mut().enumerate() {
                    *byte = seq
                        .next_element()?
                        .ok_or_else(|| de::Error::invalid_length(at, &self))?;
                }
                Ok(bytes)
            }
        }
        deserializer.deserialize_tuple(64, Bytes).map(Self)
    }
}

/// The canonical encodings of the eight points of small order.
static SMALL_ORDER: LazyLock<[[u8; 32]; 8]> =
    LazyLock::new(|| EIGHT_TORSION.map(|point| point.compress().to_bytes()));

/// Why a public key is not one this network accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not the one canonical encoding of a point.
    #[error("public key is not canonically encoded")]
    NotCanonical,
    /// A point of small order: signatures under it bind nothing.
    #[error("public key is weak")]
    Weak,
    /// Outside the prime-order subgroup; refused when a key is registered.
    #[error("public key has a torsion component")]
    Torsion,
}

/// A public key that is canonical and not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

impl PublicKey {
    /// Parses the 32 bytes of a key.
    ///
    /// # Errors
    /// [`KeyError::NotCanonical`] and [`KeyError::Weak`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .map_err(|_source| KeyError::NotCanonical)?;
        // dalek accepts non-canonical encodings; compressing the point again shows them.
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::NotCanonical);
        }
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        Ok(Self(key))
    }

    /// Demands in addition that the point lies in the prime-order subgroup: asked once, when a
    /// key is registered.
    ///
    /// # Errors
    /// [`KeyError::Torsion`].
    pub fn check_torsion_free(&self) -> Result<(), KeyError> {
        let point = CompressedEdwardsY(*self.0.as_bytes()).decompress();
        if point.is_some_and(|point| point.is_torsion_free()) {
            Ok(())
        } else {
            Err(KeyError::Torsion)
        }
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The key's name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId(truncate(&hash(Tag::KeyId, self.0.as_bytes())))
    }

    /// Checks a signature for a purpose on a network, Ed25519-strict.
    ///
    /// # Correctness
    /// Every replica and every verifier must use this one rule (SPEC 3.2).
    #[must_use]
    pub fn verify(
        &self,
        purpose: Purpose,
        chain_id: &ChainId,
        body: &[u8],
        signature: &Signature,
    ) -> bool {
        self.verify_bytes(&signed_bytes(purpose, chain_id, body), signature)
    }

    /// Checks a signature over bytes that already hold tag and chain id.
    #[must_use]
    pub fn verify_bytes(&self, bytes: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        !SMALL_ORDER.contains(signature.r_bytes()) && self.0.verify(bytes, &signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", hex::encode(self.as_bytes()))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_bytes(&<[u8; 32]>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A secret key. Erased from memory when dropped; never shown.
#[derive(Clone)]
pub struct SecretKey(ed25519_dalek::SigningKey);

impl SecretKey {
    /// Makes the key of a 32-byte seed. Randomness is the caller's: this crate has none.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The seed, for an encrypted key store.
    #[must_use]
    pub fn seed(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs for a purpose on a network.
    #[must_use]
    pub fn sign(&self, purpose: Purpose, chain_id: &ChainId, body: &[u8]) -> Signature {
        Signature(
            self.0
                .sign(&signed_bytes(purpose, chain_id, body))
                .to_bytes(),
        )
    }

    /// Signs bytes as they stand: for formats of others, with a key that signs nothing else.
    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(bytes).to_bytes())
    }

    /// Proves possession of this key to the network it is registered on.
    #[must_use]
    pub fn prove_possession(&self, chain_id: &ChainId) -> Signature {
        self.sign(
            Purpose::KeyPossession,
            chain_id,
            self.public_key().as_bytes(),
        )
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public_key().id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::{EdwardsPoint, Scalar};

    const CHAIN: ChainId = ChainId([7; 32]);

    #[test]
    fn a_signature_holds_for_its_purpose_and_network_only() {
        let key = SecretKey::from_seed(&[1; 32]);
        let signature = key.sign(Purpose::Prevote, &CHAIN, b"body");
        let public = key.public_key();
        assert!(public.verify(Purpose::Prevote, &CHAIN, b"body", &signature));
        assert!(!public.verify(Purpose::Precommit, &CHAIN, b"body", &signature));
        assert!(!public.verify(Purpose::Prevote, &ChainId([8; 32]), b"body", &signature));
        assert!(!public.verify(Purpose::Prevote, &CHAIN, b"bodz", &signature));
    }

    #[test]
    fn refuses_keys_of_small_order() {
        // The neutral element, and the point of order two.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert_eq!(PublicKey::from_bytes(&neutral), Err(KeyError::Weak));
        let mut minus_one = [0xff; 32];
        minus_one[0] = 0xec;
        minus_one[31] = 0x7f;
        assert_eq!(PublicKey::from_bytes(&minus_one), Err(KeyError::Weak));
    }

    #[test]
    fn refuses_keys_whose_encoding_is_not_canonical() {
        // y = p + 3, which decodes to y = 3 where dalek is lenient.
        let mut lenient = [0xff; 32];
        lenient[0] = 0xf0;
        lenient[31] = 0x7f;
        assert_eq!(PublicKey::from_bytes(&lenient), Err(KeyError::NotCanonical));
    }

    #[test]
    fn refuses_a_signature_with_s_above_the_group_order() {
        let key = SecretKey::from_seed(&[2; 32]);
        let mut signature = key.sign(Purpose::Transaction, &CHAIN, b"x");
        signature.0[63] |= 0xe0;
        assert!(
            !key.public_key()
                .verify(Purpose::Transaction, &CHAIN, b"x", &signature)
        );
    }

    /// Signatures with R = `r_point`, which hold under the key with this scalar if S does.
    fn crafted(scalar: &Scalar, r: [u8; 32], nonce: &Scalar, message: &[u8]) -> Signature {
        use sha2::{Digest as _, Sha512};
        let public = EdwardsPoint::mul_base(scalar).compress();
        let hash = Sha512::new()
            .chain_update(r)
            .chain_update(public.as_bytes())
            .chain_update(message)
            .finalize();
        let challenge = Scalar::from_bytes_mod_order_wide(&hash.into());
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&r);
        bytes[32..].copy_from_slice((nonce + challenge * scalar).as_bytes());
        Signature(bytes)
    }

    #[test]
    fn the_verdict_is_that_of_the_librarys_strict_check_on_crafted_signatures() {
        let scalar = Scalar::from(0x5eed_u64);
        let key = PublicKey::from_bytes(EdwardsPoint::mul_base(&scalar).compress().as_bytes());
        let key = key.unwrap();
        let (mut good, mut bad) = (0, 0);
        for number in 0..64_u64 {
            let nonce = Scalar::from(number);
            let message = number.to_be_bytes();
            for torsion in EIGHT_TORSION {
                let r = (EdwardsPoint::mul_base(&nonce) + torsion).compress();
                let mut encodings = vec![r.to_bytes()];
                // The other encoding of x = 0, and y + p where that fits: both not canonical.
                encodings.push(r.to_bytes());
                encodings[1][31] ^= 0x80;
                for r in encodings {
                    let signature = crafted(&scalar, r, &nonce, &message);
                    let ours = key.verify_bytes(&message, &signature);
                    let theirs = ed25519_dalek::Signature::from_bytes(&signature.0);
                    let theirs = key.0.verify_strict(&message, &theirs).is_ok();
                    assert_eq!(ours, theirs, "nonce {number}, R {}", hex::encode(r));
                    *if ours { &mut good } else { &mut bad } += 1;
                }
            }
        }
        assert!(good > 0 && bad > 0, "{good} good, {bad} bad");
    }

    #[test]
    fn the_eight_encodings_of_small_order_are_found_whatever_s_is() {
        let key = SecretKey::from_seed(&[3; 32]).public_key();
        assert_eq!(SMALL_ORDER.len(), 8);
        // The neutral R with S = 0 holds under a key of small order; under ours nothing does.
        for r in *SMALL_ORDER {
            let mut bytes = [0; 64];
            bytes[..32].copy_from_slice(&r);
            assert!(!key.verify_bytes(b"message", &Signature(bytes)));
        }
    }

    #[test]
    fn signatures_encode_as_64_bare_bytes() {
        let signature = Signature([9; 64]);
        let bytes = crate::codec::encode(&signature);
        assert_eq!(bytes, [9; 64]);
        assert_eq!(crate::codec::decode::<Signature>(&bytes), Ok(signature));
    }
}

//! A merchant's file: the application, and once the authority has vouched for it, the card.
//!
//! Holds no secret. The name stands in it and is never on chain: what the chain gets is the
//! authority's signature over the card.

use std::path::Path;

use piao_chain::digest::ChainId;
use piao_chain::proof::SignedCard;
use piao_chain::signature::{KeyId, PublicKey, Purpose, SecretKey, Signature};
use piao_chain::tax::{Taxpayer, Uscc};
use piao_chain::transaction::{Identity, RegisterMerchant, SellerCard};
use serde::{Deserialize, Serialize};

use super::error::MerchantError;
use crate::network::{public_key, read_required, signature, write};

/// Version of the file.
const FILE_VERSION: u32 = 1;
/// Characters of a registered name, at most.
const NAME_CHARS_MAX: usize = 100;
/// Regions are two digits of an invoice number.
const REGION_MAX: u8 = 99;

/// `merchants/TAX-ID.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MerchantFile {
    /// Version of the file.
    pub version: u32,
    /// The network, hex.
    pub chain_id: String,
    /// Registered name.
    pub name: String,
    /// Unified social credit code.
    pub tax_id: String,
    /// `general` or `small_scale`.
    pub taxpayer: String,
    /// Region digits of its invoice numbers, 0–99.
    pub region: u8,
    /// The key it issues with, hex.
    pub public_key: String,
    /// Its signature that it holds that key on this network, hex.
    pub key_proof: String,
    /// Keeps the name from being guessed from the chain, 16 bytes hex.
    pub card_salt: String,
    /// What the authority adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched: Option<Vouched>,
}

/// The authority's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vouched {
    /// Id of the authority key that signed the card, hex.
    pub signer: String,
    /// Its signature over the card, hex.
    pub signature: String,
}

/// A file whose every field was understood.
#[derive(Clone, Debug)]
pub struct Application {
    pub(super) card: SellerCard,
    pub(super) uscc: Uscc,
    taxpayer: Taxpayer,
    region: u8,
    key: PublicKey,
    pop: Signature,
}

impl MerchantFile {
    /// An application.
    #[must_use]
    pub fn new(
        (name, tax_id): (&str, &Uscc),
        taxpayer: Taxpayer,
        region: u8,
        key: &SecretKey,
        (chain_id, card_salt): (&ChainId, [u8; 16]),
    ) -> Self {
        Self {
            version: FILE_VERSION,
            chain_id: chain_id.to_string(),
            name: name.to_owned(),
            tax_id: tax_id.to_string(),
            taxpayer: taxpayer.as_str().to_owned(),
            region,
            public_key: hex::encode(key.public_key().as_bytes()),
            key_proof: hex::encode(key.prove_possession(chain_id).0),
            card_salt: hex::encode(card_salt),
            vouched: None,
        }
    }

    /// The same with another key, for which nobody has vouched yet.
    #[must_use]
    pub fn with_key(&self, key: &SecretKey, (chain_id, card_salt): (&ChainId, [u8; 16])) -> Self {
        Self {
            public_key: hex::encode(key.public_key().as_bytes()),
            key_proof: hex::encode(key.prove_possession(chain_id).0),
            card_salt: hex::encode(card_salt),
            vouched: None,
            ..self.clone()
        }
    }

    /// Reads one and checks every field.
    ///
    /// # Errors
    /// [`MerchantError::Network`], [`MerchantError::Field`].
    pub fn read(path: &Path, chain_id: &ChainId) -> Result<Self, MerchantError> {
        let field = |what: String| MerchantError::Field {
            path: path.to_owned(),
            what,
        };
        let bytes = read_required(path)?;
        let file: Self =
            serde_json::from_slice(&bytes).map_err(|error| field(error.to_string()))?;
        file.parse(chain_id).map_err(field)?;
        Ok(file)
    }

    /// Writes it durably.
    ///
    /// # Errors
    /// [`MerchantError::Network`].
    pub fn write(&self, path: &Path) -> Result<(), MerchantError> {
        let text =
            serde_json::to_string_pretty(self).map_err(crate::network::NetworkError::from)?;
        Ok(write(path, text.as_bytes(), 0o600)?)
    }

    /// Every field as what it means; the text says which is wrong.
    ///
    /// # Errors
    /// One line.
    pub fn parse(&self, chain_id: &ChainId) -> Result<Application, String> {
        if self.version != FILE_VERSION {
            return Err(format!("version {} is not known", self.version));
        }
        if self.chain_id != chain_id.to_string() {
            return Err(format!(
                "it is of network {}, and this one is {chain_id}",
                self.chain_id
            ));
        }
        let chars = self.name.chars().count();
        if chars == 0 || chars > NAME_CHARS_MAX || self.name.chars().any(char::is_control) {
            return Err(format!("a name has 1 to {NAME_CHARS_MAX} characters"));
        }
        let uscc: Uscc = self
            .tax_id
            .parse()
            .map_err(|error| format!("tax_id: {error}"))?;
        let taxpayer = taxpayer(&self.taxpayer)?;
        if self.region > REGION_MAX {
            return Err(format!("region is 0 to {REGION_MAX}"));
        }
        let key = public_key(&self.public_key).ok_or("public_key is none")?;
        let pop = signature(&self.key_proof).ok_or("key_proof is no signature")?;
        if !key.verify(Purpose::KeyPossession, chain_id, key.as_bytes(), &pop) {
            return Err("it does not prove that its merchant holds the key".to_owned());
        }
        let mut salt = [0; 16];
        hex::decode_to_slice(&self.card_salt, &mut salt).map_err(|_hex| "card_salt is 16 bytes")?;
        let card = SellerCard {
            identity: Identity::Clear(uscc),
            name: self.name.clone(),
            key: key.id(),
            salt,
        };
        Ok(Application {
            card,
            uscc,
            taxpayer,
            region: self.region,
            key,
            pop,
        })
    }
}

/// `general` or `small_scale`.
pub(super) fn taxpayer(text: &str) -> Result<Taxpayer, String> {
    [Taxpayer::General, Taxpayer::SmallScale]
        .into_iter()
        .find(|one| one.as_str() == text)
        .ok_or_else(|| "taxpayer is general or small_scale".to_owned())
}

impl Vouched {
    /// The card with the authority's signature, if the fields are what they should be.
    pub(super) fn signed(&self, card: SellerCard) -> Option<SignedCard> {
        let mut signer = [0; 16];
        hex::decode_to_slice(&self.signer, &mut signer).ok()?;
        Some(SignedCard {
            card,
            signer: KeyId(signer),
            signature: signature(&self.signature)?,
        })
    }
}

impl Application {
    /// What the authority registers, with the signature over the card.
    #[must_use]
    pub fn registration(&self, month_quota_fen: i64, card_sig: Signature) -> RegisterMerchant {
        RegisterMerchant {
            identity: self.card.identity.clone(),
            taxpayer: self.taxpayer,
            region: self.region,
            month_quota_fen,
            key: self.key,
            pop: self.pop,
            card_sig,
        }
    }

    /// The card the authority signs.
    #[must_use]
    pub const fn card(&self) -> &SellerCard {
        &self.card
    }

    /// The key it issues with.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }
}

//! The key a merchant answers red letters with, and the card with which the authority binds it.
//!
//! Guards: the secret never leaves the node; the card proves that the node holds it, for this network
//! only. Holds no secret.

use std::path::{Path, PathBuf};

use piao_chain::digest::ChainId;
use piao_chain::signature::{PublicKey, Purpose, SecretKey};
use piao_chain::state::KeyRole;
use piao_chain::transaction::AddKey;
use serde::{Deserialize, Serialize};

use super::error::MerchantError;
use super::folder::{FIRST, admin_name, admin_path, path_of, uscc_of};
use crate::keys::Keyring;
use crate::network::ceremony::secret;
use crate::network::{NetworkError, exists, public_key, read_required, signature, write};

/// Version of the file.
const FILE_VERSION: u32 = 1;

/// `merchants/TAX-ID-admin.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminCard {
    /// Version of the file.
    pub version: u32,
    /// The network, hex.
    pub chain_id: String,
    /// Unified social credit code of the merchant.
    pub tax_id: String,
    /// Always `admin`.
    pub role: String,
    /// The key, hex.
    pub public_key: String,
    /// Its signature that the merchant's node holds it on this network, hex.
    pub key_proof: String,
}

/// Makes the admin key of a merchant that applied here, if there is none yet, and its card; returns
/// the card's file. Made once: later calls give the same key.
///
/// # Errors
/// [`MerchantError::NotApplied`]; what can't be read or written.
pub fn admin_card(
    data: &Path,
    keyring: &Keyring,
    chain_id: &ChainId,
    tax_id: &str,
) -> Result<PathBuf, MerchantError> {
    let uscc = uscc_of(tax_id)?;
    if !exists(&path_of(data, &uscc, FIRST))? {
        return Err(MerchantError::NotApplied(uscc.to_string()));
    }
    let name = admin_name(&uscc);
    if !keyring.contains(&name)? {
        let seed = secret("merchant-admin", None)?;
        keyring.store(&name, &SecretKey::from_seed(&seed))?;
    }
    let key = keyring.load(&name)?;
    let card = AdminCard {
        version: FILE_VERSION,
        chain_id: chain_id.to_string(),
        tax_id: uscc.to_string(),
        role: KeyRole::Admin.as_str().to_owned(),
        public_key: hex::encode(key.public_key().as_bytes()),
        key_proof: hex::encode(key.prove_possession(chain_id).0),
    };
    let path = admin_path(data, &uscc);
    let text = serde_json::to_string_pretty(&card).map_err(NetworkError::from)?;
    write(&path, text.as_bytes(), 0o600)?;
    Ok(path)
}

impl AdminCard {
    /// What binds the key of a card to an account.
    ///
    /// # Errors
    /// [`MerchantError::Field`] where the card is of another network, or proves nothing.
    pub fn read(path: &Path, chain_id: &ChainId, account: u32) -> Result<AddKey, MerchantError> {
        let field = |what: String| MerchantError::Field {
            path: path.to_owned(),
            what,
        };
        let bytes = read_required(path)?;
        let card: Self =
            serde_json::from_slice(&bytes).map_err(|error| field(error.to_string()))?;
        card.binding(chain_id, account).map_err(field)
    }

    fn binding(&self, chain_id: &ChainId, account: u32) -> Result<AddKey, String> {
        if self.version != FILE_VERSION || self.role != KeyRole::Admin.as_str() {
            return Err("it is no card of an admin key that this version knows".to_owned());
        }
        if self.chain_id != chain_id.to_string() {
            let theirs = &self.chain_id;
            return Err(format!(
                "it is of network {theirs}, and this one is {chain_id}"
            ));
        }
        let key: PublicKey = public_key(&self.public_key).ok_or("public_key is none")?;
        let pop = signature(&self.key_proof).ok_or("key_proof is no signature")?;
        if !key.verify(Purpose::KeyPossession, chain_id, key.as_bytes(), &pop) {
            return Err("it does not prove that its merchant holds the key".to_owned());
        }
        Ok(AddKey {
            account,
            key,
            role: KeyRole::Admin,
            pop,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(chain: ChainId) -> AdminCard {
        let key = SecretKey::from_seed(&[7; 32]);
        AdminCard {
            version: FILE_VERSION,
            chain_id: chain.to_string(),
            tax_id: "91420100MAXH4XGP0H".to_owned(),
            role: "admin".to_owned(),
            public_key: hex::encode(key.public_key().as_bytes()),
            key_proof: hex::encode(key.prove_possession(&chain).0),
        }
    }

    #[test]
    fn a_card_binds_its_own_key_on_its_own_network_and_nothing_else() {
        let (chain, other) = (ChainId([1; 32]), ChainId([2; 32]));
        let bound = card(chain).binding(&chain, 4).unwrap();
        assert_eq!((bound.account, bound.role), (4, KeyRole::Admin));
        let refusals: [(AdminCard, &ChainId, &str); 4] = [
            (card(chain), &other, "network"),
            (
                AdminCard {
                    chain_id: other.to_string(),
                    ..card(chain)
                },
                &other,
                "does not prove",
            ),
            (
                AdminCard {
                    role: "issue".to_owned(),
                    ..card(chain)
                },
                &chain,
                "no card of an admin key",
            ),
            (
                AdminCard {
                    public_key: hex::encode(SecretKey::from_seed(&[8; 32]).public_key().as_bytes()),
                    ..card(chain)
                },
                &chain,
                "does not prove",
            ),
        ];
        for (card, network, says) in refusals {
            let why = card.binding(network, 4).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
    }
}

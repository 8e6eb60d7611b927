//! Merchants' files in a data directory, and the keys that go with them in the key ring.

use std::path::{Path, PathBuf};

use piao_chain::digest::ChainId;
use piao_chain::genesis::Genesis;
use piao_chain::proof::SignedCard;
use piao_chain::signature::SecretKey;
use piao_chain::tax::Uscc;
use piao_chain::transaction::RegisterMerchant;

use super::error::MerchantError;
use super::file::{Application, MerchantFile, Vouched, taxpayer};
use crate::desk;
use crate::keys::Keyring;
use crate::network::ceremony::secret;
use crate::network::{NetworkError, exists};

/// Folder of the files, in the data directory.
const FOLDER: &str = "merchants";
/// Merchants of one node, at most.
const MERCHANTS_MAX: usize = 256;

/// Who applies.
#[derive(Clone, Debug)]
pub struct Applicant {
    /// Registered name.
    pub name: String,
    /// Unified social credit code.
    pub tax_id: String,
    /// `general` or `small_scale`.
    pub taxpayer: String,
    /// Region digits of its invoice numbers, 0–99.
    pub region: u8,
}

/// Makes a merchant's keys and its application; returns the application's file. One that was cut
/// off before the file was written is taken up where it ended.
///
/// # Errors
/// [`MerchantError`].
pub fn apply(
    data: &Path,
    keyring: &Keyring,
    chain_id: &ChainId,
    applicant: &Applicant,
) -> Result<PathBuf, MerchantError> {
    let field = |what: String| MerchantError::Field {
        path: PathBuf::from("application"),
        what,
    };
    let uscc: Uscc = applicant
        .tax_id
        .parse()
        .map_err(|error| field(format!("tax id: {error}")))?;
    let path = path_of(data, &uscc);
    if exists(&path)? {
        return Err(MerchantError::Exists(path));
    }
    let (key_name, secret_name) = names_of(&uscc);
    if !keyring.contains(&secret_name)? {
        keyring.store_bytes(&secret_name, &secret("merchant-secret", None)?)?;
    }
    if !keyring.contains(&key_name)? {
        let seed = secret("merchant", None)?;
        keyring.store(&key_name, &SecretKey::from_seed(&seed))?;
    }
    let key = keyring.load(&key_name)?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(NetworkError::Randomness)?;
    let taxpayer = taxpayer(&applicant.taxpayer).map_err(field)?;
    let file = MerchantFile::new(
        (&applicant.name, &uscc),
        taxpayer,
        applicant.region,
        &key,
        (chain_id, salt),
    );
    file.parse(chain_id).map_err(field)?;
    let folder = data.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|source| NetworkError::io(&folder, source))?;
    file.write(&path)?;
    Ok(path)
}

/// Vouches for an application with a key of the authority: writes the merchant's file with the
/// signature over its card, and returns what opens the account.
///
/// # Errors
/// [`MerchantError`].
pub fn vouch(
    application: &Path,
    vouched: &Path,
    (authority, chain_id): (&SecretKey, &ChainId),
    month_quota_fen: i64,
) -> Result<RegisterMerchant, MerchantError> {
    let mut file = MerchantFile::read(application, chain_id)?;
    let merchant = parsed(&file, chain_id, application)?;
    let signature = merchant.card().sign(authority, chain_id);
    file.vouched = Some(Vouched {
        signer: authority.public_key().id().to_string(),
        signature: hex::encode(signature.0),
    });
    file.write(vouched)?;
    Ok(merchant.registration(month_quota_fen, signature))
}

/// Takes over what the authority vouched for; returns the merchant's name.
///
/// # Errors
/// [`MerchantError`]: nobody applied, another key, nobody vouched, or somebody else did.
pub fn adopt(data: &Path, genesis: &Genesis, vouched: &Path) -> Result<String, MerchantError> {
    let chain_id = genesis.chain_id();
    let given = MerchantFile::read(vouched, &chain_id)?;
    let merchant = parsed(&given, &chain_id, vouched)?;
    let path = path_of(data, &merchant.uscc);
    if !exists(&path)? {
        return Err(MerchantError::NotApplied(given.tax_id));
    }
    let ours = MerchantFile::read(&path, &chain_id)?;
    let same = MerchantFile {
        vouched: given.vouched.clone(),
        ..ours
    };
    if same != given {
        let what = "it is not what was applied for here";
        return Err(MerchantError::Field {
            path: vouched.to_owned(),
            what: what.to_owned(),
        });
    }
    card_of(&given, &merchant, genesis, vouched)?;
    given.write(&path)?;
    Ok(given.name)
}

/// A merchant the authority vouched for, with its keys; which account it has, the chain says.
#[derive(Debug)]
pub struct Vouchsafed {
    /// Its registered name.
    pub name: String,
    /// Its registered tax id.
    pub tax_id: String,
    /// Signs its invoices.
    pub key: SecretKey,
    /// Makes its order keys.
    pub secret: desk::MerchantSecret,
    /// Its name as the authority vouches for it.
    pub card: SignedCard,
}

/// Every merchant the authority vouched for, with its keys. Applications wait.
///
/// # Errors
/// [`MerchantError`].
pub fn load(
    data: &Path,
    keyring: &Keyring,
    genesis: &Genesis,
) -> Result<Vec<Vouchsafed>, MerchantError> {
    let chain_id = genesis.chain_id();
    let folder = data.join(FOLDER);
    if !exists(&folder)? {
        return Ok(Vec::new());
    }
    let unreadable = |source| MerchantError::from(NetworkError::io(&folder, source));
    let mut merchants = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        // One that is being written has another ending until it is whole.
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let file = MerchantFile::read(&path, &chain_id)?;
        if file.vouched.is_none() {
            continue;
        }
        if merchants.len() >= MERCHANTS_MAX {
            return Err(MerchantError::Field {
                path: folder.clone(),
                what: format!("more than {MERCHANTS_MAX} merchants"),
            });
        }
        let merchant = parsed(&file, &chain_id, &path)?;
        let card = card_of(&file, &merchant, genesis, &path)?;
        let (key_name, secret_name) = names_of(&merchant.uscc);
        merchants.push(Vouchsafed {
            name: file.name,
            tax_id: file.tax_id,
            key: keyring.load(&key_name)?,
            secret: desk::MerchantSecret(keyring.load_bytes(&secret_name)?),
            card,
        });
    }
    // Folders come in any order.
    merchants.sort_by(|a, b| a.tax_id.cmp(&b.tax_id));
    Ok(merchants)
}

fn parsed(file: &MerchantFile, chain: &ChainId, path: &Path) -> Result<Application, MerchantError> {
    file.parse(chain).map_err(|what| MerchantError::Field {
        path: path.to_owned(),
        what,
    })
}

/// The card, if the authority of genesis signed it.
fn card_of(
    file: &MerchantFile,
    merchant: &Application,
    genesis: &Genesis,
    path: &Path,
) -> Result<SignedCard, MerchantError> {
    let vouched = file.vouched.as_ref();
    let vouched = vouched.ok_or_else(|| MerchantError::NotVouched(path.to_owned()))?;
    let signed = vouched.signed(merchant.card.clone());
    let holds = signed.filter(|signed| {
        let keys = genesis.authority_keys.iter();
        let mut signer = keys.filter(|key| key.id() == signed.signer);
        signer.any(|key| {
            let card = &signed.card;
            card.verify(key, &genesis.chain_id(), &signed.signature)
        })
    });
    holds.ok_or_else(|| MerchantError::NotOfAuthority(path.to_owned()))
}

fn path_of(data: &Path, uscc: &Uscc) -> PathBuf {
    data.join(FOLDER).join(format!("{uscc}.json"))
}

/// Names in the key ring: of the key, and of the secret that order keys are made with.
fn names_of(uscc: &Uscc) -> (String, String) {
    let id = uscc.to_string().to_ascii_lowercase();
    (format!("merchant-{id}"), format!("merchant-{id}-secret"))
}

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
use crate::desk::{self, LaterKey};
use crate::keys::Keyring;
use crate::network::ceremony::secret;
use crate::network::{NetworkError, exists};

/// Folder of the files, in the data directory.
pub(super) const FOLDER: &str = "merchants";
/// Place of the key that is registered.
pub(super) const FIRST: u32 = 1;
/// Ending of the files.
const ENDING: &str = "json";
/// Keys a merchant issues with one after the other, at most.
const KEYS_MAX: u32 = 64;
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
    let uscc = uscc_of(&applicant.tax_id)?;
    let path = path_of(data, &uscc, FIRST);
    if exists(&path)? {
        return Err(MerchantError::Exists(path));
    }
    let (key_name, secret_name) = (key_name(&uscc, FIRST), secret_name(&uscc));
    if !keyring.contains(&secret_name)? {
        keyring.store_bytes(&secret_name, &secret("merchant-secret", None)?)?;
    }
    if !keyring.contains(&key_name)? {
        let seed = secret("merchant", None)?;
        keyring.store(&key_name, &SecretKey::from_seed(&seed))?;
    }
    let key = keyring.load(&key_name)?;
    let salt = card_salt()?;
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
    let mut known = 0u32;
    for nth in FIRST..=KEYS_MAX {
        let path = path_of(data, &merchant.uscc, nth);
        if !exists(&path)? {
            break;
        }
        known = nth;
        let same = MerchantFile {
            vouched: given.vouched.clone(),
            ..MerchantFile::read(&path, &chain_id)?
        };
        if same == given {
            card_of(&given, &merchant, genesis, vouched)?;
            given.write(&path)?;
            return Ok(given.name);
        }
    }
    if known == 0 {
        return Err(MerchantError::NotApplied(given.tax_id));
    }
    let what = "it is not what was applied for here";
    Err(MerchantError::Field {
        path: vouched.to_owned(),
        what: what.to_owned(),
    })
}

/// Makes the key that is to take the place of the one a merchant issues with, and the file with
/// which the authority vouches for the name under it; returns that file. While the authority has not
/// vouched for the last one made, it is that one again: there are never two that wait.
///
/// # Errors
/// [`MerchantError`]: nobody applied, or nobody vouched for the first key.
pub fn next_key(
    data: &Path,
    keyring: &Keyring,
    chain_id: &ChainId,
    tax_id: &str,
) -> Result<PathBuf, MerchantError> {
    let uscc = uscc_of(tax_id)?;
    let first = path_of(data, &uscc, FIRST);
    if !exists(&first)? {
        return Err(MerchantError::NotApplied(uscc.to_string()));
    }
    let first = MerchantFile::read(&first, chain_id)?;
    for nth in FIRST..=KEYS_MAX {
        let path = path_of(data, &uscc, nth);
        if exists(&path)? {
            if MerchantFile::read(&path, chain_id)?.vouched.is_some() {
                continue;
            }
            return match nth {
                FIRST => Err(MerchantError::NotVouched(path)),
                _ => Ok(path),
            };
        }
        let name = key_name(&uscc, nth);
        // One that is there was made before its file could be written.
        if !keyring.contains(&name)? {
            let seed = secret("merchant", None)?;
            keyring.store(&name, &SecretKey::from_seed(&seed))?;
        }
        first
            .with_key(&keyring.load(&name)?, (chain_id, card_salt()?))
            .write(&path)?;
        return Ok(path);
    }
    Err(MerchantError::Field {
        path: data.join(FOLDER),
        what: format!("a merchant issues with at most {KEYS_MAX} keys"),
    })
}

fn card_salt() -> Result<[u8; 16], NetworkError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(NetworkError::Randomness)?;
    Ok(salt)
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
    /// Those that came after it and that the authority vouched for, oldest first.
    pub later: Vec<LaterKey>,
    /// Answers red letters, once it was made.
    pub admin: Option<SecretKey>,
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
        if path.extension().is_none_or(|ending| ending != ENDING) || !is_first(&path) {
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
        let uscc = &merchant.uscc;
        merchants.push(Vouchsafed {
            name: file.name,
            tax_id: file.tax_id,
            key: keyring.load(&key_name(uscc, FIRST))?,
            later: later_keys(data, keyring, genesis, uscc)?,
            admin: admin_key(keyring, uscc)?,
            secret: desk::MerchantSecret(keyring.load_bytes(&secret_name(uscc))?),
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

/// The keys after the first that the authority vouched for, oldest first.
fn later_keys(
    data: &Path,
    keyring: &Keyring,
    genesis: &Genesis,
    uscc: &Uscc,
) -> Result<Vec<LaterKey>, MerchantError> {
    let chain_id = genesis.chain_id();
    let mut later = Vec::new();
    for nth in FIRST.saturating_add(1)..=KEYS_MAX {
        let path = path_of(data, uscc, nth);
        if !exists(&path)? {
            break;
        }
        let file = MerchantFile::read(&path, &chain_id)?;
        if file.vouched.is_none() {
            break;
        }
        let merchant = parsed(&file, &chain_id, &path)?;
        later.push(LaterKey {
            key: keyring.load(&key_name(uscc, nth))?,
            card: card_of(&file, &merchant, genesis, &path)?,
        });
    }
    Ok(later)
}

fn admin_key(keyring: &Keyring, uscc: &Uscc) -> Result<Option<SecretKey>, MerchantError> {
    let name = admin_name(uscc);
    match keyring.contains(&name)? {
        true => Ok(Some(keyring.load(&name)?)),
        false => Ok(None),
    }
}

/// Names in the key ring of everything that belongs to the merchants who applied here: signing keys,
/// and other secrets.
///
/// # Errors
/// [`MerchantError::Network`] when the folder can't be read.
pub(crate) fn key_names(data: &Path) -> Result<(Vec<String>, Vec<String>), MerchantError> {
    let folder = data.join(FOLDER);
    let (mut keys, mut secrets) = (Vec::new(), Vec::new());
    if !exists(&folder)? {
        return Ok((keys, secrets));
    }
    let unreadable = |source| MerchantError::from(NetworkError::io(&folder, source));
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if path.extension().is_none_or(|ending| ending != ENDING) {
            continue;
        }
        // The file of a key is written after the key, and is named like it.
        if let Some(stem) = stem {
            keys.push(format!("merchant-{}", stem.to_ascii_lowercase()));
            if is_first(&path) {
                secrets.push(format!("merchant-{}-secret", stem.to_ascii_lowercase()));
            }
        }
    }
    keys.sort();
    secrets.sort();
    Ok((keys, secrets))
}

/// Whether a file is a merchant's first one: of its registration.
fn is_first(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.is_some_and(|stem| stem.parse::<Uscc>().is_ok())
}

pub(super) fn uscc_of(tax_id: &str) -> Result<Uscc, MerchantError> {
    tax_id.parse().map_err(|error| MerchantError::Field {
        path: PathBuf::from("application"),
        what: format!("tax id: {error}"),
    })
}

/// The file of a merchant's key, by its place from 1.
pub(super) fn path_of(data: &Path, uscc: &Uscc, nth: u32) -> PathBuf {
    data.join(FOLDER).join(match nth {
        FIRST => format!("{uscc}.{ENDING}"),
        later => format!("{uscc}-{later}.{ENDING}"),
    })
}

/// The file with which the authority binds a merchant's admin key.
pub(super) fn admin_path(data: &Path, uscc: &Uscc) -> PathBuf {
    data.join(FOLDER).join(format!("{uscc}-admin.{ENDING}"))
}

/// Name in the key ring of the key at a place.
fn key_name(uscc: &Uscc, nth: u32) -> String {
    let id = uscc.to_string().to_ascii_lowercase();
    match nth {
        FIRST => format!("merchant-{id}"),
        later => format!("merchant-{id}-{later}"),
    }
}

/// Name in the key ring of the key it answers red letters with.
pub(super) fn admin_name(uscc: &Uscc) -> String {
    format!("merchant-{uscc}-admin").to_ascii_lowercase()
}

/// Name in the key ring of the secret that order keys are made with.
fn secret_name(uscc: &Uscc) -> String {
    format!("merchant-{uscc}-secret").to_ascii_lowercase()
}

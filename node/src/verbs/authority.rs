//! The verbs of the authority: a change of validators, of keys or of accounts, made, signed by as many of
//! its keys as it takes, and handed in.
//!
//! Guards: a change is a file that holds no secret; each key holder signs it where the key lies, and
//! what is handed in at the end is one transaction, whole.

use std::path::Path;

use piao_chain::amount::Fen;
use piao_chain::codec;
use piao_chain::digest::ChainId;
use piao_chain::limits::VALIDITY_WINDOW_MS;
use piao_chain::signature::{KeyId, PublicKey, Purpose, Signature};
use piao_chain::transaction::{
    CreditFees, Payload, Possession, RevokeKey, SUITE, SetAuthority, SetValidators,
    SignedTransaction, TransactionBody, VERSION,
};
use piao_chain::validator::{Validator, ValidatorSet};
use serde::{Deserialize, Serialize};

use super::{VerbError, announcement, loaded, say};
use crate::cli::{AuthorityVerb, Common};
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::reference_digest;
use crate::keys::{Keyring, UnlockSecret};
use crate::merchants::{AdminCard, vouch};
use crate::network::{NetworkError, NetworkFiles, read_required, write};

/// A change is admissible for the protocol's window; so much of it is left to clocks that differ.
const WINDOW_LEFT_MS: u64 = 10 * 60 * 1000;

/// One key of a change, as `piaod keys --json` prints it.
#[derive(Debug, Deserialize)]
struct KeyOf {
    public_key: String,
    #[serde(default = "one")]
    power: u64,
    #[serde(default)]
    proof: Option<String>,
}

fn one() -> u64 {
    1
}

/// A change that is being signed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// The transaction's body, hex.
    body: String,
    /// Signatures so far.
    signatures: Vec<SignatureOf>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureOf {
    key_id: String,
    signature: String,
}

#[expect(clippy::too_many_lines, reason = "one arm for each verb")]
pub(super) fn run(verb: &AuthorityVerb) -> Result<(), VerbError> {
    match verb {
        AuthorityVerb::SetValidators {
            common,
            validators,
            from_height,
            signers,
            out,
        } => begin(
            common,
            next_validators(validators, *from_height)?,
            signers,
            out,
        ),
        AuthorityVerb::SetAuthority {
            common,
            keys,
            threshold,
            signers,
            out,
        } => begin(common, next_authority(keys, *threshold)?, signers, out),
        AuthorityVerb::Register {
            common,
            merchant,
            month_quota,
            vouched,
            signers,
            out,
        } => {
            let quota_fen = yuan("--month-quota", month_quota)?;
            let payload = registration(common, (merchant, vouched), quota_fen)?;
            begin(common, payload, signers, out)
        }
        AuthorityVerb::Credit {
            common,
            account,
            amount,
            reference,
            signers,
            out,
        } => {
            let credit = CreditFees {
                account: *account,
                amount_fen: yuan("--amount", amount)?,
                ref_hash: reference_digest(*account, reference),
            };
            begin(common, Payload::CreditFees(credit), signers, out)
        }
        AuthorityVerb::Announce {
            common,
            from,
            until,
            reason,
            signers,
            out,
        } => begin(
            common,
            announcement::announce(from, until, reason)?,
            signers,
            out,
        ),
        AuthorityVerb::EndMaintenance {
            common,
            announcement,
            signers,
            out,
        } => begin(common, announcement::end(*announcement), signers, out),
        AuthorityVerb::AddKey {
            common,
            card,
            account,
            signers,
            out,
        } => begin(common, binding(common, card, *account)?, signers, out),
        AuthorityVerb::RevokeKey {
            common,
            key,
            compromised_since_height,
            signers,
            out,
        } => begin(
            common,
            revocation(key, *compromised_since_height)?,
            signers,
            out,
        ),
        AuthorityVerb::Vouch {
            common,
            merchant,
            vouched,
        } => {
            registration(common, (merchant, vouched), 0)?;
            Ok(say(&format!(
                "{}; next: the merchant's node runs `piaod merchant adopt --merchant FILE` with it",
                vouched.display()
            ))?)
        }
        AuthorityVerb::Sign { common, change } => sign(common, change),
    }
}

/// What binds the admin key of a merchant.
fn binding(common: &Common, card: &Path, account: u32) -> Result<Payload, VerbError> {
    let settings = loaded(common)?.settings;
    let chain_id = crate::network::read_genesis(&settings.data)?.chain_id();
    let binding = AdminCard::read(card, &chain_id, account)?;
    Ok(Payload::AddKey(binding))
}

/// What revokes a key of any account.
fn revocation(key: &str, compromised_since_height: Option<u64>) -> Result<Payload, NetworkError> {
    Ok(Payload::RevokeKey(RevokeKey {
        key: key_id(key)?,
        compromised_since_height,
    }))
}

/// What names the next validator set.
fn next_validators(file: &Path, from_height: u64) -> Result<Payload, NetworkError> {
    let keys = keys_of(file)?;
    let members = keys.iter().map(|(key, of)| Validator {
        public_key: *key,
        power: of.power,
    });
    Ok(Payload::SetValidators(Box::new(SetValidators {
        validators: ValidatorSet::sorted(members.collect())?,
        proofs: proofs_of(file, &keys)?,
        from_height,
    })))
}

/// What names the next keys of the authority.
fn next_authority(file: &Path, threshold: u8) -> Result<Payload, NetworkError> {
    let listed = keys_of(file)?;
    let mut keys: Vec<PublicKey> = listed.iter().map(|(key, _of)| *key).collect();
    keys.sort_by_key(PublicKey::id);
    Ok(Payload::SetAuthority(SetAuthority {
        threshold,
        keys,
        proofs: proofs_of(file, &listed)?,
    }))
}

/// What opens a merchant's account; writes the application, vouched for, beside.
fn registration(
    common: &Common,
    (application, vouched): (&Path, &Path),
    quota_fen: i64,
) -> Result<Payload, VerbError> {
    let settings = loaded(common)?.settings;
    let network = NetworkFiles::open(&settings.data, &settings.unlock_path())?;
    let key = network.keyring.load("authority");
    let key = key.map_err(NetworkError::from)?;
    let chain_id = network.genesis.chain_id();
    let registration = vouch(application, vouched, (&key, &chain_id), quota_fen)?;
    Ok(Payload::RegisterMerchant(registration))
}

/// Yuan as fen.
fn yuan(flag: &str, text: &str) -> Result<i64, NetworkError> {
    let amount = Fen::parse_unsigned(text);
    let amount =
        amount.map_err(|error| NetworkError::Members(format!("{flag} {text}: {error}")))?;
    Ok(amount.fen())
}

fn key_id(text: &str) -> Result<KeyId, NetworkError> {
    let mut id = [0; 16];
    hex::decode_to_slice(text, &mut id)
        .map_err(|_source| NetworkError::Members(format!("{text} is no key id")))?;
    Ok(KeyId(id))
}

/// Writes an unsigned change, and signs it if this node has one of the keys it names.
fn begin(
    common: &Common,
    payload: Payload,
    signers: &[String],
    out: &Path,
) -> Result<(), VerbError> {
    let settings = loaded(common)?.settings;
    let network = NetworkFiles::open(&settings.data, &settings.unlock_path())?;
    let mut ids = Vec::new();
    for text in signers {
        ids.push(key_id(text)?);
    }
    if ids.is_empty() {
        let key = network
            .keyring
            .load("authority")
            .map_err(NetworkError::from)?;
        ids.push(key.public_key().id());
    }
    ids.sort_unstable();
    ids.dedup();
    let now_ms = Clock::with_offset_ms(settings.clock_offset_ms).now().ms();
    let mut idem = [0; 16];
    getrandom::fill(&mut idem).map_err(NetworkError::Randomness)?;
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id: network.genesis.chain_id(),
        account: 0,
        signers: ids,
        idem,
        valid_until_ms: now_ms.saturating_add(VALIDITY_WINDOW_MS.saturating_sub(WINDOW_LEFT_MS)),
        fee_max_fen: 0,
        flags: 0,
        payload,
    };
    let change = Change {
        body: hex::encode(codec::encode(&body)),
        signatures: Vec::new(),
    };
    write_change(out, &change)?;
    sign_with(&settings, &network.keyring, out)
}

fn sign(common: &Common, change: &Path) -> Result<(), VerbError> {
    let settings = loaded(common)?.settings;
    let unlock = UnlockSecret::read(&settings.unlock_path()).map_err(NetworkError::from)?;
    let keyring =
        Keyring::open(&settings.data.join("keys"), &unlock).map_err(NetworkError::from)?;
    sign_with(&settings, &keyring, change)
}

/// Adds this node's signature, and writes the transaction when it was the last.
fn sign_with(settings: &Settings, keyring: &Keyring, path: &Path) -> Result<(), VerbError> {
    let unreadable = |what: &dyn core::fmt::Display| NetworkError::unreadable(path, what);
    let mut change: Change =
        serde_json::from_slice(&read_required(path)?).map_err(|error| unreadable(&error))?;
    let bytes = hex::decode(&change.body).map_err(|error| unreadable(&error))?;
    let body: TransactionBody = codec::decode(&bytes).map_err(|error| unreadable(&error))?;
    check_network(settings, &body.chain_id)?;
    let key = keyring.load("authority").map_err(NetworkError::from)?;
    let id = key.public_key().id();
    if !body.signers.contains(&id) {
        return Err(NetworkError::NotAuthority(id.to_string()).into());
    }
    let signature = key.sign(Purpose::Transaction, &body.chain_id, &bytes);
    change
        .signatures
        .retain(|known| known.key_id != id.to_string());
    change.signatures.push(SignatureOf {
        key_id: id.to_string(),
        signature: hex::encode(signature.0),
    });
    write_change(path, &change)?;
    let (done, needed) = (change.signatures.len(), body.signers.len());
    let what = body.payload.name();
    let Some(transaction) = whole(&change, &body, bytes) else {
        return Ok(say(&format!(
            "{what} has {done} of {needed} signatures; next: `piaod authority sign` by the others"
        ))?);
    };
    let file = path.with_extension("tx");
    write(&file, &transaction.encode(), 0o644)?;
    Ok(say(&format!(
        "{what} is signed: {file}, transaction {id}; next: `curl --data-binary @{file} -H \
         'Content-Type: application/vnd.piao.transaction' http://NODE/v1/transactions`",
        file = file.display(),
        id = transaction.id(),
    ))?)
}

/// The transaction, when every signer has signed.
fn whole(change: &Change, body: &TransactionBody, bytes: Vec<u8>) -> Option<SignedTransaction> {
    let mut signatures = Vec::new();
    for signer in &body.signers {
        let id = signer.to_string();
        let found = change.signatures.iter().find(|one| one.key_id == id)?;
        let mut signature = [0; 64];
        hex::decode_to_slice(&found.signature, &mut signature).ok()?;
        signatures.push(Signature(signature));
    }
    SignedTransaction::from_parts(bytes, signatures).ok()
}

/// A change of another network is not signed, whoever asks for it.
fn check_network(settings: &Settings, theirs: &ChainId) -> Result<(), NetworkError> {
    let genesis = crate::network::read_genesis(&settings.data)?;
    if genesis.chain_id() == *theirs {
        return Ok(());
    }
    Err(NetworkError::OtherNetwork {
        data: settings.data.clone(),
        ours: genesis.chain_id().to_string(),
        theirs: theirs.to_string(),
    })
}

fn write_change(path: &Path, change: &Change) -> Result<(), VerbError> {
    let text = serde_json::to_string_pretty(change).map_err(NetworkError::from)?;
    Ok(write(path, text.as_bytes(), 0o644)?)
}

/// Keys of a file: a list of objects with `public_key`, `proof` and `power`.
fn keys_of(path: &Path) -> Result<Vec<(PublicKey, KeyOf)>, NetworkError> {
    let listed: Vec<KeyOf> = serde_json::from_slice(&read_required(path)?)
        .map_err(|error| NetworkError::unreadable(path, &error))?;
    let read = |of: KeyOf| {
        let mut bytes = [0; 32];
        let key = hex::decode_to_slice(&of.public_key, &mut bytes)
            .ok()
            .and_then(|()| PublicKey::from_bytes(&bytes).ok());
        let what = format!("{} is no public key", of.public_key);
        key.map(|key| (key, of))
            .ok_or_else(|| NetworkError::unreadable(path, &what))
    };
    listed.into_iter().map(read).collect()
}

fn proofs_of(path: &Path, keys: &[(PublicKey, KeyOf)]) -> Result<Vec<Possession>, NetworkError> {
    let mut proofs = Vec::new();
    for (key, of) in keys {
        let Some(text) = &of.proof else { continue };
        let mut signature = [0; 64];
        hex::decode_to_slice(text, &mut signature)
            .map_err(|error| NetworkError::unreadable(path, &error))?;
        proofs.push((key.id(), Signature(signature)));
    }
    proofs.sort_unstable();
    Ok(proofs)
}

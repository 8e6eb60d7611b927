//! The files of a development network: made on first start, read back ever after.

use std::path::Path;

use piao_chain::codec;
use piao_chain::genesis::{Genesis, GenesisParams, Network};
use piao_chain::limits::{BLOCK_BYTES_MAX, FAILURES_PER_ACCOUNT_PER_DAY};
use piao_chain::state::Fees;
use piao_chain::tax::RuleSet;
use piao_chain::transaction::{SUITE, VERSION};
use piao_chain::validator::{Validator, ValidatorSet};

use crate::clock::Clock;
use crate::keys::{Keyring, UnlockSecret};
use crate::network::ceremony::{make_api_key, make_keys, secret};
use crate::network::{GENESIS_FILE, NetworkError, NetworkFiles, NodeRecord, Role, exists, write};

/// Fee for an issued invoice, in fen.
const ISSUE_FEE_FEN: u32 = 10;
/// Fee for a recorded failure, in fen.
const FAILURE_FEE_FEN: u32 = 0;
/// Channel digit of invoice numbers.
const CHANNEL: u8 = 7;

/// Reads a development network from a data directory, or makes it there.
///
/// # Errors
/// [`NetworkError`]; see its variants.
pub fn prepare(
    data: &Path,
    unlock_path: &Path,
    seed: Option<u64>,
    clock: &Clock,
) -> Result<NetworkFiles, NetworkError> {
    std::fs::create_dir_all(data).map_err(|source| NetworkError::io(data, source))?;
    let is_made = exists(&data.join(GENESIS_FILE))?;
    // Genesis is written last. Once it is there nothing secret is made again: a new key in place of
    // a lost one would sign what nobody accepts.
    if !is_made {
        if exists(&data.join("blocks"))? {
            return Err(NetworkError::GenesisMissing(data.join(GENESIS_FILE)));
        }
        make(data, unlock_path, seed, clock)?;
    }
    NetworkFiles::open(data, unlock_path)
}

fn make(
    data: &Path,
    unlock_path: &Path,
    seed: Option<u64>,
    clock: &Clock,
) -> Result<(), NetworkError> {
    if !exists(unlock_path)? {
        UnlockSecret::random()?.write_new(unlock_path)?;
    }
    let keyring = Keyring::create(&data.join("keys"), &UnlockSecret::read(unlock_path)?)?;
    make_keys(&keyring, &NodeRecord::new("dev", &Role::ALL), seed)?;
    make_api_key(data, seed)?;
    let genesis = genesis(&keyring, seed, clock)?;
    write(&data.join(GENESIS_FILE), &codec::encode(&genesis), 0o644)
}

fn genesis(keyring: &Keyring, seed: Option<u64>, clock: &Clock) -> Result<Genesis, NetworkError> {
    let validator = Validator {
        public_key: keyring.load("validator")?.public_key(),
        power: 1,
    };
    Ok(Genesis {
        version: VERSION,
        suite: SUITE,
        network: Network::Test,
        time_ms: clock.now().ms(),
        channel: CHANNEL,
        threshold: 1,
        authority_keys: vec![keyring.load("authority")?.public_key()],
        log_key: keyring.load("log")?.public_key(),
        validators: ValidatorSet::sorted(vec![validator])?,
        params: GenesisParams {
            block_bytes_max: u32::try_from(BLOCK_BYTES_MAX).unwrap_or(u32::MAX),
            fees: Fees {
                issue_fen: ISSUE_FEE_FEN,
                failure_fen: FAILURE_FEE_FEN,
            },
            failures_per_account_per_day: FAILURES_PER_ACCOUNT_PER_DAY,
            rule_set: RuleSet::CURRENT.id,
        },
        nonce: secret("nonce", seed)?,
    })
}

//! The first blocks of a development network: everybody registers, and merchants get fees.
//!
//! Asked at every start and answered by the state: what is there is not done again.

use std::sync::Arc;
use std::time::Duration;

use piao_chain::digest::{Hasher, Tag, hash};
use piao_chain::fault::Fault;
use piao_chain::proof::SignedCard;
use piao_chain::signature::{PublicKey, SecretKey};
use piao_chain::state::KeyRole;
use piao_chain::transaction::{
    AddKey, CreditFees, Identity, Payload, RegisterMerchant, SUITE, SellerCard, SignedTransaction,
    TransactionBody, VERSION,
};

use super::people::{Person, people};
use crate::keys::{Keyring, KeyringError};
use crate::ledger::{ChainView, Settled};
use crate::mempool::Admission;
use crate::network::NetworkError;
use crate::network::ceremony::secret;

/// What a funded merchant starts with, in fen: 1 000.00.
const FIRST_CREDIT_FEN: i64 = 100_000;
/// What a merchant may invoice in a month, in fen: 1 000 000 000.00.
const MONTH_QUOTA_FEN: i64 = 100_000_000_000;
/// How long one of the first transactions may take.
const FINAL_WITHIN: Duration = Duration::from_secs(20);
/// How long the authority's transactions stay valid, in ms.
const VALID_FOR_MS: u64 = 10 * 60 * 1000;

/// Why the first blocks did not come about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// Keys.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Files.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The state can't be read.
    #[error(transparent)]
    State(#[from] piao_chain::state::StateUnavailable),
    /// A transaction of the authority was refused.
    #[error("{what} was refused: {code}", code = .fault.code.code())]
    Refused {
        /// What it was to do.
        what: &'static str,
        /// Why not.
        fault: Box<Fault>,
    },
    /// The chain does not move.
    #[error("{0} did not become final within {FINAL_WITHIN:?}")]
    Stuck(&'static str),
}

/// Makes an authority's transaction.
pub(crate) fn authority_transaction(
    chain: &ChainView,
    authority: &SecretKey,
    idem: piao_chain::transaction::Idem,
    payload: Payload,
) -> Result<SignedTransaction, Box<Fault>> {
    let now_ms = chain.clock().now().ms().max(chain.tip().header.time_ms);
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id: *chain.chain_id(),
        account: 0,
        signers: vec![authority.public_key().id()],
        idem,
        valid_until_ms: now_ms.saturating_add(VALID_FOR_MS),
        fee_max_fen: 0,
        flags: 0,
        payload,
    };
    SignedTransaction::sign(body, &[authority]).map_err(|error| Box::new(Fault::new(error.code)))
}

/// The card of a sample account; follows from its keys, so it needs no file.
pub(crate) fn card_of(
    chain: &ChainView,
    authority: &SecretKey,
    person: &Person,
    key: &PublicKey,
) -> SignedCard {
    let salt = Hasher::new(Tag::Card).with(key.as_bytes()).finish();
    let card = SellerCard {
        identity: Identity::Clear(person.uscc()),
        name: person.name.to_owned(),
        key: key.id(),
        salt: piao_chain::digest::truncate(&salt),
    };
    let signature = card.sign(authority, chain.chain_id());
    SignedCard {
        card,
        signer: authority.public_key().id(),
        signature,
    }
}

/// The key a sample account answers with; made where a network of an earlier version has none.
///
/// # Errors
/// [`NetworkError`].
pub(crate) fn admin_key(keyring: &Keyring, person: &Person) -> Result<SecretKey, NetworkError> {
    if !keyring.contains(person.admin_name)? {
        let seed = secret(person.admin_name, None)?;
        keyring.store(person.admin_name, &SecretKey::from_seed(&seed))?;
    }
    Ok(keyring.load(person.admin_name)?)
}

/// Registers everybody who is not, binds their admin keys, and credits merchants who never were.
///
/// # Errors
/// [`BootstrapError`].
pub async fn bootstrap(
    chain: &Arc<ChainView>,
    admission: &Arc<Admission>,
    keyring: &Keyring,
) -> Result<(), BootstrapError> {
    let authority = keyring.load("authority")?;
    for person in people() {
        if chain.account(person.account)?.is_none() {
            let key = keyring.load(person.key_name)?;
            let register = RegisterMerchant {
                identity: Identity::Clear(person.uscc()),
                taxpayer: person.taxpayer,
                region: person.region,
                month_quota_fen: MONTH_QUOTA_FEN,
                key: key.public_key(),
                pop: key.prove_possession(chain.chain_id()),
                card_sig: card_of(chain, &authority, &person, &key.public_key()).signature,
            };
            let payload = Payload::RegisterMerchant(register);
            let done = run(chain, admission, &authority, payload, "a registration").await;
            // A block that was proposed before the last start may bring the same one first.
            if done.is_err() && chain.account(person.account)?.is_none() {
                return done;
            }
        }
        let admin = admin_key(keyring, &person)?;
        let id = admin.public_key().id();
        if chain.account_of_key(&id)?.is_none() {
            let payload = Payload::AddKey(AddKey {
                account: person.account,
                key: admin.public_key(),
                role: KeyRole::Admin,
                pop: admin.prove_possession(chain.chain_id()),
            });
            let done = run(chain, admission, &authority, payload, "an admin key").await;
            if done.is_err() && chain.account_of_key(&id)?.is_none() {
                return done;
            }
        }
        let reference = hash(
            Tag::TopUp,
            format!("first credit of {}", person.account).as_bytes(),
        );
        let credited = piao_chain::state::StateView::top_up(chain.cache(), &reference)?;
        if person.funded && !credited {
            let payload = Payload::CreditFees(CreditFees {
                account: person.account,
                amount_fen: FIRST_CREDIT_FEN,
                ref_hash: reference,
            });
            let done = run(chain, admission, &authority, payload, "a first credit").await;
            if done.is_err() && !piao_chain::state::StateView::top_up(chain.cache(), &reference)? {
                return done;
            }
        }
    }
    Ok(())
}

async fn run(
    chain: &ChainView,
    admission: &Admission,
    authority: &SecretKey,
    payload: Payload,
    what: &'static str,
) -> Result<(), BootstrapError> {
    let mut idem = [0; 16];
    getrandom::fill(&mut idem).map_err(NetworkError::Randomness)?;
    let refused = |fault| BootstrapError::Refused { what, fault };
    let transaction = authority_transaction(chain, authority, idem, payload).map_err(refused)?;
    let watch = chain.finality().watch(transaction.id());
    if let Err(mut faults) = admission.admit(transaction, false) {
        return Err(refused(Box::new(faults.swap_remove(0))));
    }
    let stuck = || BootstrapError::Stuck(what);
    let settled = tokio::time::timeout(FINAL_WITHIN, watch.ok_or_else(stuck)?).await;
    match settled {
        Ok(Ok(Settled::Final(settled))) => match settled.outcome.failure() {
            None => Ok(()),
            Some(code) => Err(refused(Box::new(Fault::new(code)))),
        },
        Ok(Ok(Settled::Dropped(fault))) => Err(refused(Box::new(fault))),
        Ok(Err(_)) | Err(_) => Err(stuck()),
    }
}

//! The desk and the backend over it, with the merchants of the network.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use piao_api::backend::NodeFacts;
use piao_api::caller::Caller;
use piao_chain::genesis::Network;

use super::error::NodeError;
use super::open::state_unavailable;
use crate::backend::{NodeBackend, NodeBackendParts};
use crate::config::Settings;
use crate::consensus::Reporter;
use crate::desk::store::{DeskHeader, DeskStore};
use crate::desk::{Desk, Merchant, MerchantSecret};
use crate::dev::{admin_key, card_of, people};
use crate::gossip::Gossip;
use crate::health::Health;
use crate::ledger::ChainView;
use crate::mempool::Admission;
use crate::merchants;
use crate::network::{NetworkError, NetworkFiles, Role};

/// The desk over its opened store.
pub(super) fn open_desk(
    (data, network): (&Path, &NetworkFiles),
    chain: &Arc<ChainView>,
    admission: &Arc<Admission>,
    store: DeskStore,
    headers: Vec<DeskHeader>,
) -> Result<Desk, NodeError> {
    let keyring = &network.keyring;
    let has = |role| network.record.has(role);
    let authority = match has(Role::Authority) {
        true => Some(keyring.load("authority").map_err(NetworkError::from)?),
        false => None,
    };
    let mut merchants = Vec::new();
    for vouchsafed in merchants::load(data, keyring, &network.genesis)? {
        let account = chain.account_of_key(&vouchsafed.key.public_key().id());
        let Some(account) = account.map_err(state_unavailable)? else {
            tracing::warn!(
                key = %vouchsafed.key.public_key().id(),
                "a merchant is not registered as far as this node knows the chain: start it again \
                 once it is"
            );
            continue;
        };
        merchants.push(Merchant {
            account,
            name: vouchsafed.name,
            tax_id: vouchsafed.tax_id,
            key: vouchsafed.key,
            later: vouchsafed.later,
            admin: vouchsafed.admin,
            secret: vouchsafed.secret,
            card: vouchsafed.card,
        });
    }
    // A sample merchant's card follows from the authority's key, so it needs no file.
    let samples = authority.as_ref().filter(|_key| has(Role::SampleMerchants));
    for (person, authority) in people()
        .into_iter()
        .flat_map(|person| samples.map(|key| (person, key)))
    {
        let key = keyring.load(person.key_name).map_err(NetworkError::from)?;
        let secret = keyring
            .load_bytes(person.secret_name)
            .map_err(NetworkError::from)?;
        let admin = admin_key(keyring, &person)?;
        merchants.push(Merchant {
            account: person.account,
            name: person.name.to_owned(),
            tax_id: person.uscc().to_string(),
            card: card_of(chain, authority, &person, &key.public_key()),
            key,
            later: Vec::new(),
            admin: Some(admin),
            secret: MerchantSecret(secret),
        });
    }
    let (chain, admission) = (Arc::clone(chain), Arc::clone(admission));
    Ok(Desk::open(
        chain, admission, store, headers, merchants, authority,
    )?)
}

/// The node behind the contract.
pub(super) fn backend(
    (network, gossip): (&NetworkFiles, Option<&Gossip>),
    chain: &Arc<ChainView>,
    admission: &Arc<Admission>,
    desk: Arc<Desk>,
    health: &Arc<Health>,
    (address, reporter): (SocketAddr, Arc<Reporter>),
) -> Result<NodeBackend, NodeError> {
    let log = match network.record.has(Role::Authority) {
        true => Some(network.keyring.load("log").map_err(NetworkError::from)?),
        false => None,
    };
    let caller = Caller {
        name: "dev".to_owned(),
        accounts: desk.accounts(),
    };
    let port = address.port();
    let facts = NodeFacts {
        network: chain.genesis().network.as_str().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        own_hosts: ["127.0.0.1", "localhost", "[::1]"]
            .map(|host| format!("{host}:{port}"))
            .to_vec(),
        // Without a key a merchant's desk is open to this machine on test networks only.
        dev_caller: (address.ip().is_loopback() && chain.genesis().network == Network::Test)
            .then(|| caller.clone()),
        public_status: address.ip().is_loopback(),
    };
    Ok(NodeBackend::new(NodeBackendParts {
        facts,
        chain: Arc::clone(chain),
        admission: Arc::clone(admission),
        desk,
        health: Arc::clone(health),
        api_key: Some((blake3::hash(network.api_key.as_bytes()), caller)),
        trust_root: network.trust_root.clone(),
        log,
        others: gossip.map(|gossip| (gossip.count(), gossip.tips())),
        reporter,
    }))
}

/// What a developer wants to know at the start.
pub(super) fn hint(settings: &Settings, network: &NetworkFiles) -> String {
    format!(
        "API key {} (also in {}); calls from this machine need none; trust root in {}",
        network.api_key,
        settings.data.join("api-key").display(),
        settings.data.join("trust-root.json").display(),
    )
}

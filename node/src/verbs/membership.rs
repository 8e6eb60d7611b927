//! The verbs of the ceremony: `init`, `network create`, `network sign`, `join`, `keys`.

use std::path::Path;

use piao_chain::genesis::Network;
use piao_chain::signature::SecretKey;
use piao_chain::state::Fees;
use serde::Serialize;

use super::{VerbError, loaded, say};
use crate::cli::{Common, InitArgs, NetworkVerb};
use crate::clock::Clock;
use crate::keys::{Keyring, UnlockSecret};
use crate::network::ceremony::{self, Create, Init};
use crate::network::{
    GENESIS_FILE, NetworkError, NodeRecord, Role, VotingKeys, exists, network_peer_id, read_genesis,
};

pub(super) fn init(args: &InitArgs) -> Result<(), VerbError> {
    let settings = loaded(&args.common)?.settings;
    let roles = [
        (args.validator, Role::Validator),
        (args.authority, Role::Authority),
        (args.sample_merchants, Role::SampleMerchants),
    ];
    let roles = roles.into_iter().filter(|(wanted, _role)| *wanted);
    let file = ceremony::init(&Init {
        unlock_path: settings.unlock_path(),
        data: settings.data,
        moniker: args.moniker.clone(),
        roles: roles.map(|(_wanted, role)| role).collect(),
        consensus: args.consensus.clone(),
        gossip: args.gossip.clone(),
        seed: args.seed,
    })?;
    Ok(say(&file.display().to_string())?)
}

pub(super) fn network(verb: NetworkVerb) -> Result<(), VerbError> {
    match verb {
        NetworkVerb::Create {
            members,
            out,
            production,
            threshold,
            issue_fee,
            failure_fee,
            channel,
            seed,
        } => {
            let create = Create {
                members,
                out,
                network: if production {
                    Network::Production
                } else {
                    Network::Test
                },
                threshold,
                fees: Fees {
                    issue_fen: issue_fee,
                    failure_fen: failure_fee,
                },
                channel,
                seed,
            };
            let genesis = ceremony::create(&create, &Clock::with_offset_ms(0))?;
            Ok(say(&format!(
                "network {} with {} validators in {}; next: `piaod network sign` by {} of the authority",
                genesis.chain_id(),
                genesis.validators.members().len(),
                create.out.display(),
                genesis.threshold,
            ))?)
        }
        NetworkVerb::Admit { network, members } => {
            let count = ceremony::admit(&network, &members)?;
            Ok(say(&format!(
                "{count} members in {}; next: `piaod join` and a new start by every operator, one after the other",
                network.display(),
            ))?)
        }
        NetworkVerb::Sign { common, network } => {
            let settings = loaded(&common)?.settings;
            let unlock = settings.unlock_path();
            let (signed, needed) = ceremony::sign(&settings.data, &unlock, &network)?;
            Ok(say(&format!(
                "the trust root has {signed} of {needed} signatures"
            ))?)
        }
    }
}

pub(super) fn join(common: &Common, network: &Path) -> Result<(), VerbError> {
    let settings = loaded(common)?.settings;
    let files = ceremony::join(&settings.data, &settings.unlock_path(), network)?;
    Ok(say(&format!(
        "{} is a member of network {}; next: `piaod run --data {}`",
        files.record.moniker,
        files.genesis.chain_id(),
        settings.data.display(),
    ))?)
}

/// A node's public keys.
#[derive(Debug, Serialize)]
struct PublicKeys {
    moniker: String,
    roles: Vec<Role>,
    peer_id: String,
    keys: Vec<PublicKeyOf>,
}

/// One of them.
#[derive(Debug, Serialize)]
struct PublicKeyOf {
    name: String,
    id: String,
    public_key: String,
    /// Its proof of possession to the network this node has joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
}

pub(super) fn keys(common: &Common, new: bool, json: bool) -> Result<(), VerbError> {
    let settings = loaded(common)?.settings;
    let unlock = UnlockSecret::read(&settings.unlock_path()).map_err(NetworkError::from)?;
    let keyring =
        Keyring::open(&settings.data.join("keys"), &unlock).map_err(NetworkError::from)?;
    let record = NodeRecord::read(&settings.data)?;
    let seed = keyring.load_bytes("network").map_err(NetworkError::from)?;
    if new && !record.has(Role::Validator) {
        let what = "this node does not vote: make it anew with `piaod init --validator`";
        return Err(NetworkError::Members(what.to_owned()).into());
    }
    if new {
        VotingKeys::make_next(&keyring)?;
    }
    let chain_id = match exists(&settings.data.join(GENESIS_FILE))? {
        true => Some(read_genesis(&settings.data)?.chain_id()),
        false => None,
    };
    let of = |name: &str, secret: &SecretKey| PublicKeyOf {
        name: name.to_owned(),
        id: secret.public_key().id().to_string(),
        public_key: hex::encode(secret.public_key().as_bytes()),
        proof: chain_id
            .as_ref()
            .map(|chain_id| hex::encode(secret.prove_possession(chain_id).0)),
    };
    let mut keys = Vec::new();
    for name in record.signing_keys() {
        keys.push(of(name, &keyring.load(name).map_err(NetworkError::from)?));
    }
    let later = VotingKeys::load(&keyring)?;
    keys.extend(later.iter().skip(1).map(|(name, key)| of(name, key)));
    let all = PublicKeys {
        moniker: record.moniker,
        roles: record.roles,
        peer_id: network_peer_id(&seed).to_string(),
        keys,
    };
    if json {
        let text = serde_json::to_string_pretty(&all).map_err(NetworkError::from)?;
        return Ok(say(&text)?);
    }
    say(&format!("{:<12} {}", "peer id", all.peer_id))?;
    for key in &all.keys {
        say(&format!(
            "{:<12} {} (id {})",
            key.name, key.public_key, key.id
        ))?;
    }
    Ok(())
}

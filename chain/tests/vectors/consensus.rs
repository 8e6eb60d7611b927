//! What validators sign, and what a network starts from.

use std::collections::BTreeMap;

use piao_chain::certificate::{CertificateError, CommitCertificate};
use piao_chain::codec;
use piao_chain::digest::BlockId;
use piao_chain::signature::{KeyId, Purpose, signed_bytes};
use piao_chain::testing::{TestNet, key};
use piao_chain::validator::{Validator, ValidatorSet};
use piao_chain::vote::{Proposal, Vote, VoteKind, part_body};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::oracle;

/// SPEC 4.4, 4.5 and 4.6.
pub(crate) fn consensus() -> Value {
    json!({
        "votes": votes(),
        "quorums": quorums(),
        "certificates": certificates(),
    })
}

fn votes() -> Value {
    let net = TestNet::new(1);
    let (chain_id, signer) = (net.genesis.chain_id(), key("validator 0"));
    let block_id = BlockId([9; 32]);
    let vote = |kind, purpose, block_id| {
        let vote = Vote {
            kind,
            height: 258,
            round: 3,
            block_id,
        };
        json!({
            "tag": Purpose::tag(purpose),
            "height": 258,
            "round": 3,
            "block_id": block_id.map(|id| id.to_string()),
            "body": hexed(vote.body()),
            "signed_bytes": hexed(signed_bytes(purpose, &chain_id, &vote.body())),
            "signature": hexed(vote.sign(&signer, &chain_id).0),
        })
    };
    let proposal = |pol_round| {
        let proposal = Proposal {
            height: 258,
            round: 3,
            block_id,
            pol_round,
        };
        json!({
            "tag": "proposal",
            "height": 258,
            "round": 3,
            "block_id": block_id.to_string(),
            "pol_round": pol_round,
            "body": hexed(proposal.body()),
            "signature": hexed(proposal.sign(&signer, &chain_id).0),
        })
    };
    let part = part_body(258, 3, &block_id);
    json!({
        "chain_id": chain_id.to_string(),
        "public_key": hexed(signer.public_key().as_bytes()),
        "signed": [
            vote(VoteKind::Prevote, Purpose::Prevote, Some(block_id)),
            vote(VoteKind::Prevote, Purpose::Prevote, None),
            vote(VoteKind::Precommit, Purpose::Precommit, Some(block_id)),
            vote(VoteKind::Precommit, Purpose::Precommit, None),
            proposal(-1),
            proposal(2),
            {
                "tag": "part",
                "height": 258,
                "round": 3,
                "block_id": block_id.to_string(),
                "body": hexed(&part),
                "signature": hexed(signer.sign(Purpose::Part, &chain_id, &part).0),
            },
        ],
    })
}

fn quorums() -> Vec<Value> {
    let sets = [vec![1], vec![1, 1, 1], vec![1, 1, 1, 1], vec![5, 3, 1]];
    sets.into_iter()
        .map(|powers: Vec<u64>| {
            let members = (0..).zip(powers).map(|(n, power): (u32, u64)| Validator {
                public_key: key(&format!("validator {n}")).public_key(),
                power,
            });
            let set = ValidatorSet::sorted(members.collect()).unwrap();
            let bytes = oracle::validator_set(&set);
            assert_eq!(codec::encode(&set), bytes);
            assert_eq!(set.hash(), oracle::h("valset", &[&bytes]));
            let least = (0..=set.total_power()).find(|power| 3 * power > 2 * set.total_power());
            assert!(set.is_quorum(least.unwrap()) && !set.is_quorum(least.unwrap() - 1));
            json!({
                "set": hexed(bytes),
                "valset_hash": hexed(set.hash()),
                "total_power": set.total_power(),
                "least_power_that_decides": least,
            })
        })
        .collect()
}

fn certificates() -> Value {
    let net = TestNet::new(4);
    let (set, chain_id) = (&net.genesis.validators, net.genesis.chain_id());
    let good = net.certify(&net.genesis.header());
    let case = |name: &str, certificate: &CommitCertificate| {
        let verdict = match certificate.verify(&chain_id, set) {
            Ok(()) => "valid",
            Err(CertificateError::Order) => "order",
            Err(CertificateError::Stranger(_)) => "stranger",
            Err(CertificateError::Signature(_)) => "signature",
            Err(_) => "no_quorum",
        };
        json!({ "name": name, "hex": hexed(codec::encode(certificate)), "verdict": verdict })
    };
    let changed = |change: &dyn Fn(&mut CommitCertificate)| {
        let mut certificate = good.clone();
        change(&mut certificate);
        certificate
    };
    let cases = [
        case("all four", &good),
        case(
            "three of four",
            &changed(&|one| {
                one.signatures.pop();
            }),
        ),
        case("two of four", &changed(&|one| one.signatures.truncate(2))),
        case(
            "a signer twice",
            &changed(&|one| one.signatures[1] = one.signatures[0]),
        ),
        case(
            "signers descending",
            &changed(&|one| one.signatures.reverse()),
        ),
        case(
            "a stranger",
            &changed(&|one| one.signatures[3].0 = KeyId([0xff; 16])),
        ),
        case(
            "a surplus bad signature",
            &changed(&|one| one.signatures[3].1.0[0] ^= 1),
        ),
        case("another round", &changed(&|one| one.round = 1)),
        case("another height", &changed(&|one| one.height = 1)),
        case("no signatures", &changed(&|one| one.signatures.clear())),
    ];
    json!({
        "chain_id": chain_id.to_string(),
        "set": hexed(oracle::validator_set(set)),
        "cases": cases,
    })
}

/// SPEC 4.7 and 4.3.
pub(crate) fn genesis() -> Value {
    let genesis = TestNet::new(4).genesis;
    let bytes = oracle::genesis(&genesis);
    assert_eq!(codec::encode(&genesis), bytes);
    let chain_id = oracle::h("chain-id", &[&bytes]);
    assert_eq!(genesis.chain_id().0, chain_id);

    let params = oracle::params(&genesis.initial_params());
    assert_eq!(
        genesis.initial_params().hash(),
        oracle::h("params", &[&params])
    );
    let state = genesis.initial_state();
    let leaves: BTreeMap<u64, oracle::D> = state
        .leaves
        .iter()
        .map(|(slot, leaf)| {
            let slot = slot.as_u64();
            (slot, oracle::slot_leaf(slot, &oracle::leaf(leaf)))
        })
        .collect();
    let header = genesis.header();
    assert_eq!(header.state_root, oracle::slot_root(&leaves));
    assert_eq!(header.hist_root, oracle::history_root(&[]));
    assert_eq!(header.tx_root, oracle::tx_root(&[]));
    let header_bytes = oracle::header(&header);
    assert_eq!(codec::encode(&header), header_bytes);
    let block_id = oracle::h("block-id", &[&header_bytes]);
    assert_eq!(header.id().0, block_id);
    json!({
        "genesis": hexed(bytes),
        "chain_id": hexed(chain_id),
        "params": hexed(&params),
        "params_hash": hexed(oracle::h("params", &[&params])),
        "state_root": hexed(header.state_root),
        "header": hexed(header_bytes),
        "block_id": hexed(block_id),
    })
}

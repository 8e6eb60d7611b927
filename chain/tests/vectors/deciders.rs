//! Who decides: sets, the authority, misbehaviour, and links in proofs (SPEC 4.2.7 to 4.2.9, 7.9).

use piao_chain::codec;
use piao_chain::digest::BlockId;
use piao_chain::proof::{
    Checkpoint, Proof, ProofTwin, SetLink, TrustRoot, TrustRootBody, VerifyOptions, verify,
};
use piao_chain::signature::{SecretKey, Signature};
use piao_chain::state::{Leaf, Offence, Slot, StateView as _};
use piao_chain::testing::{TestNet, key};
use piao_chain::transaction::{
    Evidence, FLAG_ANCHOR_FAILURE, Payload, Possession, ReportMisbehaviour, SetAuthority,
    SignedBallot, SignedTransaction,
};
use piao_chain::vote::{Proposal, Vote, VoteKind};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::one_transaction;
use crate::oracle::{self, Bytes};
use crate::proofs::shown;

/// SPEC 6.2: the leaves of sets and misbehaviour.
pub(crate) fn leaf(bytes: Bytes, leaf: &Leaf) -> Bytes {
    match leaf {
        Leaf::SetCount(count) => bytes.u32(*count),
        Leaf::Validators(set) => bytes
            .u64(set.from_height)
            .raw(&oracle::validator_set(&set.validators)),
        Leaf::Misbehaviour(list) => bytes.list(list.entries(), |bytes, one| {
            bytes
                .raw(&one.validator.0)
                .u32(offence(one.offence))
                .u32(one.round)
                .u64(one.reported_at)
        }),
        _ => unreachable!("another leaf"),
    }
}

fn offence(offence: Offence) -> u32 {
    match offence {
        Offence::Prevotes => 0,
        Offence::Precommits => 1,
        Offence::Proposals => 2,
    }
}

fn proofs_of(bytes: Bytes, proofs: &[Possession]) -> Bytes {
    bytes.list(proofs, |bytes, (id, proof)| bytes.raw(&id.0).raw(&proof.0))
}

fn ballot(bytes: Bytes, (block_id, signature): &SignedBallot) -> Bytes {
    bytes
        .option(*block_id, |bytes, id| bytes.raw(&id.0))
        .raw(&signature.0)
}

/// SPEC 4.2.7 to 4.2.9.
pub(crate) fn payload(bytes: Bytes, payload: &Payload) -> Bytes {
    match payload {
        Payload::SetValidators(payload) => {
            let bytes = bytes
                .u32(7)
                .raw(&oracle::validator_set(&payload.validators));
            proofs_of(bytes, &payload.proofs).u64(payload.from_height)
        }
        Payload::SetAuthority(payload) => {
            let bytes = bytes.u32(8).u8(payload.threshold);
            let keys = bytes.list(&payload.keys, |bytes, key| bytes.raw(key.as_bytes()));
            proofs_of(keys, &payload.proofs)
        }
        Payload::ReportMisbehaviour(report) => {
            let bytes = bytes
                .u32(9)
                .raw(report.validator.as_bytes())
                .u64(report.height)
                .u32(report.round);
            match &report.evidence {
                Evidence::Prevotes(a, b) => ballot(ballot(bytes.u32(0), a), b),
                Evidence::Precommits(a, b) => ballot(ballot(bytes.u32(1), a), b),
                Evidence::Proposals(a, b) => [a, b].into_iter().fold(bytes.u32(2), |bytes, one| {
                    bytes.raw(&one.0.0).i64(one.1).raw(&one.2.0)
                }),
            }
        }
        _ => unreachable!("another payload"),
    }
}

/// The block ids that validators vote for beside each other.
const BLOCKS: [BlockId; 2] = [BlockId([1; 32]), BlockId([2; 32])];

/// A vote of a validator for a block, or for nil.
fn vote(net: &TestNet, key: &SecretKey, kind: VoteKind, block_id: Option<BlockId>) -> SignedBallot {
    let vote = Vote {
        kind,
        height: 2,
        round: 3,
        block_id,
    };
    (block_id, vote.sign(key, &net.genesis.chain_id()))
}

fn offer(
    net: &TestNet,
    key: &SecretKey,
    block_id: BlockId,
    pol_round: i64,
) -> (BlockId, i64, Signature) {
    let proposal = Proposal {
        height: 2,
        round: 3,
        block_id,
        pol_round,
    };
    let signature = proposal.sign(key, &net.genesis.chain_id());
    (block_id, pol_round, signature)
}

/// A report of a validator's misbehaviour at height 2, by another.
fn report(net: &mut TestNet, accused: usize, evidence: Evidence) -> SignedTransaction {
    let reporter = net.validators[3].clone();
    let report = ReportMisbehaviour {
        validator: net.validators[accused].public_key(),
        height: 2,
        round: 3,
        evidence,
    };
    let idem = report.idem(&reporter.public_key().id());
    let payload = Payload::ReportMisbehaviour(Box::new(report));
    let mut body = net.body(0, &reporter.public_key(), payload);
    body.idem = idem;
    TestNet::sign(body, &reporter)
}

fn reports(net: &mut TestNet) -> Vec<SignedTransaction> {
    let [first, second] = BLOCKS;
    let keys = net.validators.clone();
    let prevotes = Evidence::of_votes(
        VoteKind::Prevote,
        vote(net, &keys[0], VoteKind::Prevote, Some(first)),
        vote(net, &keys[0], VoteKind::Prevote, None),
    );
    let precommits = Evidence::of_votes(
        VoteKind::Precommit,
        vote(net, &keys[1], VoteKind::Precommit, Some(second)),
        vote(net, &keys[1], VoteKind::Precommit, Some(first)),
    );
    let proposals = Evidence::of_proposals(
        offer(net, &keys[2], first, 1),
        offer(net, &keys[2], first, -1),
    );
    [prevotes, precommits, proposals]
        .into_iter()
        .enumerate()
        .map(|(accused, evidence)| report(net, accused, evidence.unwrap()))
        .collect()
}

fn set_authority(net: &mut TestNet) -> SignedTransaction {
    let chain_id = net.genesis.chain_id();
    let (old, new) = (net.authority.clone(), key("authority 2"));
    let mut keys = vec![old.public_key(), new.public_key()];
    keys.sort_by_key(piao_chain::signature::PublicKey::id);
    let payload = Payload::SetAuthority(SetAuthority {
        threshold: 2,
        keys,
        proofs: vec![(new.public_key().id(), new.prove_possession(&chain_id))],
    });
    let body = net.body(0, &old.public_key(), payload);
    TestNet::sign(body, &old)
}

const FOUR: [&str; 4] = ["validator 0", "validator 1", "validator 2", "validator 3"];
const FIVE: [&str; 5] = [
    "validator 0",
    "validator 1",
    "validator 2",
    "validator 3",
    "validator 4",
];

fn anchored(net: &mut TestNet, names: &[&str], from_height: u64) -> SignedTransaction {
    let mut body = net.set_validators(names, from_height).body().clone();
    body.flags = FLAG_ANCHOR_FAILURE;
    TestNet::sign(body, &net.authority)
}

/// SPEC 4.2.7 to 4.2.9 and 6.2.
pub(crate) fn deciders() -> Value {
    let mut net = TestNet::with_merchant(4);
    let height = net.tip().height + 1;
    let mut transactions = vec![
        anchored(&mut net, &FIVE, height + 3),
        anchored(&mut net, &FIVE, height + 10_001),
        anchored(&mut net, &FOUR, height + 4),
        anchored(&mut net, &FIVE, height + 4),
        anchored(&mut net, &FOUR, height + 5),
    ];
    transactions.extend(reports(&mut net));
    transactions.push(set_authority(&mut net));
    let outcomes = net.commit(transactions.clone());
    let cases: Vec<Value> = transactions
        .iter()
        .zip(&outcomes)
        .map(|(transaction, outcome)| {
            let bytes = oracle::outcome(outcome);
            assert_eq!(codec::encode(outcome), bytes);
            json!({
                "transaction": one_transaction(transaction.body().payload.name(), transaction),
                "outcome": hexed(bytes),
                "code": outcome.code,
                "evidence": outcome.evidence,
            })
        })
        .collect();
    let slots = [
        Slot::PARAMS,
        Slot::SET_COUNT,
        Slot::validators(0),
        Slot::validators(1),
        Slot::misbehaviour(2).unwrap(),
    ];
    let leaves: Vec<Value> = slots
        .into_iter()
        .map(|slot| {
            let leaf = net.state.leaf(slot).unwrap().unwrap();
            assert_eq!(leaf.encode(), oracle::leaf(&leaf));
            json!({ "slot": format!("{:x}", slot.as_u64()), "leaf": hexed(leaf.encode()) })
        })
        .collect();
    let state_root = hexed(net.tip().state_root);
    json!({
        "height": height,
        "cases": cases,
        "leaves": leaves,
        "state_root": state_root,
        "valset_hashes": valset_hashes(&mut net, height),
    })
}

/// The sets that headers name, up to the first height of the new one.
fn valset_hashes(net: &mut TestNet, height: u64) -> Vec<Value> {
    while net.tip().height < height + 4 {
        net.commit(vec![]);
    }
    let headers = net.blocks.iter().map(|one| &one.block.header);
    headers
        .map(|header| {
            json!({
                "height": header.height,
                "valset_hash": hexed(header.valset_hash),
                "next_valset_hash": hexed(header.next_valset_hash),
                "block_id": header.id().to_string(),
            })
        })
        .collect()
}

/// A network that went from four validators to five and back to four others, with an invoice
/// before; the last proof has two links.
pub(crate) fn travelled() -> (TestNet, [Proof; 3]) {
    let mut net = TestNet::with_merchant(4);
    let invoice = net.invoice("a");
    net.commit(vec![invoice]);
    let before = net.prove(3, 0).unwrap();
    let five = net.set_validators(&FIVE, 8);
    net.commit(vec![five]);
    while net.tip().height < 8 {
        net.commit(vec![]);
    }
    let during = net.prove(3, 0).unwrap();
    let other_four = net.set_validators(&FIVE[1..], 13);
    net.commit(vec![other_four]);
    while net.tip().height < 14 {
        net.commit(vec![]);
    }
    let after = net.prove(3, 0).unwrap();
    (net, [before, during, after])
}

/// A trust root whose checkpoint is the block at a height.
pub(crate) fn root_at(net: &TestNet, height: u64) -> TrustRoot {
    TrustRoot::open(&root_body(net, height).sign(&[&net.authority])).unwrap()
}

fn root_body(net: &TestNet, height: u64) -> TrustRootBody {
    let header = &net.blocks[usize::try_from(height - 1).unwrap()]
        .block
        .header;
    let mut body = TrustRootBody::of_genesis(&net.genesis);
    body.previous_fingerprint = Some([9; 32]);
    body.checkpoint = Checkpoint {
        height,
        block_id: header.id(),
        time_ms: header.time_ms,
        validators: net.validators_at(height + 1),
    };
    body
}

/// A damage to a proof and its name.
type Damage = (&'static str, Box<dyn Fn(&TestNet, &mut Proof)>);

fn damage(name: &'static str, change: impl Fn(&TestNet, &mut Proof) + 'static) -> Damage {
    (name, Box::new(change))
}

/// Everything that must not pass for a path.
fn damages() -> Vec<Damage> {
    let forged = |net: &TestNet, link: &mut SetLink| link.certificate = net.certify(&link.header);
    vec![
        damage("none", |_net, proof| proof.links.clear()),
        damage("first missing", |_net, proof| drop(proof.links.remove(0))),
        damage("last missing", |_net, proof| drop(proof.links.pop())),
        damage("out of order", |_net, proof| proof.links.reverse()),
        damage("one twice", |_net, proof| {
            let again = proof.links[0].clone();
            proof.links.insert(0, again);
        }),
        damage("one beside", |_net, proof| {
            let mut beside = proof.links[1].clone();
            beside.header.height += 1;
            proof.links.push(beside);
        }),
        damage("a block that changes nothing", |net, proof| {
            let same = &net.blocks[4];
            proof.links.insert(
                0,
                SetLink {
                    header: same.block.header.clone(),
                    certificate: same.certificate.clone(),
                    next: net.genesis.validators.clone(),
                },
            );
        }),
        damage("another set named", |net, proof| {
            proof.links[0].next = net.genesis.validators.clone();
        }),
        damage("signed by the incoming set", move |net, proof| {
            let link = &mut proof.links[1];
            let id = link.certificate.signatures[0].0;
            let own = net.certify(&net.tip());
            link.certificate
                .signatures
                .retain(|(signer, _)| *signer != id);
            let (_id, signature) = own.signatures[0];
            link.certificate.signatures[0].1 = signature;
        }),
        damage("without a quorum", |_net, proof| {
            proof.links[0].certificate.signatures.truncate(2);
        }),
        damage("a certificate over another block", |net, proof| {
            proof.links[0].certificate = net.blocks[3].certificate.clone();
        }),
        damage("a header of another network", move |net, proof| {
            proof.links[0].header.chain_id.0[0] ^= 1;
            forged(net, &mut proof.links[0]);
        }),
        damage("a forged first set", |net, proof| {
            let link = &mut proof.links[0];
            link.header.valset_hash = [7; 32];
            link.certificate = net.certify(&link.header);
        }),
        damage("as high as the signed block", |net, proof| {
            let top = net.tip().height;
            let link = &mut proof.links[1];
            link.header.height = top;
            link.certificate.height = top;
            link.certificate.block_id = link.header.id();
        }),
    ]
}

fn judged(net: &TestNet, name: &str, root: &TrustRoot, proof: &Proof) -> Value {
    let bytes = proof.encode();
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    let verdict = verify(&bytes, Some(root), &options);
    json!({ "name": name, "file": hexed(bytes), "verdict": shown(&verdict) })
}

/// SPEC 7.9.
pub(crate) fn links() -> Value {
    let (net, [before, during, after]) = travelled();
    let genesis = net.trust_root();
    let between = root_at(&net, 10);
    let newest = root_at(&net, 14);
    let mut from_between = after.clone();
    from_between.links.remove(0);
    let good: Vec<Value> = [
        ("before the changes", &genesis, &before),
        ("after one change", &genesis, &during),
        ("after two changes", &genesis, &after),
    ]
    .into_iter()
    .map(|(name, root, proof)| judged(&net, name, root, proof))
    .collect();
    let by_later_roots: Vec<Value> = [
        ("from genesis, judged from between", &between, &after),
        ("from between, judged from between", &between, &from_between),
        ("from between, judged from the end", &newest, &from_between),
        ("from genesis, judged from the end", &newest, &after),
        ("before the changes, judged from the end", &newest, &before),
        ("after one change, judged from the end", &newest, &during),
    ]
    .into_iter()
    .map(|(name, root, proof)| {
        let mut case = judged(&net, name, root, proof);
        case["trust_root"] = json!(root.fingerprint());
        case
    })
    .collect();
    let damaged: Vec<Value> = damages()
        .into_iter()
        .map(|(name, change)| {
            let mut proof = after.clone();
            change(&net, &mut proof);
            judged(&net, name, &genesis, &proof)
        })
        .collect();
    let later = [10, 14].map(|height| root_body(&net, height).sign(&[&net.authority]));
    json!({
        "now_ms": net.now().ms(),
        "trust_root": TrustRootBody::of_genesis(&net.genesis).sign(&[&net.authority]),
        "later_trust_roots": later,
        "good": good,
        "by_later_roots": by_later_roots,
        "damaged": damaged,
        "twin_of_the_last": ProofTwin::of(&after),
    })
}

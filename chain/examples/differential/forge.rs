//! Proofs made with the keys of everybody: the block is signed, whatever it holds. So the steps
//! behind the certificate are reached, which no change of bytes alone would let.

use piao_chain::block::Header;
use piao_chain::certificate::CommitCertificate;
use piao_chain::digest::{BlockId, Digest, InvoiceId};
use piao_chain::document::{DisclosedField, Document, Field};
use piao_chain::invoice::InvoiceNumber;
use piao_chain::outcome::{Effect, Outcome, transaction_leaf};
use piao_chain::proof::merkle::{self, HistoryTree, TransactionTree};
use piao_chain::proof::{KeyProof, Latest, Proof, SlotProof, StatusProof};
use piao_chain::state::{InvoiceLeaf, KeyLeaf, KeyRole, Leaf, RedMark, Slot, SlotTree};
use piao_chain::testing::{TestNet, key};
use piao_chain::transaction::{SignedTransaction, TransactionBody};

use crate::NOW_MS;
use crate::payloads;
use crate::random::Random;
use crate::roots::{World, any_set};

/// A slip happens in one of so many places where one can.
const SLIP: usize = 45;

/// A proof that a network signed, the slips that were made in it, and its trust root.
pub(crate) fn proof(world: &World, random: &mut Random) -> (&'static str, Proof, usize) {
    let home = random.below(world.nets.len());
    let net = &world.nets[home];
    let document = document(random);
    let transaction = transaction(net, &document, random);
    let outcome = outcome(transaction.body().payload.issues(), random);
    let part = part(&outcome, random);
    let (path, index, tx_count, tx_root) = block(&transaction, &outcome, random);
    let mut header = net.tip();
    header.height = 1 + random.next() % 50;
    (header.tx_count, header.tx_root) = (tx_count, tx_root);
    let (key, status, state_root) =
        state(net, (&transaction, &outcome, part), header.height, random);
    let latest = latest(&header, random);
    let mut proof = world.proofs[0].clone();
    (proof.header, proof.latest) = (header, latest);
    let tip = proof
        .latest
        .as_mut()
        .map_or(&mut proof.header, |latest| &mut latest.header);
    tip.state_root = state_root;
    proof.validators = validators(net, tip, random);
    proof.certificate = certificate(net, tip, random);
    (proof.path, proof.index) = (path, index);
    (proof.key, proof.status) = (key, status);
    (proof.transaction, proof.outcome, proof.part) = (transaction, outcome, part);
    if random.once_in(SLIP) {
        proof.part = random.pick(&[0, 1, 2, u32::MAX]);
    }
    proof.disclosed = disclosed(&document, random);
    proof.card = (!random.once_in(5)).then(|| net.card());
    if let Some(card) = proof.card.as_mut().filter(|_| random.once_in(SLIP)) {
        match random.below(4) {
            0 => card.card.name.push('x'),
            1 => card.card.key = key_id("another"),
            2 => card.signer = key_id("validator 0"),
            _ => card.signature.0[random.below(64)] ^= 1,
        }
    }
    ("signed by the network", proof, home)
}

fn key_id(name: &str) -> piao_chain::signature::KeyId {
    key(name).public_key().id()
}

fn document(random: &mut Random) -> Document {
    let (seed, count) = (random.bytes(), u16::try_from(1 + random.below(20)).unwrap());
    let fields = (0..count).map(|at| Field {
        id: 1 + at / 3,
        line: at % 3,
        value: match random.below(4) {
            0 => "票面文字 <script>".into(),
            1 => "\u{202e}\u{feff}x".into(),
            _ => (0..random.below(12)).map(|_| random.byte()).collect(),
        },
    });
    Document::new(seed, fields.collect()).unwrap()
}

fn transaction(net: &TestNet, document: &Document, random: &mut Random) -> SignedTransaction {
    let signer = if random.once_in(SLIP) {
        key("another")
    } else {
        net.merchant.clone()
    };
    let mut body = TransactionBody {
        version: 1,
        suite: 1,
        chain_id: net.genesis.chain_id(),
        account: if random.once_in(SLIP) { 2 } else { 1 },
        signers: vec![signer.public_key().id()],
        idem: random.bytes(),
        valid_until_ms: random.number(),
        fee_max_fen: 100,
        flags: random.byte() % 2,
        payload: payloads::issuing(document, random),
    };
    if random.once_in(SLIP) {
        body.payload = payloads::other(net, random);
    }
    if random.once_in(SLIP * 2) {
        body.chain_id.0[0] ^= 1;
    }
    if random.once_in(SLIP) {
        body.signers.push(key_id("authority"));
    }
    let signed = SignedTransaction::sign(body, &[&signer, &key("authority")]).unwrap();
    let mut signatures = signed.signatures().to_vec();
    match random.below(SLIP) {
        0 => signatures[0].0[random.below(64)] ^= 1 << random.below(8),
        1 => signatures.push(signatures[0]),
        2 => signatures.clear(),
        _ => return signed,
    }
    SignedTransaction::from_parts(signed.body_bytes().to_vec(), signatures).unwrap()
}

/// Which effect the proof is about.
fn part(outcome: &Outcome, random: &mut Random) -> u32 {
    u32::try_from(random.below(outcome.effects.len())).unwrap()
}

/// An outcome of so many invoices, mostly.
fn outcome(issues: u32, random: &mut Random) -> Outcome {
    let first = 1 + random.next() % 1000;
    let effects = (0..u64::from(issues.max(1))).map(|at| {
        let index = first + at;
        Effect {
            slot: (3 << 36) | index,
            number: number(index),
            counter: index,
            prev_invoice_id: InvoiceId(random.bytes()),
        }
    });
    let mut effects: Vec<Effect> = effects.collect();
    if random.once_in(SLIP) {
        effects[0].slot = random.number();
    }
    let mut outcome = Outcome {
        code: 0,
        evidence: vec![],
        effects,
        fee_charged_fen: 10,
    };
    match random.below(SLIP * 2) {
        0 => outcome.code = 1407,
        1 => drop(outcome.effects.pop()),
        2 => outcome.effects.push(outcome.effects[0].clone()),
        3 => outcome.evidence = vec![i64::MIN, -1],
        _ => {}
    }
    outcome
}

/// The number of the invoice with an issuance index.
fn number(index: u64) -> InvoiceNumber {
    format!("26427{index:015}").parse().unwrap()
}

/// Path, index, count and root of a block that holds the transaction.
fn block(
    transaction: &SignedTransaction,
    outcome: &Outcome,
    random: &mut Random,
) -> (Vec<Digest>, u32, u32, Digest) {
    let count = 1 + random.below(20);
    let mut leaves: Vec<Digest> = (0..count).map(|_| random.bytes()).collect();
    let at = random.below(count);
    leaves[at] = transaction_leaf(transaction, outcome);
    let mut path = merkle::path::<TransactionTree>(&leaves, at).unwrap();
    spoil_path(&mut path, random);
    let mut index = u32::try_from(at).unwrap();
    if random.once_in(SLIP) {
        index = random.pick(&[index ^ 1, index.wrapping_add(1), u32::MAX]);
    }
    let tx_count = u32::try_from(count).unwrap();
    let tx_count = if random.once_in(SLIP * 2) {
        tx_count + 1
    } else {
        tx_count
    };
    (
        path,
        index,
        tx_count,
        merkle::root::<TransactionTree>(&leaves),
    )
}

fn spoil_path(path: &mut Vec<Digest>, random: &mut Random) {
    match random.below(SLIP * 3) {
        0 => path.push(random.bytes()),
        1 => drop(path.pop()),
        2 => path.reverse(),
        _ => {}
    }
}

/// What the state says of key and invoice, with the proofs and the root.
fn state(
    net: &TestNet,
    (transaction, outcome, part): (&SignedTransaction, &Outcome, u32),
    height: u64,
    random: &mut Random,
) -> (KeyProof, StatusProof, Digest) {
    let around = |random: &mut Random| height.wrapping_add(random.pick(&[0, 1, u64::MAX]));
    let key_leaf = KeyLeaf {
        account: 1,
        role: if random.once_in(SLIP) {
            KeyRole::Admin
        } else {
            KeyRole::Issue
        },
        from_height: if random.once_in(20) {
            around(random)
        } else {
            1
        },
        revoked_height: random.once_in(20).then(|| around(random)),
        disputed_since: random.once_in(8).then(|| around(random)),
    };
    let public_key = net.merchant.public_key();
    let index = u32::try_from(random.number() & 0xffff_ffff).unwrap();
    let key_slot = Slot::key(index);
    let mut leaves = vec![(key_slot, Leaf::Key(public_key, key_leaf.clone()))];
    let effect = outcome.effects.get(usize::try_from(part).unwrap());
    let slot = effect.and_then(|effect| Slot::from_u64(effect.slot));
    let mut leaf = (random.once_in(3)).then(|| invoice_leaf(random));
    if let (Some(slot), Some(effect), Some(leaf)) = (slot, effect, &leaf) {
        let id = effect.invoice_id(&transaction.id(), part);
        leaves.push((slot, Leaf::Invoice(id, leaf.clone())));
    }
    for number in 0..random.below(6) {
        let other = Slot::account(u32::try_from(number).unwrap());
        leaves.push((other, Leaf::Key(public_key, key_leaf.clone())));
    }
    let tree = SlotTree::build(leaves.iter().map(|(slot, leaf)| (*slot, leaf)));
    let mut paths = [key_slot, slot.unwrap_or(Slot::PARAMS)].map(|slot| SlotProof::of(&tree, slot));
    if random.once_in(SLIP) {
        let at = random.below(2);
        spoil_slot_proof(&mut paths[at], random);
    }
    if random.once_in(SLIP) {
        leaf = leaf.is_none().then(|| invoice_leaf(random));
    }
    let [key_path, status_path] = paths;
    let key = KeyProof {
        public_key,
        index,
        leaf: key_leaf,
        path: key_path,
    };
    (
        key,
        StatusProof {
            leaf,
            path: status_path,
        },
        tree.root(),
    )
}

fn invoice_leaf(random: &mut Random) -> InvoiceLeaf {
    let amounts = [0, 1, 5_000, 10_000, 10_000_000, -1, i64::MAX, i64::MIN];
    InvoiceLeaf {
        reversed_fen: (0..random.below(4))
            .map(|_| random.pick(&amounts))
            .collect(),
        reissued_by: random.once_in(5).then(|| random.number()),
        booked_use: random.byte(),
        claim: random.byte(),
        booked_period: random.next().to_be_bytes()[0].into(),
        last_red: random.once_in(2).then(|| RedMark {
            slot: random.number(),
            number: number(random.next() % 1000),
            time_ms: if random.once_in(4) {
                random.number()
            } else {
                NOW_MS
            },
        }),
    }
}

fn spoil_slot_proof(proof: &mut SlotProof, random: &mut Random) {
    match random.below(4) {
        0 => proof.empty ^= 1 << random.below(64),
        1 => proof.siblings.push(random.bytes()),
        2 => drop(proof.siblings.pop()),
        _ => proof.siblings.reverse(),
    }
}

/// A later header whose history holds the block, or none.
fn latest(header: &Header, random: &mut Random) -> Option<Latest> {
    if random.once_in(4) {
        return None;
    }
    let at = usize::try_from(header.height).unwrap();
    let size = at + 1 + random.below(60);
    let mut leaves: Vec<Digest> = (0..size).map(|_| random.bytes()).collect();
    leaves[at] = HistoryTree::leaf(&header.id().0);
    let mut history_path = merkle::path::<HistoryTree>(&leaves, at)?;
    spoil_path(&mut history_path, random);
    let mut later = header.clone();
    later.height = u64::try_from(size).unwrap();
    if random.once_in(SLIP) {
        later.height = random.number();
    }
    later.hist_root = merkle::root::<HistoryTree>(&leaves);
    later.parent_id = BlockId(random.bytes());
    later.time_ms = match random.below(12) {
        0 => random.number(),
        1 => NOW_MS + 600_000 + random.next() % 3 - 1,
        _ => NOW_MS - random.next() % 1_000_000,
    };
    if random.once_in(SLIP * 2) {
        later.chain_id.0[1] ^= 1;
    }
    Some(Latest {
        header: later,
        history_path,
    })
}

/// The set of the network, mostly; the header names it, mostly.
fn validators(
    net: &TestNet,
    tip: &mut Header,
    random: &mut Random,
) -> piao_chain::validator::ValidatorSet {
    let set = if random.once_in(SLIP) {
        any_set(random)
    } else {
        net.genesis.validators.clone()
    };
    if !random.once_in(SLIP) {
        tip.valset_hash = set.hash();
    }
    set
}

fn certificate(net: &TestNet, tip: &Header, random: &mut Random) -> CommitCertificate {
    let mut certificate = net.certify(tip);
    if random.once_in(6) {
        // A quorum may do without some; how many is the question.
        for _missing in 0..=random.below(3) {
            let at = random.below(certificate.signatures.len());
            if certificate.signatures.len() > 1 {
                certificate.signatures.remove(at);
            }
        }
    }
    let count = certificate.signatures.len();
    let (at, other) = (random.below(count), random.below(count));
    match random.below(SLIP * 4) {
        0 => certificate.signatures.swap(at, other),
        1 => certificate
            .signatures
            .insert(at, certificate.signatures[other]),
        2 => certificate.signatures[at].0 = key_id("validator 5"),
        3 => certificate.signatures[at].1.0[random.below(64)] ^= 1 << random.below(8),
        4 => certificate.signatures[at].1 = certificate.signatures[other].1,
        // Either may be the greatest one already, by another change.
        5 => certificate.round = certificate.round.wrapping_add(1),
        6 => certificate.height = certificate.height.wrapping_add(1),
        7 => certificate.block_id = BlockId(random.bytes()),
        8 => certificate.signatures.clear(),
        _ => {}
    }
    certificate
}

fn disclosed(document: &Document, random: &mut Random) -> Vec<DisclosedField> {
    let mut shown: Vec<DisclosedField> = document
        .fields()
        .iter()
        .filter(|_| random.once_in(3))
        .filter_map(|field| document.disclose(field.id, field.line))
        .collect();
    let count = shown.len();
    if count > 0 && random.once_in(SLIP / 3) {
        let at = random.below(count);
        match random.below(7) {
            0 => shown.reverse(),
            1 => shown.push(shown[at].clone()),
            2 => shown[at].field.value.push(0),
            3 => shown[at].salt[0] ^= 1,
            4 => shown[at].index = shown[at].index.wrapping_add(1),
            5 => shown[at].field.line ^= 1,
            _ => shown[at].path.push(random.bytes()),
        }
    }
    shown
}

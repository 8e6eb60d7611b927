//! Statements about numbers and accounts: as a network makes them, changed in one place or another,
//! and signed by the network whatever they hold.

use piao_chain::digest::{Digest, InvoiceId, TransactionId};
use piao_chain::invoice::InvoiceNumber;
use piao_chain::outcome::Effect;
use piao_chain::proof::SlotProof;
use piao_chain::proof::merkle::{self, TransactionTree};
use piao_chain::proof::statement::{
    AbsenceProof, Anchor, CertifiedHeader, CompletenessProof, ListedInvoice, Placed,
};
use piao_chain::state::{Leaf, Slot, SlotTree};
use piao_chain::testing::TestNet;

use crate::files;
use crate::random::Random;
use crate::roots::World;

/// A file, what was done to it, and the trust root of its network.
pub(crate) fn changed(world: &World, random: &mut Random) -> (&'static str, Vec<u8>, usize) {
    let (net, home) = &world.stories[random.below(world.stories.len())];
    let (kind, file) = if random.once_in(2) {
        absence(net, random)
    } else {
        list(net, random)
    };
    match random.below(4) {
        0 => {
            let other = if random.once_in(2) {
                absence(net, random).1
            } else {
                list(net, random).1
            };
            let (_how, file) = files::changed_bytes(file, &other, random);
            ("statement, changed bytes", file, *home)
        }
        _ => (kind, file, *home),
    }
}

/// A number that may or may not be issued.
fn number(random: &mut Random) -> InvoiceNumber {
    let head = random.pick(&["26427", "26427", "26437", "00000"]);
    let sequence = match random.below(6) {
        0 => random.number() % 1_000_000_000_000_000,
        1 => (1 << 36) - 1 + random.next() % 3,
        _ => random.next() % 12,
    };
    format!("{head}{sequence:015}").parse().unwrap()
}

fn absence(net: &TestNet, random: &mut Random) -> (&'static str, Vec<u8>) {
    let mut proof = net.absence(number(random)).unwrap();
    for _change in 0..random.below(3) {
        change_absence(net, &mut proof, random);
    }
    if random.once_in(2) {
        return ("absence", proof.encode());
    }
    if let Some(instead) = &mut proof.instead {
        let place = &mut instead.place;
        match random.below(8) {
            0 => place.outcome.code = 1407,
            1 => place.outcome.effects.clear(),
            2 => place.outcome.effects.push(effect(random)),
            3 => place.outcome.effects.insert(0, effect(random)),
            _ => {}
        }
        stand_in_tip(place, &instead.txid, &mut proof.at, random);
    }
    let mut count = proof.totals.totals;
    if random.once_in(3) {
        count.issued_count = random.number();
        proof.totals.totals = count;
    }
    let tree = tree_with(net, Slot::TOTALS, Leaf::Totals(count));
    proof.totals.path = SlotProof::of(&tree, Slot::TOTALS);
    proof.at.header.state_root = tree.root();
    sign(net, &mut proof.at, random);
    ("absence, signed by the network", proof.encode())
}

fn change_absence(net: &TestNet, proof: &mut AbsenceProof, random: &mut Random) {
    match random.below(7) {
        0 => proof.number = number(random),
        1 => proof.instead = net.absence(number(random)).unwrap().instead,
        2 => proof.instead = None,
        3 => proof.totals.totals.issued_count = random.number(),
        4 => proof.totals.path = SlotProof::of(&net.tree, Slot::PARAMS),
        5 => proof.totals.path.empty ^= 1 << random.below(64),
        _ => {
            let place = proof.instead.as_mut().map(|instead| &mut instead.place);
            if let Some(place) = place {
                change_place(place, random);
            }
        }
    }
}

fn change_place(place: &mut Placed, random: &mut Random) {
    match random.below(7) {
        0 => place.index ^= 1,
        1 => place.path.push(random.bytes()),
        2 => place.block = None,
        3 => place.outcome.fee_charged_fen ^= 1,
        4 => place.signatures_digest = random.bytes(),
        _ => {
            if let Some(block) = &mut place.block {
                match random.below(3) {
                    0 => drop(block.history_path.pop()),
                    1 => block.header.height = random.number(),
                    _ => block.header.chain_id.0[0] ^= 1,
                }
            }
        }
    }
}

fn effect(random: &mut Random) -> Effect {
    Effect {
        slot: (3 << 36) | (random.next() % 12),
        number: number(random),
        counter: random.number(),
        prev_invoice_id: InvoiceId(random.bytes()),
    }
}

/// Puts a transaction into block M itself.
fn stand_in_tip(
    place: &mut Placed,
    txid: &TransactionId,
    at: &mut CertifiedHeader,
    random: &mut Random,
) {
    let count = 1 + random.below(9);
    let mut leaves: Vec<Digest> = (0..count).map(|_| random.bytes()).collect();
    let own = random.below(count);
    leaves[own] = place.leaf(txid);
    place.index = u32::try_from(own).unwrap();
    place.path = merkle::path::<TransactionTree>(&leaves, own).unwrap();
    place.block = None;
    at.header.tx_count = u32::try_from(count).unwrap();
    at.header.tx_root = merkle::root::<TransactionTree>(&leaves);
}

/// The state of a network with another leaf in a slot.
pub(crate) fn tree_with(net: &TestNet, slot: Slot, leaf: Leaf) -> SlotTree {
    let mut leaves: Vec<(Slot, Leaf)> = net
        .state
        .leaves()
        .filter(|(other, _)| *other != slot)
        .map(|(slot, leaf)| (slot, leaf.clone()))
        .collect();
    leaves.push((slot, leaf));
    SlotTree::build(leaves.iter().map(|(slot, leaf)| (*slot, leaf)))
}

fn sign(net: &TestNet, at: &mut CertifiedHeader, random: &mut Random) {
    if random.once_in(8) {
        at.header.time_ms = random.number();
    }
    at.certificate = net.certify(&at.header);
    if random.once_in(30) {
        at.certificate.signatures.truncate(1);
    }
}

fn list(net: &TestNet, random: &mut Random) -> (&'static str, Vec<u8>) {
    let account = u32::try_from(1 + random.below(net.accounts())).unwrap();
    let last = u64::try_from(random.below(9)).unwrap();
    let from = 1 + random.next() % (last + 1);
    let to = (!random.once_in(3)).then_some(last);
    let made = net.completeness(account, from, to);
    let mut proof = made.unwrap_or_else(|| net.completeness(1, 1, None).unwrap());
    for _change in 0..random.below(3) {
        change_list(net, &mut proof, random);
    }
    if random.once_in(2) {
        return ("list", proof.encode());
    }
    forge(net, &mut proof, random);
    ("list, signed by the network", proof.encode())
}

fn change_list(net: &TestNet, proof: &mut CompletenessProof, random: &mut Random) {
    let count = proof.listed.len();
    let (at, other) = (random.below(count), random.below(count));
    let any = random.number();
    match random.below(12) {
        0 if count > 0 => drop(proof.listed.remove(at)),
        1 if count > 0 => proof.listed.swap(at, other),
        2 if count > 0 => proof.listed.insert(other, proof.listed[at]),
        3 if count > 0 => proof.listed[at].part ^= 1,
        4 if count > 0 => proof.listed[at].number = number(random),
        5 => proof.from = random.pick(&[0, 1, 2, proof.from.wrapping_add(1), any]),
        6 => proof.before = random.pick(&[InvoiceId::NONE, InvoiceId([7; 32])]),
        7 => proof.account = u32::try_from(random.number() >> 32).unwrap(),
        8 => proof.first = net.completeness(1, 2, None).and_then(|list| list.first),
        9 => proof.first = None,
        10 => proof.anchor = net.completeness(1, 1, None).unwrap().anchor,
        _ => {
            if let Anchor::Issued(issued) = &mut proof.anchor {
                match random.below(3) {
                    0 => issued.part ^= 1,
                    1 => issued.body[37] ^= 3,
                    _ => change_place(&mut issued.place, random),
                }
            }
        }
    }
}

/// Any list, with an account that ends with it, or an invoice that does.
fn forge(net: &TestNet, proof: &mut CompletenessProof, random: &mut Random) {
    if random.once_in(3) {
        let any = random.number();
        proof.from = random.pick(&[1, 2, u64::MAX - 2, any]);
        proof.before = InvoiceId(random.bytes());
        let entry = |random: &mut Random| ListedInvoice {
            txid: TransactionId(random.bytes()),
            part: u32::try_from(random.below(3)).unwrap(),
            number: number(random),
        };
        proof.listed = (0..random.below(6)).map(|_| entry(random)).collect();
    }
    if proof.from == 1 && !random.once_in(9) {
        proof.before = InvoiceId::NONE;
    }
    let mut id = proof.before;
    let mut counter = proof.from.wrapping_sub(1);
    let mut before = id;
    for invoice in &proof.listed {
        counter = counter.wrapping_add(1);
        before = id;
        let effect = Effect {
            slot: (3 << 36) | invoice.number.sequence(),
            number: invoice.number,
            counter,
            prev_invoice_id: id,
        };
        id = effect.invoice_id(&invoice.txid, invoice.part);
    }
    if random.once_in(9) {
        counter ^= 1;
    }
    let slot = Slot::account(proof.account);
    match &mut proof.anchor {
        Anchor::Account(account) => {
            (account.account.counter, account.account.last_invoice_id) = (counter, id);
            let leaf = Leaf::Account(account.identity.clone(), account.account.clone());
            let tree = tree_with(net, slot, leaf);
            account.path = SlotProof::of(&tree, slot);
            proof.at.header.state_root = tree.root();
        }
        Anchor::Issued(issued) => {
            let effects = &mut issued.place.outcome.effects;
            let at = usize::try_from(issued.part).unwrap();
            if let Some(effect) = effects.get_mut(at).filter(|_| random.once_in(2)) {
                (effect.counter, effect.prev_invoice_id) = (counter, before);
            }
            if random.once_in(9) {
                issued.place.outcome.code = 1407;
            }
            let txid = issued.txid();
            stand_in_tip(&mut issued.place, &txid, &mut proof.at, random);
        }
    }
    sign(net, &mut proof.at, random);
}

//! Damaged proofs that still parse, step by step of the verdict (SPEC 7.8).

use piao_chain::amount::Fen;
use piao_chain::certificate::CommitCertificate;
use piao_chain::proof::{Finding, Proof, SlotProof};
use piao_chain::signature::KeyId;
use piao_chain::state::{InvoiceLeaf, Leaf, Slot, empty_at_level};
use piao_chain::testing::{TestNet, key, sample_document};
use piao_chain::transaction::{Payload, SignedTransaction};

use crate::damaged::{Cases, Root};
use crate::ledger::story;
use crate::proofs::NOW_MS;

/// Steps chain, trust and freshness.
pub(crate) fn add_network(cases: &mut Cases) {
    let other = TestNet::new(2);
    cases.proof("header of another network", "OTHER_CHAIN", |proof| {
        proof.header.chain_id = other.genesis.chain_id();
    });
    let file = cases.file.clone();
    cases.judged(
        "no trust root",
        &file,
        (Finding::Undecided, "NO_TRUST_ROOT"),
        (Root::None, NOW_MS),
    );
    cases.judged(
        "the trust root is 181 days old",
        &file,
        (Finding::Undecided, "TRUST_ROOT_STALE"),
        (Root::Own, NOW_MS + 181 * 86_400_000),
    );
    cases.judged(
        "the verifier's clock is a day behind",
        &file,
        (Finding::Undecided, "CLOCK_BEHIND"),
        (Root::Own, NOW_MS - 86_400_000),
    );
    let mut foreign = cases.base.clone();
    for header in [
        &mut foreign.header,
        &mut foreign.latest.as_mut().unwrap().header,
    ] {
        header.chain_id = other.genesis.chain_id();
    }
    let mut body = foreign.transaction.body().clone();
    body.chain_id = other.genesis.chain_id();
    foreign.transaction = TestNet::sign(body, &cases.net.merchant);
    cases.bytes(
        "all of another network",
        &foreign.encode(),
        (Finding::Undecided, "OTHER_CHAIN"),
    );
}

/// Steps certificate and history.
pub(crate) fn add_certified(cases: &mut Cases) {
    let other = TestNet::new(2);
    let base = cases.base.clone();
    cases.proof(
        "exactly half of the power",
        "CERTIFICATE_INVALID",
        |proof| {
            proof.certificate.signatures.truncate(2);
        },
    );
    cases.proof("a signer twice", "CERTIFICATE_INVALID", |proof| {
        proof.certificate.signatures[1] = proof.certificate.signatures[0];
    });
    cases.proof("a stranger signed", "CERTIFICATE_INVALID", |proof| {
        proof.certificate.signatures[3].0 = KeyId([0xff; 16]);
    });
    cases.proof("a surplus bad signature", "CERTIFICATE_INVALID", |proof| {
        proof.certificate.signatures[3].1.0[0] ^= 1;
    });
    cases.proof(
        "certificate of another round",
        "CERTIFICATE_INVALID",
        |proof| {
            proof.certificate.round = 1;
        },
    );
    cases.proof(
        "certificate over another block",
        "CERTIFICATE_INVALID",
        |proof| {
            proof.certificate = over_older_block(&base);
        },
    );
    cases.proof(
        "validators the header does not name",
        "CERTIFICATE_INVALID",
        |proof| {
            proof.validators = other.genesis.validators.clone();
        },
    );
    let mut fork = cases.base.clone();
    let latest = fork.latest.as_mut().unwrap();
    latest.header.valset_hash = other.genesis.validators.hash();
    fork.validators = other.genesis.validators.clone();
    fork.certificate = other.certify(&latest.header);
    cases.bytes(
        "a fork signed by other validators",
        &fork.encode(),
        (Finding::Undecided, "UNKNOWN_VALIDATOR_SET"),
    );
    cases.proof("a history path too short", "HISTORY_INVALID", |proof| {
        proof.latest.as_mut().unwrap().history_path.pop();
    });
    cases.proof("a history path too long", "HISTORY_INVALID", |proof| {
        proof.latest.as_mut().unwrap().history_path.push([0; 32]);
    });
    cases.proof(
        "an older header that is not in the history",
        "HISTORY_INVALID",
        |proof| {
            proof.header.time_ms += 1;
        },
    );
}

/// The same signatures, said to be over the older block.
fn over_older_block(base: &Proof) -> CommitCertificate {
    let mut certificate = base.certificate.clone();
    (certificate.height, certificate.block_id) = (base.header.height, base.header.id());
    certificate
}

/// Steps inclusion, transaction, signature and arithmetic.
pub(crate) fn add_invoice(cases: &mut Cases) {
    let neighbour = cases.net.prove(4, 2).unwrap();
    cases.proof("another index", "INCLUSION_INVALID", |proof| {
        proof.index = 2;
    });
    cases.proof("an index beyond the block", "INCLUSION_INVALID", |proof| {
        proof.index = u32::MAX;
    });
    cases.proof("the path of a neighbour", "INCLUSION_INVALID", |proof| {
        proof.path.clone_from(&neighbour.path);
    });
    cases.proof("another fee in the outcome", "INCLUSION_INVALID", |proof| {
        proof.outcome.fee_charged_fen = 0;
    });
    cases.proof(
        "another counter in the outcome",
        "INCLUSION_INVALID",
        |proof| {
            proof.outcome.effects[0].counter = 1;
        },
    );
    let mut forged = cases.base.transaction.signatures()[0];
    forged.0[40] ^= 1;
    let body = cases.base.transaction.body_bytes().to_vec();
    let forged = SignedTransaction::from_parts(body, vec![forged]).unwrap();
    let swapped = forged.clone();
    cases.proof("a forged signature", "INCLUSION_INVALID", |proof| {
        proof.transaction = swapped;
    });
    let forged = cases.signed_block(forged).encode();
    cases.bytes(
        "a forged signature in a signed block",
        &forged,
        (Finding::False, "SIGNATURE_INVALID"),
    );
    let mut failed = neighbour;
    failed.disclosed.clear();
    cases.bytes(
        "a refusal that is kept",
        &failed.encode(),
        (Finding::False, "NOT_AN_INVOICE"),
    );
    let merchant = cases.net.merchant.clone();
    let wrong_tax = cases.resigned(&merchant, |body| {
        if let Payload::IssueInvoice(invoice) = &mut body.payload {
            invoice.facts.lines[0].tax = Fen::new(700);
        }
    });
    cases.bytes(
        "wrong tax in a signed block",
        &wrong_tax.encode(),
        (Finding::False, "ARITHMETIC_INVALID"),
    );
}

/// The step key.
pub(crate) fn add_key(cases: &mut Cases) {
    let merchant = cases.net.merchant.clone();
    let other_account = cases.resigned(&merchant, |body| body.account = 2);
    cases.bytes(
        "another account in a signed block",
        &other_account.encode(),
        (Finding::False, "KEY_INVALID"),
    );
    let admin = key("admin 1");
    let admin_id = admin.public_key().id();
    let mut by_admin = cases.resigned(&admin, |body| body.signers = vec![admin_id]);
    with_key(&cases.net, &mut by_admin, 1);
    cases.bytes(
        "signed by a key that may not issue",
        &by_admin.encode(),
        (Finding::False, "KEY_INVALID"),
    );
    let mut other_key = cases.base.clone();
    with_key(&cases.net, &mut other_key, 1);
    cases.bytes(
        "the slot of another key",
        &other_key.encode(),
        (Finding::False, "KEY_INVALID"),
    );
    cases.proof("a key that says it is disputed", "KEY_INVALID", |proof| {
        proof.key.leaf.disputed_since = Some(1);
    });
    cases.proof("a key at another index", "KEY_INVALID", |proof| {
        proof.key.index = 1;
    });
}

/// Puts another key of the state into a proof.
fn with_key(net: &TestNet, proof: &mut Proof, index: u32) {
    let leaf = net.state.leaves().find_map(|(slot, leaf)| {
        let Leaf::Key(public_key, leaf) = leaf else {
            return None;
        };
        (slot == Slot::key(index)).then(|| (*public_key, leaf.clone()))
    });
    let (public_key, leaf) = leaf.unwrap();
    proof.key.public_key = public_key;
    proof.key.leaf = leaf;
    proof.key.index = index;
    proof.key.path = SlotProof::of(&net.tree, Slot::key(index));
}

/// Steps status to seller.
pub(crate) fn add_status(cases: &mut Cases) {
    cases.proof(
        "a sibling of the status too few",
        "STATUS_INVALID",
        |proof| {
            proof.status.path.siblings.pop();
        },
    );
    cases.proof(
        "a status that is not in the state",
        "STATUS_INVALID",
        |proof| {
            proof.status.leaf = Some(InvoiceLeaf {
                reversed_fen: vec![0],
                ..InvoiceLeaf::default()
            });
        },
    );
    cases.proof("an empty sibling written out", "STATUS_INVALID", |proof| {
        let path = &mut proof.status.path;
        let level = path.empty.trailing_zeros();
        let at = usize::try_from(level).unwrap();
        path.empty &= !(1 << level);
        path.siblings
            .insert(at, empty_at_level(u8::try_from(level).unwrap()));
    });
    cases.proof("bit 40 of the bitmap", "STATUS_INVALID", |proof| {
        proof.status.path.empty |= 1 << 40;
    });
    cases.proof("the empty slot of an account", "STATUS_INVALID", |proof| {
        let slot = Slot::account(9);
        proof.status.path = SlotProof::of(&story().tree, slot);
    });
    cases.proof(
        "a field of another document",
        "DISCLOSURE_INVALID",
        |proof| {
            proof.disclosed = vec![sample_document("a").disclose(2, 0).unwrap()];
        },
    );
    cases.proof("a changed value", "DISCLOSURE_INVALID", |proof| {
        proof.disclosed[0].field.value[0] ^= 1;
    });
    cases.proof("fields out of order", "DISCLOSURE_INVALID", |proof| {
        let first = sample_document("b").disclose(1, 0).unwrap();
        proof.disclosed.push(first);
    });
    cases.proof("a field twice", "DISCLOSURE_INVALID", |proof| {
        proof.disclosed.push(proof.disclosed[0].clone());
    });
    cases.proof(
        "a field in the place of a decoy",
        "DISCLOSURE_INVALID",
        |proof| {
            proof.disclosed[0].index = 3;
        },
    );
    cases.proof("another name on the card", "CARD_INVALID", |proof| {
        proof.card.as_mut().unwrap().card.name.push('x');
    });
    cases.proof("a card signed by a stranger", "CARD_INVALID", |proof| {
        proof.card.as_mut().unwrap().signer = KeyId([1; 16]);
    });
    let (authority, chain_id) = (cases.net.authority.clone(), cases.net.genesis.chain_id());
    cases.proof("the card of another key", "CARD_INVALID", |proof| {
        let signed = proof.card.as_mut().unwrap();
        signed.card.key = KeyId([1; 16]);
        signed.signature = signed.card.sign(&authority, &chain_id);
    });
}

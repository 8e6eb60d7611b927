//! Proof files that are wrong in one way each, and what must be said of them.
//!
//! A case is an edit of the first file of `proofs.json`: at a place, some bytes are removed and
//! some put in. Blocks that honest validators would not sign are signed here by all of them, so
//! that each step of the verdict is reached.

use piao_chain::amount::Fen;
use piao_chain::block::tx_root;
use piao_chain::certificate::CommitCertificate;
use piao_chain::proof::file::MAGIC;
use piao_chain::proof::{CheckResult, Finding, Proof, SlotProof, TrustRoot, VerifyOptions, verify};
use piao_chain::signature::{KeyId, SecretKey};
use piao_chain::state::{InvoiceLeaf, Leaf, Slot, empty_at_level};
use piao_chain::testing::{TestNet, key, sample_document};
use piao_chain::time::BlockTime;
use piao_chain::transaction::{Payload, SignedTransaction, TransactionBody};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::story;
use crate::proofs::{NOW_MS, older};

/// The trust root a case is judged with.
#[derive(Clone, Copy)]
enum Root {
    Own,
    None,
}

struct Cases {
    net: TestNet,
    root: TrustRoot,
    base: Proof,
    file: Vec<u8>,
    rows: Vec<Value>,
}

impl Cases {
    fn new() -> Self {
        let net = story();
        let base = older(&net);
        Self {
            root: net.trust_root(),
            file: base.encode(),
            base,
            net,
            rows: Vec::new(),
        }
    }

    /// Judges bytes and keeps the case; it must come out as said.
    fn judged(
        &mut self,
        name: &str,
        bytes: &[u8],
        expected: (Finding, &str),
        setting: (Root, u64),
    ) {
        let (root, now_ms) = setting;
        let trusted = match root {
            Root::Own => Some(&self.root),
            Root::None => None,
        };
        let options = VerifyOptions {
            now: BlockTime::from_ms(now_ms),
            max_age_ms: None,
        };
        let verdict = verify(bytes, trusted, &options);
        let reason = serde_json::to_value(verdict.reason).unwrap();
        assert_eq!(
            (verdict.verdict, reason.as_str().unwrap()),
            expected,
            "{name}"
        );
        let failed = verdict
            .checks
            .iter()
            .find(|check| check.result == CheckResult::Failed);
        let (at, removed, inserted) = edit(&self.file, bytes);
        self.rows.push(json!({
            "name": name,
            "at": at,
            "remove": removed,
            "insert": hexed(inserted),
            "trust_root": matches!(root, Root::Own),
            "now_ms": now_ms,
            "verdict": verdict.verdict,
            "reason": reason,
            "failed_check": failed.map(|check| check.name),
        }));
    }

    fn bytes(&mut self, name: &str, bytes: &[u8], expected: (Finding, &str)) {
        self.judged(name, bytes, expected, (Root::Own, NOW_MS));
    }

    fn proof(&mut self, name: &str, reason: &str, change: impl FnOnce(&mut Proof)) {
        let mut proof = self.base.clone();
        change(&mut proof);
        self.bytes(name, &proof.encode(), (Finding::False, reason));
    }

    /// The proof of a block of one transaction that every validator signed, whatever it holds.
    fn signed_block(&self, transaction: SignedTransaction) -> Proof {
        let mut proof = self.base.clone();
        let outcomes = std::slice::from_ref(&proof.outcome);
        let mut header = self.net.tip();
        header.tx_count = 1;
        header.tx_root = tx_root(std::slice::from_ref(&transaction), outcomes);
        proof.certificate = self.net.certify(&header);
        proof.header = header;
        proof.latest = None;
        (proof.index, proof.path) = (0, Vec::new());
        proof.transaction = transaction;
        proof
    }

    /// The invoice of the base file with a changed body, signed by a key.
    fn resigned(&self, signer: &SecretKey, change: impl FnOnce(&mut TransactionBody)) -> Proof {
        let mut body = self.base.transaction.body().clone();
        change(&mut body);
        self.signed_block(TestNet::sign(body, signer))
    }
}

/// The shortest edit that makes one file of the other: place, bytes removed, bytes put in.
fn edit<'a>(from: &[u8], to: &'a [u8]) -> (usize, usize, &'a [u8]) {
    let head = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let longest = from.len().min(to.len()) - head;
    let tail = from
        .iter()
        .rev()
        .zip(to.iter().rev())
        .take(longest)
        .take_while(|(a, b)| a == b)
        .count();
    (head, from.len() - head - tail, &to[head..to.len() - tail])
}

/// Type and value.
type Record = (u16, Vec<u8>);

/// The records of a file.
fn records(file: &[u8]) -> Vec<Record> {
    let mut rest = &file[14..];
    let mut records = Vec::new();
    while !rest.is_empty() {
        let kind = u16::from_be_bytes([rest[0], rest[1]]);
        let length = u32::from_be_bytes([rest[2], rest[3], rest[4], rest[5]]);
        let end = 6 + usize::try_from(length).unwrap();
        records.push((kind, rest[6..end].to_vec()));
        rest = &rest[end..];
    }
    records
}

/// A file of records.
fn file(records: &[Record]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in records {
        body.extend_from_slice(&kind.to_be_bytes());
        body.extend_from_slice(&u32::try_from(value.len()).unwrap().to_be_bytes());
        body.extend_from_slice(value);
    }
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [MAGIC.as_slice(), &[1, 1], &length, &body].concat()
}

/// SPEC 7.4: the file itself.
fn add_files(cases: &mut Cases) {
    const FALSE: (Finding, &str) = (Finding::False, "MALFORMED_PROOF");
    const NEWER: (Finding, &str) = (Finding::Undecided, "UNKNOWN_RECORD");
    let whole = cases.file.clone();
    let parts = records(&whole);
    assert_eq!(file(&parts), whole);
    cases.bytes("nothing at all", &[], FALSE);
    cases.bytes("the magic alone", &whole[..8], FALSE);
    cases.bytes("cut by one byte", &whole[..whole.len() - 1], FALSE);
    let last = parts.last().unwrap().1.len() + 6;
    let cut = &whole[..whole.len() - last];
    cases.bytes("cut between two records", cut, FALSE);
    let longer = [whole.as_slice(), &[0]].concat();
    cases.bytes("a byte too many", &longer, FALSE);
    let mut text = whole.clone();
    text[5] = 0x0a;
    cases.bytes("line ends changed by a text-mode copy", &text, FALSE);
    for (at, name, reason) in [
        (8, "version 2", "UNKNOWN_VERSION"),
        (9, "suite 2", "UNKNOWN_SUITE"),
    ] {
        let mut newer = whole.clone();
        newer[at] = 2;
        cases.bytes(name, &newer, (Finding::Undecided, reason));
    }
    let with = |change: &dyn Fn(&mut Vec<Record>)| {
        let mut parts = parts.clone();
        change(&mut parts);
        file(&parts)
    };
    let unknown = with(&|parts| parts.push((99, vec![1])));
    cases.bytes("an unknown record at the end", &unknown, NEWER);
    let reserved = with(&|parts| parts.insert(7, (10, vec![])));
    cases.bytes("a reserved record in its place", &reserved, NEWER);
    let zero = with(&|parts| parts.insert(0, (0, vec![])));
    cases.bytes("a record of type 0", &zero, NEWER);
    let twice = with(&|parts| parts.insert(1, parts[0].clone()));
    cases.bytes("a record twice", &twice, FALSE);
    let swapped = with(&|parts| parts.swap(2, 3));
    cases.bytes("two records swapped", &swapped, FALSE);
    let missing = with(&|parts| {
        parts.remove(3);
    });
    cases.bytes("no header", &missing, FALSE);
    let long = with(&|parts| parts[3].1.push(0));
    cases.bytes("a byte after the header", &long, FALSE);
    let empty = with(&|parts| parts.last_mut().unwrap().1 = vec![0; 8]);
    cases.bytes("an empty list of fields", &empty, FALSE);
    let tag = with(&|parts| parts[8].1[0] = 2);
    cases.bytes("an option with tag 2", &tag, FALSE);
    let malformed_and_unknown = with(&|parts| {
        parts[0].1.push(0);
        parts.push((99, vec![1]));
    });
    cases.bytes(
        "a malformed record before an unknown one",
        &malformed_and_unknown,
        FALSE,
    );
}

/// Steps chain, trust and freshness.
fn add_network(cases: &mut Cases) {
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
fn add_certified(cases: &mut Cases) {
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
fn add_invoice(cases: &mut Cases) {
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
fn add_key(cases: &mut Cases) {
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
fn add_status(cases: &mut Cases) {
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
                reissued_by: None,
                booked_use: 0,
                claim: 0,
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

/// SPEC 7.4 and 7.8.
pub(crate) fn damaged() -> Value {
    let mut cases = Cases::new();
    add_files(&mut cases);
    add_network(&mut cases);
    add_certified(&mut cases);
    add_invoice(&mut cases);
    add_key(&mut cases);
    add_status(&mut cases);
    json!({ "of": "the file of cases/0 of proofs.json", "cases": cases.rows })
}

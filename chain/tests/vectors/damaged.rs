//! Proof files that are wrong in one way each, and what must be said of them.
//!
//! A case is an edit of the first file of `proofs.json`: at a place, some bytes are removed and
//! some put in. Blocks that honest validators would not sign are signed here by all of them, so
//! that each step of the verdict is reached.

use piao_chain::block::tx_root;
use piao_chain::proof::file::MAGIC;
use piao_chain::proof::{CheckResult, Finding, Proof, TrustRoot, VerifyOptions, verify};
use piao_chain::signature::SecretKey;
use piao_chain::testing::TestNet;
use piao_chain::time::BlockTime;
use piao_chain::transaction::{SignedTransaction, TransactionBody};
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::ledger::story;
use crate::proofs::{NOW_MS, older};
use crate::steps;

/// The trust root a case is judged with.
#[derive(Clone, Copy)]
pub(crate) enum Root {
    Own,
    None,
}

pub(crate) struct Cases {
    pub(crate) net: TestNet,
    pub(crate) root: TrustRoot,
    pub(crate) base: Proof,
    pub(crate) file: Vec<u8>,
    pub(crate) rows: Vec<Value>,
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
    pub(crate) fn judged(
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

    pub(crate) fn bytes(&mut self, name: &str, bytes: &[u8], expected: (Finding, &str)) {
        self.judged(name, bytes, expected, (Root::Own, NOW_MS));
    }

    pub(crate) fn proof(&mut self, name: &str, reason: &str, change: impl FnOnce(&mut Proof)) {
        let mut proof = self.base.clone();
        change(&mut proof);
        self.bytes(name, &proof.encode(), (Finding::False, reason));
    }

    /// The proof of a block of one transaction that every validator signed, whatever it holds.
    pub(crate) fn signed_block(&self, transaction: SignedTransaction) -> Proof {
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
    pub(crate) fn resigned(
        &self,
        signer: &SecretKey,
        change: impl FnOnce(&mut TransactionBody),
    ) -> Proof {
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
    let reserved = with(&|parts| parts.push((15, vec![])));
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
    let unlinked = with(&|parts| parts.insert(7, (10, vec![0; 8])));
    cases.bytes("an empty list of links", &unlinked, FALSE);
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

/// SPEC 7.4 and 7.8.
pub(crate) fn damaged() -> Value {
    let mut cases = Cases::new();
    add_files(&mut cases);
    steps::add_network(&mut cases);
    steps::add_certified(&mut cases);
    steps::add_invoice(&mut cases);
    steps::add_key(&mut cases);
    steps::add_status(&mut cases);
    json!({ "of": "the file of cases/0 of proofs.json", "cases": cases.rows })
}

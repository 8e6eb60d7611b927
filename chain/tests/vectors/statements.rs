//! Statements about numbers and accounts, and every way to be wrong in one.
//!
//! A case is a whole file. What must be said of it is written here, not computed.

use piao_chain::invoice::InvoiceNumber;
use piao_chain::proof::statement::{
    AbsenceProof, CompletenessProof, StatementVerdict, verify_statement,
};
use piao_chain::proof::{StatementTwin, TrustRoot, TrustRootBody, VerifyOptions};
use piao_chain::testing::{NOON_MS, RedWish, TestNet};
use piao_chain::time::BlockTime;
use serde_json::{Value, json};

use crate::golden::hexed;
use crate::statement_faults;

/// The clock of the verifier.
pub(crate) const NOW_MS: u64 = NOON_MS + 65_000;
const DAY_MS: u64 = 86_400_000;

/// A network with two sellers: invoices 1, 3, 4, 5 and 6 are account 1's, of which 4 is a red letter
/// and 5 and 6 came of one transaction; 2 is account 2's.
pub(crate) fn two_sellers() -> TestNet {
    let mut net = TestNet::with_buyer(4);
    let credit = net.credit(2, 5_000, "second");
    net.commit(vec![credit]);
    let one = net.invoice("a");
    net.commit(vec![one]);
    let body = net.invoice("of the buyer").body().payload.clone();
    let other = net.anchored(2, &TestNet::buyer(), body);
    let three = net.invoice("b");
    net.commit(vec![other, three]);
    let red = net.red(1, &RedWish::part(4_000));
    net.commit(vec![red]);
    let reissue = net.reissue(3, &RedWish::error(), "b");
    net.commit(vec![reissue]);
    net.commit(vec![]);
    let Some(list) = net.completeness(1, 1, None) else {
        panic!("account 1 is there")
    };
    assert_eq!(list.listed.len(), 5, "five invoices of account 1");
    net
}

pub(crate) fn number(text: &str) -> InvoiceNumber {
    text.parse().unwrap()
}

/// A verdict without its sentences.
fn shown(verdict: &StatementVerdict) -> Value {
    let mut json = serde_json::to_value(verdict).unwrap();
    let checks = verdict.checks.iter();
    json["checks"] = checks
        .map(|check| json!([check.name, check.result]))
        .collect();
    json["exit_code"] = json!(verdict.verdict.exit_code());
    json
}

pub(crate) struct Cases {
    pub(crate) net: TestNet,
    root: TrustRoot,
    rows: Vec<Value>,
}

impl Cases {
    pub(crate) fn judged(&mut self, name: &str, bytes: &[u8], expected: &str, now_ms: u64) {
        let options = VerifyOptions {
            now: BlockTime::from_ms(now_ms),
            max_age_ms: None,
        };
        let verdict = verify_statement(bytes, Some(&self.root), &options);
        let reason = serde_json::to_value(verdict.reason).unwrap();
        assert_eq!(reason, expected, "{name}: {:?}", verdict.checks);
        self.rows.push(json!({
            "name": name,
            "now_ms": now_ms,
            "file": hexed(bytes),
            "verdict": shown(&verdict),
        }));
    }

    pub(crate) fn absent(
        &mut self,
        name: &str,
        of: &str,
        expected: &str,
        change: impl FnOnce(&TestNet, &mut AbsenceProof),
    ) {
        let mut proof = self.net.absence(number(of)).unwrap();
        change(&self.net, &mut proof);
        let bytes = proof.encode();
        assert_eq!(AbsenceProof::decode(&bytes).as_ref(), Ok(&proof), "{name}");
        self.judged(name, &bytes, expected, NOW_MS);
    }

    pub(crate) fn complete(
        &mut self,
        name: &str,
        (from, to): (u64, Option<u64>),
        expected: &str,
        change: impl FnOnce(&TestNet, &mut CompletenessProof),
    ) {
        let mut proof = self.net.completeness(1, from, to).unwrap();
        change(&self.net, &mut proof);
        self.judged(name, &proof.encode(), expected, NOW_MS);
    }
}

pub(crate) const NEXT: &str = "26427000000000000007";
pub(crate) const FIRST: &str = "26427000000000000001";
pub(crate) const OF_ANOTHER_REGION: &str = "26437000000000000001";

/// SPEC 7.11.
pub(crate) fn statements() -> Value {
    let net = two_sellers();
    let root = net.trust_root();
    let envelope = TrustRootBody::of_genesis(&net.genesis).sign(&[&net.authority]);
    let mut cases = Cases {
        net,
        root,
        rows: Vec::new(),
    };
    absences(&mut cases);
    lists(&mut cases);
    statement_faults::all(&mut cases);
    let absence = cases.net.absence(number(NEXT)).unwrap();
    let list = cases.net.completeness(1, 2, Some(4)).unwrap();
    json!({
        "trust_root": envelope,
        "cases": cases.rows,
        "twins": {
            "the next number": StatementTwin::of_absence(&absence),
            "a range in the middle": StatementTwin::of_completeness(&list),
        },
    })
}

fn absences(cases: &mut Cases) {
    let same = |_: &TestNet, _: &mut AbsenceProof| ();
    cases.absent("the next number", NEXT, "NOT_ISSUED", same);
    cases.absent(
        "a number beyond all slots",
        "26427999999999999999",
        "NOT_ISSUED",
        same,
    );
    cases.absent(
        "a number of sequence nought",
        "26427000000000000000",
        "NOT_ISSUED",
        same,
    );
    cases.absent(
        "a place that another number took",
        OF_ANOTHER_REGION,
        "NOT_ISSUED",
        same,
    );
    cases.absent(
        "a place of the second part",
        "25427000000000000006",
        "NOT_ISSUED",
        same,
    );
    let next = cases.net.absence(number(NEXT)).unwrap().encode();
    let later = NOW_MS + 8 * DAY_MS;
    cases.judged("the next number, stale", &next, "STALE", later);
    let taken = cases
        .net
        .absence(number(OF_ANOTHER_REGION))
        .unwrap()
        .encode();
    cases.judged("a taken place, stale", &taken, "NOT_ISSUED", later);
    cases.judged(
        "ahead of the clock",
        &taken,
        "CLOCK_BEHIND",
        NOW_MS - DAY_MS,
    );
}

fn lists(cases: &mut Cases) {
    let same = |_: &TestNet, _: &mut CompletenessProof| ();
    cases.complete("all of an account", (1, None), "COMPLETE", same);
    cases.complete("from one on", (3, None), "COMPLETE", same);
    cases.complete("a range in the middle", (2, Some(4)), "COMPLETE", same);
    cases.complete("up to one", (1, Some(3)), "COMPLETE", same);
    cases.complete("one alone", (2, Some(2)), "COMPLETE", same);
    cases.complete("none after the last", (6, None), "COMPLETE", same);
    cases.complete(
        "without its beginning",
        (2, Some(4)),
        "COMPLETE",
        |_, proof| {
            proof.first = None;
        },
    );
    let other = cases.net.completeness(2, 1, None).unwrap().encode();
    cases.judged("all of another account", &other, "COMPLETE", NOW_MS);
    let all = cases.net.completeness(1, 1, None).unwrap().encode();
    cases.judged("a list, stale", &all, "COMPLETE", NOW_MS + 8 * DAY_MS);
}

//! Goal: a statement about a number or an account holds as it stands, and with any bit changed, any
//! byte cut or any trust root but its network's it never does.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of the tests: a network in memory makes what is asked"
)]

use piao_chain::proof::statement::{
    CompletenessProof, Range, StatementFinding, StatementVerdict, is_statement, verify_statement,
};
use piao_chain::proof::{
    Finding, ProofError, ProofTwin, Reason, StatementTwin, VerifyOptions, verify,
};
use piao_chain::testing::{RedWish, TestNet};

fn net() -> TestNet {
    let mut net = TestNet::with_buyer(2);
    for order in ["a", "b", "c"] {
        let invoice = net.invoice(order);
        net.commit(vec![invoice]);
    }
    let red = net.red(2, &RedWish::part(4_000));
    net.commit(vec![red]);
    net.commit(vec![]);
    net
}

fn judge(net: &TestNet, bytes: &[u8]) -> StatementVerdict {
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    verify_statement(bytes, Some(&net.trust_root()), &options)
}

/// A file of each shape.
fn files(net: &TestNet) -> Vec<Vec<u8>> {
    let absence = |text: &str| net.absence(text.parse().unwrap()).unwrap().encode();
    let list = |from, to| net.completeness(1, from, to).unwrap().encode();
    vec![
        absence("26427000000000000005"),
        absence("26427100000000000002"),
        absence("25427000000000000002"),
        list(1, None),
        list(2, Some(3)),
    ]
}

/// Numbers that the network issued, read from its blocks.
fn issued(net: &TestNet) -> Vec<String> {
    let outcomes = net.blocks.iter().flat_map(|decided| &decided.outcomes);
    let effects = outcomes.flat_map(|outcome| &outcome.effects);
    effects.map(|effect| effect.number.to_string()).collect()
}

#[test]
fn any_flipped_bit_never_holds_but_for_another_number_that_is_not_issued_either() {
    let net = net();
    let issued = issued(&net);
    assert_eq!(issued.len(), 4);
    let mut others = 0;
    for file in files(&net) {
        let whole = judge(&net, &file);
        assert_eq!(whole.verdict, StatementFinding::Holds);
        for at in 0..file.len() {
            for bit in [at % 8, (at + 5) % 8] {
                let mut changed = file.clone();
                changed[at] ^= 1 << bit;
                let verdict = judge(&net, &changed);
                if verdict.verdict != StatementFinding::Holds {
                    assert_eq!((verdict.number, verdict.account), (None, None));
                    continue;
                }
                // The number is what is asked: a changed one is another question.
                others += 1;
                let number = verdict.number.unwrap();
                assert_eq!(verdict.account, None, "byte {at}: a list");
                assert_ne!(Some(&number), whole.number.as_ref(), "byte {at}");
                assert!(!issued.contains(&number), "byte {at}: {number} is issued");
            }
        }
    }
    assert!((1..=3 * 20 * 2).contains(&others), "{others}");
}

#[test]
fn any_cut_is_false() {
    let net = net();
    for file in files(&net) {
        for length in 0..file.len() {
            let verdict = judge(&net, &file[..length]);
            assert_eq!(verdict.verdict, StatementFinding::False, "cut at {length}");
        }
    }
}

#[test]
fn a_reader_of_invoice_proofs_alone_decides_nothing() {
    let net = net();
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    for file in files(&net) {
        assert!(is_statement(&file));
        let verdict = verify(&file, Some(&net.trust_root()), &options);
        let said = (verdict.verdict, verdict.reason);
        assert_eq!(said, (Finding::Undecided, Reason::UnknownVersion));
    }
    let invoice = net.prove(net.tip().height - 1, 0).unwrap().encode();
    assert!(!is_statement(&invoice) && !is_statement(b"") && !is_statement(&invoice[..8]));
}

#[test]
fn without_a_trust_root_or_with_another_networks_nothing_is_decided() {
    let net = net();
    let options = VerifyOptions {
        now: net.now(),
        max_age_ms: None,
    };
    let other = TestNet::new(3).trust_root();
    for file in files(&net) {
        for (root, reason) in [
            (None, Reason::NoTrustRoot),
            (Some(&other), Reason::OtherChain),
        ] {
            let verdict = verify_statement(&file, root, &options);
            let said = (verdict.verdict, verdict.reason);
            assert_eq!(said, (StatementFinding::Undecided, reason));
        }
    }
}

#[test]
fn a_list_covers_the_blocks_between_its_ends_and_no_other() {
    let net = net();
    let tip = net.tip().height;
    let blocks = |from, to| {
        let list = net.completeness(1, from, to).unwrap();
        judge(&net, &list.encode()).blocks
    };
    let range = |from, to| Some(Range { from, to });
    // Invoices 1 to 4 are in blocks tip − 4 to tip − 1.
    assert_eq!(blocks(1, None), range(0, tip));
    assert_eq!(blocks(2, None), range(tip - 2, tip));
    assert_eq!(blocks(1, Some(3)), range(0, tip - 3));
    assert_eq!(blocks(1, Some(1)), range(0, tip - 5));
    assert_eq!(blocks(2, Some(4)), range(tip - 2, tip));
    assert_eq!(
        blocks(2, Some(3)),
        None,
        "the two stand in neighbouring blocks"
    );
}

#[test]
fn red_letters_count_and_the_list_names_all() {
    let net = net();
    let verdict = judge(&net, &net.completeness(1, 1, None).unwrap().encode());
    let numbers: Vec<&str> = verdict
        .invoices
        .iter()
        .map(|row| row.number.as_str())
        .collect();
    assert_eq!(numbers.len(), 4);
    assert_eq!(numbers[3], net.issued(4).effect().number.as_str());
    assert_eq!(
        (verdict.account, verdict.counters),
        (Some(1), Some(Range { from: 1, to: 4 }))
    );
    let unchecked: Vec<&str> = verdict
        .checks
        .iter()
        .rev()
        .map(|check| check.name)
        .collect();
    assert_eq!(unchecked[..2], ["later_changes", "invoices"]);
}

#[test]
fn an_account_without_invoices_has_none() {
    let net = net();
    let proof = net.completeness(2, 1, None).unwrap();
    assert!(proof.listed.is_empty());
    assert_eq!(
        CompletenessProof::decode(&proof.encode()),
        Ok(proof.clone())
    );
    let verdict = judge(&net, &proof.encode());
    assert_eq!(
        (verdict.reason, verdict.invoices.len()),
        (Reason::Complete, 0)
    );
    assert_eq!(verdict.counters, Some(Range { from: 1, to: 0 }));
}

#[test]
fn the_json_twin_of_a_statement_gives_back_the_same_file() {
    let net = net();
    for file in files(&net) {
        let twin = StatementTwin::of_file(&file).unwrap();
        assert_eq!(twin.to_file(), Ok(file));
        let text = serde_json::to_string(&twin).unwrap();
        let again: StatementTwin = serde_json::from_str(&text).unwrap();
        assert_eq!(again, twin);
        assert!(serde_json::from_str::<ProofTwin>(&text).is_err());
    }
    let proof = (1..9).find_map(|height| net.prove(height, 0)).unwrap();
    assert_eq!(
        StatementTwin::of_file(&proof.encode()),
        Err(ProofError::UnknownVersion(1))
    );
    let text = serde_json::to_string(&ProofTwin::of(&proof)).unwrap();
    assert!(serde_json::from_str::<StatementTwin>(&text).is_err());
}

#[test]
fn a_twin_of_a_statement_is_read_strictly() {
    let net = net();
    let all = files(&net);
    let [absence, list] = [&all[1], &all[4]].map(|file| StatementTwin::of_file(file).unwrap());
    let text = serde_json::to_string(&absence).unwrap();
    let read = |text: &str| serde_json::from_str::<StatementTwin>(text).ok();
    assert!(read(&text.replacen('{', "{\"more\":\"00\",", 1)).is_none());
    assert!(
        read(&text.replacen('{', "{\"number\":\"00\",", 1)).is_none(),
        "twice"
    );
    assert!(read(&text.replace("\"header\"", "\"head\"")).is_none());
    assert!(read(&format!("[{text}]")).is_none());

    let changed = |change: &dyn Fn(&mut StatementTwin)| {
        let mut twin = absence.clone();
        change(&mut twin);
        twin.to_file().unwrap_err()
    };
    assert_eq!(
        changed(&|twin| twin.version = 1),
        ProofError::UnknownVersion(1)
    );
    assert_eq!(
        changed(&|twin| twin.version = 3),
        ProofError::UnknownRecord(17)
    );
    assert_eq!(
        changed(&|twin| twin.list.clone_from(&list.list)),
        ProofError::UnknownRecord(20)
    );
    assert_eq!(
        changed(&|twin| twin.totals = None),
        ProofError::MissingRecord(18)
    );
    assert_eq!(
        changed(&|twin| twin.header.make_ascii_uppercase()),
        ProofError::NotAProof
    );
    assert_eq!(
        changed(&|twin| twin.header.push('0')),
        ProofError::NotAProof
    );
    let long = "00".repeat(piao_chain::limits::PROOF_BYTES_MAX + 1);
    assert!(matches!(
        changed(&|twin| twin.header.clone_from(&long)),
        ProofError::TooLarge(_)
    ));
}
